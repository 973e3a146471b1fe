//! What several clients do at the same time comes out as if they had come one after another.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use specs::claims::{Claim, Conflict, Grade, Situation, Verb};
use specs::contract::Resource;
use specs::wire::Items;

use super::{Broken, Check, Judgement, Level, Scene};
use crate::history::{core, is_linearizable};
use crate::ledger::text;
use crate::race::{Race, Raced};
use crate::session::Played;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "concurrency/one-create-wins",
        level: Level::Must,
        sentence: "Of several creates of one name at the same time one is carried out, where duplicates are refused.",
        cite: "RFC 9110, section 15.5.10: 409, a conflict with the current state of the resource; Herlihy and Wing 1990, section 2",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 409 application/json {\"error\":\"taken\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"}]}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 201 application/json {\"id\":2,\"name\":\"a\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":2,\"name\":\"a\"}]}",
        judge: one_create_wins,
    },
    Check {
        id: "concurrency/losers-are-told",
        level: Level::Should,
        sentence: "Who loses a race of creates is told so with the status for a duplicate.",
        cite: "RFC 9110, section 15.5.10: 409, a conflict with the current state of the resource",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 409 application/json {\"error\":\"taken\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 400 application/json {\"error\":\"constraint\"}",
        judge: losers_are_told,
    },
    Check {
        id: "concurrency/one-thing-after-race",
        level: Level::Must,
        sentence: "After a race of writes of one name a list shows the name once.",
        cite: "the promise on what is unique within the scope",
        passes: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"}]}",
        breaks: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 201 application/json {\"id\":2,\"name\":\"a\"}\n> GET /secrets\n< 200 application/json {\"secrets\":[{\"id\":1,\"name\":\"a\"},{\"id\":2,\"name\":\"a\"}]}",
        judge: one_thing_after_race,
    },
    Check {
        id: "concurrency/one-id-after-race",
        level: Level::Should,
        sentence: "Writes of one name at the same time that replace each other are told one id.",
        cite: "RFC 9110, section 9.3.4: the state of the target resource is replaced, not the resource",
        passes: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 201 application/json {\"id\":1,\"name\":\"a\"}",
        breaks: "# upsert\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! race: 1 1-4\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n! race: 2 2-3\n< 201 application/json {\"id\":2,\"name\":\"a\"}",
        judge: one_id_after_race,
    },
    Check {
        id: "concurrency/linearizable",
        level: Level::Must,
        sentence: "What several clients do to one name at the same time is answered as if they had come one after another.",
        cite: "Herlihy and Wing 1990, section 2: linearizability; RFC 9110, sections 9.3.1, 9.3.4 and 9.3.5: a 2xx says that the request was carried out",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"first\"}\n! race: 1 1-2\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> DELETE /secrets/a\n! race: 2 3-6\n< 204\n> GET /secrets/a\n! race: 3 4-5\n< 200 application/json {\"id\":1,\"name\":\"a\",\"note\":\"first\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"first\"}\n! race: 1 1-2\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> DELETE /secrets/a\n! race: 2 3-8\n< 204\n> GET /secrets/a\n! race: 3 4-5\n< 404 application/json {\"error\":\"none\"}\n> GET /secrets/a\n! race: 3 6-7\n< 200 application/json {\"id\":1,\"name\":\"a\",\"note\":\"first\"}",
        judge: linearizable,
    },
];

/// A race of writes that all make the same name, with the resource.
fn creates<'s>(scene: &Scene<'s>) -> Option<(&'s Race, &'s Resource)> {
    let race = scene.race?;
    let makes = |raced: &Raced| matches!(scene.contract.endpoints[raced.case.endpoint].verb, Verb::Create | Verb::Put);
    Some((race, scene.resource()?)).filter(|_| race.raced.len() > 1 && race.raced.iter().all(makes))
}

/// A race of creates of which all but one must be refused, with the promise.
fn rejected<'s>(scene: &Scene<'s>) -> Option<(&'s Race, &'s Claim<Conflict>)> {
    let (race, resource) = creates(scene).filter(|_| scene.verb() == Verb::Create)?;
    let claim = resource.conflict();
    (claim.value == Conflict::Reject && claim.grade != Grade::Chosen).then_some((race, claim))
}

/// Whether an answer tells anything else than that there is a conflict: the server failed, was busy, or has it done later.
fn is_unclear(played: &Played) -> bool {
    let status = played.exchange.response.status;
    status.is_server_error() || matches!(status.as_u16(), 202 | 408 | 423 | 425 | 429)
}

fn one_create_wins(scene: &Scene<'_>) -> Judgement {
    let Some((race, claim)) = rejected(scene) else { return Judgement::NotApplicable };
    let won = race.accepted().count();
    let answers = || format!("{won} were carried out: {}", answers(race));
    let expected = || format!("one of {} creates of one name is carried out, the others are refused", race.raced.len());
    if won > 0 {
        return Judgement::hold(won == 1, expected, answers).on(claim);
    }
    // Nobody forbids that each of them gives way to the others; yet a name that is free should be given to somebody.
    let clear = race.answered().count() == race.raced.len() && !race.answered().any(|(_, played)| is_unclear(played));
    let conflict = race.answered().all(|(_, played)| played.exchange.response.status.as_u16() == 409);
    Judgement::hold(!(clear && conflict), expected, answers).at_most(Grade::Guessed).only_broken()
}

