//! Which field is the secret, and how much of it each answer shows.

use std::collections::BTreeMap;

use super::prose::masks;
use super::sealing;
use super::words::words;
use super::{by_resource, chosen, derived, documented, fill, guessed};
use crate::claims::{Claim, Claims, FieldPath, Verb, Visibility};
use crate::contract::{Operation, Outline, Place, SchemaNode, place};

/// Names of fields that hold what a secret resource keeps.
const NAMES: [&str; 8] = ["value", "secret", "password", "plaintext", "token", "data", "content", "payload"];

pub(super) fn infer(outline: &Outline, claims: &mut Claims) {
    let all = by_resource(outline, claims);
    for name in claims.resources.keys().cloned().collect::<Vec<_>>() {
        let operations = acting(all.get(&name).into_iter().flatten().copied(), claims);
        let key = claims.resources[&name].promises.key.as_ref().map(|claim| claim.value.clone());
        let promises = &mut claims.resources.get_mut(&name).expect("its name was just listed").promises;
        fill(&mut promises.secret, || secret(&name, &operations, key.as_deref()));
        let Some(secret) = promises.secret.clone() else { continue };
        for path in &secret.value {
            let (visibility, mask) = visibility(&operations, path);
            let promises = &mut claims.resources.get_mut(&name).expect("its name was just listed").promises;
            if let Some(mask) = mask {
                fill(&mut promises.mask_pattern, || mask.pattern);
                fill(&mut promises.mask, || Some(mask.text));
            }
            let fields = &mut claims.resources.get_mut(&name).expect("its name was just listed").fields;
            let field = fields.entry(path.to_string()).or_default();
            fill(&mut field.visibility, || visibility);
            fill(&mut field.sealed, || sealing::sealed(&operations, path));
        }
    }
}

pub(super) type Acting<'o> = (&'o Operation, Verb, Option<Place<'o>>);

fn acting<'o>(operations: impl Iterator<Item = &'o Operation>, claims: &Claims) -> Vec<Acting<'o>> {
    let acting = operations.filter_map(|operation| {
        let promises = &claims.operations[&operation.key].promises;
        Some((operation, promises.verb.as_ref()?.value, place(operation, promises)))
    });
    acting.collect()
}

/// The members of a write that must not leak: by keyword for certain, by name at a guess.
fn secret(resource: &str, operations: &[Acting<'_>], key: Option<&str>) -> Option<Claim<Vec<FieldPath>>> {
    let writes = operations.iter().filter(|(_, verb, _)| matches!(verb, Verb::Create | Verb::Put));
    let members: Vec<(&str, Option<SchemaNode<'_>>, String)> = writes.flat_map(|(operation, ..)| sent(operation)).collect();
    for (name, node, description) in &members {
        if let Some(node) = node
            && (node.flag("writeOnly") || node.text("format") == Some("password"))
        {
            let keyword = if node.flag("writeOnly") { "writeOnly: true" } else { "format: password" };
            return Some(documented(
                vec![FieldPath::from(*name)],
                format!("member `{name}`: `{keyword}`; {description}").trim_end_matches("; ").to_owned(),
            ));
        }
    }
    let keeps_secrets = words(resource)
        .iter()
        .any(|word| matches!(word.as_str(), "secret" | "credential" | "password" | "token" | "var" | "variable" | "key"));
    let named = |name: &str| {
        let words = words(name);
        let last = words.last().map(String::as_str);
        Some(name) != key && last.is_some_and(|last| NAMES.contains(&last))
    };
    let (name, ..) = members.iter().find(|(name, ..)| keeps_secrets && named(name))?;
    Some(guessed(vec![FieldPath::from(*name)], format!("the name `{name}` in a {resource}")))
}

/// The members of a body, or a call's query parameters, with their schema and description.
fn sent(operation: &Operation) -> Vec<(&str, Option<SchemaNode<'_>>, String)> {
    if let Some(schema) = operation.json_body().and_then(|media| media.schema.as_ref()) {
        return schema.node().properties().into_iter().map(|(name, node)| (name, Some(node), String::new())).collect();
    }
    let parameters = operation.parameters.iter().filter(|parameter| parameter.location == crate::contract::Location::Query);
    parameters
        .map(|parameter| {
            (parameter.name.as_str(), parameter.schema.as_ref().map(crate::contract::Schema::node), parameter.description.clone())
        })
        .collect()
}

struct Mask {
    text: Claim<String>,
    pattern: Option<Claim<String>>,
}

/// What each verb's answer shows of a field: nothing where its schema has no such member or it is write-only, a mask where words say so.
fn visibility(operations: &[Acting<'_>], path: &FieldPath) -> (Option<Claim<BTreeMap<String, Visibility>>>, Option<Mask>) {
    let mut shown = BTreeMap::new();
    let mut grounds: Vec<Claim<()>> = Vec::new();
    let mut mask = None;
    for (operation, verb, place) in operations {
        let Some(place) = place else { continue };
        let from = format!("{}: the answer's schema", operation.key);
        let field = place.node.property(path.field());
        let (visibility, ground) = match field {
            None => (Visibility::Absent, derived((), format!("{from} has no member `{}`", path.field()))),
            Some(node) if node.flag("writeOnly") => (Visibility::Absent, documented((), format!("{from}: `writeOnly: true`"))),
            Some(node) => match mask_of(node, &operation.prose, &from) {
                Some(found) => {
                    let ground = found.text.map(|_| ());
                    let ground = found.pattern.as_ref().map_or(ground, |pattern| pattern.map(|_| ()));
                    mask.get_or_insert(found);
                    (Visibility::Masked, documented((), ground.cite))
                }
                None if *verb == Verb::Reveal => (Visibility::Plain, derived((), "revealing is what the operation is for")),
                None => {
                    (Visibility::Plain, guessed((), format!("{from} has the member `{}` and nothing says that it is masked", path.field())))
                }
            },
        };
        if shown.insert(verb.name().to_owned(), visibility).is_none_or(|other| other == visibility) {
            grounds.push(ground);
        }
    }
    // The whole claim is as good as its weakest ground.
    let weakest = grounds.into_iter().min_by_key(|ground| ground.grade);
    (weakest.map(|ground| Claim::new(shown, ground.grade, ground.cite)), mask)
}

fn mask_of(node: SchemaNode<'_>, operation_prose: &str, from: &str) -> Option<Mask> {
    let prose = node.prose();
    let example = node
        .example()
        .and_then(serde_json::Value::as_str)
        .filter(|text| !text.is_empty() && text.chars().all(|c| matches!(c, '*' | '•' | 'x')));
    // "Masked except for the last four": some of it is meant to be seen.
    let partial = ["except", "last ", "first ", "only ", "but "].into_iter().any(|word| prose.contains(word))
        || node.example().and_then(serde_json::Value::as_str).is_some_and(|text| !text.is_empty() && example.is_none());
    let word = masks(&prose).or_else(|| masks(operation_prose))?;
    let asterisks = prose.contains("asterisk") || example.is_some_and(|text| text.starts_with('*'));
    let text = example.map_or_else(
        || chosen("********".to_owned(), "nobody says how long the mask is"),
        |text| documented(text.to_owned(), format!("{from}: its example")),
    );
    let pattern = (asterisks && !partial).then(|| documented("^\\*+$".to_owned(), format!("{from}: \"{word} ... asterisks\"")));
    Some(Mask { text, pattern })
}
