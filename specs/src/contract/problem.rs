//! How a refusal looks, once the operation's claims, the API's claims and the documented statuses are weighed.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::compile::Contract;
use super::endpoint::Endpoint;
use super::minimal::minimal;
use crate::claims::{Claim, Grade, Problem, ProblemCase, Situation};

/// A refusal, ready to be filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolvedProblem {
    /// The status.
    pub status: u16,
    /// How well the status is founded.
    pub grade: Grade,
    /// The media type of the body.
    pub media_type: String,
    /// The body, with `{name}` where a value goes.
    pub body: Value,
    /// Values for the body by name; they may hold `{name}` themselves.
    pub set: Map<String, Value>,
    /// Further headers.
    pub headers: BTreeMap<String, String>,
    /// Other words for some refusals of this kind, the operation's own first.
    pub cases: Vec<ProblemCase>,
    /// What is said of a broken keyword, by keyword.
    pub issues: BTreeMap<String, Map<String, Value>>,
}

/// Members of an error body that take the message, by their usual names.
const MESSAGES: [&str; 7] = ["message", "error", "detail", "msg", "title", "description", "error_description"];

impl Contract {
    /// How a situation is told, by an operation or by the API as a whole.
    #[must_use]
    pub fn problem(&self, endpoint: Option<&Endpoint>, situation: Situation) -> ResolvedProblem {
        let (status, grade) = self.problem_status(endpoint, situation);
        self.problem_with(endpoint, situation, status, grade)
    }

    /// The status alone by which a situation is told, and how well it is founded.
    #[must_use]
    pub fn problem_status(&self, endpoint: Option<&Endpoint>, situation: Situation) -> (u16, Grade) {
        let claimed = self.problem_claims(endpoint, situation).find_map(|claim| Some((claim.value.status?, claim.grade)));
        claimed.unwrap_or_else(|| default_status(endpoint, situation))
    }

    /// How a situation is told where its status is given: its own words, and a body that fits the status.
    #[must_use]
    pub fn problem_at(&self, endpoint: Option<&Endpoint>, situation: Situation, status: u16) -> ResolvedProblem {
        self.problem_with(endpoint, situation, status, Grade::Chosen)
    }

    fn problem_claims<'c>(
        &'c self,
        endpoint: Option<&'c Endpoint>,
        situation: Situation,
    ) -> impl DoubleEndedIterator<Item = &'c Claim<Problem>> + Clone {
        let cases: Vec<Situation> = std::iter::successors(Some(situation), |case| case.case_of()).collect();
        let of = move |case: Situation| {
            let own = endpoint.and_then(|endpoint| endpoint.problems.get(&case));
            own.into_iter().chain(self.claims.problems.get(&case))
        };
        cases.into_iter().flat_map(of)
    }

    fn problem_with(&self, endpoint: Option<&Endpoint>, situation: Situation, status: u16, grade: Grade) -> ResolvedProblem {
        let claims = || self.problem_claims(endpoint, situation);
        let mut set = Map::new();
        claims().rev().for_each(|claim| set.extend(claim.value.set.clone()));
        let picked = |pick: fn(&Problem) -> Option<String>| claims().find_map(|claim: &Claim<Problem>| pick(&claim.value));
        let body = claims().find_map(|claim| claim.value.body.clone());
        let common_body = self.claims.wire.problem_body.as_ref().map(|claim| claim.value.clone());
        let (body, usual_type) = match body.or(common_body) {
            Some(body) => (body, "application/json".to_owned()),
            None => default_body(endpoint, status),
        };
        let media_type = picked(|problem| problem.media_type.clone()).unwrap_or(usual_type);
        let headers = claims().flat_map(|claim| claim.value.headers.clone()).collect();
        let cases = claims().flat_map(|claim| claim.value.cases.clone()).collect();
        let issues = claims().rev().flat_map(|claim| claim.value.issues.clone()).collect();
        ResolvedProblem { status, grade, media_type, body, set, headers, cases, issues }
    }
}

/// The first fitting status that the operation documents; else the best fitting one.
fn default_status(endpoint: Option<&Endpoint>, situation: Situation) -> (u16, Grade) {
    let statuses = situation.statuses();
    let documented = endpoint.and_then(|endpoint| statuses.iter().find(|status| endpoint.operation.names(**status)));
    match documented {
        Some(status) => (*status, Grade::Documented),
        None => (statuses[0], Grade::Chosen),
    }
}

/// A body that fits the documented schema; where none is documented, a problem document (RFC 9457).
fn default_body(endpoint: Option<&Endpoint>, status: u16) -> (Value, String) {
    let media = endpoint.and_then(|endpoint| endpoint.operation.response(status)?.json());
    let Some((media, schema)) = media.and_then(|media| Some((media, media.schema.as_ref()?))) else {
        let body = json!({"type": "about:blank", "title": "{title}", "status": status, "detail": "{message}"});
        return (body, "application/problem+json".to_owned());
    };
    let mut body = minimal(schema.node());
    if let Some(members) = body.as_object_mut() {
        let declared = schema.node().properties();
        let takes_text = |name: &str| declared.iter().any(|(known, node)| *known == name && node.allows("string"));
        let told = MESSAGES.into_iter().filter(|name| takes_text(name)).take(1);
        told.for_each(|name| drop(members.insert(name.to_owned(), json!("{message}"))));
        for name in ["status", "code"] {
            if declared.iter().any(|(known, node)| *known == name && node.types() == ["integer"]) {
                members.insert(name.to_owned(), json!(status));
            }
        }
    }
    (body, media.name.clone())
}
