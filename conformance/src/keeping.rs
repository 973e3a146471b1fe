//! Keeping: what a run remembers does not grow with the requests that it sends, but with what is there and what was found.
//!
//! A run of the usual length forgets nothing. A longer one looks over what it knows from time to time. It goes on to know every thing that
//! may still be there, the last [`MOST_GONE`] that are gone, every finding with the requests that led to it, the secrets that any of
//! these tell, and the last [`MOST_WRITTEN`] that were written. Of many writes of one thing it keeps the last ones. Of what is gone for
//! longer nothing is said any more, and older secrets are neither looked for nor shown.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::options::MAX_REQUESTS;
use crate::sealing::sealed_inputs;
use crate::session::Session;
use crate::trail::{Sent, named};

/// After so many requests a run that is longer than usual looks over the secrets that it knows.
const INTERVAL: usize = MAX_REQUESTS / 2;

/// So many secrets are remembered that were written last, whatever became of them.
const MOST_WRITTEN: usize = 2_560;

/// So many things that are gone are remembered. They are looked over whenever there are twice as many.
const MOST_GONE: usize = 256;

impl Session<'_> {
    /// Forgets what is old, once in a while.
    pub(crate) fn forget_now_and_then(&mut self) {
        if self.trial.is_some() || self.sent <= MAX_REQUESTS {
            return;
        }
        if self.ledger.gone() > 2 * MOST_GONE {
            self.forget_gone();
        }
        self.trail.shorten();
        if self.sent >= self.looked + INTERVAL {
            self.forget_secrets();
        }
    }

    fn forget_gone(&mut self) {
        let forgotten = self.ledger.forget_gone(MOST_GONE);
        self.record.forget(&forgotten);
        let known = self.ledger.things().iter().map(|thing| named(self.contract, thing)).collect();
        self.trail.forget(&known);
    }

    fn forget_secrets(&mut self) {
        let kept = self.secrets_to_keep();
        self.canaries.forget_but(&kept);
        let canaries = &self.canaries;
        self.ledger.forget_writes(|secret| canaries.number(secret).is_some());
        self.looked = self.sent;
    }

    /// The numbers of the secrets that were written lately, and of those that anything tells which is remembered.
    fn secrets_to_keep(&self) -> BTreeSet<usize> {
        let written = self.canaries.count();
        let mut kept: BTreeSet<usize> = (written.saturating_sub(MOST_WRITTEN)..written).collect();
        kept.extend(self.credentials.texts().iter().filter_map(|text| self.canaries.number(text)));
        for thing in self.ledger.things() {
            let known = [&thing.stated, &thing.told].into_iter().chain(thing.versions.stated());
            known.for_each(|fields| kept.extend(self.canaries.held_by(&Value::from(fields.clone()))));
        }
        let found = self.leads.iter().flat_map(|lead| lead.narrow.iter().chain(&lead.wide));
        for sent in self.trail.remembered().chain(found) {
            sent.case.inputs.parameters.values().for_each(|value| kept.extend(self.canaries.held_by(value)));
            match sent.case.inputs.json() {
                // What a body tells it tells as it was sent too, unless something in it was sealed.
                Some(body) if sealed_inputs(self.contract, self.endpoint(sent.case.endpoint)).is_empty() => {
                    self.canaries.add_whole(body, &mut kept);
                }
                Some(body) => kept.extend(self.canaries.held_by(body)),
                None => {}
            }
            texts(sent).iter().for_each(|text| kept.extend(self.canaries.told_in(text)));
        }
        kept
    }
}

