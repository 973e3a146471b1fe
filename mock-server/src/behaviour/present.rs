//! A stored thing as a record with all its fields: times written out, and what follows from other things filled in.

use std::sync::Arc;

use serde_json::{Map, Value};
use smol_str::SmolStr;
use specs::claims::{Collected, FieldPath, Inherits, Reference, Source, VersionFact};
use specs::contract::{Chore, Contract, Resource};
use specs::wire::{Fields, Record, Times, fill, secrets_in, written};

use crate::store::{Scope, Store, Thing};
use crate::world::text;

/// Makes records of the things of one resource in one scope.
pub(crate) struct Presenter<'p> {
    pub(crate) contract: &'p Contract,
    pub(crate) store: &'p Store,
    pub(crate) resource: &'p Resource,
    pub(crate) scope: &'p Scope,
    /// The version that is told about; the latest if none is named.
    version: Option<u64>,
    /// The fields that hold the times of creation and of the last change.
    times: [Option<SmolStr>; 2],
    /// Whether a record has more than what is stored and the times.
    derives: bool,
}

impl<'p> Presenter<'p> {
    pub(crate) fn new(contract: &'p Contract, store: &'p Store, resource: &'p Resource, scope: &'p Scope, version: Option<u64>) -> Self {
        let (created, updated) = resource.time_fields();
        let derives = resource.inherits().is_some() || resource.has(Chore::Derive);
        Self { contract, store, resource, scope, version, times: [created, updated].map(|field| field.map(SmolStr::from)), derives }
    }

    /// All fields of a thing; `show` is the client's wish about inherited ones.
    pub(crate) fn record(&self, thing: &Thing, stored: bool, show: Option<&str>) -> Record {
        let [created, updated] = &self.times;
        let fields = [created.clone().map(|field| (field, thing.created)), updated.clone().map(|field| (field, thing.updated))];
        let record = Record::of(self.fields(thing)).at(Times { format: self.resource.time_format(), fields });
        if self.derives { self.derived(record.whole(), thing, stored, show).into() } else { record }
    }

    /// What is made of a thing's own fields and of other things.
    fn derived(&self, mut record: Map<String, Value>, thing: &Thing, stored: bool, show: Option<&str>) -> Map<String, Value> {
        // Texts are made of other fields, and copies are of what was made: in this order.
        for pass in [is_plain as fn(&Source) -> bool, is_text, is_copy] {
            for (path, source) in self.sources().filter(|(_, source)| pass(source)) {
                self.derive(&mut record, thing, stored, path, source);
            }
        }
        if let Some(inherits) = self.resource.inherits() {
            self.inherit(&mut record, thing, inherits, show);
        }
        record
    }

    /// The fields as they are in the version that is told about.
    fn fields(&self, thing: &Thing) -> Arc<Fields> {
        let mut fields = Arc::clone(&thing.fields);
        if let (Some(rule), Some(version)) = (self.resource.versions(), thing.version(self.version)) {
            let fields = Arc::make_mut(&mut fields);
            fields.retain(|name| !rule.of.iter().any(|own| own == name));
            fields.extend(version.fields.clone());
        }
        fields
    }

    /// A fact about the version that is told about.
    fn version_fact(&self, thing: &Thing, fact: &VersionFact) -> Option<Value> {
        let write = |millis| Value::from(written(millis, self.resource.time_format()));
        let field = self.resource.version_field(&VersionFact::Deleted).and_then(|name| self.resource.fields.get(name)?.default.as_ref());
        let usual = field.map_or(Value::Null, |claim| claim.value.clone());
        super::versions::fact(fact, thing, thing.version(self.version), &write, &usual)
    }

    fn sources(&self) -> impl Iterator<Item = (&String, &Source)> {
        self.resource.fields.iter().filter_map(|(path, field)| Some((path, &field.source.as_ref()?.value)))
    }

