//! Answers with a status that is given from outside, whatever was asked: the mock's half of a bad day.

use super::exchange::Response;
use super::outcome::{Answered, Facts, Outcome, Rejection};
use super::respond::{add_common_headers, refuse, respond, set_body};
use crate::claims::Situation;
use crate::contract::{Contract, Endpoint, sample};

/// What any gateway may answer in front of an API, whatever its document says (RFC 9110, section 15.6; RFC 6585, section 4).
pub const GATEWAY_STATUSES: [u16; 5] = [429, 500, 502, 503, 504];

/// Whether an operation can be made to answer with a status: it documents the status, or any gateway may answer with it.
#[must_use]
pub fn can_answer(endpoint: Option<&Endpoint>, status: u16) -> bool {
    GATEWAY_STATUSES.contains(&status) || endpoint.is_some_and(|endpoint| endpoint.operation.response(status).is_some())
}

/// The answer with this status as the vendor writes it; nothing where the operation cannot answer so.
///
/// A success has the document's example, or the least that its schema allows. A refusal has the words of the situation to which the
/// vendor gives this status.
#[must_use]
pub fn forced(contract: &Contract, endpoint: Option<&Endpoint>, status: u16, facts: &Facts<'_>) -> Option<Response> {
    if !can_answer(endpoint, status) {
        return None;
    }
    match endpoint {
        Some(endpoint) if endpoint.answer.status == status => {
            return Some(respond(contract, Some(endpoint), &Outcome::Answered(Answered::default()), facts));
        }
        Some(endpoint) if status < 400 => {
            let mut response = exemplary(endpoint, status);
            add_common_headers(&mut response, contract, facts);
            return Some(response);
        }
        _ => {}
    }
    let situation = situation(contract, endpoint, status);
    let problem = contract.problem_at(endpoint, situation, status);
    let mut response = refuse(contract, endpoint, &problem, &Rejection::new(situation), facts);
    add_common_headers(&mut response, contract, facts);
    Some(response)
}

/// An answer as the document shows it.
fn exemplary(endpoint: &Endpoint, status: u16) -> Response {
    let mut response = Response::new(status);
    let Some(media) = endpoint.operation.response(status).and_then(|documented| documented.json()) else { return response };
    let example = media.examples.first().cloned();
    if let Some(body) = example.or_else(|| media.schema.as_ref().map(|schema| sample(schema.node()))) {
        set_body(&mut response, &media.name, &body);
    }
    response
}

/// The situation that this status tells best: the one for which it is meant first, among those that the API tells with it.
fn situation(contract: &Contract, endpoint: Option<&Endpoint>, status: u16) -> Situation {
    let rank = |situation: &Situation| situation.statuses().iter().position(|own| *own == status).unwrap_or(usize::MAX);
    let told = Situation::ALL.iter().copied().filter(|situation| contract.problem(endpoint, *situation).status == status);
    told.min_by_key(rank).unwrap_or(match status {
        429 => Situation::RateLimited,
        500 => Situation::Internal,
        501.. => Situation::Unavailable,
        _ => Situation::Invalid,
    })
}
