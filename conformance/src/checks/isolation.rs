//! What is kept in one scope, or for one caller, is not seen from another.

use serde_json::{Map, Value};
use specs::claims::{Blind, Grade, Verb};
use specs::contract::{Endpoint, Resource};
use specs::wire::{Items, Selector, secrets_in};

use super::{Broken, Check, Judgement, Level, Scene};
use crate::case::Credential;
use crate::ledger::{Life, Tracked, same_scope, text};
use crate::options::Identity;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "isolation/stranger-sees-nothing",
        level: Level::Must,
        sentence: "A caller to whom a thing does not belong neither sees nor changes it.",
        cite: "OWASP API Security Top 10 2023, API1: broken object level authorization",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets/a\n! credentials: other\n< 404 application/json {\"error\":\"no such secret\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> GET /secrets/a\n! credentials: other\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        judge: stranger_sees_nothing,
    },
    Check {
        id: "isolation/scopes-apart",
        level: Level::Must,
        sentence: "What was made in one scope is not found in another.",
        cite: "RFC 3986, section 3.3: the path tells one scope's resource from another's",
        passes: "> POST /boxes/1/keys {\"label\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":\"k1\",\"label\":\"a\"}\n> GET /boxes/2/keys\n< 200 application/json {\"keys\":[]}",
        breaks: "> POST /boxes/1/keys {\"label\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":\"k1\",\"label\":\"a\"}\n> GET /boxes/2/keys\n< 200 application/json {\"keys\":[{\"id\":\"k1\",\"label\":\"a\"}]}",
        judge: scopes_apart,
    },
    Check {
        id: "isolation/no-value-elsewhere",
        level: Level::Must,
        sentence: "No answer about one scope holds a secret of another.",
        cite: "OWASP API Security Top 10 2023, API1: broken object level authorization",
        passes: "> POST /boxes/1/keys {\"label\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":\"k1\",\"label\":\"a\"}\n> GET /boxes/2/keys\n< 200 application/json {\"keys\":[]}",
        breaks: "> POST /boxes/1/keys {\"label\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":\"k1\",\"label\":\"a\"}\n> GET /boxes/2/keys\n< 200 application/json {\"keys\":[],\"debug\":\"hush-hush-hush\"}",
        judge: no_value_elsewhere,
    },
];

/// The things of this run that are alive in other scopes than the request's.
fn elsewhere<'s>(scene: &Scene<'s>, resource: &'s Resource) -> impl Iterator<Item = &'s Tracked> {
    let scope = &scene.case.intent.scope;
    scene.ledger.alive().filter(move |thing| is_elsewhere(scope, resource, thing))
}

/// Whether a thing is alive in another scope than the request's.
fn is_elsewhere(scope: &[Selector], resource: &Resource, thing: &Tracked) -> bool {
    let alive = thing.life == Life::Alive && thing.resource == resource.name;
    alive && !scope.is_empty() && thing.scope.len() == scope.len() && !same_scope(&thing.scope, scope)
}

fn stranger_sees_nothing(scene: &Scene<'_>) -> Judgement {
    let stranger = scene.case.credential == Credential::As(Identity::Other);
    let Some(resource) = scene.resource().filter(|_| stranger && !scene.endpoint.is_public()) else { return Judgement::NotApplicable };
    let within = || scene.ledger.alive_in(&resource.name, &scene.case.intent.scope);
    let seen = match scene.verb() {
        _ if is_open(scene.endpoint) => return Judgement::NotApplicable,
        Verb::List => scene.records().iter().find_map(|record| scene.shown(record).find(|thing| thing.life == Life::Alive)),
        Verb::Read | Verb::Reveal | Verb::Update | Verb::Delete | Verb::SoftDelete | Verb::Undelete | Verb::Destroy => {
            scene.alive().filter(|_| scene.reading.accepted)
        }
        _ => return Judgement::NotApplicable,
    };
    if within().next().is_none() || scene.exchange.response.status.is_server_error() {
        return Judgement::NotApplicable;
    }
    let expected = || "a refusal, or nothing of this run's: the caller is a stranger".to_owned();
    Judgement::hold(seen.is_none(), expected, || {
        format!("{} with {}", scene.answer(), seen.map(|thing| thing.name(resource)).unwrap_or_default())
    })
}

