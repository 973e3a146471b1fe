//! The store: things by resource and scope, in the order of their creation.

mod scope;
mod slots;
mod sorted;
mod table;
mod thing;
mod version;

use std::collections::BTreeMap;
use std::sync::Arc;

use ahash::{HashMap, HashSet};
use serde_json::Value;
use smol_str::SmolStr;

pub(crate) use scope::Scope;
pub(crate) use table::{By, Table};
pub(crate) use thing::Thing;
pub(crate) use version::Version;

use crate::lasting::SavedThing;
use crate::world::as_text;

/// More things than this in one sandbox are refused: a mock is no database.
const MOST_THINGS: usize = 1_000_000;

/// More names than this are not remembered.
const MOST_NAMES: usize = 100_000;

/// Where things are: their resource and their scope.
type Place = (SmolStr, Arc<Scope>);

/// The things of one sandbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Store {
    /// By resource, then by scope.
    tables: BTreeMap<SmolStr, BTreeMap<Arc<Scope>, Table>>,
    /// Where a thing with this identity lives, by resource, for paths that do not name its scope.
    homes: HashMap<SmolStr, HashMap<Arc<str>, Arc<Scope>>>,
    created: u64,
    count: usize,
    /// What is or was the identity or the key of a thing, or of what encloses one.
    names: HashSet<Arc<str>>,
    /// What was added, changed or removed since it was last taken: where, and its sequence; the same thing may stand there several times.
    touched: Vec<(Place, u64)>,
}

impl Store {
    /// The things of a resource in a scope.
    pub(crate) fn table(&self, resource: &str, scope: &Scope) -> Option<&Table> {
        self.tables.get(resource)?.get(scope)
    }

    /// The thing whose field has this value.
    pub(crate) fn find(&self, resource: &str, scope: &Scope, field: &str, value: &Value) -> Option<&Arc<Thing>> {
        self.table(resource, scope)?.find(field, &as_text(value))
    }

    /// The things of a resource in every scope, each with its scope.
    pub(crate) fn everywhere(&self, resource: &str) -> impl Iterator<Item = (&Scope, &Arc<Thing>)> {
        let own = self.tables.get(resource).into_iter().flatten();
        own.flat_map(|(scope, table)| table.things().map(move |thing| (&**scope, thing)))
    }

    /// Changes a thing that was found before, and is found by its fields as they are from then on; nothing happens if it is not there any more.
    pub(crate) fn change(&mut self, resource: &str, scope: &Scope, before: &Thing, act: impl FnOnce(&mut Thing)) -> Option<()> {
        let Self { tables, touched, names, .. } = self;
        let table = tables.get_mut(resource)?.get_mut(scope)?;
        let (sequence, renamed) = table.change(before, act)?;
        touched.push((table.place.clone(), sequence));
        renamed.iter().for_each(|name| remember(names, name));
        Some(())
    }

    /// The scope of the thing with this identity, wherever it is.
    pub(crate) fn home(&self, resource: &str, identity: &Value) -> Option<&Scope> {
        self.homes.get(resource)?.get(&*as_text(identity)).map(AsRef::as_ref)
    }

    /// How many things there are.
    pub(crate) const fn count(&self) -> usize {
        self.count
    }

    /// Whether this is or was the name of a thing.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Every table: the resource, the scope, the things.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (&str, &Scope, &Table)> {
        self.tables.iter().flat_map(|(resource, tables)| tables.iter().map(move |(scope, table)| (resource.as_str(), &**scope, table)))
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

    /// Whatever was touched needs not be told.
    pub(crate) fn forget_touched(&mut self) {
        self.touched.clear();
    }

