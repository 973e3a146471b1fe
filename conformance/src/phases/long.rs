//! Long secrets: stored if the server takes them, read back and removed.

use specs::claims::Verb;

use super::properties::Properties;
use crate::canary::random_text;
use crate::case::Case;
use crate::director::Extent;
use crate::generate::{Generator, LONG, long_text};
use crate::session::Stop;

/// A number among the cases of an operation that no other case has.
const NUMBER: usize = 1_000_000;

impl Properties<'_, '_> {
    /// Writes long secrets. How long a secret may be is mostly not documented, so that a refusal is fine.
    pub(super) async fn long(&mut self) -> Result<(), Stop> {
        if !self.is_first_to_make() {
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
                Ok(true) => self.look_and_remove(&case).await?,
                // Whoever is sent more than it takes may close the connection before all of it has come (RFC 9110, section 15.5.14).
                Ok(false) | Err(Stop::Unreachable(_)) => {}
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

    /// Reads what was written, and removes it: what comes later is not to carry it along.
    async fn look_and_remove(&mut self, case: &Case) -> Result<(), Stop> {
        let (endpoint, Some(family)) = (self.stage.endpoint(), self.stage.family.clone()) else { return Ok(()) };
        let director = &mut *self.stage.director;
        let Some(thing) = director.session.ledger.subject(director.contract(), endpoint, &case.intent).cloned() else { return Ok(()) };
        for verb in [Verb::Read, Verb::Reveal, Verb::Delete] {
            let Some(index) = family.with(director.contract(), verb).into_iter().next() else { continue };
            if let Some(case) = director.about(index, &thing.scope, &thing, Extent::Whole) {
                director.session.play(case).await?;
            }
        }
        Ok(())
    }
}

/// No server takes a URL of this length, and a long one says nothing about bodies.
fn travels_in_url(case: &Case, core: &str) -> bool {
    case.inputs.parameters.values().any(|value| value.as_str().is_some_and(|text| text.starts_with(core)))
}
