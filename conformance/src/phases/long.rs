//! Long secrets: stored if the server takes them, read back and removed.

use specs::claims::Verb;

use super::properties::Properties;
use crate::canary::random_text;
use crate::case::Case;
use crate::director::{Director, Extent};
use crate::family::Family;
use crate::finding::Finding;
use crate::generate::{Generator, LONG, long_text};
use crate::ledger::Tracked;
use crate::session::Stop;

/// A number among the cases of an operation that no other case has.
const NUMBER: usize = 1_000_000;

impl Properties<'_, '_> {
    /// Writes long secrets. How long a secret may be is mostly not documented, so that a refusal is fine.
    pub(super) async fn long(&mut self) -> Result<(), Stop> {
        let removable =
            self.stage.family.as_ref().is_some_and(|family| !family.with(self.stage.director.contract(), Verb::Delete).is_empty());
        if !self.is_first_to_make() || !removable {
            return Ok(());
        }
        // What is wrong with short secrets is wrong with long ones, and every answer that leaks them would carry them along.
        if self.stage.director.session.findings.iter().any(Finding::is_violation) {
            self.stage.director.note("no long secrets were tried: short ones show what is wrong already".to_owned());
            return Ok(());
        }
        let mut generator = Generator::new(self.seed(NUMBER));
        for length in LONG {
            let core = random_text(24, generator.random());
            let odd = long_text(&core, length);
            let Some(base) = self.stage.base().await? else { return Ok(()) };
            let drafted = self.with_secret(&base, &core, &odd).filter(|case| !travels_in_url(case, &core));
            let Some(case) = drafted.map(|case| Case { scenario: None, ..case }) else { continue };
            self.stage.begin();
            match self.stage.send(case.clone()).await {
                // What stays would be carried along by everything that comes later.
                Ok(true) if !self.look_and_remove(&case).await? => return Ok(()),
                // Whoever is sent more than it takes may close the connection before all of it has come (RFC 9110, section 15.5.14).
                Ok(_) | Err(Stop::Unreachable(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(())
    }

    /// Whether this is the first operation of the document that makes things of its resource: once is enough.
    fn is_first_to_make(&self) -> bool {
        let own = self.stage.endpoint();
        let makes =
            |endpoint: &&specs::contract::Endpoint| matches!(endpoint.verb, Verb::Create | Verb::Put) && endpoint.resource == own.resource;
        self.stage.director.contract().endpoints.iter().find(makes).is_some_and(|first| std::ptr::eq(first, own))
    }

    /// Reads what was written, and removes it; whether it is gone.
    async fn look_and_remove(&mut self, case: &Case) -> Result<bool, Stop> {
        let (endpoint, Some(family)) = (self.stage.endpoint(), self.stage.family.clone()) else { return Ok(false) };
        let director = &mut *self.stage.director;
        let Some(thing) = director.session.ledger.subject(director.contract(), endpoint, &case.intent).cloned() else { return Ok(false) };
        let mut removed = false;
        for verb in [Verb::Read, Verb::Reveal, Verb::Delete] {
            let Some(index) = family.with(director.contract(), verb).into_iter().next() else { continue };
            if let Some(case) = director.about(index, &thing.scope, &thing, Extent::Whole) {
                removed = director.session.play(case).await?.reading.accepted;
            }
        }
        Ok(removed && !director.is_shown(&family, &thing).await?)
    }
}

impl Director<'_> {
    /// Whether a list, or else a read, still shows a thing.
    async fn is_shown(&mut self, family: &Family, thing: &Tracked) -> Result<bool, Stop> {
        let resource = family.resource(self.contract());
        if let Some(index) = family.with(self.contract(), Verb::List).into_iter().next()
            && let Some(case) = self.list_of(index, &thing.scope)
        {
            return Ok(self.session.walk(case).await?.iter().any(|record| thing.is_shown_by(resource, record)));
        }
        let index = family.with(self.contract(), Verb::Read).into_iter().next();
        match index.and_then(|index| self.about(index, &thing.scope, thing, Extent::Whole)) {
            Some(case) => Ok(self.session.play(case).await?.reading.accepted),
            None => Ok(false),
        }
    }
}

/// No server takes a URL of this length, and a long one says nothing about bodies.
fn travels_in_url(case: &Case, core: &str) -> bool {
    case.inputs.parameters.values().any(|value| value.as_str().is_some_and(|text| text.starts_with(core)))
}