/// Everything of a request as it was sent: where a value travels sealed, the value itself is not among it.
fn texts(sent: &Sent) -> Vec<Vec<u8>> {
    let headers = sent.request.headers.values().map(|value| value.as_bytes().to_vec());
    headers.chain([sent.request.target().into_bytes(), sent.request.body.to_vec()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use serde_json::json;
    use specs::claims::Verb;
    use specs::contract::Contract;
    use specs::wire::{Response, Selector};
    use specs::{Profile, Spec};

    use crate::case::{Broken, Case, Validity};
    use crate::director::{Director, Extent};
    use crate::drafting::Fill;
    use crate::family::Family;
    use crate::{Interrupt, Manners, Options, Target, Watch};

    fn options() -> Options {
        Options {
            target: Target::new("http://localhost:1", &[]).expect("this machine"),
            headers: Vec::new(),
            identities: BTreeMap::new(),
            parameters: BTreeMap::from([("projectId".to_owned(), vec!["p1".to_owned()])]),
            seed: 0,
            shard: None,
            phases: Vec::new(),
            checks: Vec::new(),
            max_requests: usize::MAX,
            retrace: 0,
            manners: Manners::default(),
            interrupt: Interrupt::default(),
            watch: Watch::default(),
        }
    }

    /// Has a case answered so, without any target.
    fn answered(session: &mut Session<'_>, case: Case, status: u16, body: &Value) {
        let prepared = session.prepare(case).expect("nothing hinders it");
        let mut response = Response::new(status);
        if !body.is_null() {
            response.headers.insert("content-type", http::HeaderValue::from_static("application/json"));
            response.body = body.to_string().into();
        }
        session.trail.begin();
        let (case, played) = session.arrived(prepared, response, false);
        session.judge(&case, &played, None).expect("nothing hinders it");
    }

    /// A secret that is made, refused a second time, changed and removed.
    fn live(director: &mut Director<'_>, family: &Family, scope: &[Selector]) {
        let contract = director.contract();
        let of = |verb| family.with(contract, verb)[0];
        let made = director.write(family, of(Verb::Create), scope, None, Fill::Full, 0).expect("it can be drafted");
        let shown = json!({"name": made.intent.fields["name"], "created_at": "2026-01-01T00:00:00Z"});
        answered(&mut director.session, made.clone(), 201, &shown);
        let thing = director.session.ledger.subject(contract, director.session.endpoint(made.endpoint), &made.intent).cloned();
        let thing = thing.expect("it was acknowledged");
        for (verb, status, body) in [(Verb::Update, 200, shown), (Verb::Delete, 204, Value::Null)] {
            let case = director.about(of(verb), scope, &thing, Extent::Whole).expect("it can be drafted");
            answered(&mut director.session, case, status, &body);
        }
        let refused = director.write(family, of(Verb::Create), scope, None, Fill::Minimal, 0).expect("it can be drafted");
        let broken = Broken { place: "body /note".to_owned(), keyword: "maxLength".to_owned(), how: "too long".to_owned() };
        let refused = Case { validity: Validity::Broken(broken), ..refused };
        answered(&mut director.session, refused, 400, &json!({"code": "400", "message": "no"}));
    }

    /// How much is remembered of things, of what led to them, and of secrets, after so many lives.
    fn remembered(contract: &Contract, lives: usize) -> [usize; 3] {
        let options = options();
        let mut director = Director::new(Session::new(contract, &options));
        let family = director.families.iter().find(|family| !family.scope.is_empty()).cloned().expect("secrets lie in projects");
        let scope = [Selector { resource: family.scope[0].clone(), field: "id".to_owned(), value: "p1".into() }];
        (0..lives).for_each(|_| live(&mut director, &family, &scope));
        let session = &director.session;
        assert!(session.findings.iter().all(|finding| !finding.is_violation()), "{:?}", session.findings);
        assert_eq!(session.sent, 4 * lives);
        assert!(session.sent <= MAX_REQUESTS || session.ledger.gone() <= 2 * MOST_GONE);
        [session.ledger.things().len(), session.trail.remembered().count(), session.canaries.remembered()]
    }

    #[test]
    fn what_is_remembered_does_not_grow_with_the_requests() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/vault.yaml");
        let contract = Spec::File { path, overlay: None }.contract(Profile::Documented).expect("the document is valid");
        let usual = remembered(&contract, 1_000);
        assert!(usual[0] == 1_000 && usual[2] >= 3_000, "a run of the usual length forgets nothing: {usual:?}");
        let long = remembered(&contract, 4_000);
        // Of each thing that is gone two secrets are known at most: what was stated last, and what its birth stated.
        let bounds = [2 * MOST_GONE + 1, 8 * MOST_GONE, MOST_WRITTEN + INTERVAL + 4 * MOST_GONE];
        assert!(long.iter().zip(bounds).all(|(count, bound)| *count <= bound), "{long:?} of {bounds:?}");
    }
}