    /// What was touched: things as they are now, in the order of their creation, and the numbers of those that are gone.
    pub(crate) fn take_touched(&mut self) -> (Vec<SavedThing>, Vec<u64>) {
        let (mut things, mut gone) = (Vec::new(), Vec::new());
        let mut touched = std::mem::take(&mut self.touched);
        touched.sort_unstable();
        touched.dedup();
        for ((resource, scope), sequence) in touched {
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
    pub(crate) fn insert(&mut self, resource: &str, scope: &Scope, by: By<'_>, mut thing: Thing) {
        self.created += 1;
        thing.sequence = self.created;
        let sequence = thing.sequence;
        let place = self.restore(resource, scope, by, thing);
        self.touched.push((place, sequence));
    }

    /// The names of a table, shared with the table if it is there.
    fn place(&self, resource: &str, scope: &Scope) -> Place {
        let Some((resource, tables)) = self.tables.get_key_value(resource) else { return (resource.into(), Arc::new(scope.clone())) };
        let scope = tables.get_key_value(scope).map_or_else(|| Arc::new(scope.clone()), |(scope, _)| Arc::clone(scope));
        (resource.clone(), scope)
    }

    /// Adds a thing that has its place in the order already.
    pub(crate) fn restore(&mut self, resource: &str, scope: &Scope, by: By<'_>, thing: Thing) -> Place {
        self.count += 1;
        let name = by.key.and_then(|key| thing.fields.get(key)).map(as_text);
        // An identity may span several segments of a path.
        let parts = std::iter::once(&*thing.identity).chain(thing.identity.split('/')).chain(name.as_deref());
        parts.chain(scope.chain().map(|(_, identity)| identity)).for_each(|name| remember(&mut self.names, name));
        let place = self.place(resource, scope);
        let homes = self.homes.entry(place.0.clone()).or_default();
        homes.insert(Arc::clone(&thing.identity), Arc::clone(&place.1));
        let tables = self.tables.entry(place.0.clone()).or_default();
        tables.entry(Arc::clone(&place.1)).or_insert_with(|| Table::new(by, place.clone())).insert(thing);
        place
    }

    /// Removes a thing with everything that it encloses.
    pub(crate) fn remove(&mut self, resource: &str, scope: &Scope, identity: &str) -> Option<Arc<Thing>> {
        let table = self.tables.get_mut(resource)?.get_mut(scope)?;
        let removed = table.remove(identity)?;
        self.touched.push((table.place.clone(), removed.sequence));
        if let Some(homes) = self.homes.get_mut(resource) {
            homes.remove(identity);
        }
        self.count -= 1;
        self.remove_inside(&scope.inside(resource, identity));
        Some(removed)
    }

    /// Removes what a thing encloses; what begins with its scope stands together in the order of scopes.
    fn remove_inside(&mut self, inside: &Scope) {
        let Self { tables, homes, touched, count, .. } = self;
        for (resource, tables) in tables {
            let own = tables.range::<Scope, _>(inside..).map(|(scope, _)| Arc::clone(scope));
            let gone: Vec<Arc<Scope>> = own.take_while(|scope| scope.starts_with(inside)).collect();
            for scope in gone {
                let Some(table) = tables.remove(&scope) else { continue };
                *count -= table.len();
                touched.extend(table.things().map(|thing| (table.place.clone(), thing.sequence)));
                let mut homes = homes.get_mut(resource);
                table.things().for_each(|thing| drop(homes.as_mut().map(|homes| homes.remove(&thing.identity))));
            }
        }
    }
}

fn remember(names: &mut HashSet<Arc<str>>, name: &str) {
    if names.len() < MOST_NAMES && !names.contains(name) {
        names.insert(name.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NAMED: By<'_> = By { identity: "id", key: Some("name"), order: None };
    const UNNAMED: By<'_> = By { identity: "id", key: None, order: None };

    fn thing(identity: &str, name: &str) -> Thing {
        let fields = json!({"id": identity, "name": name}).as_object().cloned().unwrap_or_default();
        Thing::new(identity, fields, 0)
    }

    #[test]
    fn things_are_found_by_identity_and_key_and_kept_apart_by_scope() {
        let (first, second) = (Scope::root().inside("app", "1"), Scope::root().inside("app", "2"));
        let mut store = Store::default();
        store.insert("secret", &first, NAMED, thing("a", "x"));
        store.insert("secret", &second, NAMED, thing("b", "x"));
        assert_eq!(store.find("secret", &first, "name", &json!("x")).map(|thing| &*thing.identity), Some("a"));
        assert_eq!(store.find("secret", &second, "id", &json!("a")).map(|thing| &*thing.identity), None);
        assert_eq!(store.home("secret", &json!("b")), Some(&second));
    }

    #[test]
    fn things_are_found_in_their_order_however_many_have_gone() {
        let app = Scope::root().inside("app", "1");
        let mut store = Store::default();
        (0..200).for_each(|number| store.insert("secret", &app, NAMED, thing(&number.to_string(), &format!("name-{number}"))));
        (0..200)
            .filter(|number| number % 3 > 0 || *number > 190)
            .for_each(|number| drop(store.remove("secret", &app, &number.to_string())));
        store.insert("secret", &app, NAMED, thing("again", "name-1"));
        let left: Vec<String> = (0..=190).step_by(3).map(|number: u32| number.to_string()).chain(["again".to_owned()]).collect();
        let table = store.table("secret", &app).expect("things are left");
        assert_eq!((table.len(), table.things().map(|thing| thing.identity.to_string()).collect()), (left.len(), left.clone()));
        let found = |field: &str, value: String| store.find("secret", &app, field, &json!(value)).map(|thing| thing.identity.to_string());
        assert!(
            left[..64].iter().all(|own| found("name", format!("name-{own}")).as_ref() == Some(own) && found("id", own.clone()).is_some())
        );
        assert_eq!((found("name", "name-1".to_owned()).as_deref(), found("name", "name-2".to_owned())), (Some("again"), None));
        let numbers: Vec<u64> = table.things().map(|thing| thing.sequence).collect();
        assert!(numbers.is_sorted() && numbers.iter().all(|number| table.at(*number).is_some_and(|thing| thing.sequence == *number)));
        let before = Arc::clone(table.get("189").expect("it is left"));
        store
            .change("secret", &app, &before, |thing| Arc::make_mut(&mut thing.fields).insert("name", json!("other")))
            .expect("it is there");
        assert_eq!(store.find("secret", &app, "name", &json!("other")).map(|thing| &*thing.identity), Some("189"));
    }

    #[test]
    fn removing_a_thing_removes_what_it_encloses() {
        let app = Scope::root().inside("app", "1");
        let mut store = Store::default();
        store.insert("app", &Scope::root(), UNNAMED, thing("1", "app"));
        store.insert("secret", &app, NAMED, thing("a", "x"));
        store.insert("link", &app.inside("secret", "a"), UNNAMED, thing("l", "y"));
        store.remove("app", &Scope::root(), "1").expect("it was there");
        assert!(store.tables().all(|(_, _, table)| table.len() == 0));
        assert_eq!((store.count, store.homes.values().map(HashMap::len).sum::<usize>()), (0, 0));
    }
}
