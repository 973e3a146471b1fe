//! The things of one resource in one scope, with an index by identity and one by key.

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::HashMap;
use specs::contract::Resource;

use super::Place;
use super::sorted::Sorted;
use super::thing::Thing;
use crate::world::as_text;

/// By which fields the things of a resource are found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct By<'b> {
    /// The field that names a thing.
    pub(crate) identity: &'b str,
    /// The field that is unique within the scope, if there is one.
    pub(crate) key: Option<&'b str>,
    /// The field in whose order they are listed, where that is not the order of creation.
    pub(crate) order: Option<&'b str>,
}

impl<'b> From<&'b Resource> for By<'b> {
    fn from(resource: &'b Resource) -> Self {
        let (order, (created, updated)) = (resource.order().value.by.as_str(), resource.time_fields());
        let own = ![created, updated].contains(&Some(order));
        Self { identity: &resource.identity().field, key: resource.key(), order: own.then_some(order) }
    }
}

/// The things that have a key: several may where conflicts are allowed, and the first of them is found.
#[derive(Clone, Debug)]
enum Owners {
    One(u64),
    Several(Vec<u64>),
}

impl Owners {
    fn first(&self) -> Option<&u64> {
        match self {
            Self::One(own) => Some(own),
            Self::Several(all) => all.first(),
        }
    }

    fn add(&mut self, sequence: u64) {
        match self {
            Self::One(own) => *self = Self::Several(vec![*own, sequence]),
            Self::Several(all) => all.push(sequence),
        }
    }

    /// Takes one out; whether none is left.
    fn remove(&mut self, sequence: u64) -> bool {
        match self {
            Self::One(own) => *own == sequence,
            Self::Several(all) => {
                all.retain(|own| *own != sequence);
                all.is_empty()
            }
        }
    }
}

/// Things in the order of their creation.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Which table it is.
    pub(super) place: Place,
    /// Each in a place of its own: nodes that grow at one end are half empty.
    things: BTreeMap<u64, Box<Thing>>,
    by_identity: HashMap<Arc<str>, u64>,
    /// The field that holds the identity.
    identity: String,
    /// Whether each thing's identity is its own and is what that field says, so that who is not found by it is not there.
    exact: bool,
    key: Option<String>,
    by_key: HashMap<Arc<str>, Owners>,
    sorted: Option<Sorted>,
    /// Whether no thing was created before one that stands in front of it.
    chronological: bool,
}

impl Table {
    pub(super) fn new(by: By<'_>, place: Place) -> Self {
        Self {
            place,
            things: BTreeMap::new(),
            by_identity: HashMap::default(),
            identity: by.identity.to_owned(),
            exact: true,
            key: by.key.map(str::to_owned),
            by_key: HashMap::default(),
            sorted: by.order.map(|field| Sorted::new(field.to_owned())),
            chronological: true,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.things.len()
    }

    /// The things in the order of their creation.
    pub(crate) fn things(&self) -> impl DoubleEndedIterator<Item = &Thing> {
        self.things.values().map(AsRef::as_ref)
    }

    /// The things in the order of a field, or of their times of creation where `created` is said; none where that order is not kept.
    pub(crate) fn in_order(&self, field: &str, created: bool) -> Option<Box<dyn DoubleEndedIterator<Item = &Thing> + '_>> {
        if created {
            return self.chronological.then(|| Box::new(self.things()) as Box<_>);
        }
        let sequences = self.sorted.as_ref().filter(|sorted| sorted.field() == field)?.sequences()?;
        Some(Box::new(sequences.filter_map(|sequence| self.at(sequence))))
    }

    pub(crate) fn get(&self, identity: &str) -> Option<&Thing> {
        self.at(*self.by_identity.get(identity)?)
    }

    /// The thing at a place in the order of creation.
    pub(super) fn at(&self, sequence: u64) -> Option<&Thing> {
        self.things.get(&sequence).map(AsRef::as_ref)
    }

    /// The first thing whose field has this value, as text.
    pub(super) fn find(&self, field: &str, value: &str) -> Option<&Thing> {
        if self.key.as_deref() == Some(field) {
            return self.at(*self.by_key.get(value)?.first()?);
        }
        if self.exact && field == self.identity {
            return self.get(value);
        }
        let holds = |thing: &Thing| thing.fields.get(field).is_some_and(|own| as_text(own) == value);
        self.get(value).filter(|thing| holds(thing)).or_else(|| self.things().find(|thing| holds(thing)))
    }

    pub(super) fn insert(&mut self, mut thing: Thing) {
        let own = self.by_identity.insert(Arc::clone(&thing.identity), thing.sequence).is_none();
        self.exact &= own;
        self.index(&mut thing);
        self.things.insert(thing.sequence, Box::new(thing));
    }

    /// Changes a thing and finds it by its fields as they are then; gives its place in the order of creation, and its key if that is new.
    pub(super) fn change(&mut self, identity: &str, act: impl FnOnce(&mut Thing)) -> Option<(u64, Option<Arc<str>>)> {
        let sequence = *self.by_identity.get(identity)?;
        let thing = self.things.get_mut(&sequence)?;
        let created = thing.created;
        act(thing);
        if created == thing.created && self.at(sequence).is_some_and(|thing| self.is_indexed(thing)) {
            return Some((sequence, None));
        }
        let mut thing = self.things.remove(&sequence)?;
        self.forget(&thing);
        self.index(&mut thing);
        let key = thing.indexed.clone();
        self.things.insert(sequence, thing);
        Some((sequence, key))
    }

    /// Whether a thing is found by its fields as they are.
    fn is_indexed(&self, thing: &Thing) -> bool {
        let exact = || thing.fields.get(&self.identity).is_some_and(|own| *as_text(own) == *thing.identity);
        let key = self.key.as_ref().and_then(|key| thing.fields.get(key)).map(as_text);
        key.as_deref() == thing.indexed.as_deref()
            && (!self.exact || exact())
            && self.sorted.as_ref().is_none_or(|sorted| sorted.has(thing))
    }

    pub(super) fn remove(&mut self, identity: &str) -> Option<Thing> {
        let sequence = self.by_identity.remove(identity)?;
        let thing = self.things.remove(&sequence)?;
        self.forget(&thing);
        Some(*thing)
    }

    fn index(&mut self, thing: &mut Thing) {
        self.exact &= thing.fields.get(&self.identity).is_some_and(|own| *as_text(own) == *thing.identity);
        let key = self.key.as_ref().and_then(|key| thing.fields.get(key)).map(as_text);
        thing.indexed = key.map(|key| if *key == *thing.identity { Arc::clone(&thing.identity) } else { key.into() });
        if let Some(key) = &thing.indexed {
            let own = self.by_key.entry(Arc::clone(key));
            own.and_modify(|owners| owners.add(thing.sequence)).or_insert(Owners::One(thing.sequence));
        }
        if let Some(sorted) = &mut self.sorted {
            sorted.insert(thing);
        }
        let before = self.things.range(..thing.sequence).next_back().is_none_or(|(_, before)| before.created <= thing.created);
        let after = self.things.range(thing.sequence + 1..).next().is_none_or(|(_, after)| after.created >= thing.created);
        self.chronological &= before && after;
    }

    fn forget(&mut self, thing: &Thing) {
        if let Some(sorted) = &mut self.sorted {
            sorted.remove(thing);
        }
        let Some(key) = &thing.indexed else { return };
        if self.by_key.get_mut(key).is_some_and(|owners| owners.remove(thing.sequence)) {
            self.by_key.remove(key);
        }
    }
}