/// Whether it is promised that callers are not told apart here.
fn is_open(endpoint: &Endpoint) -> bool {
    let shows = endpoint.promises.lists_foreign.as_ref().is_some_and(|claim| claim.value);
    shows || endpoint.is_blind_to(Blind::Owner)
}

fn scopes_apart(scene: &Scene<'_>) -> Judgement {
    let Some(resource) = scene.resource().filter(|_| scene.is_plain()) else { return Judgement::NotApplicable };
    let mut others = elsewhere(scene, resource).peekable();
    if others.peek().is_none() || scene.exchange.response.status.is_server_error() {
        return Judgement::NotApplicable;
    }
    let found = match scene.verb() {
        Verb::List => listed_from_elsewhere(scene, resource),
        Verb::Read | Verb::Reveal | Verb::Delete if scene.subject().is_none() => {
            match others.find(|thing| is_named(scene, resource, thing)) {
                None => return Judgement::NotApplicable,
                named => named.filter(|_| scene.reading.accepted && (scene.verb() != Verb::Delete || refuses_missing(resource))),
            }
        }
        _ => return Judgement::NotApplicable,
    };
    match found {
        None => Judgement::Passed,
        Some(thing) => Judgement::Broken(Broken {
            grade: Grade::Derived,
            cite: None,
            expected: format!("nothing of {}, which is in another scope", thing.name(resource)),
            actual: scene.answer(),
        }),
    }
}

/// Whether it is certain that deleting what is not there is refused: a server may well answer that it is gone.
fn refuses_missing(resource: &Resource) -> bool {
    resource.delete_missing().value == specs::claims::Missing::Reject && resource.delete_missing().grade.condemns()
}

/// A thing of another scope that a list shows, where nothing of this scope is called so.
fn listed_from_elsewhere<'s>(scene: &Scene<'s>, resource: &'s Resource) -> Option<&'s Tracked> {
    let foreign = |record: &&Map<String, Value>| scene.shown(record).next().is_none();
    let shown = scene.records().iter().filter(foreign).flat_map(|record| scene.ledger.showing(resource, record));
    shown.into_iter().find(|thing| is_elsewhere(&scene.case.intent.scope, resource, thing))
}

fn is_named(scene: &Scene<'_>, resource: &Resource, thing: &Tracked) -> bool {
    let Items::Named(field, values) = &scene.case.intent.items else { return false };
    let own = if *field == resource.identity().field { thing.identity.as_ref() } else { thing.field(field) };
    own.is_some_and(|own| values.iter().any(|value| text(value) == text(own)))
}

fn no_value_elsewhere(scene: &Scene<'_>) -> Judgement {
    let Some(resource) = scene.resource() else { return Judgement::NotApplicable };
    let secrets = || {
        elsewhere(scene, resource)
            .flat_map(|thing| secrets_in(&thing.stated, resource).into_iter().map(move |secret| (thing, secret)))
            .filter_map(|(thing, secret)| Some((thing, scene.canaries.number(secret)?)))
    };
    if secrets().next().is_none() {
        return Judgement::NotApplicable;
    }
    let told = scene.sightings.iter().find_map(|seen| secrets().find(|(_, number)| *number == seen.canary).map(|(thing, _)| (thing, seen)));
    let expected = || "no secret of another scope".to_owned();
    Judgement::hold(told.is_none(), expected, || {
        told.map(|(thing, seen)| format!("that of {} {}", thing.name(resource), seen.telling)).unwrap_or_default()
    })
}
