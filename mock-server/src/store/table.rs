//! The things of one resource in one scope, with an index by identity and one by key.

use std::sync::Arc;

use ahash::HashMap;
use specs::contract::Resource;

use super::Place;
use super::slots::Slots;
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

/// The places of the things that have a key: several may where conflicts are allowed, and the first of them is found.
#[derive(Clone, Debug)]
enum Owners {
    One(usize),
    Several(Vec<usize>),
}

impl Owners {
    fn first(&self) -> Option<&usize> {
        match self {
            Self::One(own) => Some(own),
            Self::Several(all) => all.first(),
        }
    }

    fn add(&mut self, place: usize) {
        match self {
            Self::One(own) => *self = Self::Several(vec![*own, place]),
            Self::Several(all) => all.push(place),
        }
    }

    /// Takes one out; whether none is left.
    fn remove(&mut self, place: usize) -> bool {
        match self {
            Self::One(own) => *own == place,
            Self::Several(all) => {
                all.retain(|own| *own != place);
                all.is_empty()
            }
        }
    }

    /// Follows things to where they have been moved.
    fn follow(&mut self, moved: &[usize]) {
        match self {
            Self::One(own) => *own = moved[*own],
            Self::Several(all) => all.iter_mut().for_each(|own| *own = moved[*own]),
        }
    }
}

/// Things in the order of their creation.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    /// Which table it is.
    pub(super) place: Place,
    things: Slots,
    /// The places of the things.
    by_identity: HashMap<Arc<str>, usize>,
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
            things: Slots::default(),
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
    pub(crate) fn things(&self) -> impl DoubleEndedIterator<Item = &Arc<Thing>> {
        self.things.iter()
    }

    /// The things in the order of a field, or of their times of creation where `created` is said; none where that order is not kept.
    pub(crate) fn in_order(&self, field: &str, created: bool) -> Option<Box<dyn DoubleEndedIterator<Item = &Arc<Thing>> + '_>> {
        if created {
            return self.chronological.then(|| Box::new(self.things()) as Box<_>);
        }
        let sequences = self.sorted.as_ref().filter(|sorted| sorted.field() == field)?.sequences()?;
        Some(Box::new(sequences.filter_map(|sequence| self.at(sequence))))
    }

    pub(crate) fn get(&self, identity: &str) -> Option<&Arc<Thing>> {
        self.things.get(*self.by_identity.get(identity)?)
    }

    /// The thing of a number in the order of creation.
    pub(super) fn at(&self, sequence: u64) -> Option<&Arc<Thing>> {
        self.things.of_sequence(sequence)
    }

    /// The first thing whose field has this value, as text.
    pub(super) fn find(&self, field: &str, value: &str) -> Option<&Arc<Thing>> {
        if self.key.as_deref() == Some(field) {
            return self.things.get(*self.by_key.get(value)?.first()?);
        }
        if self.exact && field == self.identity {
            return self.get(value);
        }
        let holds = |thing: &&Arc<Thing>| thing.fields.get(field).is_some_and(|own| as_text(own) == value);
        self.get(value).filter(holds).or_else(|| self.things().find(holds))
    }

    /// Adds a thing that was created after all others.
    pub(super) fn insert(&mut self, mut thing: Thing) {
        let place = self.things.next();
        let own = self.by_identity.insert(Arc::clone(&thing.identity), place).is_none();
        self.exact &= own;
        self.index(&mut thing, place);
        self.things.push(thing);
    }

    /// Changes a thing and finds it by its fields as they are then; gives its place in the order of creation, and its key if that is new.
    pub(super) fn change(&mut self, before: &Thing, act: impl FnOnce(&mut Thing)) -> Option<(u64, Option<Arc<str>>)> {
        let place = self.place_of(before)?;
        let thing = self.things.get_mut(place)?;
        let created = thing.created;
        act(thing);
        let (sequence, same) = (thing.sequence, created == thing.created);
        if same && self.things.get(place).is_some_and(|thing| self.is_indexed(thing)) {
            return Some((sequence, None));
        }
        let mut thing = std::mem::take(self.things.get_mut(place)?);
        self.forget(&thing, place);
        self.index(&mut thing, place);
        let key = thing.indexed.clone();
        *self.things.get_mut(place)? = thing;
        Some((sequence, key))
    }

    /// The place of a thing that was found here before: where it was, or where its identity is.
    fn place_of(&self, before: &Thing) -> Option<usize> {
        let still = self.exact
            && self.things.get(before.place).is_some_and(|own| own.sequence == before.sequence && own.identity == before.identity);
        if still { Some(before.place) } else { self.by_identity.get(&before.identity).copied() }
    }

    /// Whether a thing is found by its fields as they are.
    fn is_indexed(&self, thing: &Thing) -> bool {
        let exact = || thing.fields.get(&self.identity).is_some_and(|own| *as_text(own) == *thing.identity);
        let key = self.key.as_ref().and_then(|key| thing.fields.get(key)).map(as_text);
        key.as_deref() == thing.indexed.as_deref()
            && (!self.exact || exact())
            && self.sorted.as_ref().is_none_or(|sorted| sorted.has(thing))
    }

    pub(super) fn remove(&mut self, identity: &str) -> Option<Arc<Thing>> {
        let place = self.by_identity.remove(identity)?;
        let thing = self.things.take(place)?;
        self.forget(&thing, place);
        if self.things.is_sparse() {
            let moved = self.things.close_up();
            self.by_identity.values_mut().for_each(|place| *place = moved[*place]);
            self.by_key.values_mut().for_each(|owners| owners.follow(&moved));
        }
        Some(thing)
    }

    fn index(&mut self, thing: &mut Thing, place: usize) {
        self.exact &= thing.fields.get(&self.identity).is_some_and(|own| *as_text(own) == *thing.identity);
        let key = self.key.as_ref().and_then(|key| thing.fields.get(key)).map(as_text);
        thing.indexed = key.map(|key| if *key == *thing.identity { Arc::clone(&thing.identity) } else { key.into() });
        if let Some(key) = &thing.indexed {
            let own = self.by_key.entry(Arc::clone(key));
            own.and_modify(|owners| owners.add(place)).or_insert(Owners::One(place));
        }
        if let Some(sorted) = &mut self.sorted {
            sorted.insert(thing);
        }
        let before = self.things.before(place).is_none_or(|before| before.created <= thing.created);
        let after = self.things.after(place).is_none_or(|after| after.created >= thing.created);
        self.chronological &= before && after;
    }

    fn forget(&mut self, thing: &Thing, place: usize) {
        if let Some(sorted) = &mut self.sorted {
            sorted.remove(thing);
        }
        let Some(key) = &thing.indexed else { return };
        if self.by_key.get_mut(key).is_some_and(|owners| owners.remove(place)) {
            self.by_key.remove(key);
        }
    }
}
