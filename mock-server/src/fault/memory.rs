//! What a wrong server remembers although it should not: things that were deleted, and things as they were before a change.

use crate::store::{Scope, Thing};

/// No more than this is remembered of either.
const MOST: usize = 256;

/// Things of the past, the latest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory {
    deleted: Vec<Past>,
    changed: Vec<Past>,
}

/// A thing of the past, with its resource and its scope.
type Past = (String, Scope, Thing);

impl Memory {
    /// Remembers what was deleted.
    pub(crate) fn note_deleted(&mut self, resource: &str, scope: &Scope, thing: &Thing) {
        note(&mut self.deleted, resource, scope, thing);
    }

    /// Remembers a thing as it was before a change.
    pub(crate) fn note_changed(&mut self, resource: &str, scope: &Scope, thing: &Thing) {
        note(&mut self.changed, resource, scope, thing);
    }

    /// The thing of this scope that was deleted last, if it fits.
    pub(crate) fn deleted(&self, resource: &str, scope: &Scope, fits: impl Fn(&Thing) -> bool) -> Option<&Thing> {
        let own = |past: &&Past| past.0 == resource && past.1 == *scope && fits(&past.2);
        self.deleted.iter().rev().find(own).map(|past| &past.2)
    }

    /// The same, which is then forgotten.
    pub(crate) fn take_deleted(&mut self, resource: &str, scope: &Scope, fits: impl Fn(&Thing) -> bool) -> Option<Thing> {
        let own = |past: &Past| past.0 == resource && past.1 == *scope && fits(&past.2);
        let place = self.deleted.iter().rposition(own)?;
        Some(self.deleted.remove(place).2)
    }

    /// A thing as it was before its last change, which is then forgotten.
    pub(crate) fn take_changed(&mut self, resource: &str, scope: &Scope, identity: &str) -> Option<Thing> {
        let own = |past: &Past| past.0 == resource && past.1 == *scope && *past.2.identity == *identity;
        let place = self.changed.iter().rposition(own)?;
        Some(self.changed.remove(place).2)
    }
}

fn note(pasts: &mut Vec<Past>, resource: &str, scope: &Scope, thing: &Thing) {
    if pasts.len() == MOST {
        pasts.remove(0);
    }
    pasts.push((resource.to_owned(), scope.clone(), thing.clone()));
}
