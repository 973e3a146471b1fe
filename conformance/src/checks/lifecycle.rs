//! What is created can be read, what is changed is seen changed, what is deleted is gone.

use serde_json::{Map, Value};
use specs::claims::{Grade, Missing, Situation, Verb, Visibility};
use specs::contract::{Endpoint, Resource, SchemaNode};

use super::{Broken, Check, Judgement, Level, Scene};
use crate::drafting::schema_of;
use crate::ledger::{Life, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "lifecycle/created-is-readable",
        level: Level::Must,
        sentence: "What was created can be read at once.",
        cite: "RFC 9110, sections 9.3.1 and 15.3.2: the created resource can be retrieved",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets/a\n< 404 application/json {\"error\":\"no such secret\"}",
        judge: created_is_readable,
    },
    Check {
        id: "lifecycle/shows-what-was-written",
        level: Level::Must,
        sentence: "An answer about a thing shows the fields as they were written last.",
        cite: "RFC 9110, section 9.3.1: GET gives the current representation",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"one\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"note\":\"one\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"one\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"note\":\"two\"}",
        judge: shows_what_was_written,
    },
    Check {
        id: "lifecycle/deleted-is-gone",
        level: Level::Must,
        sentence: "What was deleted cannot be read or changed any more.",
        cite: "RFC 9110, section 9.3.5: DELETE removes the association between the resource and its functionality",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> GET /secrets/a\n< 404 application/json {\"error\":\"no such secret\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        judge: deleted_is_gone,
    },
    Check {
        id: "lifecycle/missing-is-refused",
        level: Level::Must,
        sentence: "What never existed cannot be read or changed.",
        cite: "RFC 9110, section 15.5.5: 404, no current representation was found",
        passes: "> GET /secrets/zz\n< 404 application/json {\"error\":\"no such secret\"}",
        breaks: "> GET /secrets/zz\n< 200 application/json {\"id\":1,\"name\":\"zz\",\"value\":\"****\"}",
        judge: missing_is_refused,
    },
    Check {
        id: "lifecycle/delete-removes-once",
        level: Level::Must,
        sentence: "Deleting what is not there is answered as promised.",
        cite: "RFC 9110, section 9.3.5; the promise on deleting what is not there",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> DELETE /secrets/a\n< 404 application/json {\"error\":\"no such secret\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> DELETE /secrets/a\n< 204",
        judge: delete_removes_once,
    },
    Check {
        id: "lifecycle/delete-is-carried-out",
        level: Level::Must,
        sentence: "What exists can be deleted.",
        cite: "RFC 9110, section 9.3.5",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 404 application/json {\"error\":\"no such secret\"}",
        judge: delete_is_carried_out,
    },
    Check {
        id: "lifecycle/recreated-is-new",
        level: Level::Must,
        sentence: "What is created again has nothing of what was deleted under its name.",
        cite: "RFC 9110, section 15.3.2: 201, a new resource has been created",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"one of them\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"note\":\"one of them\"}\n> DELETE /secrets/a\n< 204\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":2,\"name\":\"a\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"one of them\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"note\":\"one of them\"}\n> DELETE /secrets/a\n< 204\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":2,\"name\":\"a\",\"note\":\"one of them\"}",
        judge: recreated_is_new,
    },
    Check {
        id: "lifecycle/refused-is-not-made",
        level: Level::Must,
        sentence: "What was refused is not there.",
        cite: "RFC 9110, section 15.5: a 4xx says that the request was not carried out",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":7}\n< 400 application/json {\"error\":\"bad value\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"b\",\"value\":\"****\"}]}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":7}\n< 400 application/json {\"error\":\"bad value\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"}]}",
        judge: refused_is_not_made,
    },
];

fn is_read(scene: &Scene<'_>) -> bool {
    matches!(scene.verb(), Verb::Read | Verb::Reveal)
}

fn failed(scene: &Scene<'_>) -> bool {
    scene.exchange.response.status.is_server_error()
}

fn created_is_readable(scene: &Scene<'_>) -> Judgement {
    if !scene.is_plain()
        || !scene.is_about_latest()
        || scene.case.provokes.is_some()
        || !is_read(scene)
        || scene.alive().is_none()
        || failed(scene)
    {
        return Judgement::NotApplicable;
    }
    if scene.verb() == Verb::Reveal && !scene.reading.accepted && may_be_forbidden(scene) {
        return Judgement::NotApplicable;
    }
    let held = Judgement::hold(!scene.is_not_found(), || "a success: it was created and not deleted".to_owned(), || scene.answer());
    scene.guessed_verb().map_or(held.clone(), |claim| held.on(claim))
}

