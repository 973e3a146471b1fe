//! Protected operations ask for credentials and look at them.

use specs::claims::{Grade, Situation, Stage};
use specs::contract::SchemeKind;

use super::{Check, Judgement, Level, Scene};
use crate::case::{Credential, Validity};
use crate::options::Identity;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "auth/credentials-required",
        level: Level::Must,
        sentence: "A protected operation is not carried out without credentials.",
        cite: "OpenAPI 3.1, section 4.8.30: Security Requirement Object; RFC 9110, section 15.5.2",
        passes: "> GET /secrets\n! credentials: missing\n< 401 application/json {\"error\":\"who are you?\"}",
        breaks: "> GET /secrets\n! credentials: missing\n< 200 application/json {\"secrets\":[]}",
        judge: credentials_required,
    },
    Check {
        id: "auth/unknown-refused",
        level: Level::Must,
        sentence: "A protected operation is not carried out with credentials that were never issued.",
        cite: "RFC 9110, section 15.5.2: 401, the request lacks valid authentication credentials",
        passes: "> GET /secrets\n! credentials: unknown\n< 401 application/json {\"error\":\"who are you?\"}",
        breaks: "> GET /secrets\n! credentials: unknown\n< 200 application/json {\"secrets\":[]}",
        judge: unknown_refused,
    },
    Check {
        id: "auth/challenge",
        level: Level::Should,
        sentence: "A 401 says how to authenticate.",
        cite: "RFC 9110, section 11.6.1: a 401 has a WWW-Authenticate header field",
        passes: "> GET /secrets\n! credentials: missing\n< 401 application/json {\"error\":\"who are you?\"}\n<< www-authenticate: Bearer",
        breaks: "> GET /secrets\n! credentials: missing\n< 401 application/json {\"error\":\"who are you?\"}",
        judge: challenge,
    },
    Check {
        id: "auth/malformed-refused",
        level: Level::Must,
        sentence: "A credential is not taken behind the name of another scheme.",
        cite: "RFC 9110, section 11.4: credentials begin with the name of their scheme; RFC 6750, section 2.1",
        passes: "> GET /secrets\n! credentials: malformed\n< 401 application/json {\"error\":\"who are you?\"}",
        breaks: "> GET /secrets\n! credentials: malformed\n< 200 application/json {\"secrets\":[]}",
        judge: malformed_refused,
    },
    Check {
        id: "auth/expired-refused",
        level: Level::Must,
        sentence: "A protected operation is not carried out with credentials that have expired.",
        cite: "RFC 6750, section 3.1: invalid_token, the access token is expired",
        passes: "> GET /secrets\n! credentials: expired\n< 401 application/json {\"error\":\"who are you?\"}",
        breaks: "> GET /secrets\n! credentials: expired\n< 200 application/json {\"secrets\":[]}",
        judge: expired_refused,
    },
    Check {
        id: "auth/reader-cannot-write",
        level: Level::Must,
        sentence: "Who may only read writes nothing.",
        cite: "OWASP API Security Top 10 2023, API5: broken function level authorization",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! credentials: reader\n< 403 application/json {\"error\":\"no\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n! credentials: reader\n< 201 application/json {\"id\":1,\"name\":\"a\"}",
        judge: reader_cannot_write,
    },
    Check {
        id: "auth/asked-first",
        level: Level::Must,
        sentence: "Credentials are looked at before the body is, and before it is told what exists.",
        cite: "OWASP ASVS 5.0.0, V8: who is not authorized learns nothing; the promise on the order of checks",
        passes: "# stages\n> POST /secrets {\"name\":7}\n! credentials: missing\n< 401 application/json {\"error\":\"who are you?\"}",
        breaks: "# stages\n> POST /secrets {\"name\":7}\n! credentials: missing\n< 400 application/json {\"error\":\"bad name\"}",
        judge: asked_first,
    },
];

fn credentials_required(scene: &Scene<'_>) -> Judgement {
    asks(scene, Credential::Missing, "no credentials were sent")
}

fn unknown_refused(scene: &Scene<'_>) -> Judgement {
    asks(scene, Credential::Unknown, "the credentials were never issued")
}

fn malformed_refused(scene: &Scene<'_>) -> Judgement {
    let bearer = |name: &String| scene.contract.scheme(name).is_some_and(|scheme| matches!(scheme.kind, SchemeKind::Bearer));
    let documented = scene.endpoint.security.iter().flatten().any(bearer);
    // Where no document says that the scheme has a name, a server may look at what stands behind it alone.
    if !documented {
        return Judgement::NotApplicable;
    }
    asks(scene, Credential::Malformed, "the credentials are behind the name of another scheme")
}

fn expired_refused(scene: &Scene<'_>) -> Judgement {
    asks(scene, Credential::As(Identity::Expired), "the credentials have expired")
}

fn reader_cannot_write(scene: &Scene<'_>) -> Judgement {
    if !scene.verb().writes() {
        return Judgement::NotApplicable;
    }
    asks(scene, Credential::As(Identity::Reader), "the caller may only read")
}

/// A refusal for another reason than the credentials shows that something else was looked at before them.
fn asked_first(scene: &Scene<'_>) -> Judgement {
    let nobody = scene.case.credential == Credential::Missing && !scene.endpoint.is_public() && scene.case.method.is_none();
    let wrong = matches!(scene.case.validity, Validity::Broken(_));
    if !nobody || !wrong || !scene.exchange.response.status.is_client_error() {
        return Judgement::NotApplicable;
    }
    // Where nobody says for sure how nobody is refused, what is taken to be the refusal is no other reason.
    let usual = scene.contract.problem(Some(scene.endpoint), Situation::MissingCredentials).status;
    let asked = usual == scene.status() || matches!(scene.status(), 401 | 403 | 429);
    let held = Judgement::hold(asked, || "a refusal for want of credentials".to_owned(), || scene.answer());
    // An order in which the credentials do not stand says nothing of when they are looked at.
    let before = |stages: &Vec<Stage>| {
        let place = |wanted: Stage| stages.iter().position(|stage| *stage == wanted);
        let first = place(Stage::Authenticate);
        first.is_some() && first < place(Stage::Validate) && first < place(Stage::Read)
    };
    match scene.contract.wire().stages.as_ref() {
        Some(claim) if before(&claim.value) => held.on(claim),
        Some(_) => Judgement::NotApplicable,
        None => held.at_most(Grade::Guessed),
    }
}

fn asks(scene: &Scene<'_>, credential: Credential, why: &str) -> Judgement {
    if scene.case.credential != credential || scene.endpoint.is_public() || scene.case.method.is_some() {
        return Judgement::NotApplicable;
    }
    if scene.exchange.response.status.is_server_error() {
        return Judgement::NotApplicable;
    }
    Judgement::hold(!scene.reading.accepted, || format!("a refusal: {why}"), || scene.answer())
}

fn challenge(scene: &Scene<'_>) -> Judgement {
    let schemes = scene.endpoint.security.iter().flatten().filter_map(|name| scene.contract.scheme(name));
    let known = schemes.into_iter().any(|scheme| !matches!(scheme.kind, SchemeKind::ApiKey(..)));
    // An API key has no challenge that HTTP knows.
    if scene.status() != 401 || !known {
        return Judgement::NotApplicable;
    }
    let present = scene.exchange.response.headers.contains_key("www-authenticate");
    Judgement::hold(present, || "a WWW-Authenticate header".to_owned(), || "none".to_owned())
}
