//! The director: knows in which scope to work, makes the things that a plan needs, and removes them again.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};
use specs::claims::{Binding, Issuer, Verb};
use specs::contract::{Contract, Endpoint, Input, Resource, Schema, SchemaNode};
use specs::wire::{Inputs, Intent, Items, Payload, Selector, decode};

use crate::case::{Case, Validity};
use crate::drafting::{Fill, TEXTS, blank, is_valid, items_for, lay, names, put_secret, schema_of, scope_for, secrets, takes};
use crate::family::Family;
use crate::ledger::{Life, Tracked, text};
use crate::phases::Wire;
use crate::report::Ungenerated;
use crate::session::{Session, Stop};

/// How much of a thing an update changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything that a run changes at all.
    Whole,
    /// One field beside what the operation requires: the others must stay as they are.
    OneField,
}

/// A session with the means to act on resources.
pub(crate) struct Director<'s> {
    pub(crate) session: Session<'s>,
    pub(crate) families: Vec<Family>,
    /// What could not be tried, and why.
    pub(crate) notes: Vec<String>,
    /// What could not be generated.
    pub(crate) ungenerated: Vec<Ungenerated>,
    /// The way from inputs to what a server reads of them.
    pub(crate) wire: Arc<Wire<'s>>,
    stem: String,
    named: usize,
    pub(crate) scopes: BTreeMap<(Vec<String>, usize), Option<Vec<Selector>>>,
}

impl<'s> Director<'s> {
    pub(crate) fn new(session: Session<'s>) -> Self {
        let families = Family::all(session.contract);
        let stem = format!("{:x}", session.options.seed);
        let wire = Arc::new(Wire::new(session.contract));
        Self { session, families, notes: Vec::new(), ungenerated: Vec::new(), wire, stem, named: 0, scopes: BTreeMap::new() }
    }

