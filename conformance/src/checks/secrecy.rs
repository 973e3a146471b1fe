//! What was written secretly is not told.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use specs::claims::{Claim, Grade, Source, Verb, Visibility};
use specs::contract::Resource;
use specs::wire::secrets_in;

use super::{Broken, Check, Judgement, Level, Scene};
use crate::canary::Sighting;
use crate::generate::Language;
use crate::ledger::{Life, Tracked};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "secrecy/no-plaintext",
        level: Level::Must,
        sentence: "No success tells a secret that it should hide.",
        cite: "OWASP API Security Top 10 2023, API3: broken object property level authorization",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"hush-hush-hush\"}",
        judge: no_plaintext,
    },
    Check {
        id: "secrecy/no-echo-in-errors",
        level: Level::Must,
        sentence: "No refusal repeats a secret.",
        cite: "OWASP ASVS 5.0.0, V16: error messages hold no sensitive data",
        passes: "> POST /secrets {\"name\":\"A B\",\"value\":\"hush-hush-hush\"}\n< 400 application/json {\"error\":\"bad name\"}",
        breaks: "> POST /secrets {\"name\":\"A B\",\"value\":\"hush-hush-hush\"}\n< 400 application/json {\"error\":\"bad name for hush-hush-hush\"}",
        judge: no_echo_in_errors,
    },
    Check {
        id: "secrecy/no-secret-in-headers",
        level: Level::Must,
        sentence: "No response header holds a secret.",
        cite: "OWASP API Security Top 10 2023, API3: broken object property level authorization",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n<< x-request-id: 7",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n<< x-debug: aHVzaC1odXNoLWh1c2g=",
        judge: no_secret_in_headers,
    },
    Check {
        id: "secrecy/mask-as-promised",
        level: Level::Must,
        sentence: "A masked field holds what the document says of masks.",
        cite: "the document's own words on the masked field",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"(hidden)\"}",
        judge: mask_as_promised,
    },
    Check {
        id: "secrecy/mask-hides-length",
        level: Level::Must,
        sentence: "A mask does not grow with the secret.",
        cite: "OWASP API Security Top 10 2023, API3: what is derived from a secret tells of it",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"b\",\"value\":\"hush-hush-hush-hush\"}\n< 201 application/json {\"id\":2,\"name\":\"b\",\"value\":\"****\"}\n> GET /secrets/b\n< 200 application/json {\"id\":2,\"name\":\"b\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"**************\"}\n> POST /secrets {\"name\":\"b\",\"value\":\"hush-hush-hush-hush\"}\n< 201 application/json {\"id\":2,\"name\":\"b\",\"value\":\"*******************\"}\n> GET /secrets/b\n< 200 application/json {\"id\":2,\"name\":\"b\",\"value\":\"*******************\"}",
        judge: mask_hides_length,
    },
    Check {
        id: "secrecy/guards-hold",
        level: Level::Must,
        sentence: "A secret that may not be revealed is not revealed.",
        cite: "the promise on when a value is not revealed",
        passes: "# guarded\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"never\"}\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> GET /secrets/a\n< 404 application/json {\"error\":\"never\"}",
        breaks: "# guarded\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\",\"note\":\"never\"}\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"hush-hush-hush\"}",
        judge: guards_hold,
    },
    Check {
        id: "secrecy/length-is-exact",
        level: Level::Must,
        sentence: "A length that is told of a secret is its length in bytes.",
        cite: "the promise on the field that tells the length",
        passes: "# length\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"length\":14}",
        breaks: "# length\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\"}\n> GET /secrets/a\n< 200 application/json {\"id\":1,\"name\":\"a\",\"length\":13}",
        judge: length_is_exact,
    },
];

/// The secrets that this answer may tell: those of the things that it is about, where reading them is what it is for.
fn tellable(scene: &Scene<'_>) -> BTreeSet<usize> {
    let Some(resource) = scene.resource() else { return BTreeSet::new() };
    let plain = scene.visibility().is_some_and(|claim| claim.value == Visibility::Plain);
    if !plain || !scene.reading.accepted {
        return BTreeSet::new();
    }
    let mut told: BTreeSet<&str> = secrets_in(&scene.case.intent.fields, resource).into_iter().collect();
    let things: Vec<&Tracked> = match scene.verb() {
        Verb::List => scene.ledger.within(&resource.name, &scene.case.intent.scope).collect(),
        _ => scene.subject().into_iter().collect(),
    };
    told.extend(things.into_iter().flat_map(|thing| &thing.offered).map(String::as_str));
    told.into_iter().filter_map(|secret| scene.canaries.number(secret)).collect()
}

