//! Schemas: compiled once, asked often. Only this module and its neighbours `violation` and `canonical` know the validator behind them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::{Draft, Registry, Validator};
use serde_json::Value;

use super::dialect::{View, reference, rewrite};
use super::kinds::Kinds;
use super::node::SchemaNode;
use super::standalone::standalone;
use super::violation::Violation;
use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer, SchemaPlaces, Version, Way, resolve, subschemas};

const BASE: &str = "urn:lockstep:document";

/// A schema of the document, for one direction; compiled when it is first asked, since most schemas of a large document never are.
#[derive(Clone)]
pub struct Schema {
    pointer: Pointer,
    /// The way there, for it is gone often.
    way: Way,
    compiled: Arc<Compiled>,
    kinds: Kinds,
    /// Made when it is first asked for.
    standalone: Arc<OnceLock<Arc<Value>>>,
}

impl Schema {
    /// Where it stands in the document.
    #[must_use]
    pub const fn pointer(&self) -> &Pointer {
        &self.pointer
    }

    /// The schema itself, in JSON Schema 2020-12, to be walked.
    #[must_use]
    pub fn node(&self) -> SchemaNode<'_> {
        let root = &self.compiled.direction.root;
        SchemaNode::new(root, self.way.of(root))
    }

    /// The types that it allows.
    pub(crate) const fn kinds(&self) -> Kinds {
        self.kinds
    }

    /// The schema itself as a document of its own, with everything that it refers to.
    #[must_use]
    pub fn standalone(&self) -> &Arc<Value> {
        self.standalone.get_or_init(|| Arc::new(standalone(&self.compiled.direction.root, &self.pointer)))
    }

    /// Whether a value is valid.
    #[must_use]
    pub fn accepts(&self, value: &Value) -> bool {
        self.compiled.validator().is_ok_and(|validator| validator.is_valid(value))
    }

    /// Everything that is wrong with a value, in the order in which the schema states it. No text in it repeats the value: it may
    /// be a secret.
    #[must_use]
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        // Most values are valid, which is seen much sooner than what is wrong with one.
        let Some(validator) = self.compiled.validator().ok().filter(|validator| !validator.is_valid(value)) else { return Vec::new() };
        let root = &self.compiled.direction.root;
        let mut found: Vec<Violation> = validator.iter_errors(value).flat_map(|error| Violation::of(&error, root)).collect();
        found.sort_by_cached_key(|violation| violation.position(self.node()));
        found
    }

    /// Why it cannot be compiled, where the load has not seen it.
    pub fn ready(&self) -> Result<(), String> {
        self.compiled.validator().map(|_| ()).map_err(Clone::clone)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.pointer.as_str()).finish()
    }
}

/// The validator of one place, made on first use.
struct Compiled {
    direction: Arc<Direction>,
    pointer: Pointer,
    validator: OnceLock<Result<Validator, String>>,
}

impl Compiled {
    fn validator(&self) -> Result<&Validator, &String> {
        self.validator.get_or_init(|| self.direction.build(&reference(BASE, &self.pointer))).as_ref()
    }
}

/// The document's schemas as they apply in one direction.
struct Direction {
    root: Value,
    /// Made on first use as well: it holds all of the root once more.
    registry: OnceLock<Result<Registry<'static>, String>>,
}

impl Direction {
    fn new(document: &Document, version: Version, view: View) -> Arc<Self> {
        Arc::new(Self { root: rewrite(&document.value, version, view), registry: OnceLock::new() })
    }

    fn registry(&self) -> Result<&Registry<'static>, String> {
        let prepare = || {
            let resource = Draft::Draft202012.create_resource(self.root.clone());
            Registry::new().add(BASE, resource).and_then(jsonschema::RegistryBuilder::prepare).map_err(|error| error.to_string())
        };
        self.registry.get_or_init(prepare).as_ref().map_err(Clone::clone)
    }

    fn build(&self, schema: &Value) -> Result<Validator, String> {
        let options = jsonschema::options().with_draft(Draft::Draft202012).with_registry(self.registry()?);
        let options = options.should_validate_formats(true).should_ignore_unknown_formats(true).offline();
        options.build(schema).map_err(|error| error.to_string())
    }
}

/// Gives out the schemas of one document.
pub(super) struct Schemas {
    request: Arc<Direction>,
    response: Arc<Direction>,
    /// What was given out: a schema that is referred to a thousand times is compiled once.
    known: BTreeMap<(Pointer, View), Arc<Compiled>>,
}

impl Schemas {
    /// Looks at every schema of a document that is not known to be right; one that cannot be compiled is a fault.
    pub(super) fn new(document: &Document, version: Version, known: bool) -> Result<Self, Vec<DocumentError>> {
        let request = Direction::new(document, version, View::Request);
        let alike = SchemaPlaces::of(&document.value).found.iter().all(|place| place.of(&document.value).is_none_or(is_alike));
        let response = if alike { Arc::clone(&request) } else { Direction::new(document, version, View::Response) };
        let faults = if known { Vec::new() } else { faults(document, &request) };
        if faults.is_empty() { Ok(Self { request, response, known: BTreeMap::new() }) } else { Err(faults) }
    }

