//! The algebra of schemas, remembered: a document has few schemas, and a run asks of each a thousand times.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::{Map, Value};
use specs::contract::{Judge, Schema};

use super::layers::without_unsendable;

/// No more answers than this are remembered at once.
const MOST: usize = 8_192;

struct Memory<T>(Mutex<HashMap<String, Option<Arc<T>>>>);

impl<T> Memory<T> {
    fn new() -> Self {
        Self(Mutex::default())
    }

    fn ask(&self, question: String, answer: impl FnOnce() -> Option<T>) -> Option<Arc<T>> {
        if let Some(known) = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&question) {
            return known.clone();
        }
        let found = answer().map(Arc::new);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(question, found.clone());
        found
    }
}

/// The normal form of a schema, if it has one.
pub(super) fn canonical(schema: &Value) -> Option<Arc<Value>> {
    static KNOWN: LazyLock<Memory<Value>> = LazyLock::new(Memory::new);
    KNOWN.ask(schema.to_string(), || specs::contract::canonical(schema))
}

/// What `schema` accepts and `other` refuses, if that can be told.
pub(super) fn difference(schema: &Value, other: &Value) -> Option<Arc<Value>> {
    static KNOWN: LazyLock<Memory<Value>> = LazyLock::new(Memory::new);
    KNOWN.ask(format!("{schema}\n{other}"), || specs::contract::difference(schema, other))
}

/// A schema compiled, if it is one.
pub(super) fn judge(schema: &Value) -> Option<Arc<Judge>> {
    static KNOWN: LazyLock<Memory<Judge>> = LazyLock::new(Memory::new);
    KNOWN.ask(schema.to_string(), || Judge::new(schema))
}

/// What is needed to make values of a schema that clients send.
pub(super) struct Ready {
    /// The schema, without what no client should send.
    pub(super) schema: Value,
    /// The same compiled, if it is one.
    pub(super) judge: Option<Arc<Judge>>,
    /// Its normal form, if it has one.
    pub(super) normal: Option<Arc<Value>>,
}

impl Ready {
    pub(super) fn new(schema: Value) -> Self {
        Self { judge: judge(&schema), normal: canonical(&schema), schema }
    }
}

/// A schema as it stands by itself, and made ready.
type Known = (Arc<Value>, Arc<Ready>);

/// A schema of the document, made ready. It is known by where in memory it stands, which nothing else does while it is remembered.
pub(super) fn ready(schema: &Schema) -> Arc<Ready> {
    static KNOWN: LazyLock<Mutex<HashMap<usize, Known>>> = LazyLock::new(Mutex::default);
    let own = schema.standalone();
    let place = Arc::as_ptr(own).addr();
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= MOST {
        known.clear();
    }
    let made = || (Arc::clone(own), Arc::new(Ready::new(without_unsendable(own))));
    Arc::clone(&known.entry(place).or_insert_with(made).1)
}

/// Several schemas that hold together, with the definitions that they refer to.
pub(super) fn together(parts: impl IntoIterator<Item = Value>, definitions: Option<&Value>) -> Value {
    let mut whole = Map::from_iter([("allOf".to_owned(), Value::Array(parts.into_iter().collect()))]);
    if let Some(definitions) = definitions {
        whole.insert("$defs".to_owned(), definitions.clone());
    }
    Value::Object(whole)
}

/// A schema with the definitions that it refers to.
pub(super) fn closed(schema: &Value, definitions: Option<&Value>) -> Value {
    match (schema, definitions) {
        (Value::Object(object), Some(definitions)) if !object.contains_key("$defs") => {
            let mut object = object.clone();
            object.insert("$defs".to_owned(), definitions.clone());
            Value::Object(object)
        }
        _ => schema.clone(),
    }
}

/// The definition that a reference leads to.
pub(super) fn target<'d>(reference: &str, definitions: Option<&'d Value>) -> Option<&'d Value> {
    definitions?.get(reference.strip_prefix("#/$defs/")?)
}
