//! What nobody says, as an overlay that says it: to be put right where it is wrong, and given its source.

use serde::Serialize;
use serde_json::Value;

use super::set::{Claims, OperationClaims, ResourceClaims};
use super::vocabulary::{AccessPromises, FieldPromises, OperationPromises, ResourcePromises, WirePromises};
use super::{Claim, Grade};

/// What stands where a source belongs.
const SOURCE: &str = "where this is known from";

/// A list of keys with what each promises.
type Keys = &'static [(&'static str, &'static str)];

/// Lines of YAML below each other, each with its depth.
#[derive(Default)]
struct Lines(Vec<String>);

impl Lines {
    fn push(&mut self, depth: usize, text: &str) {
        self.0.push(format!("{}{text}", "  ".repeat(depth)));
    }

    /// A block under a name, if anything stands in it.
    fn block(&mut self, depth: usize, name: &str, inner: Self) {
        if !inner.0.is_empty() {
            self.push(depth, &format!("{name}:"));
            self.0.extend(inner.0);
        }
    }

    fn action(&mut self, target: &str, inner: Self) {
        if !inner.0.is_empty() {
            self.push(1, &format!("- target: {}", quoted(target)));
            self.push(2, "update:");
            self.0.extend(inner.0);
        }
    }

    fn claim(&mut self, depth: usize, (key, claim): (&str, &Claim<Value>), about: &str) {
        self.push(depth, &format!("# {about} Now {}: {}.", claim.grade, one_line(&claim.cite)));
        let value = serde_json::to_string(&claim.value).unwrap_or_default();
        self.push(depth, &format!("{}: {{value: {value}, grade: documented, cite: {SOURCE}}}", name(key)));
    }

    /// The weak ones of some claims.
    fn claims(&mut self, depth: usize, claims: &[(&'static str, Claim<Value>)], keys: Keys) {
        for (key, claim) in claims.iter().filter(|(_, claim)| is_weak(claim.grade)) {
            let about = keys.iter().find(|(own, _)| own == key).map_or("", |(_, about)| about);
            self.claim(depth, (key, claim), &one_line(about));
        }
    }
}

impl Claims {
    /// An overlay with every claim that is a guess or a choice, as it is now: what to put right, and to give a source. `None` if there is
    /// none. What an operation asks of its caller is left out where nobody speaks of roles.
    #[must_use]
    pub fn draft(&self, title: &str) -> Option<String> {
        let mut lines = Lines::default();
        lines.action("$", self.root());
        for (key, operation) in &self.operations {
            let path = key.path.replace('\\', "\\\\").replace('\'', "\\'");
            let target = format!("$.paths['{path}'].{}", key.method.to_ascii_lowercase());
            lines.action(&target, self.operation(operation));
        }
        let head = format!("overlay: 1.1.0\ninfo: {{title: {}, version: '1'}}\nactions:\n", quoted(&format!("What {title} promises")));
        (!lines.0.is_empty()).then(|| head + &lines.0.join("\n") + "\n")
    }

    fn root(&self) -> Lines {
        let (mut root, mut resources) = (Lines::default(), Lines::default());
        for (resource, claims) in &self.resources {
            resources.block(4, &name(resource), of_resource(claims));
        }
        root.block(3, "x-lockstep-resources", resources);
        let (mut access, mut wire) = (Lines::default(), Lines::default());
        access.claims(4, &self.access.listed(), AccessPromises::KEYS);
        wire.claims(4, &self.wire.listed(), WirePromises::KEYS);
        root.block(3, "x-lockstep-access", access);
        root.block(3, "x-lockstep-wire", wire);
        root.block(3, "x-lockstep-problems", each(4, "How a refusal of this kind looks.", self.problems.iter()));
        root
    }

    fn operation(&self, claims: &OperationClaims) -> Lines {
        let (mut block, mut inner) = (Lines::default(), Lines::default());
        let told = |(key, _): &(&'static str, Claim<Value>)| *key != "permission" || self.access.roles.is_some();
        let promises: Vec<_> = claims.promises.listed().into_iter().filter(told).collect();
        inner.claims(4, &promises, OperationPromises::KEYS);
        inner.block(4, "parameters", each(5, "What it means.", claims.parameters.iter()));
        inner.block(4, "problems", each(5, "How a refusal of this kind looks.", claims.problems.iter()));
        block.block(3, "x-lockstep-operation", inner);
        block
    }
}

fn of_resource(claims: &ResourceClaims) -> Lines {
    let (mut lines, mut fields) = (Lines::default(), Lines::default());
    lines.claims(5, &claims.promises.listed(), ResourcePromises::KEYS);
    for (path, field) in &claims.fields {
        let mut inner = Lines::default();
        inner.claims(7, &field.listed(), FieldPromises::KEYS);
        fields.block(6, &name(path), inner);
    }
    lines.block(5, "fields", fields);
    lines
}

/// The weak ones of claims that have names of their own.
fn each<'c, K: ToString + 'c, T: Serialize + 'c>(depth: usize, about: &str, claims: impl Iterator<Item = (&'c K, &'c Claim<T>)>) -> Lines {
    let mut lines = Lines::default();
    for (key, claim) in claims.filter(|(_, claim)| is_weak(claim.grade)) {
        let claim = claim.map(|value| serde_json::to_value(value).unwrap_or_default());
        lines.claim(depth, (&key.to_string(), &claim), about);
    }
    lines
}

const fn is_weak(grade: Grade) -> bool {
    matches!(grade, Grade::Guessed | Grade::Chosen)
}

/// A member's name; JSON's strings are YAML's.
fn name(text: &str) -> String {
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    if plain && !matches!(text, "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null") {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::ListedClaim;
    use crate::contract::Contract;
    use crate::document::Document;
    use crate::overlay::Overlay;

    const DOCUMENT: &str = "
openapi: 3.1.0
info: {title: 'Keys: \"all\" of them', version: '1'}
paths:
  /it's/{owner}/keys:
    parameters: [{name: owner, in: path, required: true, schema: {type: string}}]
    post:
      requestBody: {content: {application/json: {schema: {type: object, properties: {name: {type: string}, secret_value: {type: string}}}}}}
      responses: {'200': {description: made}}
    get:
      parameters: [{name: limit, in: query, schema: {type: integer}}]
      responses: {'200': {description: all, content: {application/json: {schema: {type: array, items: {type: object, properties: {name: {type: string}}}}}}}}
";

    fn weak(claims: &Claims) -> Vec<ListedClaim> {
        claims.list().into_iter().filter(|claim| is_weak(claim.grade) && claim.key != "permission").collect()
    }

    #[test]
    fn the_draft_is_an_overlay_that_settles_everything_as_it_is() {
        let mut document = Document::parse("api.yaml", DOCUMENT).expect("YAML");
        let before = Contract::compile("api", &document).expect("it is valid").claims;
        assert!(weak(&before).len() > 5, "{:?}", weak(&before));
        let draft = before.draft("Keys: \"all\" of them").expect("some are weak");
        Overlay::parse("draft.yaml", &draft)
            .and_then(|overlay| overlay.apply(&mut document))
            .unwrap_or_else(|error| panic!("{error}\n{draft}"));
        let after = Contract::compile("api", &document).expect("it is valid").claims;
        assert_eq!(weak(&after), [], "{draft}");
        let values = |claims: &Claims| claims.list().into_iter().map(|claim| (claim.subject, claim.key, claim.value)).collect::<Vec<_>>();
        assert_eq!(values(&after), values(&before), "{draft}");
        assert_eq!(after.draft("Keys"), None);
    }
}