    fn derive(&self, record: &mut Map<String, Value>, thing: &Thing, stored: bool, path: &str, source: &Source) {
        let value = match source {
            Source::Client | Source::Caller(_) | Source::Issued(_) | Source::Writes => return,
            Source::Text(template) => return fill_texts(record, path, template),
            Source::Length => Some(secrets_in(record, self.resource).iter().map(|secret| secret.len()).sum::<usize>().into()),
            Source::Scope(of) => self.enclosing(&of.resource, &of.field),
            Source::Reference(reference) => self.reference(record, reference),
            Source::Stored => Some(stored.into()),
            Source::Collected(collected) => Some(self.collect(thing, collected)),
            Source::Copy(field) => record.get(field).cloned(),
            Source::Names(field) => record.get(field).map(names_alone),
            Source::Version(fact) => self.version_fact(thing, fact),
        };
        let path = FieldPath::from(path);
        if let Some((last, way)) = path.names().split_last()
            && let Some(place) = object_at(record, way)
            && let Some(value) = value
        {
            place.insert(last.clone(), value);
        }
    }

    /// A field of the innermost enclosing thing of a resource.
    fn enclosing(&self, resource: &str, field: &str) -> Option<Value> {
        let mut outside = Scope::root();
        let mut found = None;
        for (own, identity) in self.scope.chain() {
            if own == resource {
                let thing = self.store.table(resource, &outside).and_then(|table| table.get(identity));
                found = Some(thing.map_or_else(|| Some(identity.into()), |thing| thing.fields.get(field).cloned()));
            }
            outside = outside.inside(own, identity);
        }
        found.flatten()
    }

    fn reference(&self, record: &Map<String, Value>, reference: &Reference) -> Option<Value> {
        let other = self.resource.fields.get(&reference.through)?.refers_to.as_ref()?;
        let target = find_outwards(self.store, self.scope, &other.value, record.get(&reference.through)?)?;
        target.fields.get(&reference.field).cloned()
    }

    /// The relations below a thing, each with its target.
    fn relations(&self, thing: &Thing, relation: &str, through: &str) -> Vec<(&Arc<Thing>, &Arc<Thing>)> {
        let inside = self.scope.inside(&self.resource.name, &thing.identity);
        let refers = self.contract.resources.get(relation).and_then(|relation| relation.fields.get(through)?.refers_to.as_ref());
        let (Some(refers), Some(table)) = (refers, self.store.table(relation, &inside)) else { return Vec::new() };
        let target = |link: &Thing| find_outwards(self.store, self.scope, &refers.value, link.fields.get(through)?);
        table.things().filter_map(|link| Some((link, target(link)?))).collect()
    }

    /// What a relation lets through of all that its target has: what it lists, under the names that it gives.
    fn selected(&self, inherits: &Inherits, thing: &Thing, link: &Thing, all: Map<String, Value>) -> Map<String, Value> {
        let Some(selection) = &inherits.select else { return all };
        let Some(relation) = self.contract.resources.get(&inherits.relation) else { return all };
        let inside = self.scope.inside(&self.resource.name, &thing.identity);
        let presenter = Presenter::new(self.contract, self.store, relation, &inside, None);
        let record = presenter.record(link, true, None).whole();
        let Some(listed) = record.get(&selection.list).and_then(Value::as_array) else { return all };
        let mut selected = Map::new();
        for entry in listed {
            let Some((name, value)) = entry.get(&selection.name).map(text).and_then(|name| all.get_key_value(&name)) else { continue };
            selected.insert(name.clone(), value.clone());
            let aliases = entry.get(&selection.aliases).and_then(Value::as_array).into_iter().flatten();
            selected.extend(aliases.map(|alias| (text(alias), value.clone())));
        }
        selected
    }

    fn collect(&self, thing: &Thing, collected: &Collected) -> Value {
        let relations = self.relations(thing, &collected.resource, &collected.through);
        let show = |(_, target): &(&Arc<Thing>, &Arc<Thing>)| -> Value {
            let members = collected.fields.iter().filter_map(|(name, field)| Some((name.clone(), target.fields.get(field)?.clone())));
            Value::Object(members.collect())
        };
        relations.iter().map(show).collect()
    }

