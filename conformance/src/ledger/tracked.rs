//! One thing that the target has acknowledged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};
use specs::claims::{Conflict, Issuer};
use specs::contract::{Endpoint, Resource};
use specs::wire::{Intent, Items, Reading, Selector, secrets_in};

use super::same_scope;
use super::versions::{Acknowledged, patched};

/// What is known of a thing's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It was created and not deleted.
    Alive,
    /// It was softly deleted: it is there, and cannot be read until it is brought back or written again.
    Hidden,
    /// It was deleted.
    Gone,
    /// A write got no clear answer.
    Unsure,
}

/// One thing that the target has acknowledged.
#[derive(Clone)]
pub(crate) struct Tracked {
    pub(crate) resource: String,
    pub(crate) scope: Vec<Selector>,
    /// The identity, once it is known.
    pub(crate) identity: Option<Value>,
    pub(crate) life: Life,
    /// What the client stated, as the target acknowledged it: its secrets among it.
    pub(crate) stated: Map<String, Value>,
    /// What the target told last, field by field.
    pub(crate) told: Map<String, Value>,
    /// What each operation that shows it told since the last write that was carried out.
    pub(crate) shown: BTreeMap<String, Map<String, Value>>,
    /// Every field that any of them has ever shown of it, with the operation.
    pub(super) fields_shown: BTreeSet<(String, String)>,
    /// The secrets of every write that was about it, carried out or not: where it may be read at all, none of them is somebody else's.
    pub(crate) offered: Vec<String>,
    /// Whether a duplicate was refused since the last write that was carried out.
    pub(crate) refused_since: bool,
    /// The latest time that the target had told before this thing was changed last.
    pub(crate) changed_after: Option<String>,
    /// When it was created, as the target told it first.
    pub(crate) born: Option<Value>,
    /// Whether a write has replaced it since.
    pub(crate) replaced: bool,
    /// Its versions, where writes make some.
    pub(crate) versions: Acknowledged,
}

impl Tracked {
    pub(crate) fn new(resource: &Resource, intent: &Intent, reading: &Reading) -> Self {
        let mut thing = Self { life: Life::Alive, ..Self::meant(resource, intent) };
        thing.note_offer(resource, intent);
        thing.learn_told(resource, reading);
        thing
    }

    /// What a request would make, as far as it says itself.
    pub(crate) fn meant(resource: &Resource, intent: &Intent) -> Self {
        Self::noted(resource.name.clone(), intent.scope.clone(), stated_identity(resource, intent), intent.fields.clone())
    }

    /// A thing that is known by its names alone.
    pub(super) fn noted(resource: String, scope: Vec<Selector>, identity: Option<Value>, named: Map<String, Value>) -> Self {
        Self {
            resource,
            scope,
            identity,
            life: Life::Unsure,
            stated: named,
            told: Map::new(),
            shown: BTreeMap::new(),
            fields_shown: BTreeSet::new(),
            offered: Vec::new(),
            refused_since: false,
            changed_after: None,
            born: None,
            replaced: false,
            versions: Acknowledged::none(),
        }
    }

    /// A thing that somebody else has made and the user has named.
    pub(crate) fn given(resource: &Resource, identity: Value) -> Self {
        let named = Map::from_iter([(resource.identity().field.clone(), identity.clone())]);
        Self { life: Life::Alive, ..Self::noted(resource.name.clone(), Vec::new(), Some(identity), named) }
    }

    /// Nobody can say any more what became of it.
    pub(super) fn doubt(&mut self) {
        self.life = Life::Unsure;
        self.versions.doubt();
    }

    /// Notes the secrets of a write that is about this thing, whatever becomes of it.
    pub(super) fn note_offer(&mut self, resource: &Resource, intent: &Intent) {
        self.offered.extend(secrets_in(&intent.fields, resource).into_iter().map(str::to_owned));
    }

    pub(super) fn learn_replace(&mut self, resource: &Resource, intent: &Intent, reading: &Reading) {
        self.life = Life::Alive;
        let settings = self.settings(resource);
        self.stated.clone_from(&intent.fields);
        settings.into_iter().for_each(|(name, value)| {
            self.stated.entry(name).or_insert(value);
        });
        self.refused_since = false;
        self.told.clear();
        self.shown.clear();
        // Such an answer tells of a thing that was not stored.
        if resource.conflict().value != Conflict::ReplaceUnseen {
            self.learn_told(resource, reading);
        }
        self.learn_version(resource, reading);
    }

