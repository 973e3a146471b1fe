//! What a thing is called and numbered stays as it was stated and told.

use serde_json::{Map, Value};
use specs::claims::{Conflict, Grade, Issuer, Verb};
use specs::contract::Resource;

use super::lifecycle::documents_change;
use super::{Broken, Check, Judgement, Level, Scene};
use crate::ledger::{Life, Tracked, slug, text};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "identity/name-as-stated",
        level: Level::Must,
        sentence: "A name comes back as it was stated: not cut, not trimmed, not in another case.",
        cite: "RFC 9110, section 9.3.1: GET gives the current representation; no document says that a name is changed",
        passes: "> POST /secrets {\"name\":\"ab\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"ab\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"ab\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"AB\",\"value\":\"****\"}",
        judge: name_as_stated,
    },
    Check {
        id: "identity/ids-unique",
        level: Level::Must,
        sentence: "No two things have one id at the same time.",
        cite: "RFC 3986, section 1.1: an identifier tells one resource from all others",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"b\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":2,\"name\":\"b\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"b\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":1,\"name\":\"b\",\"value\":\"****\"}",
        judge: ids_unique,
    },
    Check {
        id: "identity/id-stable",
        level: Level::Must,
        sentence: "A thing keeps the id that the server gave it.",
        cite: "RFC 3986, section 1.1: an identifier tells one resource from all others",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\",\"value\":\"****\"}]}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":7,\"name\":\"a\",\"value\":\"****\"}]}",
        judge: id_stable,
    },
    Check {
        id: "identity/slug-as-promised",
        level: Level::Must,
        sentence: "An id that is made of the name follows the promised rule.",
        cite: "the promise on what the id is made of",
        passes: "# slug\n> POST /secrets {\"name\":\"ab\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":\"ab\",\"name\":\"ab\"}",
        breaks: "# slug\n> POST /secrets {\"name\":\"ab\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":\"a\",\"name\":\"ab\"}",
        judge: slug_as_promised,
    },
];

/// Whether a record's answer is one from which identity can be told.
fn tells(scene: &Scene<'_>) -> bool {
    scene.is_plain() && scene.reading.accepted && scene.case.intent.show.is_none()
}

fn name_as_stated(scene: &Scene<'_>) -> Judgement {
    let (Some(resource), Some(record)) = (scene.resource(), scene.reading.record()) else { return Judgement::NotApplicable };
    let stated = match scene.verb() {
        Verb::Create | Verb::Put => scene.case.intent.fields.get(resource.key().unwrap_or_default()),
        Verb::Read => scene.alive().and_then(|thing| thing.stated.get(resource.key()?)),
        _ => None,
    };
    let told = resource.key().and_then(|key| record.get(key));
    let (Some(stated), Some(told)) = (stated, told.filter(|_| tells(scene))) else { return Judgement::NotApplicable };
    let cut = resource.key().and_then(|key| resource.fields.get(key)).is_some_and(|field| field.truncate.is_some());
    if cut || documents_change(scene, resource) {
        return Judgement::NotApplicable;
    }
    let held = Judgement::hold(text(stated) == text(told), || stated.to_string(), || told.to_string()).at_most(Grade::Derived);
    scene.guessed_verb().map_or(held.clone(), |claim| held.on(claim))
}

/// The id that the server has issued, as a record tells it.
fn told_id<'r>(resource: &Resource, record: &'r Map<String, Value>) -> Option<&'r Value> {
    record.get(resource.issued_id()?).filter(|id| id.is_string() || id.is_number())
}

fn ids_unique(scene: &Scene<'_>) -> Judgement {
    let (Some(resource), Some(record)) = (scene.resource(), scene.reading.record()) else { return Judgement::NotApplicable };
    let fresh = scene.verb() == Verb::Create && scene.subject().is_none_or(|thing| thing.life == Life::Gone);
    let Some(id) = told_id(resource, record).filter(|_| tells(scene) && fresh) else { return Judgement::NotApplicable };
    let name = resource.key().and_then(|key| scene.case.intent.fields.get(key)).map(text);
    let within = scene.ledger.alive_in(&resource.name, &scene.case.intent.scope);
    let others = within.filter(|thing| resource.key().and_then(|key| thing.field(key)).map(text) != name);
    let owner = others.into_iter().find(|thing| told_id(resource, &thing.told).map(text) == Some(text(id)));
    let expected = || "an id that nothing else has".to_owned();
    Judgement::hold(owner.is_none(), expected, || format!("the id {id} of {}", owner.map(|thing| thing.name(resource)).unwrap_or_default()))
        .at_most(Grade::Derived)
}

fn id_stable(scene: &Scene<'_>) -> Judgement {
    let Some(resource) = scene.resource().filter(|resource| has_unique_names(resource)) else { return Judgement::NotApplicable };
    if !tells(scene) || matches!(scene.verb(), Verb::Create | Verb::Put) {
        return Judgement::NotApplicable;
    }
    let mut judgement = Judgement::NotApplicable;
    for record in scene.records() {
        let Some((thing, id)) = namesake(scene, resource, record).zip(told_id(resource, record)) else { continue };
        let Some(known) = told_id(resource, &thing.told) else { continue };
        if text(known) != text(id) {
            return broken(format!("the id {known} of {}", thing.name(resource)), id.to_string());
        }
        judgement = Judgement::Passed;
    }
    judgement
}

/// Whether one name means one thing here.
fn has_unique_names(resource: &Resource) -> bool {
    resource.promises.conflict.as_ref().is_some_and(|claim| claim.value != Conflict::Allow && claim.grade.condemns())
        || resource.identity().issued == Issuer::Client
}

/// The one thing alive that has the name in a record.
fn namesake<'s>(scene: &Scene<'s>, resource: &'s Resource, record: &Map<String, Value>) -> Option<&'s Tracked> {
    let key = resource.key()?;
    let name = text(record.get(key)?);
    let within = scene.ledger.called(&name).filter(|thing| thing.resource == resource.name && thing.is_in(&scene.case.intent.scope));
    let mut named = within.filter(|thing| thing.life != Life::Gone && thing.field(key).map(text).as_ref() == Some(&name));
    let first = named.next()?;
    (named.next().is_none() && first.life == Life::Alive).then_some(first)
}

fn slug_as_promised(scene: &Scene<'_>) -> Judgement {
    let (Some(resource), Some(record)) = (scene.resource(), scene.reading.record()) else { return Judgement::NotApplicable };
    let Some(claim) = resource.promises.identity.as_ref().filter(|claim| claim.grade != Grade::Chosen) else {
        return Judgement::NotApplicable;
    };
    let Issuer::Slug(of) = &claim.value.issued else { return Judgement::NotApplicable };
    let made = matches!(scene.verb(), Verb::Create) && tells(scene);
    let (Some(name), Some(told)) = (scene.case.intent.fields.get(of).filter(|_| made), record.get(&claim.value.field)) else {
        return Judgement::NotApplicable;
    };
    let expected = slug(&text(name));
    Judgement::hold(text(told) == expected, || expected.clone(), || told.to_string()).on(claim)
}

fn broken(expected: String, actual: String) -> Judgement {
    Judgement::Broken(Broken { grade: Grade::Derived, cite: None, expected, actual })
}
