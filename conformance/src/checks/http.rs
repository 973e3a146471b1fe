//! Answers keep HTTP's own rules.

use http::StatusCode;
use specs::claims::Grade;
use specs::contract::essence;

use super::{Check, Judgement, Level, Scene};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "http/media-type-documented",
        level: Level::Must,
        sentence: "A body has a documented media type.",
        cite: "OpenAPI 3.1, section 4.8.17: Response Object, content",
        passes: "> GET /secrets\n< 200 application/json {\"secrets\":[]}",
        breaks: "> GET /secrets\n< 200 text/html {\"secrets\":[]}",
        judge: media_type_documented,
    },
    Check {
        id: "http/no-content-has-no-body",
        level: Level::Must,
        sentence: "A 204 has no body.",
        cite: "RFC 9110, section 15.3.5",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\"}\n> DELETE /secrets/a\n< 204 application/json {\"deleted\":true}",
        judge: no_content_has_no_body,
    },
    Check {
        id: "http/wrong-method-names-allowed",
        level: Level::Must,
        sentence: "A 405 says which methods are allowed.",
        cite: "RFC 9110, section 15.5.6: the server must generate an Allow header field",
        passes: "> GET /secrets\n! method: PATCH\n< 405 application/json {\"error\":\"no\"}\n<< allow: GET, POST",
        breaks: "> GET /secrets\n! method: PATCH\n< 405 application/json {\"error\":\"no\"}",
        judge: wrong_method_names_allowed,
    },
    Check {
        id: "http/wrong-method-refused",
        level: Level::Should,
        sentence: "A method that is not documented for a path is refused.",
        cite: "RFC 9110, section 15.5.6",
        passes: "> GET /secrets\n! method: PATCH\n< 405 application/json {\"error\":\"no\"}\n<< allow: GET, POST",
        breaks: "> GET /secrets\n! method: PATCH\n< 200 application/json {}",
        judge: wrong_method_refused,
    },
    Check {
        id: "http/head-like-get",
        level: Level::Must,
        sentence: "A HEAD is answered like a GET, without the body.",
        cite: "RFC 9110, section 9.3.2",
        passes: "> GET /secrets\n! method: HEAD\n! mirrors: 200 application/json\n< 200 application/json",
        breaks: "> GET /secrets\n! method: HEAD\n! mirrors: 200 application/json\n< 404 application/json",
        judge: head_like_get,
    },
];

fn media_type_documented(scene: &Scene<'_>) -> Judgement {
    let response = &scene.exchange.response;
    let Some(documented) = scene.documented().filter(|_| scene.case.method.is_none()) else { return Judgement::NotApplicable };
    if response.body.is_empty() || documented.content.is_empty() {
        return Judgement::NotApplicable;
    }
    let stated = response.header("content-type").unwrap_or("no Content-Type");
    let names: Vec<&str> = documented.content.iter().map(|media| media.name.as_str()).collect();
    Judgement::hold(documented.media(stated).is_some(), || names.join(" or "), || essence(stated))
}

fn no_content_has_no_body(scene: &Scene<'_>) -> Judgement {
    let response = &scene.exchange.response;
    if response.status != StatusCode::NO_CONTENT {
        return Judgement::NotApplicable;
    }
    // A client reads no further than the headers, but these may announce what comes behind them.
    let announced = response.header("content-length").and_then(|length| length.trim().parse().ok()).unwrap_or(0);
    let length = response.body.len().max(announced);
    Judgement::hold(length == 0, || "no body".to_owned(), || format!("{length} bytes"))
}

fn wrong_method_names_allowed(scene: &Scene<'_>) -> Judgement {
    let response = &scene.exchange.response;
    if response.status != StatusCode::METHOD_NOT_ALLOWED {
        return Judgement::NotApplicable;
    }
    Judgement::hold(response.headers.contains_key("allow"), || "an Allow header".to_owned(), || "none".to_owned())
}

fn wrong_method_refused(scene: &Scene<'_>) -> Judgement {
    let mirrors = scene.case.mirrors.is_some();
    if scene.case.method.is_none() || mirrors || scene.exchange.response.status.is_server_error() {
        return Judgement::NotApplicable;
    }
    Judgement::hold(!scene.reading.accepted, || "405 or another refusal".to_owned(), || scene.answer())
}

/// A server that knows no HEAD says so with 405 or 501, which is told as advice (RFC 9110, section 9.1, has every server support it).
fn head_like_get(scene: &Scene<'_>) -> Judgement {
    let Some(mirror) = &scene.case.mirrors else { return Judgement::NotApplicable };
    let told = scene.exchange.response.header("content-type").map(essence);
    let media = told.is_none() || told == mirror.media_type;
    let unknown = matches!(scene.status(), 405 | 501);
    let like = |status: u16, media_type: Option<&String>| format!("{status} {}", media_type.map_or("", String::as_str)).trim().to_owned();
    let held = Judgement::hold(
        scene.status() == mirror.status && media,
        || like(mirror.status, mirror.media_type.as_ref()),
        || like(scene.status(), told.as_ref()),
    );
    if unknown || scene.status() == 429 { held.at_most(Grade::Guessed) } else { held }
}
