//! Versions are numbered on, told as they were written, hidden, brought back and destroyed as promised.

use serde_json::{Map, Value};
use specs::claims::{Blind, Situation, Verb, Versions};
use specs::contract::Resource;

use super::lifecycle::difference;
use super::{Broken, Check, Judgement, Level, Scene};
use crate::ledger::{KnownVersion, Life, number_told};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "version/number-is-new",
        level: Level::Must,
        sentence: "A write makes a version whose number none before it had.",
        cite: "the promise on versions",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"name\":\"a\",\"version\":2}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}",
        judge: number_is_new,
    },
    Check {
        id: "version/asked-is-told",
        level: Level::Must,
        sentence: "Who asks for a version is told that version as it was written.",
        cite: "the promise on versions",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"name\":\"a\",\"version\":2}\n> GET /secrets/a?version=1\n< 200 application/json {\"name\":\"a\",\"version\":1,\"value\":\"hush-hush-hush\"}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"name\":\"a\",\"version\":2}\n> GET /secrets/a?version=1\n< 200 application/json {\"name\":\"a\",\"version\":2,\"value\":\"hush-hush-two\"}",
        judge: asked_is_told,
    },
    Check {
        id: "version/hidden-is-refused",
        level: Level::Must,
        sentence: "A version that was softly deleted is not told until it is brought back.",
        cite: "the promise on what the operation does",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/hide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 404 application/json {\"error\":\"deleted\"}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/hide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 200 application/json {\"name\":\"a\",\"version\":1,\"value\":\"hush-hush-hush\"}",
        judge: hidden_is_refused,
    },
    Check {
        id: "version/hidden-tells-nothing",
        level: Level::Must,
        sentence: "The refusal to tell a version that was softly deleted or destroyed holds nothing of what it kept.",
        cite: "OWASP Secrets Management Cheat Sheet: what is deleted is not told",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/hide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 404 application/json {\"error\":\"deleted\",\"value\":null}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/hide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 404 application/json {\"error\":\"deleted\",\"value\":\"hush-hush-hush\"}",
        judge: hidden_tells_nothing,
    },
    Check {
        id: "version/undelete-restores",
        level: Level::Must,
        sentence: "What is brought back can be read and is what it was, byte by byte.",
        cite: "the promise on what the operation does",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/hide {\"versions\":[1]}\n< 204\n> POST /secrets/a/unhide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 200 application/json {\"name\":\"a\",\"version\":1,\"value\":\"hush-hush-hush\"}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/hide {\"versions\":[1]}\n< 204\n> POST /secrets/a/unhide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 200 application/json {\"name\":\"a\",\"version\":1,\"value\":\"\"}",
        judge: undelete_restores,
    },
    Check {
        id: "version/destroyed-stays-gone",
        level: Level::Must,
        sentence: "What was destroyed is never told again, and nothing brings it back.",
        cite: "the promise on what the operation does",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/shred {\"versions\":[1]}\n< 204\n> POST /secrets/a/unhide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 404 application/json {\"error\":\"destroyed\"}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets/a/shred {\"versions\":[1]}\n< 204\n> POST /secrets/a/unhide {\"versions\":[1]}\n< 204\n> GET /secrets/a\n< 200 application/json {\"name\":\"a\",\"version\":1,\"value\":\"hush-hush-hush\"}",
        judge: destroyed_stays_gone,
    },
    Check {
        id: "version/expected-is-checked",
        level: Level::Must,
        sentence: "A write that expects another version than the latest is refused.",
        cite: "the promise on what the parameter means; RFC 9110, section 13.1: a condition that is false is not carried out",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\",\"expected\":0}\n< 409 application/json {\"error\":\"another version\"}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\",\"expected\":0}\n< 201 application/json {\"name\":\"a\",\"version\":2}",
        judge: expected_is_checked,
    },
    Check {
        id: "version/expected-is-accepted",
        level: Level::Must,
        sentence: "A write that expects the latest version is not refused for that.",
        cite: "the promise on what the parameter means; RFC 9110, section 13.1",
        passes: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\",\"expected\":1}\n< 201 application/json {\"name\":\"a\",\"version\":2}",
        breaks: "# versions\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"name\":\"a\",\"version\":1}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\",\"expected\":1}\n< 412 application/json {\"error\":\"another version\"}",
        judge: expected_is_accepted,
    },
];

/// The resource, if writes make versions of it and a proper request came.
fn versioned<'s>(scene: &Scene<'s>) -> Option<(&'s Resource, &'s Versions)> {
    let resource = scene.resource().filter(|_| scene.is_plain() && !scene.exchange.response.status.is_server_error())?;
    Some((resource, resource.versions()?))
}

/// The version that a read asks for, as the target has acknowledged it; nothing where the operation tells of the thing alone.
fn asked<'s>(scene: &Scene<'s>) -> Option<&'s KnownVersion> {
    let reads = matches!(scene.verb(), Verb::Read | Verb::Reveal) && !scene.endpoint.is_blind_to(Blind::Deletion);
    let thing = scene.subject().filter(|thing| reads && matches!(thing.life, Life::Alive | Life::Hidden))?;
    versioned(scene)?;
    thing.versions.get(scene.case.intent.version)
}

