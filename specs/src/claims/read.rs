//! Claims out of a document's `x-lockstep-` members. Nothing unknown passes.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::set::{Claims, OperationKey};
use super::vocabulary::{AccessPromises, FieldPromises, OperationPromises, ResourcePromises, WirePromises};
use super::{Claim, Grade, Situation};
use crate::document::{Document, DocumentError, DocumentErrorKind, Pointer, nearest};

/// Every extension that this project gives a meaning.
const EXTENSIONS: [&str; 6] =
    ["x-lockstep-access", "x-lockstep-keywords", "x-lockstep-operation", "x-lockstep-problems", "x-lockstep-resources", "x-lockstep-wire"];

impl Claims {
    /// Reads every claim that a document carries, and every fault in them.
    #[must_use]
    pub fn read(document: &Document) -> (Self, Vec<DocumentError>) {
        let mut reader = Reader { document, claims: Self::default(), faults: Vec::new() };
        reader.walk(&document.value, &Pointer::root());
        (reader.claims, reader.faults)
    }
}

struct Reader<'d> {
    document: &'d Document,
    claims: Claims,
    faults: Vec<DocumentError>,
}

impl Reader<'_> {
    fn walk(&mut self, node: &Value, at: &Pointer) {
        match node {
            Value::Object(members) => {
                for (name, member) in members {
                    let here = at.member(name);
                    if name.starts_with("x-lockstep-") {
                        self.extension(name, member, at, &here);
                    } else if !matches!(name.as_str(), "example" | "examples" | "default" | "enum" | "const") {
                        self.walk(member, &here);
                    }
                }
            }
            Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| self.walk(item, &at.item(index))),
            _ => {}
        }
    }

    fn extension(&mut self, name: &str, value: &Value, parent: &Pointer, at: &Pointer) {
        let tokens: Vec<String> = parent.tokens().map(std::borrow::Cow::into_owned).collect();
        match (name, tokens.iter().map(String::as_str).collect::<Vec<_>>().as_slice()) {
            ("x-lockstep-access", []) => self.access(value, at),
            ("x-lockstep-wire", []) => self.wire(value, at),
            ("x-lockstep-problems", []) => self.problems(value, at, None),
            ("x-lockstep-resources", []) => self.resources(value, at),
            ("x-lockstep-operation", ["paths", path, method]) => {
                let key = OperationKey::new(method.to_ascii_uppercase(), *path);
                self.operation(&key, value, at);
            }
            ("x-lockstep-keywords", [_, ..]) => self.keywords(value, parent, at),
            _ if EXTENSIONS.contains(&name) => self.fault(at, name, "does not belong here".to_owned()),
            _ => self.unknown(at, name, EXTENSIONS),
        }
    }

    fn access(&mut self, value: &Value, at: &Pointer) {
        for (key, claim) in self.members(value, at) {
            let set = self.claims.access.set(&key, claim);
            self.settle(&key, &at.member(&key), set, AccessPromises::KEYS, &[]);
        }
    }

    fn wire(&mut self, value: &Value, at: &Pointer) {
        for (key, claim) in self.members(value, at) {
            let set = self.claims.wire.set(&key, claim);
            self.settle(&key, &at.member(&key), set, WirePromises::KEYS, &[]);
        }
    }

    fn resources(&mut self, value: &Value, at: &Pointer) {
        for (name, block) in self.members(value, at) {
            let at = at.member(&name);
            for (key, claim) in self.members(&block, &at) {
                let here = at.member(&key);
                if key == "fields" {
                    self.fields(&name, &claim, &here);
                } else {
                    let set = self.claims.resources.entry(name.clone()).or_default().promises.set(&key, claim);
                    self.settle(&key, &here, set, ResourcePromises::KEYS, &["fields"]);
                }
            }
        }
    }

    fn fields(&mut self, resource: &str, value: &Value, at: &Pointer) {
        for (path, block) in self.members(value, at) {
            let at = at.member(&path);
            for (key, claim) in self.members(&block, &at) {
                let fields = &mut self.claims.resources.entry(resource.to_owned()).or_default().fields;
                let set = fields.entry(path.clone()).or_default().set(&key, claim);
                self.settle(&key, &at.member(&key), set, FieldPromises::KEYS, &[]);
            }
        }
    }

    fn operation(&mut self, operation: &OperationKey, value: &Value, at: &Pointer) {
        for (key, claim) in self.members(value, at) {
            let here = at.member(&key);
            match key.as_str() {
                "parameters" => self.parameters(operation, &claim, &here),
                "problems" => self.problems(&claim, &here, Some(operation)),
                _ => {
                    let promises = &mut self.claims.operations.entry(operation.clone()).or_default().promises;
                    let set = promises.set(&key, claim);
                    self.settle(&key, &here, set, OperationPromises::KEYS, &["parameters", "problems"]);
                }
            }
        }
    }

    fn parameters(&mut self, operation: &OperationKey, value: &Value, at: &Pointer) {
        for (name, claim) in self.members(value, at) {
            if let Some(claim) = self.claim(&name, claim, &at.member(&name)) {
                self.claims.operations.entry(operation.clone()).or_default().parameters.insert(name, claim);
            }
        }
    }

    fn problems(&mut self, value: &Value, at: &Pointer, operation: Option<&OperationKey>) {
        for (name, claim) in self.members(value, at) {
            let here = at.member(&name);
            let Some(situation) = Situation::ALL.iter().find(|situation| situation.name() == name) else {
                self.unknown(&here, &name, Situation::ALL.iter().map(|situation| situation.name()));
                continue;
            };
            if let Some(claim) = self.claim(&name, claim, &here) {
                let problems = match operation {
                    Some(operation) => &mut self.claims.operations.entry(operation.clone()).or_default().problems,
                    None => &mut self.claims.problems,
                };
                problems.insert(*situation, claim);
            }
        }
    }

    /// Who says what a schema's keywords say; the value is the keyword's own.
    fn keywords(&mut self, value: &Value, schema: &Pointer, at: &Pointer) {
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Origin {
            grade: Grade,
            cite: String,
        }
        for (keyword, origin) in self.members(value, at) {
            let here = at.member(&keyword);
            let stated = schema.member(&keyword).of(&self.document.value).cloned();
            let Some(stated) = stated else {
                self.fault(&here, &keyword, "the schema has no such keyword".to_owned());
                continue;
            };
            match serde_json::from_value::<Origin>(origin) {
                Ok(Origin { grade, cite }) => {
                    self.claims.keywords.insert((schema.clone(), keyword), Claim { value: stated, grade, cite });
                }
                Err(error) => self.fault(&here, &keyword, error.to_string()),
            }
        }
    }

    fn claim<T: DeserializeOwned>(&mut self, key: &str, value: Value, at: &Pointer) -> Option<Claim<T>> {
        match serde_json::from_value(value) {
            Ok(claim) => Some(claim),
            Err(error) => {
                self.fault(at, key, error.to_string());
                None
            }
        }
    }

    fn members(&mut self, value: &Value, at: &Pointer) -> Map<String, Value> {
        if let Value::Object(members) = value {
            return members.clone();
        }
        self.fault(at, &at.last(), "expected an object".to_owned());
        Map::new()
    }

    fn settle(&mut self, key: &str, at: &Pointer, set: Option<Result<(), serde_json::Error>>, keys: &[(&str, &str)], more: &[&str]) {
        match set {
            Some(Ok(())) => {}
            Some(Err(error)) => self.fault(at, key, error.to_string()),
            None => self.unknown(at, key, keys.iter().map(|(key, _)| *key).chain(more.iter().copied())),
        }
    }

    fn fault(&mut self, at: &Pointer, key: &str, message: String) {
        self.faults.push(self.document.error(at, DocumentErrorKind::Claim { key: key.to_owned(), message }));
    }

    fn unknown<'k>(&mut self, at: &Pointer, key: &str, expected: impl IntoIterator<Item = &'k str>) {
        let expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        let near = nearest(key, expected.iter().map(String::as_str));
        self.faults.push(self.document.error(at, DocumentErrorKind::UnknownClaim { key: key.to_owned(), near, expected }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Conflict, Verb};

    fn read(text: &str) -> (Claims, Vec<String>) {
        let document = Document::parse("api.yaml", text).expect("YAML");
        let (claims, faults) = Claims::read(&document);
        (claims, faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn claims_are_read_with_grade_and_cite() {
        let (claims, faults) = read(
            "x-lockstep-resources:\n  secret:\n    conflict: {value: reject, grade: documented, cite: page 1}\n\
             paths:\n  /a:\n    post:\n      x-lockstep-operation:\n        verb: {value: create, grade: derived, cite: POST}\n",
        );
        assert_eq!(faults, Vec::<String>::new());
        let conflict = claims.resources["secret"].promises.conflict.as_ref().expect("it was read");
        assert_eq!((conflict.value, conflict.grade, conflict.cite.as_str()), (Conflict::Reject, Grade::Documented, "page 1"));
        let operation = &claims.operations[&OperationKey::new("POST", "/a")];
        assert_eq!(operation.promises.verb.as_ref().map(|claim| claim.value), Some(Verb::Create));
    }

    #[test]
    fn what_is_unknown_is_an_error_with_a_near_name() {
        for (text, expected) in [
            (
                "x-lockstep-resource: {}",
                "api.yaml:1:1 at /x-lockstep-resource: unknown claim `x-lockstep-resource`; did you mean `x-lockstep-resources`?",
            ),
            ("x-lockstep-wire: {form: {}}", "api.yaml:1:19 at /x-lockstep-wire/form: unknown claim `form`; did you mean `forms`?"),
            (
                "x-lockstep-problems: {duplicates: {}}",
                "api.yaml:1:23 at /x-lockstep-problems/duplicates: unknown claim `duplicates`; did you mean `duplicate`?",
            ),
            ("info: {x-lockstep-wire: {}}", "api.yaml:1:8 at /info/x-lockstep-wire: claim `x-lockstep-wire`: does not belong here"),
            (
                "x-lockstep-access: {foreign: {value: hidden, grade: chosen, cite: c}}",
                "api.yaml:1:21 at /x-lockstep-access/foreign: claim `foreign`: unknown variant `hidden`",
            ),
            (
                "x-lockstep-access: {foreign: {value: forbidden, grade: chosen}}",
                "api.yaml:1:21 at /x-lockstep-access/foreign: claim `foreign`: missing field `cite`",
            ),
        ] {
            let (_, faults) = read(text);
            assert!(faults.len() == 1 && faults[0].starts_with(expected), "{faults:?}");
        }
    }
}
