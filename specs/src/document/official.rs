//! Validation against the OpenAPI Initiative's own JSON Schemas.

use std::sync::LazyLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, ValidationError, Validator};
use serde_json::Value;

use super::error::{DocumentError, DocumentErrorKind, nearest};
use super::pointer::Pointer;
use super::read::{Document, Version};

/// The official schemas, see `schemas/SOURCE.md`.
static OFFICIAL_3_0: LazyLock<Validator> = LazyLock::new(|| compile(include_str!("../../schemas/openapi-3.0.json"), Draft::Draft4));
static OFFICIAL_3_1: LazyLock<Validator> = LazyLock::new(|| compile(include_str!("../../schemas/openapi-3.1.json"), Draft::Draft202012));

/// Nobody reads more faults than this at once.
const MOST_FAULTS: usize = 100;

fn compile(text: &str, draft: Draft) -> Validator {
    let schema: Value = serde_json::from_str(text).expect("the official schema is JSON");
    jsonschema::options().with_draft(draft).offline().build(&schema).expect("the official schema compiles")
}

pub(super) fn faults(document: &Document, version: Version) -> Vec<DocumentError> {
    let validator = match version {
        Version::V3_0 => &*OFFICIAL_3_0,
        Version::V3_1 => &*OFFICIAL_3_1,
    };
    let mut faults: Vec<DocumentError> = Vec::new();
    for error in validator.iter_errors(&document.value).take(MOST_FAULTS) {
        let fault = describe(document, sharpest(&error));
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }
    faults
}

/// The most telling error below a failed choice: of the branch that got furthest into the document.
fn sharpest<'e>(error: &'e ValidationError<'e>) -> &'e ValidationError<'e> {
    let (ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context }) = error.kind() else {
        return error;
    };
    let depth = |error: &ValidationError<'_>| error.instance_path().as_str().matches('/').count();
    context
        .iter()
        .filter_map(|branch| branch.iter().map(sharpest).max_by_key(|error| depth(error)))
        .filter(|error| !wants_a_reference(error))
        .max_by_key(|error| depth(error))
        .unwrap_or(error)
}

/// "Or a `$ref`" is always an alternative, and never what the author meant.
fn wants_a_reference(error: &ValidationError<'_>) -> bool {
    matches!(error.kind(), ValidationErrorKind::Required { property } if property == "$ref")
}

fn describe(document: &Document, error: &ValidationError<'_>) -> DocumentError {
    let pointer = Pointer::parse(error.instance_path().as_str()).unwrap_or_default();
    let (pointer, message) = match error.kind() {
        ValidationErrorKind::Required { property } => (pointer, format!("the member {property} is missing")),
        ValidationErrorKind::AdditionalProperties { unexpected } | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let name = unexpected.first().map_or("", String::as_str);
            (pointer.member(name), unexpected_member(name))
        }
        _ => (pointer, error.masked_with("this value").to_string()),
    };
    document.error(&pointer, DocumentErrorKind::Invalid(message))
}

/// The members of OpenAPI's objects that are most often misspelt.
const MEMBERS: &str = "get put post delete options head patch trace parameters requestBody responses operationId summary description \
    security securitySchemes schemas schema content required name in servers tags components headers examples example paths info \
    deprecated style explode title version";

fn unexpected_member(name: &str) -> String {
    let near = nearest(name, MEMBERS.split_whitespace()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("the member `{name}` is not expected here{near}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_fault(text: &str) -> String {
        let document = Document::parse("api.yaml", text).expect("YAML");
        document.faults().first().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn a_fault_names_line_column_pointer_and_what_was_expected() {
        let document = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    gett:\n      responses: {}\n";
        assert_eq!(
            first_fault(document),
            "api.yaml:5:5 at /paths/~1a/gett: not valid OpenAPI: the member `gett` is not expected here; did you mean `get`?"
        );
    }

    #[test]
    fn the_branch_that_got_furthest_is_shown() {
        let document = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      responses:\n        '200':\n          content: {}\n";
        assert_eq!(
            first_fault(document),
            "api.yaml:7:9 at /paths/~1a/get/responses/200: not valid OpenAPI: the member \"description\" is missing"
        );
    }
}