/// A judgement that rests on the claim of versions.
fn on_versions(scene: &Scene<'_>, judgement: Judgement) -> Judgement {
    match scene.resource().and_then(|resource| resource.promises.versions.as_ref()) {
        Some(claim) => judgement.on(claim),
        None => judgement,
    }
}

/// A judgement that rests on what was claimed to hide, to bring back or to destroy.
fn on_verb(scene: &Scene<'_>, verb: Verb, judgement: Judgement) -> Judgement {
    let own = scene.contract.endpoints.iter().filter(|endpoint| endpoint.verb == verb && endpoint.resource == scene.endpoint.resource);
    match own.filter_map(|endpoint| endpoint.promises.verb.as_ref()).max_by_key(|claim| claim.grade) {
        Some(claim) => judgement.on(claim),
        None => judgement,
    }
}

fn number_is_new(scene: &Scene<'_>) -> Judgement {
    let writes = matches!(scene.verb(), Verb::Create | Verb::Put | Verb::Update) && scene.reading.accepted;
    let Some((resource, rule)) = versioned(scene).filter(|_| writes) else { return Judgement::NotApplicable };
    let states = rule.of.iter().any(|field| scene.case.intent.fields.contains_key(field));
    let before = scene.subject().filter(|thing| states && thing.life != Life::Gone).and_then(|thing| thing.versions.latest());
    let (Some(before), Some(told)) = (before, number_told(resource, scene.reading)) else { return Judgement::NotApplicable };
    on_versions(scene, Judgement::hold(told > before, || format!("a number above {before}"), || told.to_string()))
}

/// Where an answer differs from what a version held; its values are secrets and never repeated.
fn changed(scene: &Scene<'_>, resource: &Resource, version: &KnownVersion) -> Option<Judgement> {
    let record = scene.reading.record().filter(|_| scene.reading.accepted)?;
    if !version.stated.keys().any(|name| record.contains_key(name)) {
        return None;
    }
    let same = difference(resource, &version.stated, record, true).is_none() && !has_more(&version.stated, record);
    let expected = || "what was written in this version".to_owned();
    Some(Judgement::hold(same, expected, || "something else".to_owned()))
}

/// Whether an object has members that were not written: what a version holds is the client's alone.
fn has_more(stated: &Map<String, Value>, record: &Map<String, Value>) -> bool {
    let more = |stated: &Value, told: &Value| match (stated, told) {
        (Value::Object(stated), Value::Object(told)) => told.keys().any(|name| !stated.contains_key(name)),
        _ => false,
    };
    stated.iter().any(|(name, value)| record.get(name).is_some_and(|told| more(value, told)))
}