/// Whether a promised guard may stand before the value: one that is known to hold, or one that nobody can know of.
fn may_be_forbidden(scene: &Scene<'_>) -> bool {
    let (Some(resource), Some(thing)) = (scene.resource(), scene.alive()) else { return false };
    resource.guards().iter().any(|guard| match &guard.of {
        None => thing.field(&guard.field) == Some(&guard.equals),
        // The enclosing thing's setting was not made by this run; the status tells whether it is that.
        Some(_) => scene.promised_for(guard.refuse).is_some_and(|claim| claim.value == scene.status()),
    })
}

/// Where an answer differs from what was written.
pub(super) struct Difference {
    pub(super) expected: String,
    pub(super) actual: String,
}

/// The first field of a record that is not as stated. Secrets count only where they are shown plainly, and are never repeated.
pub(super) fn difference(resource: &Resource, stated: &Map<String, Value>, record: &Map<String, Value>, plain: bool) -> Option<Difference> {
    for (name, value) in stated {
        let Some(told) = record.get(name) else { continue };
        let secret = resource.secret().iter().any(|path| path.field() == name);
        if secret && !plain || agrees(resource, name, value, told) {
            continue;
        }
        let shown = |value: &Value| if secret { "another value".to_owned() } else { value.to_string() };
        let expected = if secret { format!("`{name}` as written") } else { format!("`{name}`: {value}") };
        return Some(Difference { expected, actual: shown(told) });
    }
    None
}

fn agrees(resource: &Resource, name: &str, stated: &Value, told: &Value) -> bool {
    let longest = resource.fields.get(name).and_then(|field| field.truncate.as_ref());
    match (stated, told, longest) {
        (Value::String(stated), Value::String(told), Some(longest)) => stated.chars().take(longest.value).eq(told.chars()),
        (Value::String(stated), Value::String(told), None) if is_time(resource, name) => instant(stated) == instant(told),
        _ => contains(told, stated),
    }
}

/// Whether times are written here, which have many texts for one instant.
fn is_time(resource: &Resource, name: &str) -> bool {
    let (created, updated) = resource.time_fields();
    [created, updated].contains(&Some(name))
        || name.ends_with("_at")
        || name.ends_with("At")
        || name.contains("date")
        || name.contains("time")
}

/// A time without the fraction's trailing zeros, and with `Z` for no offset (RFC 3339, section 5.6).
fn instant(text: &str) -> String {
    let zulu = text.replace("+00:00", "Z").replace('z', "Z").replace('t', "T");
    match zulu.strip_suffix('Z') {
        Some(rest) if rest.contains('.') => format!("{}Z", rest.trim_end_matches('0').trim_end_matches('.')),
        _ => zulu,
    }
}

/// Whether a value is there; a server may add members of its own, and writes numbers its own way.
fn contains(told: &Value, stated: &Value) -> bool {
    match (told, stated) {
        (Value::Object(told), Value::Object(stated)) => {
            stated.iter().all(|(name, value)| told.get(name).is_some_and(|told| contains(told, value)))
        }
        (Value::Array(told), Value::Array(stated)) => {
            told.len() == stated.len() && told.iter().zip(stated).all(|(told, stated)| contains(told, stated))
        }
        (Value::Number(told), Value::Number(stated)) => told.as_f64() == stated.as_f64(),
        _ => told == stated,
    }
}

