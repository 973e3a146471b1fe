//! What a refusal says of everything that is wrong with a request.

use serde_json::{Map, Value, json};

use super::outcome::Rejection;
use super::style::scalar;
use super::template::fill;
use super::validate::Invalid;
use crate::contract::ResolvedProblem;

/// Values for a refusal's template: `details`, a list with `path`, `code` and `message`; `fields`, the messages by place; `form`,
/// those about the body as a whole; `messages`,
/// all of them in one text; and `message`, the first. Nothing where nothing is invalid.
pub(super) fn told(rejection: &Rejection, problem: &ResolvedProblem) -> Map<String, Value> {
    let details: Vec<Value> = rejection.issues.iter().map(|issue| Value::Object(detail(issue, problem))).collect();
    let Some(first) = details.first() else { return Map::new() };
    let messages: Vec<String> = details.iter().map(|detail| scalar(&detail["message"])).collect();
    let (mut fields, mut form) = (Map::new(), Vec::new());
    for (issue, message) in rejection.issues.iter().zip(&messages) {
        if issue.name.is_empty() {
            form.push(message.as_str());
        } else if let Value::Array(own) = fields.entry(issue.name.clone()).or_insert_with(|| json!([])) {
            own.push(message.as_str().into());
        }
    }
    let values = json!({"message": first["message"], "messages": messages.join("; "), "fields": fields, "form": form, "details": details});
    values.as_object().cloned().unwrap_or_default()
}

/// One entry of `details`: the vendor's words for the keyword, else the keyword and the validator's words.
fn detail(issue: &Invalid, problem: &ResolvedProblem) -> Map<String, Value> {
    let asked = issue.asked.as_ref().map(scalar).unwrap_or_default();
    let particular = format!("{}:{asked}", issue.keyword);
    let words = problem.issues.get(&particular).or_else(|| problem.issues.get(&issue.keyword));
    let path: Vec<&str> = issue.name.split('.').filter(|part| !part.is_empty()).collect();
    let mut detail = Map::from_iter([("path".to_owned(), json!(path)), ("code".to_owned(), issue.keyword.as_str().into())]);
    detail.insert("message".to_owned(), issue.message.as_str().into());
    let lookup = |name: &str| match name {
        "field" => Some(Value::from(issue.name.as_str())),
        "asked" => issue.asked.clone(),
        _ => None,
    };
    for (name, template) in words.into_iter().flatten() {
        detail.extend(fill(template, &lookup).map(|value| (name.clone(), value)));
    }
    detail
}