fn asked_is_told(scene: &Scene<'_>) -> Judgement {
    let (Some((resource, _)), Some(version)) = (versioned(scene), asked(scene)) else { return Judgement::NotApplicable };
    let (Some(wanted), Life::Alive) = (scene.case.intent.version, version.life) else { return Judgement::NotApplicable };
    if let Some(told) = number_told(resource, scene.reading).filter(|told| *told != wanted) {
        return on_versions(scene, Judgement::hold(false, || format!("version {wanted}"), || format!("version {told}")));
    }
    changed(scene, resource, version).map_or(Judgement::NotApplicable, |judgement| on_versions(scene, judgement))
}

fn hidden_is_refused(scene: &Scene<'_>) -> Judgement {
    if asked(scene).is_none_or(|version| version.life != Life::Hidden) {
        return Judgement::NotApplicable;
    }
    on_verb(scene, Verb::SoftDelete, scene.expects_refusal("it was softly deleted"))
}

fn hidden_tells_nothing(scene: &Scene<'_>) -> Judgement {
    let hidden = asked(scene).filter(|version| matches!(version.life, Life::Hidden | Life::Gone) && scene.refused());
    let Some(resource) = scene.resource().filter(|_| hidden.is_some()) else { return Judgement::NotApplicable };
    let own = scene.subject().into_iter().flat_map(|thing| &thing.offered).filter_map(|secret| scene.canaries.number(secret));
    let own: Vec<usize> = own.collect();
    if own.is_empty() || resource.secret().is_empty() {
        return Judgement::NotApplicable;
    }
    match scene.sightings.iter().find(|sighting| own.contains(&sighting.canary)) {
        None => Judgement::Passed,
        Some(sighting) => {
            let judgement = Judgement::Broken(Broken {
                grade: specs::claims::Grade::Derived,
                cite: None,
                expected: "a refusal without what the version kept".to_owned(),
                actual: format!("{} with secret {} {}", scene.answer(), sighting.canary + 1, sighting.telling),
            });
            on_verb(scene, Verb::SoftDelete, judgement)
        }
    }
}

fn undelete_restores(scene: &Scene<'_>) -> Judgement {
    let restored = asked(scene).filter(|version| version.restored && version.life == Life::Alive);
    let (Some((resource, _)), Some(version)) = (versioned(scene), restored) else { return Judgement::NotApplicable };
    let judgement = if scene.is_not_found() {
        Judgement::hold(false, || "a success: it was brought back".to_owned(), || scene.answer())
    } else {
        changed(scene, resource, version).unwrap_or(Judgement::NotApplicable)
    };
    on_verb(scene, Verb::Undelete, judgement)
}

fn destroyed_stays_gone(scene: &Scene<'_>) -> Judgement {
    if asked(scene).is_none_or(|version| version.life != Life::Gone) {
        return Judgement::NotApplicable;
    }
    on_verb(scene, Verb::Destroy, scene.expects_refusal("it was destroyed"))
}

/// The claim that says which input names the expected version.
fn expectation(scene: &Scene<'_>, judgement: Judgement) -> Judgement {
    let claim = scene.endpoint.bindings.iter().find(|bound| bound.binding.value == specs::claims::Binding::ExpectedVersion);
    claim.map_or(judgement.clone(), |bound| judgement.on(&bound.binding))
}

fn expected_is_checked(scene: &Scene<'_>) -> Judgement {
    if scene.case.provokes != Some(Situation::VersionMismatch) || versioned(scene).is_none() {
        return Judgement::NotApplicable;
    }
    expectation(scene, scene.expects_refusal("the latest version is another one"))
}

fn expected_is_accepted(scene: &Scene<'_>) -> Judgement {
    let writes = matches!(scene.verb(), Verb::Create | Verb::Put) && versioned(scene).is_some();
    if !writes || scene.case.provokes.is_some() || scene.case.intent.expected_version.is_none() || scene.case.generous {
        return Judgement::NotApplicable;
    }
    let mismatch = scene.promised_for(Situation::VersionMismatch).map(|claim| claim.value);
    let refused = matches!(scene.status(), 409 | 412) || scene.refused() && mismatch == Some(scene.status());
    expectation(scene, Judgement::hold(!refused, || "a success: the latest version is the one expected".to_owned(), || scene.answer()))
}