    /// The schema at `pointer`.
    pub(super) fn at(&mut self, pointer: &Pointer, view: View) -> Schema {
        let direction = match view {
            View::Request => &self.request,
            View::Response => &self.response,
        };
        let target = alone(&direction.root, pointer).unwrap_or_else(|| pointer.clone());
        let compiled = self.known.entry((target, view)).or_insert_with_key(|(target, _)| {
            Arc::new(Compiled { direction: Arc::clone(direction), pointer: target.clone(), validator: OnceLock::new() })
        });
        let kinds = Kinds::of(SchemaNode::at(&direction.root, pointer));
        let way = pointer.way(&direction.root);
        Schema { pointer: pointer.clone(), way, compiled: Arc::clone(compiled), kinds, standalone: Arc::default() }
    }
}

/// Whether a schema means the same in either direction: nothing in it is read-only or write-only.
fn is_alike(schema: &Value) -> bool {
    let marked = ["readOnly", "writeOnly"].iter().any(|name| schema.get(name) == Some(&Value::Bool(true)));
    !marked && subschemas(schema).iter().all(|inner| inner.of(schema).is_none_or(is_alike))
}

/// Where a schema stands that is nothing but a reference.
fn alone(root: &Value, pointer: &Pointer) -> Option<Pointer> {
    let own = pointer.of(root)?.as_object()?;
    if own.len() == 1 && own.contains_key("$ref") { Some(resolve(root, pointer)?.0) } else { None }
}

/// The schemas that cannot be compiled. Compiling all of them takes far longer than reading them, so only those are tried that look wrong:
/// to the dialect's own schema, by a pattern, or because they use what leads about without a pointer.
fn faults(document: &Document, direction: &Direction) -> Vec<DocumentError> {
    let mut faults = Vec::new();
    let (mut patterns, mut ways) = (BTreeMap::new(), Ways { root: &direction.root, known: BTreeMap::new() });
    for place in SchemaPlaces::of(&direction.root).found {
        let Some(schema) = place.of(&direction.root) else { continue };
        let count = ways.of(schema);
        if count > MOST_WAYS {
            faults.push(document.error(&place, DocumentErrorKind::Ways(count, MOST_WAYS)));
            continue;
        }
        let suspicion =
            jsonschema::draft202012::meta::validator().iter_errors(schema).next().map(|error| error.instance_path().as_str().to_owned());
        let suspicion = suspicion.and_then(|path| Pointer::parse(&path)).or_else(|| suspicious(schema, &Pointer::root(), &mut patterns));
        let Some(at) = suspicion else { continue };
        if let Err(message) = direction.build(&reference(BASE, &place)) {
            faults.push(document.error(&place.join(&at), DocumentErrorKind::Invalid(message)));
        }
    }
    faults
}

/// A value is judged by so many schemas at most, wherever it stands.
const MOST_WAYS: u64 = 100_000;

/// By how many schemas one value is judged.
struct Ways<'r> {
    root: &'r Value,
    /// By where in memory a schema stands; a circle counts once.
    known: BTreeMap<*const Value, u64>,
}

impl<'r> Ways<'r> {
    fn of(&mut self, schema: &'r Value) -> u64 {
        if let Some(known) = self.known.get(&std::ptr::from_ref(schema)) {
            return *known;
        }
        self.known.insert(std::ptr::from_ref(schema), 1);
        let mut count = 1_u64;
        for (name, value) in schema.as_object().into_iter().flatten() {
            let more = match (name.as_str(), value) {
                ("allOf" | "anyOf" | "oneOf", Value::Array(parts)) => parts.iter().fold(0, |sum, part| self.of(part).saturating_add(sum)),
                ("not" | "if" | "then" | "else", part) => self.of(part),
                ("dependentSchemas", Value::Object(parts)) => parts.values().fold(0, |sum, part| self.of(part).saturating_add(sum)),
                ("$ref", Value::String(reference)) => target(self.root, reference).map_or(0, |target| self.of(target)),
                _ => 0,
            };
            count = count.saturating_add(more);
        }
        self.known.insert(std::ptr::from_ref(schema), count);
        count
    }
}

/// What a reference of the rewritten document leads to.
fn target<'r>(root: &'r Value, reference: &str) -> Option<&'r Value> {
    let decoded = percent_encoding::percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?;
    Pointer::parse(&decoded)?.of(root)
}

/// Where in a schema something stands that only compiling can judge. `patterns` holds those that were tried.
fn suspicious<'s>(schema: &'s Value, at: &Pointer, patterns: &mut BTreeMap<&'s str, bool>) -> Option<Pointer> {
    let members = schema.as_object()?;
    if let Some(name) = LEADING.iter().find(|name| members.contains_key(**name)) {
        return Some(at.member(name));
    }
    let named = members.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
    let named = named.map(|(pattern, _)| (pattern.as_str(), at.member("patternProperties").member(pattern)));
    let own = members.get("pattern").and_then(Value::as_str).map(|pattern| (pattern, at.member("pattern")));
    for (pattern, at) in own.into_iter().chain(named) {
        let works =
            patterns.entry(pattern).or_insert_with(|| jsonschema::draft202012::new(&serde_json::json!({ "pattern": pattern })).is_ok());
        if !*works {
            return Some(at);
        }
    }
    subschemas(schema).iter().find_map(|inner| suspicious(inner.of(schema)?, &at.join(inner), patterns))
}

/// Keywords that name a schema, or lead to one, otherwise than by a pointer.
const LEADING: [&str; 6] = ["$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$recursiveRef", "$vocabulary"];
