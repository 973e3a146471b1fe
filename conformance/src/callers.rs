//! Callers: what the answers say of who may do what, for the access matrix.

use specs::claims::Situation;
use specs::wire::Items;

use crate::case::{Case, Credential, Validity};
use crate::ledger::text;
use crate::report::{Access, Whereabouts};
use crate::session::Session;

impl Session<'_> {
    /// Notes how an operation that asks for credentials answered a caller about a thing. What is repeated is not noted twice.
    pub(crate) fn note_access(&mut self, case: &Case, status: u16) {
        let endpoint = self.endpoint(case.endpoint);
        let place = self.whereabouts(case).filter(|_| self.trial.is_none() && !endpoint.is_public());
        if let Some(place) = place {
            Access::note(&mut self.access, &endpoint.name(), case.credential.name(), place, status);
        }
    }

    /// Where the thing is that a request is about; none if the answer has other reasons than who calls and what is there.
    fn whereabouts(&self, case: &Case) -> Option<Whereabouts> {
        if case.validity != Validity::Valid || case.method.is_some() {
            return None;
        }
        match case.provokes {
            Some(Situation::NotFound) if self.is_elsewhere(case) => Some(Whereabouts::Other),
            Some(Situation::NotFound | Situation::ScopeNotFound) => Some(Whereabouts::Missing),
            Some(_) if case.credential == Credential::Given => None,
            _ => Some(Whereabouts::Own),
        }
    }

    /// Whether a thing of this name is there in some other scope.
    fn is_elsewhere(&self, case: &Case) -> bool {
        let Items::Named(field, values) = &case.intent.items else { return false };
        let Some(resource) = self.contract.resource_of(self.endpoint(case.endpoint)) else { return false };
        self.ledger.alive().any(|thing| {
            let own = if *field == resource.identity().field { thing.identity.as_ref() } else { thing.field(field) };
            let named = own.is_some_and(|own| values.iter().any(|value| text(value) == text(own)));
            named && thing.resource == resource.name && !thing.is_in(&case.intent.scope)
        })
    }
}
