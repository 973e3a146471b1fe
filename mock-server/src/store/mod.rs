//! The store: things by resource and scope, in the order of their creation.

mod scope;
mod table;
mod thing;
mod version;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

pub(crate) use scope::Scope;
pub(crate) use table::Table;
pub(crate) use thing::Thing;
pub(crate) use version::Version;

use crate::lasting::SavedThing;
use crate::world::text;

/// More things than this in one sandbox are refused: a mock is no database.
const MOST_THINGS: usize = 1_000_000;

/// More names than this are not remembered.
const MOST_NAMES: usize = 100_000;

/// The things of one sandbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    tables: BTreeMap<(String, Scope), Table>,
    /// Where a thing with this identity lives, for paths that do not name its scope.
    homes: HashMap<(String, String), Scope>,
    created: u64,
    count: usize,
    /// What is or was the identity or the key of a thing, or of what encloses one.
    names: HashSet<String>,
    /// What was added, changed or removed since it was last taken: resource, scope and sequence.
    touched: BTreeSet<(String, Scope, u64)>,
}

impl Store {
    /// The things of a resource in a scope.
    pub(crate) fn table(&self, resource: &str, scope: &Scope) -> Option<&Table> {
        self.tables.get(&(resource.to_owned(), scope.clone()))
    }

    /// The thing whose field has this value.
    pub(crate) fn find(&self, resource: &str, scope: &Scope, field: &str, value: &Value) -> Option<&Thing> {
        self.table(resource, scope)?.find(field, &text(value))
    }

    /// The things of a resource in every scope, each with its scope.
    pub(crate) fn everywhere(&self, resource: &str) -> impl Iterator<Item = (&Scope, &Thing)> {
        let own = self.tables.iter().filter(move |((name, _), _)| name == resource);
        own.flat_map(|((_, scope), table)| table.things().map(move |thing| (scope, thing)))
    }

    pub(crate) fn find_mut(&mut self, resource: &str, scope: &Scope, identity: &str) -> Option<&mut Thing> {
        let thing = self.tables.get_mut(&(resource.to_owned(), scope.clone()))?.get_mut(identity)?;
        self.touched.insert((resource.to_owned(), scope.clone(), thing.sequence));
        Some(thing)
    }

    /// The scope of the thing with this identity, wherever it is.
    pub(crate) fn home(&self, resource: &str, identity: &Value) -> Option<&Scope> {
        self.homes.get(&(resource.to_owned(), text(identity)))
    }