fn shows_what_was_written(scene: &Scene<'_>) -> Judgement {
    let (Some(resource), Some(record)) = (scene.resource(), scene.reading.record()) else { return Judgement::NotApplicable };
    // An answer that shows inherited fields is not about the thing alone.
    if !scene.is_plain() || !scene.is_about_latest() || !scene.reading.accepted || scene.case.intent.show.is_some() {
        return Judgement::NotApplicable;
    }
    let stated = match scene.verb() {
        // What a merge patch leaves out is kept, and what it has null is removed: the next read tells.
        Verb::Update if scene.endpoint.merges() => return Judgement::NotApplicable,
        Verb::Create | Verb::Put | Verb::Update => &scene.case.intent.fields,
        Verb::Read | Verb::Reveal => match scene.alive() {
            Some(thing) => &thing.stated,
            None => return Judgement::NotApplicable,
        },
        _ => return Judgement::NotApplicable,
    };
    if !stated.keys().any(|name| record.contains_key(name)) {
        return Judgement::NotApplicable;
    }
    let plain = scene.visibility().is_some_and(|claim| claim.value == Visibility::Plain && claim.grade.condemns());
    let stated = &without_folded_name(scene, resource, stated, record);
    match difference(resource, stated, record, plain).or_else(|| loss(scene, resource, stated, record)) {
        None => Judgement::Passed,
        Some(Difference { expected, actual }) => {
            let broken = Judgement::Broken(Broken { grade: Grade::Derived, cite: None, expected, actual });
            scene.guessed_verb().filter(|_| is_read(scene)).map_or(broken.clone(), |claim| broken.on(claim))
        }
    }
}

/// The first field that was stated, that this operation has shown of another thing or before, and that it does not show now. A field that
/// is empty may be left out.
fn loss(scene: &Scene<'_>, resource: &Resource, stated: &Map<String, Value>, record: &Map<String, Value>) -> Option<Difference> {
    let operation = scene.endpoint.name();
    let shown = |name: &str| scene.ledger.things().iter().any(|thing| thing.resource == resource.name && thing.has_shown(&operation, name));
    let secret = |name: &str| resource.secret().iter().any(|path| path.field() == name);
    let lost = |(name, value): &(&String, &Value)| !record.contains_key(*name) && !is_empty(value) && !secret(name) && shown(name);
    let (name, value) = stated.iter().find(lost)?;
    Some(Difference { expected: format!("`{name}`: {value}"), actual: "nothing".to_owned() })
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
    }
}

/// What was stated, but for a name that differs in case or blanks alone where the document says that it may.
fn without_folded_name(
    scene: &Scene<'_>,
    resource: &Resource,
    stated: &Map<String, Value>,
    record: &Map<String, Value>,
) -> Map<String, Value> {
    let folded = |fields: &Map<String, Value>, name: &str| Some(fields.get(name)?.as_str()?.trim().to_lowercase());
    let alike = |name: &&str| folded(stated, name).is_some() && folded(stated, name) == folded(record, name);
    let mut rest = stated.clone();
    if let Some(key) = resource.key().filter(alike).filter(|_| documents_change(scene, resource)) {
        rest.shift_remove(key);
    }
    rest
}

/// Whether some write of the resource says in words that it changes the case or the blanks of a name.
pub(super) fn documents_change(scene: &Scene<'_>, resource: &Resource) -> bool {
    let writes = |endpoint: &&Endpoint| endpoint.verb.writes() && endpoint.resource.as_ref() == Some(&resource.name);
    let told = |endpoint: &Endpoint| {
        let named = resource.key().and_then(|key| schema_of(endpoint, key)).map(SchemaNode::prose).unwrap_or_default();
        let words = endpoint.operation.parameters.iter().map(|parameter| parameter.description.as_str());
        let prose = words.chain([endpoint.operation.prose.as_str(), &named]).collect::<Vec<_>>().join(" ").to_lowercase();
        ["upper case", "uppercase", "upper-case", "lower case", "lowercase", "lower-case", "trimmed", "normali"]
            .iter()
            .any(|word| prose.contains(word))
    };
    scene.contract.endpoints.iter().filter(writes).any(told)
}

fn deleted_is_gone(scene: &Scene<'_>) -> Judgement {
    let gone = scene.subject().is_some_and(|thing| thing.life == Life::Gone);
    // A relation can be read whether or not it is stored.
    let relation = scene.resource().is_some_and(|resource| resource.promises.relates_to.is_some());
    if !scene.is_plain() || !gone || relation || scene.endpoint.makes_missing() || !(is_read(scene) || scene.verb() == Verb::Update) {
        return Judgement::NotApplicable;
    }
    scene.expects_refusal("it was deleted")
}

fn missing_is_refused(scene: &Scene<'_>) -> Judgement {
    let never = scene.case.provokes == Some(Situation::NotFound) && scene.subject().is_none();
    if !scene.is_plain() || !never || scene.endpoint.makes_missing() || !(is_read(scene) || scene.verb() == Verb::Update) {
        return Judgement::NotApplicable;
    }
    scene.expects_refusal("it never existed")
}