    /// `this` shows a thing's own, `inherited` what its relations bring, everything else both; its own wins.
    fn inherit(&self, record: &mut Map<String, Value>, thing: &Thing, inherits: &Inherits, show: Option<&str>) {
        if show == Some("this") {
            return;
        }
        let through = self.contract.resources.get(&inherits.relation).map(|relation| relation.identity().field.clone()).unwrap_or_default();
        let mut shown = Map::new();
        for (link, target) in self.relations(thing, &inherits.relation, &through) {
            let all = target.fields.get(&inherits.from).and_then(Value::as_object).cloned().unwrap_or_default();
            shown.extend(self.selected(inherits, thing, link, all));
        }
        if shown.is_empty() && show != Some("inherited") {
            return;
        }
        if show == Some("inherited") {
            record.insert(inherits.into.field().to_owned(), Value::Object(Map::new()));
        }
        let Some(place) = object_at(record, inherits.into.names()) else { return };
        shown.extend(std::mem::take(place));
        *place = shown;
    }
}

/// The names in a value, each with those below it; what is no object, or an empty one, is null.
fn names_alone(value: &Value) -> Value {
    match value {
        Value::Object(members) if !members.is_empty() => {
            Value::Object(members.iter().map(|(name, member)| (name.clone(), names_alone(member))).collect())
        }
        _ => Value::Null,
    }
}

fn is_plain(source: &Source) -> bool {
    !is_text(source) && !is_copy(source)
}

fn is_text(source: &Source) -> bool {
    matches!(source, Source::Text(_))
}

fn is_copy(source: &Source) -> bool {
    matches!(source, Source::Copy(_))
}

/// The thing of a resource with this identity in the innermost scope that has one.
pub(super) fn find_outwards<'s>(store: &'s Store, scope: &Scope, resource: &str, identity: &Value) -> Option<&'s Arc<Thing>> {
    scope.outwards().find_map(|scope| store.table(resource, &scope)?.get(&text(identity)))
}

/// Fills a text into every object that the path leads to, from that object's members first and the thing's next.
fn fill_texts(record: &mut Map<String, Value>, path: &str, template: &str) {
    let path = FieldPath::from(path);
    let Some((last, way)) = path.names().split_last() else { return };
    let outer = record.clone();
    each_object(record, way, &mut |inner| {
        let own = inner.clone();
        let lookup = |name: &str| own.get(name).or_else(|| outer.get(name)).cloned();
        if let Some(text) = fill(&Value::from(template), &lookup) {
            inner.insert(last.clone(), text);
        }
    });
}

/// Visits every object that a path of names leads to, where `*` is any member or item.
pub(super) fn each_object(object: &mut Map<String, Value>, way: &[String], visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    let Some((first, rest)) = way.split_first() else { return visit(object) };
    let Some(value) = object.get_mut(first) else { return };
    each_below(value, rest, visit);
}

pub(super) fn each_below(value: &mut Value, way: &[String], visit: &mut dyn FnMut(&mut Map<String, Value>)) {
    match (value, way.split_first()) {
        (Value::Array(items), Some((star, rest))) if star == "*" => items.iter_mut().for_each(|item| each_below(item, rest, visit)),
        (Value::Object(members), Some((star, rest))) if star == "*" => {
            members.values_mut().for_each(|inner| each_below(inner, rest, visit));
        }
        (Value::Object(members), _) => each_object(members, way, visit),
        _ => {}
    }
}

/// The object at a path, made if nothing stands there.
fn object_at<'r>(record: &'r mut Map<String, Value>, way: &[String]) -> Option<&'r mut Map<String, Value>> {
    let mut place = record;
    for name in way {
        place = place.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())).as_object_mut()?;
    }
    Some(place)
}