    pub(crate) fn contract(&self) -> &'s Contract {
        self.session.contract
    }

    pub(crate) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Notes what could not be generated, once.
    pub(crate) fn ungenerated(&mut self, endpoint: &Endpoint, place: String, reason: String) {
        let missed = Ungenerated { operation: endpoint.name(), place, reason };
        if !self.ungenerated.contains(&missed) {
            self.ungenerated.push(missed);
        }
    }

    /// Makes a thing; none if the target refuses or nothing valid can be drafted.
    pub(crate) async fn make(&mut self, family: &Family, scope: &[Selector], more: usize) -> Result<Option<Tracked>, Stop> {
        let Some(maker) = family.makers(self.contract()).first().copied() else { return Ok(None) };
        let Some(case) = self.write(family, maker, scope, None, Fill::Minimal, more) else {
            self.note(format!("{} was not tried: no valid request could be made up", self.session.endpoint(maker).name()));
            return Ok(None);
        };
        self.make_by(case).await
    }

    /// Sends a case that makes a thing, and gives the thing as the target acknowledged it.
    pub(crate) async fn make_by(&mut self, case: Case) -> Result<Option<Tracked>, Stop> {
        let endpoint = self.session.endpoint(case.endpoint);
        let intent = case.intent.clone();
        let played = self.session.play(case).await?;
        let made = self.session.ledger.subject(self.contract(), endpoint, &intent).filter(|_| played.reading.accepted);
        Ok(made.filter(|thing| thing.life == Life::Alive).cloned())
    }

    /// A valid create or put. Without a name it gets a new one; `more` makes its secret longer.
    pub(crate) fn write(
        &mut self,
        family: &Family,
        index: usize,
        scope: &[Selector],
        like: Option<&Tracked>,
        fill: Fill,
        more: usize,
    ) -> Option<Case> {
        let endpoint = self.session.endpoint(index);
        let resource = family.resource(self.contract());
        let inputs = blank(endpoint, &mut self.session.generator, &self.session.given, fill)?;
        let mut intent = Intent::read(endpoint, &inputs);
        intent.scope = scope_for(endpoint, scope);
        if let Some(key) = resource.key().filter(|key| takes(endpoint, key)) {
            let name = match like.and_then(|thing| thing.field(key)) {
                Some(name) => name.clone(),
                None => self.new_name(schema_of(endpoint, key))?,
            };
            intent.fields.insert(key.to_owned(), name);
        }
        if names_item(endpoint) {
            intent.items = self.item_to_write(endpoint, resource, like)?;
        }
        self.with_secret(endpoint, resource, &mut intent.fields, more);
        let inputs = lay(&intent, endpoint, inputs);
        let intent = Intent::read(endpoint, &inputs);
        let case = is_valid(endpoint, &inputs).then(|| Case::new(index, inputs, intent))?;
        Some(if fill == Fill::Full { case.generous() } else { case })
    }

    /// The item that a write names in its path: the same again, the user's, or a new one.
    fn item_to_write(&mut self, endpoint: &Endpoint, resource: &Resource, like: Option<&Tracked>) -> Option<Items> {
        if let Some(thing) = like {
            return items_for(endpoint, resource, thing);
        }
        let (input, field) = endpoint.bound(item_field).next()?;
        let given = self.session.given.get(input.name()).and_then(|values| values.first());
        let value = match given {
            Some(given) => typed(endpoint, input, given),
            None if resource.fields.get(field).is_some_and(|field| field.refers_to.is_some()) => {
                let name = input.name().to_owned();
                self.note(format!("{} was not tried: give a value with --param {name}=...", resource.name));
                return None;
            }
            None if resource.identity().issued == Issuer::Client => self.new_name(parameter_schema(endpoint, input))?,
            None => return None,
        };
        Some(Items::Named(field.to_owned(), vec![value]))
    }

    /// A number that no name of this run has.
    pub(crate) const fn next_number(&mut self) -> usize {
        self.named += 1;
        self.named
    }

    /// A recognisable name that no thing of this run has, of a form that the schema allows.
    pub(crate) fn new_name(&mut self, schema: Option<SchemaNode<'_>>) -> Option<Value> {
        let number = self.next_number();
        let candidates = names(&self.stem, number);
        let allowed = |name: &String| schema.is_none_or(|schema| fits(schema, name));
        // Where no name of ours is allowed, one that is: it cannot be recognised, but it is removed all the same.
        let found = candidates.into_iter().find(allowed).or_else(|| self.session.generator.name(schema?));
        found.map(Value::String)
    }

    /// A thing's secret fields filled with values that are like no other, if the endpoint takes them.
    fn with_secret(&mut self, endpoint: &Endpoint, resource: &Resource, fields: &mut Map<String, Value>, more: usize) {
        let Some(path) = resource.secret().iter().find(|path| takes(endpoint, path.field())) else { return };
        let candidates = secrets(&mut self.session.generator, more);
        let nested = path.names().len() > 1;
        let schema = schema_of(endpoint, path.field());
        let fitting = candidates.into_iter().find(|secret| nested || schema.is_none_or(|schema| fits(schema, secret)));
        if let Some(secret) = fitting {
            self.session.canaries.plant(&secret);
            put_secret(fields, path, schema, &secret);
        }
    }

    /// A request about a thing that is there (or was): a read, a reveal, an update, a delete.
    pub(crate) fn about(&mut self, index: usize, scope: &[Selector], thing: &Tracked, extent: Extent) -> Option<Case> {
        let case = self.addressed(index, scope, thing, extent)?;
        is_valid(self.session.endpoint(index), &case.inputs).then_some(case)
    }

    /// A request about a thing, whether or not the document allows for its name.
    pub(crate) fn addressed(&mut self, index: usize, scope: &[Selector], thing: &Tracked, extent: Extent) -> Option<Case> {
        let endpoint = self.session.endpoint(index);
        let resource = self.contract().resource_of(endpoint)?;
        let mut inputs = blank(endpoint, &mut self.session.generator, &self.session.given, Fill::Minimal)?;
        let mut intent = Intent::read(endpoint, &inputs);
        intent.scope = scope_for(endpoint, scope);
        intent.items = items_for(endpoint, resource, thing)?;
        intent.versions = thing.versions.latest().filter(|latest| takes_versions(endpoint) && *latest > 0).map(|latest| vec![latest]);
        if endpoint.verb == Verb::Update {
            self.change(endpoint, resource, &mut intent, &mut inputs, extent)?;
        }
        let inputs = lay(&intent, endpoint, inputs);
        let intent = Intent::read(endpoint, &inputs);
        Some(Case::new(index, inputs, intent))
    }

    /// What an update changes: the secret and a plain text, or whatever else it takes, but never the name.
    fn change(&mut self, endpoint: &Endpoint, resource: &Resource, intent: &mut Intent, inputs: &mut Inputs, extent: Extent) -> Option<()> {
        if endpoint.promises.json_patch.is_some() {
            return self.patch(resource, intent, inputs, extent);
        }
        let full = blank(endpoint, &mut self.session.generator, &self.session.given, Fill::Full)?;
        let declared = Intent::read(endpoint, &full).fields;
        let secret = |name: &str| resource.secret().iter().any(|path| path.field() == name);
        let needed = intent.fields.len();
        self.with_secret(endpoint, resource, &mut intent.fields, 3);
        for (name, value) in declared {
            let enough = extent == Extent::OneField && intent.fields.len() > needed;
            let plain = TEXTS.contains(&name.as_str());
            let only = resource.secret().is_empty();
            if !enough && resource.key() != Some(name.as_str()) && !secret(&name) && (plain || only) {
                intent.fields.insert(name, value);
            }
        }
        inputs.body = inputs.body.take().or(full.body.map(|_| Payload::Json(Value::Object(Map::new()))));
        Some(())
    }

    /// What a patch changes: plain fields that other writes of the resource take, but neither the name nor the secret.
    fn patch(&mut self, resource: &Resource, intent: &mut Intent, inputs: &mut Inputs, extent: Extent) -> Option<()> {
        let writes =
            |endpoint: &&Endpoint| matches!(endpoint.verb, Verb::Create | Verb::Put) && endpoint.resource.as_ref() == Some(&resource.name);
        let maker = self.contract().endpoints.iter().find(writes)?;
        let full = blank(maker, &mut self.session.generator, &self.session.given, Fill::Full)?;
        let named = |name: &str| resource.key() == Some(name) || resource.secret().iter().any(|path| path.field() == name);
        let plain = |value: &Value| match value {
            Value::Bool(_) | Value::Number(_) => true,
            Value::Array(items) => items.iter().all(Value::is_string),
            _ => false,
        };
        let declared = Intent::read(maker, &full).fields.into_iter().filter(|(name, value)| !named(name) && plain(value));
        intent.fields = declared.take(if extent == Extent::OneField { 1 } else { usize::MAX }).collect();
        inputs.body = Some(Payload::Json(Value::Array(Vec::new())));
        (!intent.fields.is_empty()).then_some(())
    }

    /// The same request about a version of this number; none if the document does not allow it.
    pub(crate) fn naming(&self, case: Case, number: i64) -> Option<Case> {
        let endpoint = self.session.endpoint(case.endpoint);
        let (version, versions) = (takes_version(endpoint).then_some(number), takes_versions(endpoint).then(|| vec![number]));
        self.reworded_valid(case, |intent| (intent.version, intent.versions) = (version, versions))
    }

    /// The same write, expecting this version; none if it cannot.
    pub(crate) fn expecting(&self, case: Case, number: i64) -> Option<Case> {
        let takes = |binding: &Binding| matches!(binding, Binding::ExpectedVersion).then_some(());
        self.session.endpoint(case.endpoint).bound(takes).next()?;
        self.reworded_valid(case, |intent| intent.expected_version = Some(number))
    }

    fn reworded_valid(&self, case: Case, change: impl FnOnce(&mut Intent)) -> Option<Case> {
        let endpoint = self.session.endpoint(case.endpoint);
        let mut intent = case.intent.clone();
        change(&mut intent);
        let inputs = lay(&intent, endpoint, case.inputs.clone());
        is_valid(endpoint, &inputs).then(|| Case { inputs, intent, ..case })
    }

    /// A list of a scope; none by an operation that lists no more than a folder of it.
    pub(crate) fn list_of(&mut self, index: usize, scope: &[Selector]) -> Option<Case> {
        self.listing(index, scope).filter(|case| case.intent.folder.is_none())
    }

    /// A list of a scope, or of some folder in it.
    pub(crate) fn listing(&mut self, index: usize, scope: &[Selector]) -> Option<Case> {
        let endpoint = self.session.endpoint(index);
        let inputs = blank(endpoint, &mut self.session.generator, &self.session.given, Fill::Minimal)?;
        let mut intent = Intent::read(endpoint, &inputs);
        intent.scope = scope_for(endpoint, scope);
        let inputs = lay(&intent, endpoint, inputs);
        is_valid(endpoint, &inputs).then(|| Case::new(index, inputs, intent))
    }

    /// A thing as the ledger knows it now.
    pub(crate) fn latest(&self, thing: &Tracked) -> Tracked {
        let resource = &self.contract().resources[&thing.resource];
        let name = thing.name(resource);
        let same = |other: &&Tracked| other.resource == thing.resource && other.scope == thing.scope && other.name(resource) == name;
        self.session.ledger.things().iter().rev().find(same).cloned().unwrap_or_else(|| thing.clone())
    }

    /// A thing that the document cannot create, named by the user as a parameter.
    pub(crate) fn given_thing(&self, index: usize, resource: &Resource) -> Option<Tracked> {
        let endpoint = self.session.endpoint(index);
        let (input, _) = endpoint.bound(item_field).next()?;
        let given = self.session.given.get(input.name())?.first()?;
        Some(Tracked::given(resource, typed(endpoint, input, given)))
    }

    /// A write whose name is taken meanwhile, under a new name.
    pub(crate) fn renamed(&mut self, case: Case, resource: &Resource) -> Case {
        let endpoint = self.session.endpoint(case.endpoint);
        let taken = self.session.ledger.subject(self.contract(), endpoint, &case.intent).is_some_and(|thing| thing.life != Life::Gone);
        if taken { self.named_anew(case, resource) } else { case }
    }

    /// A write under a new name, unless its name is what is wrong with it.
    pub(crate) fn named_anew(&mut self, case: Case, resource: &Resource) -> Case {
        let endpoint = self.session.endpoint(case.endpoint);
        let key = resource.key().filter(|key| case.intent.fields.contains_key(*key));
        let Some((key, name)) = key.and_then(|key| Some((key, self.new_name(schema_of(endpoint, key))?))) else { return case };
        let mut intent = case.intent.clone();
        intent.fields.insert(key.to_owned(), name);
        reworded(endpoint, case, intent)
    }

    /// A request about a thing that is gone meanwhile, about the one that took its place.
    pub(crate) fn redirected(&self, case: Case, resource: &Resource, before: Option<&Value>, now: &Tracked) -> Case {
        let endpoint = self.session.endpoint(case.endpoint);
        let Items::Named(_, values) = &case.intent.items else { return case };
        let same = values.first().map(text) == before.map(text) && before.map(text) != now.identity.as_ref().map(text);
        let Some(items) = items_for(endpoint, resource, now).filter(|_| same) else { return case };
        let intent = Intent { items, ..case.intent.clone() };
        reworded(endpoint, case, intent)
    }
}

