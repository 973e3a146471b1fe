//! Refusals have the documented form.

use specs::claims::Grade;
use specs::contract::is_json;

use super::{Broken, Check, Judgement, Level, Scene};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "error/shape-documented",
    level: Level::Must,
    sentence: "The body of a refusal has the documented schema.",
    cite: "OpenAPI 3.1, section 4.8.14: Media Type Object, schema",
    passes: "> GET /secrets/zz\n< 404 application/json {\"error\":\"no such secret\"}",
    breaks: "> GET /secrets/zz\n< 404 application/json {\"message\":\"no such secret\"}",
    judge: shape_documented,
}];

fn shape_documented(scene: &Scene<'_>) -> Judgement {
    let response = &scene.exchange.response;
    let stated = response.header("content-type").unwrap_or_default();
    if scene.reading.accepted || scene.case.method.is_some() {
        return Judgement::NotApplicable;
    }
    let media = scene.documented().and_then(|documented| if is_json(stated) { documented.media(stated) } else { None });
    let Some(schema) = media.and_then(|media| media.schema.as_ref()) else { return Judgement::NotApplicable };
    let Some(body) = &scene.reading.json else {
        return broken("JSON".to_owned(), "the body is not JSON".to_owned());
    };
    schema.violations(body).first().map_or(Judgement::Passed, |violation| {
        let place = if violation.at.is_root() { "the body".to_owned() } else { violation.at.to_string() };
        broken(format!("{place} as {} says", violation.schema), violation.message.clone())
    })
}

fn broken(expected: String, actual: String) -> Judgement {
    Judgement::Broken(Broken { grade: Grade::Documented, cite: None, expected, actual })
}