fn delete_removes_once(scene: &Scene<'_>) -> Judgement {
    let absent = scene.subject().map_or(scene.case.provokes == Some(Situation::NotFound), |thing| thing.life == Life::Gone);
    let Some(claim) = scene.resource().map(Resource::delete_missing) else { return Judgement::NotApplicable };
    if !scene.is_plain() || scene.verb() != Verb::Delete || !absent || failed(scene) || claim.grade == Grade::Chosen {
        return Judgement::NotApplicable;
    }
    match claim.value {
        Missing::Reject => scene.expects_refusal("it is not there any more").on(claim),
        Missing::Accept => {
            Judgement::hold(scene.reading.accepted, || "acceptance: it is not there any more".to_owned(), || scene.answer()).on(claim)
        }
    }
}

fn delete_is_carried_out(scene: &Scene<'_>) -> Judgement {
    if !scene.is_plain() || scene.verb() != Verb::Delete || scene.alive().is_none() || failed(scene) {
        return Judgement::NotApplicable;
    }
    Judgement::hold(!scene.is_not_found(), || "a success: it was created and not deleted".to_owned(), || scene.answer())
}

fn recreated_is_new(scene: &Scene<'_>) -> Judgement {
    let gone = scene.subject().filter(|thing| thing.life == Life::Gone && matches!(scene.verb(), Verb::Create | Verb::Put));
    let (Some(resource), Some(gone), Some(record)) = (scene.resource(), gone, scene.reading.record()) else {
        return Judgement::NotApplicable;
    };
    if !scene.is_plain() || !scene.reading.accepted {
        return Judgement::NotApplicable;
    }
    // A text that was stated for the deleted one alone: nothing else can have it by default.
    let own = |(name, value): &(&String, &Value)| {
        let text = value.as_str().is_some_and(|text| text.chars().count() >= DISTINCT);
        text && !scene.case.intent.fields.contains_key(*name) && resource.key() != Some(name.as_str()) && record.get(*name) == Some(*value)
    };
    let revived = gone.stated.iter().find(own).map(|(name, _)| name);
    let expected = || format!("no `{}` of the thing that was deleted", revived.map_or("field", String::as_str));
    Judgement::hold(revived.is_none(), expected, || "the one that it had".to_owned()).at_most(Grade::Derived)
}

fn refused_is_not_made(scene: &Scene<'_>) -> Judgement {
    let (Some(resource), true) = (scene.resource(), scene.verb() == Verb::List && scene.is_plain()) else {
        return Judgement::NotApplicable;
    };
    let (Some(key), scope) = (resource.key(), &scene.case.intent.scope) else { return Judgement::NotApplicable };
    let names: Vec<String> = scene.records().iter().filter_map(|record| record.get(key)).map(text).collect();
    if names.is_empty() || documents_change(scene, resource) {
        return Judgement::NotApplicable;
    }
    match names.iter().find(|name| scene.ledger.is_refused(resource, scope, name)) {
        None => Judgement::Passed,
        Some(name) => Judgement::Broken(Broken {
            grade: Grade::Derived,
            cite: None,
            expected: format!("no entry for `{name}`, whose create was refused"),
            actual: "an entry for it".to_owned(),
        }),
    }
}

/// A text of so many characters is not met twice by accident.
const DISTINCT: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use specs::{Profile, Spec};

    #[test]
    fn a_text_that_is_cut_where_it_is_promised_agrees_and_no_shorter_one() {
        let contracts =
            specs::vendors().into_iter().map(|vendor| Spec::Vendor(vendor).contract(Profile::Documented).expect("a valid pack"));
        let mut cut = 0;
        for resource in contracts.flat_map(|contract| contract.resources.into_values()) {
            for (name, field) in &resource.fields {
                let Some(longest) = field.truncate.as_ref().map(|claim| claim.value) else { continue };
                let text = |length: usize| Value::from("x".repeat(length));
                assert!(agrees(&resource, name, &text(longest + 1), &text(longest)));
                assert!(!agrees(&resource, name, &text(longest + 1), &text(longest - 1)));
                assert!(!agrees(&resource, name, &text(longest + 1), &text(longest + 1)));
                cut += 1;
            }
        }
        assert!(cut > 0, "some pack promises it");
    }
}
