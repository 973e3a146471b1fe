//! Whether inputs are what the document declares. No message repeats a value: it may be a secret.

use super::inputs::{Inputs, Payload};
use super::receive::is_governed;
use crate::claims::Situation;
use crate::contract::{Endpoint, Input, Location, Parameter, Schema};
use crate::document::Pointer;

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// What kind of refusal it deserves.
    pub situation: Situation,
    /// Where the value travels: `query`, `body`.
    pub location: &'static str,
    /// The parameter's name, or the place in the body.
    pub name: String,
    /// The keyword that is broken.
    pub keyword: String,
    /// What the keyword asks for.
    pub asked: Option<serde_json::Value>,
    /// What is wrong.
    pub message: String,
}

impl Invalid {
    /// Whether the body, or a member of it, is of another type than declared.
    #[must_use]
    pub fn is_wrong_type(&self) -> bool {
        self.location == "body" && self.keyword == "type"
    }

    /// The closest situation: a case of the one that it deserves.
    #[must_use]
    pub fn case(&self) -> Situation {
        match (self.situation, self.location) {
            (Situation::Invalid, "body") if self.name.is_empty() && self.keyword == "required" => Situation::EmptyBody,
            (Situation::Invalid, "body") if self.name.is_empty() && self.is_wrong_type() => Situation::WrongBody,
            (Situation::Invalid, "body") if self.is_wrong_type() => Situation::WrongType,
            (Situation::Invalid, "path") => Situation::InvalidPath,
            (situation, _) => situation,
        }
    }

    /// The value in the body of which something is wrong, if it is there.
    #[must_use]
    pub fn value<'i>(&self, inputs: &'i Inputs) -> Option<&'i serde_json::Value> {
        let names = self.name.split('.').filter(|name| !name.is_empty());
        let step = |value: &'i serde_json::Value, name: &str| {
            name.parse::<usize>().ok().and_then(|index| value.get(index)).or_else(|| value.get(name))
        };
        inputs.json().filter(|_| self.location == "body").and_then(|body| names.into_iter().try_fold(body, step))
    }
}

/// Everything that is wrong with a request's inputs, parameters first.
#[must_use]
pub fn validate(endpoint: &Endpoint, inputs: &Inputs) -> Vec<Invalid> {
    let mut invalid = Vec::new();
    for parameter in &endpoint.operation.parameters {
        check_parameter(parameter, inputs, &mut invalid);
    }
    for group in endpoint.alternatives() {
        check_alternatives(endpoint, group, inputs, &mut invalid);
    }
    check_body(endpoint, inputs, &mut invalid);
    invalid
}

fn check_parameter(parameter: &Parameter, inputs: &Inputs, invalid: &mut Vec<Invalid>) {
    if parameter.location == Location::Header && is_governed(&parameter.name) {
        return;
    }
    let location = parameter.location.name();
    match inputs.parameters.of(parameter.location, &parameter.name) {
        Some(value) => {
            let violations = parameter.schema.as_ref().map(|schema| violations(schema, value)).unwrap_or_default();
            invalid.extend(violations.into_iter().map(|violation| Invalid {
                situation: Situation::Invalid,
                location,
                name: format!("{}{}", parameter.name, violation.at),
                keyword: violation.keyword,
                asked: violation.asked,
                message: violation.message,
            }));
        }
        None if parameter.required => invalid.push(missing(location, &parameter.name)),
        None => {}
    }
}

fn violations(schema: &Schema, value: &serde_json::Value) -> Vec<crate::contract::Violation> {
    if schema.accepts(value) { Vec::new() } else { schema.violations(value) }
}

fn missing(location: &'static str, name: &str) -> Invalid {
    Invalid {
        situation: Situation::Invalid,
        location,
        name: name.to_owned(),
        keyword: "required".to_owned(),
        asked: None,
        message: if name.is_empty() { "a body is required".to_owned() } else { format!("`{name}` is required") },
    }
}

fn check_alternatives(endpoint: &Endpoint, group: &[String], inputs: &Inputs, invalid: &mut Vec<Invalid>) {
    let given: Vec<&String> = group
        .iter()
        .filter(|name| Endpoint::input(&endpoint.operation, name).is_some_and(|input: Input| inputs.value(&input).is_some()))
        .collect();
    let (situation, message) = match given.len() {
        0 => (Situation::MissingAlternative, format!("one of {} is required", quoted(group))),
        1 => return,
        _ => (Situation::AmbiguousAlternative, format!("only one of {} may be given", quoted(group))),
    };
    let name = group.first().cloned().unwrap_or_default();
    invalid.push(Invalid { situation, location: "query", name, keyword: "oneOf".to_owned(), asked: None, message });
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn check_body(endpoint: &Endpoint, inputs: &Inputs, invalid: &mut Vec<Invalid>) {
    let Some(body) = &endpoint.operation.body else { return };
    match &inputs.body {
        None if body.required => invalid.push(missing("body", "")),
        Some(Payload::Json(value)) => {
            let schema = body.content.iter().find_map(|media| media.schema.as_ref());
            let violations = schema.map(|schema| violations(schema, value)).unwrap_or_default();
            invalid.extend(violations.into_iter().map(|violation| Invalid {
                situation: Situation::Invalid,
                location: "body",
                name: place(&violation.at),
                keyword: violation.keyword,
                asked: violation.asked,
                message: violation.message,
            }));
        }
        None | Some(Payload::Raw(..)) => {}
    }
}

/// `/restrictions/tags/0` as `restrictions.tags.0`.
fn place(pointer: &Pointer) -> String {
    pointer.tokens().collect::<Vec<_>>().join(".")
}
