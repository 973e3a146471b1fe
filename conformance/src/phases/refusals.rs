//! Refusals: what an operation is to refuse, whatever its inputs are: without credentials, about what is not there, by a wrong method, or not
//! sealed; and the HEAD of a GET.

use http::Method;
use specs::claims::{Situation, Verb};
use specs::contract::Endpoint;
use specs::wire::{Intent, Items};

use super::coverage::Coverage;
use crate::case::{Broken, Case, Credential, Seal, Validity};
use crate::director::stranger;
use crate::drafting::{is_valid, lay};
use crate::sealing::{SEALED, sealed_inputs};
use crate::session::{Stop, other_method};
use crate::together::Lone;

impl Coverage<'_, '_> {
    /// The same request with what travels sealed left open, closed for another key, or with a key that nobody has.
    pub(super) async fn unsealed(&mut self, base: &Case) -> Result<(), Stop> {
        let Some((input, sealed)) = sealed_inputs(self.director.contract(), self.endpoint()).into_iter().next() else { return Ok(()) };
        let stated = format!("body /{}", sealed.stated);
        let ways = [
            (Seal::Open, format!("body /{}", input.name()), "not sealed", Situation::BrokenSeal),
            (Seal::OtherKey, format!("body /{}", input.name()), "sealed for another key", Situation::BrokenSeal),
            (Seal::OtherId, stated, "a key that nobody has", Situation::UnknownSealingKey),
        ];
        for (seal, place, how, situation) in ways {
            let broken = Broken { place, keyword: SEALED.to_owned(), how: how.to_owned() };
            let scenario = format!("{}: {how} ({SEALED})", broken.place);
            let case = Case { seal, validity: Validity::Broken(broken), ..base.clone() };
            let case = self.refresh_alone(case.named(scenario).provoking(situation)).await?;
            self.begin();
            self.send(case).await?;
        }
        Ok(())
    }

    /// The same request from nobody, from somebody unknown, and behind the name of a scheme that nobody has.
    pub(super) async fn credentials(&mut self, base: &Case) -> Result<(), Stop> {
        if !self.wants_credentials() {
            return Ok(());
        }
        let by = |credential| Case { credential, ..base.clone() };
        let mut cases =
            vec![by(Credential::Missing).named("without credentials"), by(Credential::Unknown).named("with unknown credentials")];
        cases.extend(self.director.session.credentials.names_scheme().then(|| by(Credential::Malformed)));
        // What one of them changes where it is carried out all the same, another would meet.
        if matches!(self.endpoint().verb, Verb::Read | Verb::Reveal | Verb::List) {
            return self.hand_in(cases).await;
        }
        for case in cases {
            self.begin();
            self.director.session.play(case).await?;
        }
        Ok(())
    }

    fn wants_credentials(&self) -> bool {
        !self.endpoint().is_public() && self.director.session.credentials.can_be_withheld()
    }

    /// A request that is wrong in two ways shows what is looked at first.
    pub(super) fn invalid_without_credentials(&self, broken: Option<Case>) -> Option<Lone> {
        let case = broken.filter(|_| self.wants_credentials())?;
        Some(self.lone(Case { credential: Credential::Missing, scenario: None, provokes: None, ..case }))
    }

    /// The same request about a thing that never existed.
    pub(super) fn missing_thing(&self, base: &Case) -> Option<Lone> {
        let Items::Named(field, values) = &base.intent.items else { return None };
        if self.makes() && !self.replaces_alone() {
            return None;
        }
        let values = values.iter().map(stranger).collect();
        let intent = Intent { items: Items::Named(field.clone(), values), ..base.intent.clone() };
        self.changed(base, intent, "about a thing that never existed", Situation::NotFound)
    }

    /// The same request in a scope that does not exist.
    pub(super) fn missing_scope(&self, base: &Case) -> Option<Lone> {
        let mut intent = base.intent.clone();
        let selector = intent.scope.last_mut()?;
        selector.value = stranger(&selector.value);
        self.changed(base, intent, "in a scope that does not exist", Situation::ScopeNotFound)
    }

    fn changed(&self, base: &Case, intent: Intent, scenario: &str, situation: Situation) -> Option<Lone> {
        let inputs = lay(&intent, self.endpoint(), base.inputs.clone());
        let case = is_valid(self.endpoint(), &inputs).then(|| Case { inputs, intent, ..base.clone() })?;
        Some(Lone { about: None, case: case.named(scenario).provoking(situation) })
    }

    /// The same request by a method that is not documented.
    pub(super) fn wrong_method(&self, base: &Case) -> Option<Lone> {
        let method = other_method(self.director.contract(), self.endpoint())?;
        let case = Case { method: Some(method.clone()), ..base.clone() };
        Some(Lone { about: None, case: case.named(format!("by {method}, which is not documented")) })
    }

    /// The same request as a HEAD, where it is a GET.
    pub(super) async fn head(&mut self, base: &Case) -> Result<(), Stop> {
        if self.director.session.endpoint(self.index).operation.method != Method::GET || self.knows_head() {
            return Ok(());
        }
        self.director.session.trail.begin();
        self.director.session.mirror(base.clone(), Some("as a HEAD")).await
    }

    /// Whether the document has a HEAD of its own for the path.
    fn knows_head(&self) -> bool {
        let path = &self.director.session.endpoint(self.index).operation.key.path;
        let head = |endpoint: &Endpoint| endpoint.operation.method == Method::HEAD && endpoint.operation.key.path == *path;
        self.director.contract().endpoints.iter().any(head)
    }
}