    /// What a new version leaves as it is: the fields that are the thing's own.
    fn settings(&self, resource: &Resource) -> Map<String, Value> {
        let Some(rule) = resource.versions() else { return Map::new() };
        let own = self.stated.iter().filter(|(name, _)| !rule.of.contains(*name));
        own.map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    pub(super) fn learn_update(&mut self, resource: &Resource, endpoint: &Endpoint, intent: &Intent, reading: &Reading) {
        for (name, value) in &intent.fields {
            if endpoint.merges() {
                match patched(self.stated.get(name), value) {
                    Some(value) => drop(self.stated.insert(name.clone(), value)),
                    None => drop(self.stated.shift_remove(name)),
                }
                continue;
            }
            let merged = resource.merged().contains(name);
            match (self.stated.get_mut(name), value) {
                (Some(Value::Object(own)), Value::Object(members)) if merged => own.extend(members.clone()),
                _ => drop(self.stated.insert(name.clone(), value.clone())),
            }
        }
        // A thing that the client names may have got another name.
        if let Some(renamed) = intent.fields.get(&resource.identity().field).filter(|_| resource.identity().issued == Issuer::Client) {
            self.identity = Some(renamed.clone());
        }
        self.refused_since = false;
        self.told.clear();
        self.shown.clear();
        self.learn_told(resource, reading);
        if resource.versions().is_some_and(|rule| rule.of.iter().any(|field| intent.fields.contains_key(field))) {
            self.learn_version(resource, reading);
        }
    }

    /// Learns what an operation that only looks has shown.
    pub(super) fn learn_shown(&mut self, resource: &Resource, operation: &str, record: &Map<String, Value>) {
        self.learn_record(resource, record);
        self.shown.insert(operation.to_owned(), record.clone());
        self.fields_shown.extend(record.keys().map(|field| (operation.to_owned(), field.clone())));
    }

    pub(super) fn learn_told(&mut self, resource: &Resource, reading: &Reading) {
        if let Some(record) = reading.record() {
            self.learn_record(resource, record);
        }
    }

    pub(super) fn learn_record(&mut self, resource: &Resource, record: &Map<String, Value>) {
        if let Some(identity) = record.get(&resource.identity().field)
            && self.identity.is_none()
        {
            self.identity = Some(identity.clone());
        }
        if self.born.is_none() {
            self.born = resource.time_fields().0.and_then(|created| record.get(created)).cloned();
        }
        self.told.extend(record.clone());
    }

    /// Whether an operation has ever shown this field of it.
    pub(crate) fn has_shown(&self, operation: &str, field: &str) -> bool {
        self.fields_shown.contains(&(operation.to_owned(), field.to_owned()))
    }

    /// Whether it lies in this scope; an empty one is that of an operation which names things without their scope.
    pub(crate) fn is_in(&self, scope: &[Selector]) -> bool {
        scope.is_empty() || same_scope(&self.scope, scope)
    }

    /// Whether it lies inside another thing.
    pub(super) fn lies_in(&self, outer: &Self) -> bool {
        let Some(identity) = outer.identity.as_ref().filter(|_| self.scope.len() > outer.scope.len()) else { return false };
        self.scope.iter().any(|selector| selector.resource == outer.resource && text(&selector.value) == text(identity))
    }

    /// A field, as it was stated or else as it was told.
    pub(crate) fn field(&self, name: &str) -> Option<&Value> {
        self.stated.get(name).or_else(|| self.told.get(name))
    }

    /// Whether a record of an answer is this thing's: by identity, else by key.
    pub(crate) fn is_shown_by(&self, resource: &Resource, record: &Map<String, Value>) -> bool {
        if let (Some(own), Some(told)) = (&self.identity, record.get(&resource.identity().field)) {
            return text(own) == text(told);
        }
        let key = resource.key().and_then(|key| Some((self.field(key)?, record.get(key)?)));
        key.is_some_and(|(own, told)| text(own) == text(told))
    }

    /// Whether a request takes back a setting of this thing that cannot be taken back.
    pub(crate) fn is_latched_against(&self, resource: &Resource, intent: &Intent) -> bool {
        let latches = resource.fields.iter().filter_map(|(name, field)| Some((name, &field.latch.as_ref()?.value)));
        latches
            .into_iter()
            .any(|(name, latch)| self.field(name) == Some(latch) && intent.fields.get(name).is_some_and(|value| value != latch))
    }

    /// How it is called in findings: by its name, never by what it keeps.
    pub(crate) fn name(&self, resource: &Resource) -> String {
        let named = resource.key().and_then(|key| self.field(key)).or(self.identity.as_ref());
        named.map_or_else(|| "a thing without a name".to_owned(), |name| format!("`{}`", text(name)))
    }
}

impl fmt::Debug for Tracked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").field("resource", &self.resource).field("life", &self.life).finish_non_exhaustive()
    }
}

/// The identity that a request states, where the client decides it.
fn stated_identity(resource: &Resource, intent: &Intent) -> Option<Value> {
    let identity = resource.identity();
    if let Items::Named(field, values) = &intent.items
        && *field == identity.field
    {
        return values.first().cloned();
    }
    (identity.issued == Issuer::Client).then(|| intent.fields.get(&identity.field).cloned()).flatten()
}

/// A scalar as text: `1` and `"1"` name the same thing in a URL.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A name as a resource keeps it: some keep all letters in one case.
pub(crate) fn kept(resource: &Resource, field: &str, name: &Value) -> String {
    let letters = resource.fields.get(field).and_then(|field| field.letters.as_ref());
    letters.map_or_else(|| text(name), |letters| letters.value.keep(&text(name)))
}

/// The runner's own reading of the slug rule: lower case, runs of other characters than letters and digits as one hyphen between them.
pub(crate) fn slug(name: &str) -> String {
    letters(name).skip(1).collect()
}

/// Whether two names have one slug. Names mostly differ at their ends, so that is where it begins.
pub(super) fn same_slug(name: &str, other: &str) -> bool {
    letters(name).rev().eq(letters(other).rev())
}

fn letters(name: &str) -> impl DoubleEndedIterator<Item = char> {
    let inner = |c: char| c.is_alphanumeric();
    let words = name.trim_matches(|c| !inner(c)).split(move |c| !inner(c)).filter(|word| !word.is_empty());
    words.flat_map(|word| std::iter::once('-').chain(word.chars().flat_map(char::to_lowercase)))
}