/// Whether anything secret was written that could be told.
fn has_written(scene: &Scene<'_>) -> bool {
    let Some(resource) = scene.resource() else { return false };
    let stated = !secrets_in(&scene.case.intent.fields, resource).is_empty();
    stated || scene.ledger.things().iter().any(|thing| thing.resource == resource.name)
}

fn leak(scene: &Scene<'_>, found: Option<&Sighting>, expected: &str) -> Judgement {
    let Some(sighting) = found else { return Judgement::Passed };
    let place = sighting.header.as_ref().map_or_else(|| "the body".to_owned(), |name| format!("the header `{name}`"));
    Judgement::Broken(Broken {
        grade: Grade::Documented,
        cite: None,
        expected: expected.to_owned(),
        actual: format!("{} with secret {} {} in {place}", scene.answer(), sighting.canary + 1, sighting.telling),
    })
}

fn no_plaintext(scene: &Scene<'_>) -> Judgement {
    if !scene.reading.accepted || !has_written(scene) {
        return Judgement::NotApplicable;
    }
    let tellable = tellable(scene);
    let found = scene.sightings.iter().find(|sighting| sighting.header.is_none() && !tellable.contains(&sighting.canary));
    let judgement = leak(scene, found, "no secret, in whatever encoding");
    // What a filter asks for, or what a view of something else is for, may be the secret: nobody said so, and nobody said otherwise.
    let aside = scene.guessed_verb().is_some() && scene.resource().is_some_and(|resource| resource.secret().is_empty());
    if aside || scene.case.asks_more(scene.endpoint) {
        return judgement.at_most(Grade::Guessed);
    }
    match scene.visibility().filter(|claim| claim.value != Visibility::Plain && claim.grade.condemns()) {
        Some(claim) => judgement.on(&claim),
        None => judgement,
    }
}

fn no_echo_in_errors(scene: &Scene<'_>) -> Judgement {
    if scene.reading.accepted || !has_written(scene) {
        return Judgement::NotApplicable;
    }
    let found = scene.sightings.iter().find(|sighting| sighting.header.is_none());
    match leak(scene, found, "a refusal without any secret") {
        // Where the same caller can read the value anyway, the echo is bad manners rather than a leak.
        Judgement::Broken(broken) if is_readable(scene) => Judgement::Broken(Broken { grade: Grade::Guessed, ..broken }),
        other => other,
    }
}

fn is_readable(scene: &Scene<'_>) -> bool {
    let shows = |verb| {
        let resource = scene.resource()?;
        let path = resource.secret().first()?;
        resource.visibility(path, verb).map(|claim| claim.value == Visibility::Plain)
    };
    [Verb::Read, Verb::List].into_iter().any(|verb| shows(verb) == Some(true))
}

fn no_secret_in_headers(scene: &Scene<'_>) -> Judgement {
    if !has_written(scene) {
        return Judgement::NotApplicable;
    }
    leak(scene, scene.sightings.iter().find(|sighting| sighting.header.is_some()), "headers without any secret")
}

/// The masked texts of the answer, each with the field's name.
fn masks<'s>(scene: &Scene<'s>) -> Option<(Claim<Visibility>, Vec<&'s Value>)> {
    let claim = scene.visibility().filter(|claim| claim.value == Visibility::Masked)?;
    let path = scene.resource()?.secret().first()?;
    let found: Vec<&Value> = scene.records().iter().filter_map(|record| record.get(path.field())).collect();
    (!found.is_empty()).then_some((claim, found))
}