fn losers_are_told(scene: &Scene<'_>) -> Judgement {
    let Some((race, claim)) = rejected(scene).filter(|(race, _)| race.accepted().count() == 1) else { return Judgement::NotApplicable };
    let Some(promised) = scene.promised_for(Situation::Duplicate) else { return Judgement::NotApplicable };
    let mut losers = race.answered().filter(|(_, played)| played.reading.refused && !is_unclear(played)).peekable();
    if losers.peek().is_none() {
        return Judgement::NotApplicable;
    }
    let other = losers.find(|(_, played)| played.exchange.response.status.as_u16() != promised.value);
    let actual = other.map(|(_, played)| played.exchange.response.status.as_u16().to_string()).unwrap_or_default();
    Judgement::hold(other.is_none(), || promised.value.to_string(), || actual).at_most(claim.grade).on(&promised)
}

fn one_thing_after_race(scene: &Scene<'_>) -> Judgement {
    let Some((race, listed)) = scene.race.and_then(|race| Some((race, race.listed.as_ref()?))) else { return Judgement::NotApplicable };
    let Some((resource, key)) = scene.resource().and_then(|resource| Some((resource, resource.key()?))) else {
        return Judgement::NotApplicable;
    };
    let unique = resource.promises.conflict.as_ref().filter(|claim| claim.value != Conflict::Allow && claim.grade.condemns());
    let (Some(claim), Some(name)) = (unique, name_of(race, key)) else { return Judgement::NotApplicable };
    if !listed.records.is_empty() && !listed.records.iter().any(|record| record.contains_key(key)) {
        return Judgement::NotApplicable;
    }
    let same = |record: &&Map<String, Value>| record.get(key).map(text).as_ref() == Some(&name);
    let count = listed.records.iter().filter(same).count();
    let expected = || format!("one entry with `{key}` {name}");
    if count == 0 {
        // Only of a race of nothing but creates it is certain that something is left.
        let left = creates(scene).is_some() && race.accepted().next().is_some() && listed.whole;
        return Judgement::hold(!left, expected, || "no entry, although one was made".to_owned());
    }
    Judgement::hold(count == 1, expected, || format!("{count} of them, after {}", answers(race))).on(claim)
}

fn one_id_after_race(scene: &Scene<'_>) -> Judgement {
    let Some((race, resource)) = creates(scene) else { return Judgement::NotApplicable };
    let claim = resource.conflict();
    let Some(id) = resource.issued_id().filter(|_| claim.value == Conflict::Replace && claim.grade != Grade::Chosen) else {
        return Judgement::NotApplicable;
    };
    let told = race.accepted().filter_map(|(_, played)| played.reading.record()?.get(id).map(text));
    let ids: Vec<String> = told.collect();
    if ids.len() < 2 {
        return Judgement::NotApplicable;
    }
    let different: BTreeSet<&String> = ids.iter().collect();
    let actual = || format!("{} different ids in {} answers", different.len(), ids.len());
    Judgement::hold(different.len() == 1, || format!("one `{id}` in all answers"), actual).on(claim)
}

fn linearizable(scene: &Scene<'_>) -> Judgement {
    let Some(race) = scene.race.filter(|_| creates(scene).is_none()) else { return Judgement::NotApplicable };
    let Some(history) = race.history(scene.contract).filter(|history| history.operations.iter().any(|own| !own.act.writes())) else {
        return Judgement::NotApplicable;
    };
    if is_linearizable(&history) {
        return Judgement::Passed;
    }
    let shown = core(&history);
    Judgement::Broken(Broken {
        grade: founded(scene, shown.iter().map(|id| &race.raced[*id])),
        cite: None,
        expected: format!("some order of these {} operations in which each answer is right (a..b: sent at a, answered at b)", shown.len()),
        actual: format!("there is none: {}", race.timeline(scene.contract, &shown).join("; ")),
    })
}

/// How well that is founded which tells what the requests mean.
fn founded<'r>(scene: &Scene<'_>, raced: impl Iterator<Item = &'r Raced>) -> Grade {
    let mut grade = Grade::Documented;
    for raced in raced {
        let endpoint = &scene.contract.endpoints[raced.case.endpoint];
        let verb = endpoint.promises.verb.as_ref().map(|claim| claim.grade);
        let conflict = scene.contract.resource_of(endpoint).filter(|_| endpoint.verb == Verb::Create).map(|own| own.conflict().grade);
        grade = [verb, conflict].into_iter().flatten().fold(grade, Grade::min);
    }
    grade
}

/// The name that a race is about.
fn name_of(race: &Race, key: &str) -> Option<String> {
    let item = |raced: &Raced| match &raced.case.intent.items {
        Items::Named(field, values) if field == key => values.first().map(text),
        _ => None,
    };
    race.raced.iter().find_map(|raced| raced.case.intent.fields.get(key).map(text).or_else(|| item(raced)))
}

/// The statuses of all answers, in the order in which they came.
fn answers(race: &Race) -> String {
    let mut answered: Vec<(&Raced, &Played)> = race.answered().collect();
    answered.sort_by_key(|(raced, _)| raced.returned);
    answered.iter().map(|(_, played)| played.exchange.response.status.as_u16().to_string()).collect::<Vec<_>>().join(", ")
}
