//! Recorded exchanges, judged one after the other as they came.

use std::collections::BTreeSet;

use http::Method;
use specs::contract::{Contract, Endpoint, Location, SchemeKind};
use specs::wire::{Exchange, Inputs, Intent, Reading, Request, Routed, Router, pairs, receive, secrets_in, validate};

use crate::canary::{Canaries, Sighting};
use crate::case::{Broken, Case, Credential, Validity, provoked};
use crate::checks::{self, Check, Judgement, Scene};
use crate::finding::{Finding, level_of};
use crate::ledger::{Ledger, Trust};
use crate::sealing::sealed_inputs;
use crate::session::{Played, declared_secrets};
use crate::tellings::Telling;
use crate::walk::is_whole;

/// Shorter secrets than this, those with fewer characters that differ, and those that are not made of letters and digits together may be met by
/// accident in an answer.
const UNLIKE_OTHERS: usize = 16;
const DIFFERENT: usize = 8;

/// Headers that make a request mean something else than the document says of it (RFC 9110, sections 13.1 and 14.2; RFC 7240).
const CONDITIONS: [&str; 8] =
    ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range", "range", "prefer", "idempotency-key"];

/// Who has sent a recorded request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// A caller who may do everything.
    Owner,
    /// Somebody without credentials.
    Nobody,
    /// A caller of whom it is not known what they may do: what they were told is learned from, and not judged.
    Somebody,
}

/// What a check says of an exchange.
#[derive(Clone, Debug)]
pub enum Ruling {
    /// Nothing.
    Silent,
    /// That its sentence holds.
    Holds,
    /// That it is broken.
    Broken(Box<Finding>),
}

/// Judges exchanges in the order in which they were answered, each by what the ones before have acknowledged.
///
/// A recording must have every request that has changed what it is about since it began: what somebody else has changed meanwhile would look like
/// a violation. Requests that race are not for it. What is remembered grows with the recording.
pub struct Judge<'c> {
    contract: &'c Contract,
    router: Router,
    ledger: Ledger,
    canaries: Canaries,
    /// The operations that have carried out a proper request.
    succeeded: BTreeSet<usize>,
}

/// An exchange as it is understood: which operation it is of, and what it means.
pub struct Recorded<'c> {
    endpoint: &'c Endpoint,
    case: Case,
    played: Played,
    sightings: Vec<Sighting>,
    /// Whether enough is known of the request to judge its answer.
    judged: bool,
}

impl<'c> Judge<'c> {
    /// A judge who knows nothing but the contract.
    #[must_use]
    pub fn new(contract: &'c Contract) -> Self {
        let (ledger, canaries) = (Ledger::default(), Canaries::default());
        Self { contract, router: Router::new(contract), ledger, canaries, succeeded: BTreeSet::new() }
    }

    /// Judges an exchange by every check, and learns from it: what is broken.
    pub fn judge(&mut self, exchange: &Exchange, sender: Sender) -> Vec<Finding> {
        let Some(recorded) = self.read(exchange, sender) else { return Vec::new() };
        let rulings = checks::all().map(|check| self.rule(check, &recorded));
        let broken = |ruling| if let Ruling::Broken(finding) = ruling { Some(*finding) } else { None };
        let findings = rulings.filter_map(broken).collect();
        self.learn(&recorded);
        findings
    }

