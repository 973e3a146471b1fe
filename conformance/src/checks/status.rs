//! Statuses are the documented ones, and no request makes the server fail.

use specs::claims::Situation;

use super::{Check, Judgement, Level, Scene};
use crate::case::Validity;
use crate::ledger::Life;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "status/no-server-error",
        level: Level::Must,
        sentence: "No request makes the server fail.",
        cite: "RFC 9110, section 15.6: a 5xx says that the server is at fault",
        passes: "> POST /secrets {\"name\":7,\"value\":\"hush-hush-hush\"}\n< 400 application/json {\"error\":\"name must be text\"}",
        breaks: "> POST /secrets {\"name\":7,\"value\":\"hush-hush-hush\"}\n< 500 application/json {\"error\":\"oops\"}",
        judge: no_server_error,
    },
    Check {
        id: "status/success-documented",
        level: Level::Must,
        sentence: "A success has a documented status.",
        cite: "OpenAPI 3.1, section 4.8.16: the documentation covers a successful response",
        passes: "> GET /secrets\n< 200 application/json {\"secrets\":[]}",
        breaks: "> GET /secrets\n< 202 application/json {\"secrets\":[]}",
        judge: success_documented,
    },
    Check {
        id: "status/refusal-documented",
        level: Level::Should,
        sentence: "A refusal has a documented status.",
        cite: "OpenAPI 3.1, section 4.8.16: the documentation covers any known errors",
        passes: "> GET /secrets/zz\n< 404 application/json {\"error\":\"no such secret\"}",
        breaks: "> GET /secrets/zz\n< 410 application/json {\"error\":\"no such secret\"}",
        judge: refusal_documented,
    },
    Check {
        id: "status/refusal-as-promised",
        level: Level::Must,
        sentence: "A refusal has the status that is promised for its reason.",
        cite: "OpenAPI 3.1, section 4.8.16: the response that is documented for the reason",
        passes: "> GET /secrets\n! credentials: missing\n< 401 application/json {\"error\":\"who are you?\"}",
        breaks: "> GET /secrets\n! credentials: missing\n< 400 application/json {\"error\":\"who are you?\"}",
        judge: refusal_as_promised,
    },
    Check {
        id: "status/replaced-as-promised",
        level: Level::Must,
        sentence: "A write that makes a thing and one that replaces it are told apart by their status where that is promised.",
        cite: "the promise on the status of a success that replaces; RFC 9110, section 9.3.4",
        passes: "# replaced\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 200 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        breaks: "# replaced\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-two\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}",
        judge: replaced_as_promised,
    },
];

fn no_server_error(scene: &Scene<'_>) -> Judgement {
    let status = scene.status();
    // Where the vendor's own server is known to fail, a client must live with it: that is a promise as well.
    if scene.promised().is_some_and(|claim| claim.value >= 500) {
        return Judgement::NotApplicable;
    }
    Judgement::hold(status < 500, || "any status below 500".to_owned(), || scene.answer())
}

fn success_documented(scene: &Scene<'_>) -> Judgement {
    if !scene.exchange.response.status.is_success() || scene.case.method.is_some() {
        return Judgement::NotApplicable;
    }
    Judgement::hold(scene.documented().is_some(), || format!("one of {}", statuses(scene)), || scene.answer())
}

fn refusal_documented(scene: &Scene<'_>) -> Judgement {
    if !scene.exchange.response.status.is_client_error() || scene.case.method.is_some() {
        return Judgement::NotApplicable;
    }
    let claimed =
        || Situation::ALL.iter().any(|situation| scene.promised_for(*situation).is_some_and(|claim| claim.value == scene.status()));
    Judgement::hold(scene.documented().is_some() || claimed(), || format!("one of {}", statuses(scene)), || scene.answer())
}

fn refusal_as_promised(scene: &Scene<'_>) -> Judgement {
    let Some(promised) = scene.promised().filter(|_| scene.refused()) else { return Judgement::NotApplicable };
    if scene.status() == 429 {
        return Judgement::NotApplicable;
    }
    // 415 for a body that is also malformed, 401 for a request that is also invalid: several reasons, several right statuses.
    let several = !scene.is_proper() && scene.case.provokes == Some(Situation::UnsupportedMediaType);
    // A path that cannot name anything names nothing (RFC 9110, section 15.5.5), whatever else is promised.
    let nameless =
        scene.status() == 404 && matches!(&scene.case.validity, Validity::Broken(broken) if broken.place.starts_with("path parameter "));
    // Whether the text or the JSON in it is at fault, and whether anything is, decoders see differently.
    let undecided = match &scene.case.validity {
        Validity::Broken(broken) => broken.keyword == "encoding",
        Validity::Open => true,
        Validity::Valid => false,
    };
    if several || nameless || undecided {
        return Judgement::NotApplicable;
    }
    // Where no claim names the status and several are documented, the document does not say which of them is for which reason.
    let unnamed = promised.cite == scene.default_cite(promised.value);
    if unnamed && scene.refuses_as_documented() {
        return Judgement::Passed;
    }
    Judgement::hold(scene.status() == promised.value, || format!("{} for {}", promised.value, reason(scene)), || scene.answer())
        .on(&promised)
}

/// What nobody of this run has made may have been there before it.
fn replaced_as_promised(scene: &Scene<'_>) -> Judgement {
    let Some(claim) = scene.endpoint.promises.replaced.as_ref().filter(|_| scene.is_plain() && scene.reading.accepted) else {
        return Judgement::NotApplicable;
    };
    let expected = match scene.subject().map(|thing| thing.life) {
        Some(Life::Alive) => claim.value,
        Some(Life::Gone) => scene.endpoint.answer.status,
        // Whether what is written over something hidden is new, nobody says.
        Some(Life::Hidden | Life::Unsure) | None => return Judgement::NotApplicable,
    };
    Judgement::hold(scene.status() == expected, || expected.to_string(), || scene.answer()).on(claim)
}

fn reason(scene: &Scene<'_>) -> String {
    scene.case.provokes.map(|situation| situation.about().trim().trim_end_matches('.').to_lowercase()).unwrap_or_default()
}

/// The documented statuses, for people.
fn statuses(scene: &Scene<'_>) -> String {
    use specs::contract::StatusPattern;
    let names = scene.endpoint.operation.responses.iter().map(|response| match response.status {
        StatusPattern::Exactly(status) => status.to_string(),
        StatusPattern::Range(digit) => format!("{digit}XX"),
        StatusPattern::Default => "default".to_owned(),
    });
    names.collect::<Vec<_>>().join(", ")
}
