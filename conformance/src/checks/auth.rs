//! Protected operations ask for credentials and look at them.

use specs::contract::SchemeKind;

use super::{Check, Judgement, Level, Scene};
use crate::case::Credential;

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
];

fn credentials_required(scene: &Scene<'_>) -> Judgement {
    asks(scene, Credential::Missing, "no credentials were sent")
}

fn unknown_refused(scene: &Scene<'_>) -> Judgement {
    asks(scene, Credential::Unknown, "the credentials were never issued")
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
