//! The things of one resource in one scope, with an index by identity and one by key.

use std::collections::{BTreeMap, HashMap};

use super::thing::Thing;
use crate::world::text;

/// Things in the order of their creation.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    things: BTreeMap<u64, Thing>,
    by_identity: HashMap<String, u64>,
    key: Option<String>,
    /// Several things may share a key where conflicts are allowed; the first of them is found.
    by_key: HashMap<String, Vec<u64>>,
}

impl Table {
    pub(super) fn new(key: Option<&str>) -> Self {
        Self { things: BTreeMap::new(), by_identity: HashMap::new(), key: key.map(str::to_owned), by_key: HashMap::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }

    /// The things in the order of their creation.
    pub(crate) fn things(&self) -> impl Iterator<Item = &Thing> {
        self.things.values()
    }

    pub(crate) fn get(&self, identity: &str) -> Option<&Thing> {
        self.things.get(self.by_identity.get(identity)?)
    }

    /// The thing at a place in the order of creation.
    pub(super) fn at(&self, sequence: u64) -> Option<&Thing> {
        self.things.get(&sequence)
    }

    pub(super) fn get_mut(&mut self, identity: &str) -> Option<&mut Thing> {
        self.things.get_mut(self.by_identity.get(identity)?)
    }

    /// The first thing whose field has this value, as text.
    pub(super) fn find(&self, field: &str, value: &str) -> Option<&Thing> {
        if self.key.as_deref() == Some(field) {
            return self.things.get(self.by_key.get(value)?.first()?);
        }
        let holds = |thing: &Thing| thing.fields.get(field).is_some_and(|own| text(own) == value);
        self.get(value).filter(|thing| holds(thing)).or_else(|| self.things().find(|thing| holds(thing)))
    }

    pub(super) fn insert(&mut self, mut thing: Thing) {
        self.by_identity.insert(thing.identity.clone(), thing.sequence);
        self.index(&mut thing);
        self.things.insert(thing.sequence, thing);
    }

    pub(super) fn reindex(&mut self, identity: &str) {
        let Some(mut thing) = self.by_identity.get(identity).and_then(|sequence| self.things.remove(sequence)) else { return };
        self.forget(&thing);
        self.index(&mut thing);
        self.things.insert(thing.sequence, thing);
    }

    pub(super) fn remove(&mut self, identity: &str) -> Option<Thing> {
        let sequence = self.by_identity.remove(identity)?;
        let thing = self.things.remove(&sequence)?;
        self.forget(&thing);
        Some(thing)
    }

    fn index(&mut self, thing: &mut Thing) {
        thing.indexed = self.key.as_ref().and_then(|key| thing.fields.get(key)).map(text);
        if let Some(key) = &thing.indexed {
            self.by_key.entry(key.clone()).or_default().push(thing.sequence);
        }
    }

    fn forget(&mut self, thing: &Thing) {
        let Some(key) = &thing.indexed else { return };
        if let Some(owners) = self.by_key.get_mut(key) {
            owners.retain(|owner| *owner != thing.sequence);
            if owners.is_empty() {
                self.by_key.remove(key);
            }
        }
    }
}