fn item_field(binding: &Binding) -> Option<&str> {
    match binding {
        Binding::Item(field) => Some(field),
        _ => None,
    }
}

/// The schema of a parameter.
fn parameter_schema<'e>(endpoint: &'e Endpoint, input: &Input) -> Option<SchemaNode<'e>> {
    let Input::Parameter(location, name) = input else { return None };
    endpoint.operation.parameter(*location, name)?.schema.as_ref().map(Schema::node)
}

/// Whether an operation may say which version it is about.
pub(crate) fn takes_version(endpoint: &Endpoint) -> bool {
    endpoint.bound(|binding| matches!(binding, Binding::Version).then_some(())).next().is_some()
}

/// Whether an operation may name several versions.
pub(crate) fn takes_versions(endpoint: &Endpoint) -> bool {
    endpoint.bound(|binding| matches!(binding, Binding::Versions).then_some(())).next().is_some()
}

fn names_item(endpoint: &Endpoint) -> bool {
    endpoint.bound(item_field).next().is_some()
}

/// A case with another intent, unless that would mend what it breaks.
fn reworded(endpoint: &Endpoint, case: Case, intent: Intent) -> Case {
    let inputs = lay(&intent, endpoint, case.inputs.clone());
    let mended = case.validity != Validity::Valid && is_valid(endpoint, &inputs);
    if mended { case } else { Case { inputs, intent, ..case } }
}

