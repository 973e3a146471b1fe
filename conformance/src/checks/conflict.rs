//! A second thing of one name is refused, or replaces the first, as promised.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use specs::claims::{Binding, Claim, Conflict, Grade, Situation, Verb, Visibility};
use specs::contract::{Endpoint, Resource};
use specs::wire::secrets_in;

use super::lifecycle::difference;
use super::{Broken, Check, Judgement, Level, Scene};
use crate::ledger::{Life, Tracked, is_before};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "conflict/duplicate-refused",
        level: Level::Must,
        sentence: "A second create of one name is refused where duplicates are.",
        cite: "RFC 9110, section 15.5.10: 409, a conflict with the current state of the resource",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 409 application/json {\"error\":\"taken\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":2,\"name\":\"a\",\"value\":\"****\"}",
        judge: duplicate_refused,
    },
    Check {
        id: "conflict/duplicate-accepted",
        level: Level::Must,
        sentence: "A second write of one name is carried out where it replaces the first.",
        cite: "RFC 9110, section 9.3.4: PUT replaces; the document's own words on create or update",
        passes: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 409 application/json {\"error\":\"taken\"}",
        judge: duplicate_accepted,
    },
    Check {
        id: "conflict/replace-keeps-id",
        level: Level::Should,
        sentence: "A write that replaces a thing keeps the id that the server gave it.",
        cite: "RFC 9110, section 9.3.4: the state of the target resource is replaced, not the resource",
        passes: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":2,\"name\":\"a\",\"value\":\"****\"}",
        judge: replace_keeps_id,
    },
    Check {
        id: "conflict/refused-changes-nothing",
        level: Level::Must,
        sentence: "A write that was refused leaves no trace.",
        cite: "RFC 9110, section 15.5: a 4xx says that the request was not carried out",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 409 application/json {\"error\":\"taken\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"updated_at\":\"2026-01-01T00:00:00Z\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 409 application/json {\"error\":\"taken\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"updated_at\":\"2026-01-01T00:00:07Z\"}",
        judge: refused_changes_nothing,
    },
    Check {
        id: "conflict/change-keeps-created",
        level: Level::Must,
        sentence: "A write that changes a thing leaves its time of creation as it was.",
        cite: "RFC 5789, section 2, and RFC 9110, section 9.3.4: the resource is changed, not made anew",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"created_at\":\"2026-01-01T00:00:00Z\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"created_at\":\"2026-01-01T00:00:00Z\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"created_at\":\"2026-01-01T00:00:00Z\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"created_at\":\"2026-01-01T00:00:07Z\"}",
        judge: change_keeps_created,
    },
    Check {
        id: "conflict/change-moves-updated",
        level: Level::Must,
        sentence: "The time of the last change is not before the change.",
        cite: "the promise on the field that tells the time of the last change",
        passes: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n> POST /secrets {\"name\":\"b\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":2,\"name\":\"b\",\"updated_at\":\"2026-01-01T00:00:01Z\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"updated_at\":\"2026-01-01T00:00:02Z\"}",
        breaks: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"updated_at\":\"2026-01-01T00:00:00Z\"}\n> POST /secrets {\"name\":\"b\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":2,\"name\":\"b\",\"updated_at\":\"2026-01-01T00:00:01Z\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"updated_at\":\"2026-01-01T00:00:00Z\"}",
        judge: change_moves_updated,
    },
    Check {
        id: "conflict/name-free-after-delete",
        level: Level::Must,
        sentence: "The name of a deleted thing can be given again.",
        cite: "RFC 9110, section 9.3.5: DELETE removes the association between the resource and its functionality",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":2,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 409 application/json {\"error\":\"taken\"}",
        judge: name_free_after_delete,
    },
];

/// What a second write of a name does here.
fn policy(scene: &Scene<'_>) -> Option<Claim<Conflict>> {
    let resource = scene.resource()?;
    Some(match scene.verb() {
        Verb::Put => Claim::new(Conflict::Replace, Grade::Derived, "RFC 9110, section 9.3.4"),
        _ => resource.conflict().clone(),
    })
}

fn duplicate(scene: &Scene<'_>, wanted: impl Fn(Conflict) -> bool) -> Option<Claim<Conflict>> {
    let applies = scene.is_plain()
        && scene.case.provokes.is_none_or(|own| own == Situation::Duplicate)
        && scene.is_duplicate()
        && !scene.exchange.response.status.is_server_error();
    policy(scene).filter(|policy| applies && wanted(policy.value) && policy.grade != Grade::Chosen)
}

fn duplicate_refused(scene: &Scene<'_>) -> Judgement {
    let Some(claim) = duplicate(scene, |policy| policy == Conflict::Reject) else { return Judgement::NotApplicable };
    scene.expects_refusal("a thing of this name exists").on(&claim)
}

fn duplicate_accepted(scene: &Scene<'_>) -> Judgement {
    let Some(claim) = duplicate(scene, |policy| matches!(policy, Conflict::Replace | Conflict::ReplaceUnseen)) else {
        return Judgement::NotApplicable;
    };
    Judgement::hold(scene.reading.accepted, || "acceptance: it replaces the one of this name".to_owned(), || scene.answer()).on(&claim)
}

fn replace_keeps_id(scene: &Scene<'_>) -> Judgement {
    let Some(claim) = duplicate(scene, |policy| policy == Conflict::Replace) else { return Judgement::NotApplicable };
    let id = scene.resource().and_then(|resource| resource.issued_id());
    let told = id.and_then(|id| Some((scene.alive()?.told.get(id)?, scene.reading.record()?.get(id)?)));
    let Some((before, now)) = told else { return Judgement::NotApplicable };
    Judgement::hold(before == now, || before.to_string(), || now.to_string()).on(&claim)
}

fn refused_changes_nothing(scene: &Scene<'_>) -> Judgement {
    let Some(resource) = scene.resource() else { return Judgement::NotApplicable };
    if !scene.is_plain()
        || !scene.is_about_latest()
        || !matches!(scene.verb(), Verb::Read | Verb::Reveal | Verb::List)
        || scene.case.intent.show.is_some()
    {
        return Judgement::NotApplicable;
    }
    let mut judgement = Judgement::NotApplicable;
    for record in scene.records() {
        let refused = |thing: &&Tracked| thing.life == Life::Alive && thing.refused_since;
        let Some(thing) = scene.shown(record).find(refused) else { continue };
        match trace(scene, resource, thing, record) {
            Some((expected, actual)) => return broken(expected, actual),
            None => judgement = Judgement::Passed,
        }
    }
    judgement
}

/// What a refused write has left: a field that it could have set, or the time of the last change, is not as the same operation told it
/// before the refusal. Before that it must have been told as written: else the write before was carried out late.
fn trace(scene: &Scene<'_>, resource: &Resource, thing: &Tracked, record: &Map<String, Value>) -> Option<(String, String)> {
    let updated = resource.time_fields().1.and_then(|field| Some((field, thing.told.get(field)?, record.get(field)?)));
    if let Some((field, before, now)) = updated.filter(|(_, before, now)| before != now) {
        return Some((format!("`{field}` as before: {before}"), now.to_string()));
    }
    let plain = scene.visibility().is_some_and(|claim| claim.value == Visibility::Plain);
    let before = thing.shown.get(&scene.endpoint.name()).filter(|before| difference(resource, &thing.stated, before, plain).is_none())?;
    let secret = |name: &str| resource.secret().iter().any(|path| path.field() == name);
    let watched = writable(scene, resource).into_iter().filter(|name| plain || !secret(name));
    let name = watched.into_iter().find(|name| before.get(*name) != record.get(*name))?;
    let shown = |value: Option<&Value>| match value {
        Some(_) if secret(name) => "another value".to_owned(),
        Some(value) => value.to_string(),
        None => "nothing".to_owned(),
    };
    let expected = if secret(name) { format!("`{name}` as before") } else { format!("`{name}` as before: {}", shown(before.get(name))) };
    Some((expected, shown(record.get(name))))
}

fn change_keeps_created(scene: &Scene<'_>) -> Judgement {
    let Some(field) = scene.resource().and_then(|resource| resource.time_fields().0) else {
        return Judgement::NotApplicable;
    };
    let mut judgement = Judgement::NotApplicable;
    for (thing, record) in shown(scene) {
        let (Some(born), Some(told)) = (&thing.born, record.get(field)) else { continue };
        let writes = matches!(scene.verb(), Verb::Create | Verb::Put);
        judgement = Judgement::hold(born == told, || format!("`{field}` as at first: {born}"), || told.to_string()).at_most(Grade::Derived);
        // Many a server replaces a thing by a new one, or tells a time more exactly before it has stored it.
        judgement = if writes || thing.replaced || !is_comparable(born, told) { judgement.at_most(Grade::Guessed) } else { judgement };
        if judgement != Judgement::Passed {
            break;
        }
    }
    judgement
}

/// Whether two times are written in one form.
fn is_comparable(one: &Value, other: &Value) -> bool {
    let apart = |one: &str, other: &str| is_before(one, other) || is_before(other, one);
    one.as_str().zip(other.as_str()).is_none_or(|(one, other)| one == other || apart(one, other))
}

/// The things alive that the answer shows, each with its record.
fn shown<'s>(scene: &Scene<'s>) -> Vec<(&'s Tracked, &'s Map<String, Value>)> {
    if !scene.is_plain() || !scene.reading.accepted {
        return Vec::new();
    }
    let alive = |record: &'s Map<String, Value>| Some((scene.shown(record).find(|thing| thing.life == Life::Alive)?, record));
    scene.records().iter().filter_map(alive).collect()
}

fn change_moves_updated(scene: &Scene<'_>) -> Judgement {
    let claim = scene.resource().and_then(|resource| resource.promises.updated.as_ref()).filter(|claim| claim.grade != Grade::Chosen);
    let (Some(resource), Some(claim)) = (scene.resource(), claim) else { return Judgement::NotApplicable };
    let writes = scene.verb().writes();
    let states = !secrets_in(&scene.case.intent.fields, resource).is_empty();
    let mut judgement = Judgement::NotApplicable;
    for (thing, record) in shown(scene).into_iter().filter(|_| !writes || states) {
        let since = if writes { scene.ledger.times.latest(resource) } else { thing.changed_after.as_ref() };
        let (Some(since), Some(told)) = (since, record.get(&claim.value).and_then(Value::as_str)) else { continue };
        judgement =
            Judgement::hold(!is_before(told, since), || format!("`{}` at {since} or later", claim.value), || told.to_owned()).on(claim);
        if judgement != Judgement::Passed {
            break;
        }
    }
    judgement
}

fn name_free_after_delete(scene: &Scene<'_>) -> Judgement {
    let freed = scene.verb() == Verb::Create && scene.subject().is_some_and(|thing| thing.life == Life::Gone);
    if !freed || !scene.is_plain() || scene.exchange.response.status.is_server_error() || keeps_names(scene) {
        return Judgement::NotApplicable;
    }
    let taken = scene.status() == 409 || scene.refused() && scene.exchange.response.status.is_success();
    Judgement::hold(!taken, || "a success: the thing of this name was deleted".to_owned(), || scene.answer()).at_most(Grade::Derived)
}

/// Whether the document says that a deleted thing is kept for a while, or its name for ever.
fn keeps_names(scene: &Scene<'_>) -> bool {
    let removes =
        |endpoint: &&Endpoint| matches!(endpoint.verb, Verb::Delete | Verb::Create) && endpoint.resource == scene.endpoint.resource;
    let words = ["soft", "reuse", "re-use", "reserved", "retention", "recover", "restore", "trash", "purge"];
    let kept = |endpoint: &Endpoint| {
        let prose = endpoint.operation.prose.to_lowercase();
        words.iter().any(|word| prose.contains(word))
    };
    scene.contract.endpoints.iter().filter(removes).any(kept)
}

/// The fields that some write of the resource takes.
fn writable<'s>(scene: &Scene<'s>, resource: &Resource) -> BTreeSet<&'s str> {
    let writes = |endpoint: &&'s Endpoint| endpoint.verb.writes() && endpoint.resource.as_ref() == Some(&resource.name);
    let field = |binding: &'s Binding| match binding {
        Binding::Field(name) => Some(name.as_str()),
        _ => None,
    };
    scene.contract.endpoints.iter().filter(writes).flat_map(|endpoint| endpoint.bound(field).map(|(_, name)| name)).collect()
}

fn broken(expected: String, actual: String) -> Judgement {
    Judgement::Broken(Broken { grade: Grade::Derived, cite: None, expected, actual })
}