fn mask_as_promised(scene: &Scene<'_>) -> Judgement {
    let pattern = scene.resource().and_then(|resource| resource.promises.mask_pattern.as_ref());
    let (Some(pattern), Some((_, masks))) = (pattern, masks(scene)) else { return Judgement::NotApplicable };
    let Some(language) = Language::of(&[&pattern.value], &[]) else { return Judgement::NotApplicable };
    let odd = masks.into_iter().find(|mask| mask.as_str().is_none_or(|mask| !language.accepts(mask)));
    let actual = || "a text of another form".to_owned();
    Judgement::hold(odd.is_none(), || format!("a text that matches `{}`", pattern.value), actual).on(pattern)
}

fn mask_hides_length(scene: &Scene<'_>) -> Judgement {
    let (Some(resource), Some((claim, _))) = (scene.resource(), masks(scene)) else { return Judgement::NotApplicable };
    let Some(path) = resource.secret().first() else { return Judgement::NotApplicable };
    let here = scene.records().iter().filter_map(|record| {
        let thing = scene.shown(record).find(|thing| thing.life == Life::Alive)?;
        lengths(thing, record, resource, path.field())
    });
    let here: Vec<(usize, usize)> = here.collect();
    if here.is_empty() {
        return Judgement::NotApplicable;
    }
    let known = scene.ledger.alive_in(&resource.name, &scene.case.intent.scope);
    let measured: Vec<(usize, usize)> = known.filter_map(|thing| lengths(thing, &thing.told, resource, path.field())).collect();
    let pairs: Vec<((usize, usize), (usize, usize))> = here
        .into_iter()
        .flat_map(|here| measured.iter().map(move |there| (here, *there)))
        .filter(|(here, there)| here.0 != there.0)
        .collect();
    if pairs.is_empty() {
        return Judgement::NotApplicable;
    }
    let grows = |((secret, mask), (other_secret, other_mask)): &((usize, usize), (usize, usize))| {
        secret.abs_diff(*other_secret) == mask.abs_diff(*other_mask) && (secret > other_secret) == (mask > other_mask)
    };
    let actual = || "masks whose lengths differ exactly as the secrets' do".to_owned();
    Judgement::hold(!pairs.iter().any(grows), || "masks of one length for secrets of different lengths".to_owned(), actual).on(&claim)
}

/// The lengths of a thing's secret and of the mask that stands for it.
fn lengths(thing: &Tracked, record: &Map<String, Value>, resource: &Resource, field: &str) -> Option<(usize, usize)> {
    let secret = secrets_in(&thing.stated, resource).first()?.chars().count();
    let mask = record.get(field)?.as_str()?.chars().count();
    Some((secret, mask))
}

fn length_is_exact(scene: &Scene<'_>) -> Judgement {
    let Some(resource) = scene.resource() else { return Judgement::NotApplicable };
    let told = resource.fields.iter().find_map(|(name, field)| {
        let claim = field.source.as_ref().filter(|claim| claim.value == Source::Length)?;
        Some((name, claim))
    });
    let Some((name, claim)) = told else { return Judgement::NotApplicable };
    let mut judgement = Judgement::NotApplicable;
    for record in scene.records() {
        let thing = scene.shown(record).find(|thing| thing.life == Life::Alive);
        let (Some(thing), Some(length)) = (thing, record.get(name).and_then(Value::as_u64)) else { continue };
        let exact: usize = secrets_in(&thing.stated, resource).iter().map(|secret| secret.len()).sum();
        judgement = Judgement::hold(usize::try_from(length) == Ok(exact), || exact.to_string(), || length.to_string()).on(claim);
        if judgement != Judgement::Passed {
            break;
        }
    }
    judgement
}

fn guards_hold(scene: &Scene<'_>) -> Judgement {
    let Some(claim) = scene.resource().and_then(|resource| resource.promises.guards.as_ref()) else { return Judgement::NotApplicable };
    let Some(thing) = scene.alive().filter(|_| scene.is_proper() && scene.verb() == Verb::Reveal) else { return Judgement::NotApplicable };
    let known = |guard: &&specs::claims::Guard| guard.of.is_none() && thing.field(&guard.field) == Some(&guard.equals);
    match claim.value.iter().find(known) {
        None => Judgement::NotApplicable,
        Some(guard) => scene.expects_refusal(&format!("`{}` is {}", guard.field, guard.equals)).on(claim),
    }
}
