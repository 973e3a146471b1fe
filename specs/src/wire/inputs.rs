//! Inputs: what a request says, by name, before it is text.

use std::fmt;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::parameters::Parameters;
use crate::contract::Input;

/// An object with no more members than these is looked through.
const FEW: usize = 8;

/// The parameters and the body of a request.
#[derive(Clone, Default, PartialEq)]
pub struct Inputs {
    /// The values of the parameters.
    pub parameters: Parameters,
    /// The body.
    pub body: Option<Payload>,
}

/// A request body.
#[derive(Clone, PartialEq)]
pub enum Payload {
    /// A value, sent as JSON or as a form as the operation declares it.
    Json(Value),
    /// Bytes of this media type, sent as they are.
    Raw(String, Bytes),
}

impl Inputs {
    /// The value of a parameter or of a member of the body.
    #[must_use]
    pub fn value(&self, input: &Input) -> Option<&Value> {
        match (input, &self.body) {
            (Input::Parameter(location, name), _) => self.parameters.of(*location, name),
            (Input::Member(name), Some(Payload::Json(body))) => body.get(name),
            (Input::Inner(_), Some(Payload::Json(body))) => input.way().into_iter().try_fold(body, |place, step| place.get(step)),
            (Input::Member(_) | Input::Inner(_), _) => None,
        }
    }

    /// Sets the value of a parameter or of a member of the body.
    pub fn set(&mut self, input: &Input, value: Value) {
        match input {
            Input::Parameter(location, name) => self.parameters.insert((*location, name.clone()), value),
            Input::Member(_) | Input::Inner(_) => {
                let body = self.body.get_or_insert_with(|| Payload::Json(Value::Object(Map::new())));
                if let Payload::Json(body) = body {
                    put(body, &input.way(), value);
                }
            }
        }
    }

    /// Takes the value of a member of the body and leaves null in its place.
    pub(super) fn take(&mut self, member: &str) -> Option<Value> {
        match &mut self.body {
            // To look through a few is quicker than to make a key of the name.
            Some(Payload::Json(Value::Object(members))) if members.len() <= FEW => {
                members.iter_mut().find(|(name, _)| *name == member).map(|(_, value)| value.take())
            }
            Some(Payload::Json(body)) => body.get_mut(member).map(Value::take),
            _ => None,
        }
    }

    /// Takes out a parameter or a member of the body.
    pub fn remove(&mut self, input: &Input) {
        match (input, &mut self.body) {
            (Input::Parameter(location, name), _) => drop(self.parameters.remove(&(*location, name.clone()))),
            (Input::Member(_) | Input::Inner(_), Some(Payload::Json(body))) => take(body, &input.way()),
            (Input::Member(_) | Input::Inner(_), _) => {}
        }
    }

    /// The body as JSON, if it is.
    #[must_use]
    pub const fn json(&self) -> Option<&Value> {
        match &self.body {
            Some(Payload::Json(value)) => Some(value),
            _ => None,
        }
    }
}

/// Sets what stands at the end of a way through objects, which are made where they are missing.
fn put(place: &mut Value, way: &[&str], value: Value) {
    let (Value::Object(members), Some((first, rest))) = (place, way.split_first()) else { return };
    if rest.is_empty() {
        members.insert((*first).to_owned(), value);
    } else {
        put(members.entry(*first).or_insert_with(|| Value::Object(Map::new())), rest, value);
    }
}

/// Takes out what stands at the end of a way through objects.
fn take(place: &mut Value, way: &[&str]) {
    let (Value::Object(members), Some((first, rest))) = (place, way.split_first()) else { return };
    if rest.is_empty() {
        members.shift_remove(*first);
    } else if let Some(inner) = members.get_mut(*first) {
        take(inner, rest);
    }
}

impl fmt::Debug for Inputs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.parameters.keys().map(|(_, name)| name.as_str()).collect();
        f.debug_struct("Inputs").field("parameters", &names).field("body", &self.body.is_some()).finish()
    }
}
