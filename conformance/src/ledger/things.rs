//! The things of a ledger, found by every text that has ever named them: lists are long, and each of their entries is looked up.

use std::collections::{BTreeSet, HashMap};
use std::ops::Index;

use serde_json::{Map, Value};
use specs::claims::Issuer;
use specs::contract::Resource;

use super::tracked::{Life, Tracked, slug, text};

/// Things in the order in which they became known.
#[derive(Debug, Default)]
pub(super) struct Things {
    all: Vec<Tracked>,
    /// The number of each, which no other thing ever has.
    numbers: Vec<usize>,
    /// The number of the next.
    next: usize,
    /// Places by name. A name that was given up still leads to its former owner, so whoever looks here looks again at the thing.
    named: HashMap<String, Vec<usize>, ahash::RandomState>,
    /// What became known since it was asked last.
    changed: BTreeSet<usize>,
    /// The places of those that are not gone: few, however many there were.
    present: BTreeSet<usize>,
    /// The places of those of them that are certain to be there.
    alive: BTreeSet<usize>,
}

impl Things {
    pub(super) fn all(&self) -> &[Tracked] {
        &self.all
    }

    /// Those that are not gone, in the order in which they became known.
    pub(super) fn present(&self) -> impl DoubleEndedIterator<Item = &Tracked> {
        self.present.iter().map(|place| &self.all[*place])
    }

    /// Those that are certain to be there, in the same order.
    pub(super) fn alive(&self) -> impl DoubleEndedIterator<Item = &Tracked> {
        self.alive.iter().map(|place| &self.all[*place])
    }

    pub(super) fn into_all(self) -> Vec<Tracked> {
        self.all
    }

    pub(super) fn push(&mut self, resource: &Resource, thing: Tracked) {
        self.all.push(thing);
        self.numbers.push(self.next);
        self.next += 1;
        self.note(self.all.len() - 1, resource);
    }

    /// How many of them are gone.
    pub(super) fn gone(&self) -> usize {
        self.all.len() - self.present.len()
    }

    /// The number of a thing.
    pub(super) fn number(&self, place: usize) -> usize {
        self.numbers[place]
    }

    /// Forgets what is gone but for the last `most`, and gives the numbers that it had. Whatever was found before is now elsewhere.
    pub(super) fn forget_gone(&mut self, most: usize) -> BTreeSet<usize> {
        let gone = |thing: &Tracked| thing.life == Life::Gone;
        let surplus = self.all.iter().filter(|thing| gone(thing)).count().saturating_sub(most);
        let old = self.all.iter().zip(0..).filter(|(thing, place)| gone(thing) && !self.changed.contains(place));
        let forgotten: BTreeSet<usize> = old.map(|(_, place)| place).take(surplus).collect();
        let numbers = forgotten.iter().map(|place| self.numbers[*place]).collect();
        let mut left = 0;
        let places: Vec<Option<usize>> = (0..self.all.len())
            .map(|place| {
                let kept = !forgotten.contains(&place);
                left += usize::from(kept);
                kept.then(|| left - 1)
            })
            .collect();
        let mut kept = places.iter().map(Option::is_some);
        self.all.retain(|_| kept.next() == Some(true));
        let mut kept = places.iter().map(Option::is_some);
        self.numbers.retain(|_| kept.next() == Some(true));
        self.named.retain(|_, own| {
            *own = own.iter().filter_map(|place| places[*place]).collect();
            !own.is_empty()
        });
        self.changed = self.changed.iter().filter_map(|place| places[*place]).collect();
        self.present = self.present.iter().filter_map(|place| places[*place]).collect();
        self.alive = self.alive.iter().filter_map(|place| places[*place]).collect();
        numbers
    }

    /// Changes every thing, but for its names and for what is written down of it.
    pub(super) fn trim(&mut self, act: impl FnMut(&mut Tracked)) {
        self.all.iter_mut().for_each(act);
    }

    /// Changes a thing, which may give it a name.
    pub(super) fn change(&mut self, place: usize, resource: &Resource, act: impl FnOnce(&mut Tracked)) {
        act(&mut self.all[place]);
        self.note(place, resource);
    }

