//! Successes have the documented form.

use specs::claims::Grade;
use specs::contract::{Violation, is_json};

use super::{Broken, Check, Judgement, Level, Scene};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "schema/success-fits",
        level: Level::Must,
        sentence: "The body of a success has the documented schema.",
        cite: "OpenAPI 3.1, section 4.8.14: Media Type Object, schema",
        passes: "> GET /secrets\n< 200 application/json {\"secrets\":[]}",
        breaks: "> GET /secrets\n< 200 application/json {\"secrets\":{}}",
        judge: success_fits,
    },
    Check {
        id: "schema/formats-fit",
        level: Level::Should,
        sentence: "The values in a success have the documented formats.",
        cite: "JSON Schema 2020-12, Validation, section 7.2.1: format may be a mere annotation",
        passes: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"created_at\":\"2026-01-01T00:00:00Z\"}",
        breaks: "> POST /secrets {\"name\":\"a\",\"value\":\"hush-hush-hush\"}\n< 201 application/json {\"id\":1,\"name\":\"a\",\"value\":\"****\",\"created_at\":\"yesterday\"}",
        judge: formats_fit,
    },
];

/// What is wrong with the body of a success; none where nothing is documented of it.
fn violations(scene: &Scene<'_>) -> Option<Result<Vec<Violation>, &'static str>> {
    let response = &scene.exchange.response;
    let stated = response.header("content-type").unwrap_or_default();
    // A refusal in the body is the error family's; a media type that is not documented is the http family's.
    if !response.status.is_success() || !scene.reading.accepted || !is_json(stated) || scene.case.mirrors.is_some() {
        return None;
    }
    let schema = scene.documented()?.media(stated)?.schema.as_ref()?;
    Some(scene.reading.json.as_ref().map_or(Err("the body is not JSON"), |body| Ok(schema.violations(body))))
}

fn success_fits(scene: &Scene<'_>) -> Judgement {
    match violations(scene) {
        None => Judgement::NotApplicable,
        Some(Err(reason)) => broken("JSON", reason),
        Some(Ok(found)) => first(found.iter().find(|violation| violation.keyword != "format")),
    }
}

fn formats_fit(scene: &Scene<'_>) -> Judgement {
    match violations(scene) {
        Some(Ok(found)) => first(found.iter().find(|violation| violation.keyword == "format")),
        _ => Judgement::NotApplicable,
    }
}

fn first(violation: Option<&Violation>) -> Judgement {
    violation.map_or(Judgement::Passed, |violation| {
        let place = if violation.at.is_root() { "the body".to_owned() } else { violation.at.to_string() };
        broken(&format!("{place} as {} says", violation.schema), &violation.message)
    })
}

fn broken(expected: &str, actual: &str) -> Judgement {
    Judgement::Broken(Broken { grade: Grade::Documented, cite: None, expected: expected.to_owned(), actual: actual.to_owned() })
}