/// The user's text as the value that the input takes.
pub(crate) fn typed(endpoint: &Endpoint, input: &Input, text: &str) -> Value {
    match input {
        Input::Parameter(location, name) => {
            endpoint.operation.parameter(*location, name).map_or_else(|| Value::from(text), |parameter| decode(parameter, text))
        }
        Input::Member(_) | Input::Inner(_) => Value::from(text),
    }
}

/// Whether a schema allows a text, as far as length and pattern say.
fn fits(schema: SchemaNode<'_>, candidate: &str) -> bool {
    let length = candidate.chars().count();
    let bound = |name: &str| schema.keyword(name).and_then(Value::as_u64).and_then(|bound| usize::try_from(bound).ok());
    let patterns: Vec<&str> = schema.text("pattern").into_iter().collect();
    let encoded = schema.text("format") == Some("byte") || schema.text("contentEncoding") == Some("base64");
    let chosen = schema.keyword("enum").is_some() || schema.keyword("const").is_some() || schema.text("format") == Some("uuid");
    schema.allows("string")
        && !chosen
        && (!encoded || length.is_multiple_of(4))
        && bound("minLength").is_none_or(|least| length >= least)
        && bound("maxLength").is_none_or(|most| length <= most)
        && crate::generate::Language::of(&patterns, &[]).is_none_or(|language| language.accepts(candidate))
}

/// A value that is of the same kind as another and names nothing: an id of the same form with its last third changed.
pub(crate) fn stranger(value: &Value) -> Value {
    let name = text(value);
    let digits = name.chars().all(|c| c.is_ascii_digit());
    match value {
        Value::Number(_) => Value::from(999_999_937_u64),
        _ if digits => Value::from("999999937"),
        _ if name.chars().count() < 16 => Value::from(format!("lockstep-no-such-{}", name.len())),
        _ => {
            let kept = name.chars().count() / 3 * 2;
            Value::from(name.chars().enumerate().map(|(place, c)| if place < kept { c } else { turned(c) }).collect::<String>())
        }
    }
}

/// Another character of the same kind; hexadecimal digits stay hexadecimal.
fn turned(c: char) -> char {
    let shift = |first: u8, count: u8, by: u8| char::from(first + (u8::try_from(c).unwrap_or(first) - first + by) % count);
    match c {
        '0'..='9' => shift(b'0', 10, 7),
        'a'..='f' => shift(b'a', 6, 3),
        'g'..='z' => shift(b'g', 20, 7),
        'A'..='F' => shift(b'A', 6, 3),
        'G'..='Z' => shift(b'G', 20, 7),
        other => other,
    }
}