    /// Understands an exchange; none if it is of no operation of the contract, or cannot be read.
    pub fn read(&mut self, exchange: &Exchange, sender: Sender) -> Option<Recorded<'c>> {
        let (contract, request) = (self.contract, &exchange.request);
        let Routed::Found(index, path) = self.router.route(&request.method, &request.path, request.query.as_deref()) else { return None };
        let endpoint = &contract.endpoints[index];
        // The answer to a HEAD is judged beside that to the GET, which is not at hand.
        if request.method == Method::HEAD {
            return None;
        }
        let Ok(inputs) = receive(contract, endpoint, request, &path) else {
            if !exchange.response.status.is_client_error() {
                self.doubt(endpoint, request, &path);
            }
            return None;
        };
        let reading = Reading::of(contract, endpoint, &exchange.response);
        let case = self.case(index, inputs, &reading, sender);
        self.note_secrets(endpoint, &case, request);
        let conditional = CONDITIONS.iter().any(|name| request.headers.contains_key(*name));
        // A part of a secret that somebody has thought of may be a word that stands anywhere.
        let whole = |sighting: &Sighting| !matches!(sighting.telling, Telling::Piece | Telling::Reversed);
        let sightings = self.canaries.sightings(&exchange.response).into_iter().filter(whole).collect();
        let played = Played { exchange: exchange.clone(), reading, noted: None };
        Some(Recorded { endpoint, case, played, sightings, judged: sender != Sender::Somebody && !conditional })
    }

    /// What is known of a request: whatever more than a schema says may stand against what it has.
    fn case(&self, index: usize, inputs: Inputs, reading: &Reading, sender: Sender) -> Case {
        let endpoint = &self.contract.endpoints[index];
        let intent = Intent::read(endpoint, &inputs);
        let mut case = Case::new(index, inputs, intent).generous();
        case.validity = match validate(endpoint, &case.inputs).first() {
            Some(first) => Validity::Broken(broken(first)),
            None if is_open(self.contract, &case, reading) => Validity::Open,
            None => Validity::Valid,
        };
        case.credential = if sender == Sender::Nobody { Credential::Missing } else { Credential::Given };
        case.provokes = provoked(self.contract, &self.ledger, &case);
        case
    }

    /// Rules on an exchange by one check. It is to be asked before the exchange is learned from.
    #[must_use]
    pub fn rule(&self, check: &Check, recorded: &Recorded<'_>) -> Ruling {
        if !recorded.judged {
            return Ruling::Silent;
        }
        match (check.judge)(&self.scene(recorded)) {
            Judgement::NotApplicable => Ruling::Silent,
            Judgement::Passed => Ruling::Holds,
            Judgement::Broken(mut broken) => {
                broken.expected = self.canaries.redact(&broken.expected);
                broken.actual = self.canaries.redact(&broken.actual);
                Ruling::Broken(Box::new(Finding::new(check, level_of(check, &broken), &recorded.endpoint.name(), &broken)))
            }
        }
    }

    /// Learns what an exchange has acknowledged.
    pub fn learn(&mut self, recorded: &Recorded<'_>) {
        let Recorded { endpoint, case, played, judged, .. } = recorded;
        let trust = match played.trust(case, endpoint) {
            Trust::Certain if !judged => Trust::Doubtful,
            trust => trust,
        };
        if played.reading.accepted && *judged && case.is_proper() {
            self.succeeded.insert(case.endpoint);
        }
        self.ledger.learn(self.contract, endpoint, &case.intent, &played.reading, trust);
    }

    fn scene<'v>(&'v self, recorded: &'v Recorded<'_>) -> Scene<'v> {
        let Recorded { endpoint, case, played, sightings, .. } = recorded;
        // Nothing is asked for but the whole list.
        let all = case.intent == Intent { scope: case.intent.scope.clone(), ..Intent::default() };
        let listing = played.reading.records.as_deref().filter(|_| all && is_whole(endpoint, played));
        let scene = Scene::of(self.contract, &self.ledger, &self.canaries, case, played, sightings);
        Scene { answered: self.succeeded.contains(&case.endpoint), listing, ..scene }
    }

    /// What was carried out of a request that cannot be read, nobody can say.
    fn doubt(&mut self, endpoint: &Endpoint, request: &Request, path: &[(String, String)]) {
        let without_body = Request { body: bytes::Bytes::new(), ..request.clone() };
        if let Ok(inputs) = receive(self.contract, endpoint, &without_body, path) {
            self.ledger.doubt(self.contract, endpoint, &Intent::read(endpoint, &inputs));
        }
    }

    /// What a request states in secret is not shown, and looked for in every later answer if it is like no other text.
    fn note_secrets(&mut self, endpoint: &Endpoint, case: &Case, request: &Request) {
        let holders = self.contract.schemes.iter().filter_map(|scheme| scheme.kind.header()).chain(["authorization", "cookie"]);
        let credentials: Vec<&str> = holders.filter_map(|name| request.header(name)).collect();
        let query = request.query.as_deref().map(pairs).unwrap_or_default();
        let contract = self.contract;
        let keys = contract.schemes.iter().filter_map(|scheme| match &scheme.kind {
            SchemeKind::ApiKey(Location::Query, name) => query.iter().find(|(own, _)| own == name),
            _ => None,
        });
        keys.for_each(|(_, key)| self.canaries.note(key));
        for value in credentials {
            self.canaries.note(value);
            self.canaries.note(value.split_once([' ', '=']).map_or(value, |(_, rest)| rest));
        }
        let stated = self.contract.resource_of(endpoint).map(|resource| secrets_in(&case.intent.fields, resource));
        let stated = stated.into_iter().flatten().map(str::to_owned).chain(declared_secrets(endpoint, case));
        for secret in stated.collect::<Vec<_>>() {
            if is_unlike_others(&secret) { self.canaries.plant(&secret) } else { self.canaries.note(&secret) }
        }
    }
}

/// Whether a valid request may be refused for what nobody sees from outside: what is in a box, and whether a list of changes fits what it changes.
fn is_open(contract: &Contract, case: &Case, reading: &Reading) -> bool {
    let endpoint = &contract.endpoints[case.endpoint];
    let sealed = sealed_inputs(contract, endpoint).iter().any(|(input, _)| case.inputs.value(input).is_some());
    sealed || endpoint.promises.json_patch.is_some() && !reading.accepted
}

/// Whether a text is not met by accident.
fn is_unlike_others(text: &str) -> bool {
    let different: BTreeSet<char> = text.chars().collect();
    text.len() >= UNLIKE_OTHERS
        && different.len() >= DIFFERENT
        && text.chars().all(|letter| letter.is_ascii_alphanumeric())
        && text.chars().any(|letter| letter.is_ascii_digit())
        && text.chars().any(|letter| letter.is_ascii_alphabetic())
}

/// What is wrong with a request, in the words of those that are made up.
fn broken(invalid: &specs::wire::Invalid) -> Broken {
    let place = match invalid.location {
        "body" if invalid.name.is_empty() => "body".to_owned(),
        "body" => format!("body /{}", invalid.name.replace('.', "/")),
        location => format!("{location} parameter {}", invalid.name),
    };
    Broken { place, keyword: invalid.keyword.clone(), how: "broken".to_owned() }
}
