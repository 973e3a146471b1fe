//! What a request is answered instead of being carried out: what a disturbance forces, and what the request itself prefers.

use http::{HeaderValue, header};
use specs::contract::{Contract, Endpoint};
use specs::wire::{Facts, Response, can_answer, forced};

use crate::control::refused;
use crate::delivery::{Manner, Reply};
use crate::fault::{Faults, Forced, documented};
use crate::preference::Preference;

/// What is answered whatever was asked, if anything is. Nothing is changed by it.
pub(crate) fn instead(
    contract: &Contract,
    endpoint: Option<&Endpoint>,
    faults: &Faults,
    preference: &Result<Preference, String>,
    facts: &Facts<'_>,
) -> Option<Response> {
    if faults.delivery.manner == Manner::Lost {
        // Nobody will see it: the connection is reset.
        return Some(Response::new(503));
    }
    let code = match preference {
        Ok(preference) => preference.code,
        Err(problem) => return Some(refused(400, problem, "`Prefer: code=409, delay=200` is an example")),
    };
    match (code, endpoint, faults.forced) {
        (Some(code), Some(endpoint), _) if !can_answer(Some(endpoint), code) => Some(undocumented(endpoint, code)),
        (Some(code), Some(endpoint), _) => answer(contract, Some(endpoint), Forced { status: code, retry_after: None }, facts),
        (_, endpoint, Some(forced)) => answer(contract, endpoint, forced, facts),
        _ => None,
    }
}

fn answer(contract: &Contract, endpoint: Option<&Endpoint>, force: Forced, facts: &Facts<'_>) -> Option<Response> {
    let facts = |name: &str| if name == "seconds" { Some(force.retry_after.unwrap_or(1).into()) } else { facts(name) };
    let mut response = forced(contract, endpoint, force.status, &facts)?;
    if let Some(seconds) = force.retry_after {
        response.headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Some(response)
}

fn undocumented(endpoint: &Endpoint, code: u16) -> Response {
    let hint = format!("documented are {}; 429, 500, 502, 503 and 504 always work", documented(&[endpoint]));
    refused(400, &format!("`Prefer: code={code}`: {} does not document this status", endpoint.name()), &hint)
}

/// An answer with the way in which it goes out, and with what of the preference was honoured.
pub(crate) fn delivered(mut response: Response, faults: &Faults, preference: &Result<Preference, String>) -> Reply {
    let mut delivery = faults.delivery;
    if let Ok(preference) = preference {
        delivery.delay += preference.delay.unwrap_or_default();
        if let Some(applied) = preference.applied().and_then(|applied| HeaderValue::from_str(&applied).ok()) {
            response.headers.insert("preference-applied", applied);
        }
    }
    Reply { response, delivery }
}