    /// How many things there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Whether this is or was the name of a thing.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    fn remember(&mut self, name: &str) {
        if self.names.len() < MOST_NAMES && !self.names.contains(name) {
            self.names.insert(name.to_owned());
        }
    }

    /// Every table: the resource, the scope, the things.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&str, &Scope, &Table)> {
        self.tables.iter().map(|((resource, scope), table)| (resource.as_str(), scope, table))
    }

    /// How many things were created so far.
    pub(crate) const fn created(&self) -> u64 {
        self.created
    }

    /// Lets the next thing have the number after this one.
    pub(crate) const fn set_created(&mut self, created: u64) {
        self.created = created;
    }

    /// Whether something was touched since it was last taken.
    pub(crate) fn is_touched(&self) -> bool {
        !self.touched.is_empty()
    }

    /// What was touched: things as they are now, in the order of their creation, and the numbers of those that are gone.
    pub(crate) fn take_touched(&mut self) -> (Vec<SavedThing>, Vec<u64>) {
        let (mut things, mut gone) = (Vec::new(), Vec::new());
        for (resource, scope, sequence) in std::mem::take(&mut self.touched) {
            match self.table(&resource, &scope).and_then(|table| table.at(sequence)) {
                Some(thing) => things.push(SavedThing::of(&resource, &scope, thing)),
                None => gone.push(sequence),
            }
        }
        (things, gone)
    }

    /// Whether there is room for one more.
    pub(crate) const fn has_room(&self) -> bool {
        self.count < MOST_THINGS
    }

    /// Adds a thing as the last of its scope.
    pub(crate) fn insert(&mut self, resource: &str, scope: &Scope, key: Option<&str>, mut thing: Thing) {
        self.created += 1;
        thing.sequence = self.created;
        self.touched.insert((resource.to_owned(), scope.clone(), thing.sequence));
        self.restore(resource, scope, key, thing);
    }

    /// Adds a thing that has its place in the order already.
    pub(crate) fn restore(&mut self, resource: &str, scope: &Scope, key: Option<&str>, thing: Thing) {
        self.count += 1;
        self.remember(&thing.identity);
        // An identity may span several segments of a path.
        thing.identity.split('/').for_each(|part| self.remember(part));
        scope.chain().for_each(|(_, identity)| self.remember(identity));
        if let Some(name) = key.and_then(|key| thing.fields.get(key)) {
            self.remember(&text(name));
        }
        self.homes.insert((resource.to_owned(), thing.identity.clone()), scope.clone());
        self.tables.entry((resource.to_owned(), scope.clone())).or_insert_with(|| Table::new(key)).insert(thing);
    }

    /// Tells the table that a thing's fields have changed.
    pub(crate) fn reindex(&mut self, resource: &str, scope: &Scope, identity: &str) {
        if let Some(table) = self.tables.get_mut(&(resource.to_owned(), scope.clone())) {
            table.reindex(identity);
            if let Some(name) = table.get(identity).and_then(|thing| thing.indexed.clone()) {
                self.remember(&name);
            }
        }
    }

    /// Removes a thing with everything that it encloses.
    pub(crate) fn remove(&mut self, resource: &str, scope: &Scope, identity: &str) -> Option<Thing> {
        let removed = self.tables.get_mut(&(resource.to_owned(), scope.clone()))?.remove(identity)?;
        self.homes.remove(&(resource.to_owned(), identity.to_owned()));
        self.touched.insert((resource.to_owned(), scope.clone(), removed.sequence));
        self.count -= 1;
        let inside = scope.inside(resource, identity);
        let gone: Vec<(String, Scope)> = self.tables.keys().filter(|(_, own)| own.starts_with(&inside)).cloned().collect();
        for key in gone {
            if let Some(table) = self.tables.remove(&key) {
                self.count -= table.len();
                self.touched.extend(table.things().map(|thing| (key.0.clone(), key.1.clone(), thing.sequence)));
                table.things().for_each(|thing| drop(self.homes.remove(&(key.0.clone(), thing.identity.clone()))));
            }
        }
        Some(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn thing(identity: &str, name: &str) -> Thing {
        let fields = json!({"id": identity, "name": name}).as_object().cloned().unwrap_or_default();
        Thing::new(identity, fields, 0)
    }

    #[test]
    fn things_are_found_by_identity_and_key_and_kept_apart_by_scope() {
        let (first, second) = (Scope::root().inside("app", "1"), Scope::root().inside("app", "2"));
        let mut store = Store::default();
        store.insert("secret", &first, Some("name"), thing("a", "x"));
        store.insert("secret", &second, Some("name"), thing("b", "x"));
        assert_eq!(store.find("secret", &first, "name", &json!("x")).map(|thing| thing.identity.as_str()), Some("a"));
        assert_eq!(store.find("secret", &second, "id", &json!("a")).map(|thing| thing.identity.as_str()), None);
        assert_eq!(store.home("secret", &json!("b")), Some(&second));
    }

    #[test]
    fn removing_a_thing_removes_what_it_encloses() {
        let app = Scope::root().inside("app", "1");
        let mut store = Store::default();
        store.insert("app", &Scope::root(), None, thing("1", "app"));
        store.insert("secret", &app, Some("name"), thing("a", "x"));
        store.insert("link", &app.inside("secret", "a"), None, thing("l", "y"));
        store.remove("app", &Scope::root(), "1").expect("it was there");
        assert!(store.tables.values().all(|table| table.len() == 0));
        assert_eq!((store.count, store.homes.len()), (0, 0));
    }
}
