//! What the document allows is accepted, what it does not allow is refused.

use specs::claims::{Grade, Verb};

use super::{Check, Judgement, Level, Scene};
use crate::case::Validity;
use crate::sealing::SEALED;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "input/valid-accepted",
        level: Level::Must,
        sentence: "A request that the document allows is not refused as invalid.",
        cite: "OpenAPI 3.1, sections 4.8.12 and 4.8.13: what an operation takes",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 400 application/json {\"error\":\"bad name\"}",
        judge: valid_accepted,
    },
    Check {
        id: "input/invalid-refused",
        level: Level::Must,
        sentence: "A request that the document does not allow is refused.",
        cite: "OpenAPI 3.1, sections 4.8.12 and 4.8.13: what an operation takes",
        passes: "> POST /secrets {\"name\":\"no spaces\",\"value\":\"hush-hush-hush\"}\n< 400 application/json {\"error\":\"bad name\"}",
        breaks: "> POST /secrets {\"name\":\"no spaces\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"no spaces\",\"value\":\"****\"}",
        judge: invalid_refused,
    },
];

/// Only a refusal as invalid counts: a duplicate, a missing parent or a missing permission is another matter.
fn valid_accepted(scene: &Scene<'_>) -> Judgement {
    if !scene.is_proper() || scene.case.provokes.is_some() || scene.is_duplicate() {
        return Judgement::NotApplicable;
    }
    let acts_on_missing =
        !matches!(scene.verb(), Verb::Create | Verb::Put | Verb::List | Verb::Fixed | Verb::WhoAmI | Verb::IssueToken | Verb::SealingKey);
    if acts_on_missing && scene.alive().is_none() {
        return Judgement::NotApplicable;
    }
    let as_invalid = match scene.contract.wire().rejection {
        Some(_) => scene.refused(),
        None => matches!(scene.status(), 400 | 406 | 411 | 413 | 414 | 415 | 422 | 431),
    };
    // A 400 may also mean that the enclosing thing does not exist, until something in it was answered.
    if !scene.ledger.has_answered_in(&scene.case.intent.scope) {
        return Judgement::NotApplicable;
    }
    let held = Judgement::hold(!as_invalid, || "acceptance: every input is as documented".to_owned(), || scene.answer());
    // What nobody has seen accepted, or holds everything that could be made up, may break a rule that stands in no schema.
    // Where 400 is for what is malformed, 422 is for what breaks such a rule (RFC 9110, section 15.5.21).
    let semantic = scene.status() == 422 && scene.endpoint.operation.names(400);
    // Nobody says which characters a server can store (RFC 8259, section 8.1, says how they travel).
    let plain = scene.exchange.request.body.is_ascii() && !scene.exchange.request.target().contains('%');
    if scene.answered && !scene.case.generous && !semantic && plain { held } else { held.at_most(Grade::Guessed) }
}

fn invalid_refused(scene: &Scene<'_>) -> Judgement {
    let Validity::Broken(broken) = &scene.case.validity else { return Judgement::NotApplicable };
    if !scene.is_given() {
        return Judgement::NotApplicable;
    }
    let judgement = scene.expects_refusal(&format!("{} is {} (`{}`)", broken.place, broken.how, broken.keyword));
    // A format is an annotation (JSON Schema 2020-12, Validation, section 7.2.1), and many a server reads `"7"` where it wants 7.
    let scalar = ["string", "integer", "boolean"].iter().any(|kind| broken.how == format!("of type {kind}"));
    // Text that is not UTF-8 is no JSON (RFC 8259, section 8.1), and many a decoder mends it without a word.
    let lenient = matches!(broken.keyword.as_str(), "format" | "encoding")
        || broken.keyword == "type" && scalar && broken.place.starts_with("body /");
    if broken.keyword == SEALED {
        let promised = scene.case.provokes.and_then(|situation| scene.promised_for(situation));
        return promised.map_or_else(|| judgement.clone().at_most(Grade::Guessed), |claim| judgement.clone().on(&claim));
    }
    if lenient { judgement.at_most(Grade::Guessed) } else { judgement }
}