    /// Changes a thing, but for its names.
    pub(super) fn amend(&mut self, place: usize, act: impl FnOnce(&mut Tracked)) {
        act(&mut self.all[place]);
        self.note_life(place);
    }

    /// Notes that those that fit are gone, if they are not yet.
    pub(super) fn bury(&mut self, fits: impl Fn(&Tracked) -> bool) {
        let buried: Vec<usize> = self.present.iter().copied().filter(|place| fits(&self.all[*place])).collect();
        buried.into_iter().for_each(|place| self.amend(place, |thing| thing.life = Life::Gone));
    }

    /// Lets those that fit be found by no name any more.
    pub(super) fn unname(&mut self, fits: impl Fn(&Tracked) -> bool) {
        let all = &self.all;
        self.named.values_mut().for_each(|places| places.retain(|place| !fits(&all[*place])));
    }

    fn note_life(&mut self, place: usize) {
        self.changed.insert(place);
        let life = self.all[place].life;
        keep(&mut self.present, place, life != Life::Gone);
        keep(&mut self.alive, place, life == Life::Alive);
    }

    /// The places of what has changed since this was asked last.
    pub(super) fn take_changed(&mut self) -> BTreeSet<usize> {
        std::mem::take(&mut self.changed)
    }

    /// The places of what may have one of these names, in order.
    pub(super) fn candidates<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Vec<usize> {
        let mut places: Vec<usize> = names.into_iter().filter_map(|name| self.named.get(name)).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The places of what a record may show, in order.
    pub(super) fn shown_by(&self, resource: &Resource, record: &Map<String, Value>) -> Vec<usize> {
        let told = |field: &str| record.get(field).map(text);
        let names = [told(&resource.identity().field), resource.key().and_then(told)];
        let mut places = self.candidates(names.iter().flatten().map(String::as_str));
        places.retain(|place| self.all[*place].resource == resource.name && self.all[*place].is_shown_by(resource, record));
        places
    }

    fn note(&mut self, place: usize, resource: &Resource) {
        self.note_life(place);
        let thing = &self.all[place];
        let slugged = match &resource.identity().issued {
            Issuer::Slug(of) => thing.field(of).map(|name| slug(&text(name))),
            Issuer::Client | Issuer::Server => None,
        };
        let key = resource.key();
        let known = [thing.identity.as_ref(), key.and_then(|key| thing.stated.get(key)), key.and_then(|key| thing.told.get(key))];
        for name in known.into_iter().flatten().map(text).chain(slugged) {
            let places = self.named.entry(name).or_default();
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
}

fn keep(places: &mut BTreeSet<usize>, place: usize, kept: bool) {
    if kept {
        places.insert(place)
    } else {
        places.remove(&place)
    };
}

impl Index<usize> for Things {
    type Output = Tracked;

    fn index(&self, place: usize) -> &Tracked {
        &self.all[place]
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Ledger;
    use super::*;
    use serde_json::json;
    use specs::{Profile, Spec};

    #[test]
    fn of_a_thing_that_was_removed_and_perhaps_never_there_nothing_is_said() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/documents/vault.yaml");
        let contract = Spec::File { path, overlay: None }.contract(Profile::Documented).expect("the document is valid");
        let resource = contract.resources.values().find(|own| own.key().is_some()).expect("a thing has a name");
        let record = json!({resource.identity().field.as_str(): "one"});
        let record = record.as_object().expect("an object");
        for (life, known) in [(Life::Alive, 1), (Life::Unsure, 0)] {
            let thing = Tracked { life, ..Tracked::given(resource, "one".into()) };
            let mut ledger = Ledger::default();
            ledger.restore(&contract, thing.clone());
            assert_eq!(ledger.showing(resource, record).count(), 1);
            ledger.forget(&thing, resource);
            assert!(ledger.showing(resource, record).all(|thing| thing.life == Life::Gone));
            assert_eq!((ledger.showing(resource, record).count(), ledger.present().count()), (known, 0), "{life:?}");
        }
    }
}
