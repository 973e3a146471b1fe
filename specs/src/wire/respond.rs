//! An outcome into a response: the mock's half of writing the wire.

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use serde_json::{Map, Value};

use super::exchange::Response;
use super::links::links;
use super::outcome::{Answered, Facts, Outcome, PageFacts, Records, Rejection};
use super::project::{project, visible};
use super::record::{Held, Record};
use super::style::scalar;
use super::template::fill;
use super::things::{Body, are_apart};
use super::told::told;
use crate::claims::{PageFact, Situation};
use crate::contract::{Answer, AnswerPlace, Contract, Endpoint, ResolvedProblem, SchemeKind};
use crate::document::Pointer;

/// Writes an outcome as the vendor does. `facts` are what its words may need beside the outcome.
#[must_use]
pub fn respond(contract: &Contract, endpoint: Option<&Endpoint>, outcome: &Outcome, facts: &Facts<'_>) -> Response {
    let mut response = match (outcome, endpoint) {
        (Outcome::Answered(answered), Some(endpoint)) => answer(contract, endpoint, answered, facts),
        (Outcome::Answered(_), None) => Response::new(200),
        (Outcome::Rejected(rejection), endpoint) => {
            let problem = contract.problem(endpoint, rejection.situation);
            refuse(contract, endpoint, &problem, rejection, facts)
        }
    };
    add_common_headers(&mut response, contract, facts);
    response
}

/// The headers that every answer of an API has, and its body and media type as the vendor writes them.
pub(super) fn add_common_headers(response: &mut Response, contract: &Contract, facts: &Facts<'_>) {
    dress(contract, response);
    for (name, template) in contract.wire().headers.iter().flat_map(|claim| &claim.value) {
        let value = fill(&Value::from(template.as_str()), facts);
        set_header(response, name, &value.as_ref().map(scalar).unwrap_or_default());
    }
}

/// JSON and media types as the vendor writes them.
fn dress(contract: &Contract, response: &mut Response) {
    let wire = contract.wire();
    if wire.media_types.is_none() && wire.json_escapes.is_none() {
        return;
    }
    let Some(stated) = response.header("content-type").map(str::to_owned) else { return };
    if let Some(written) = wire.media_types.as_ref().and_then(|claim| claim.value.get(&stated)) {
        set_header(response, "content-type", written);
    }
    let Some(escapes) = wire.json_escapes.as_ref().map(|claim| claim.value.as_str()) else { return };
    // Such characters stand in JSON's strings alone, so that escaping them everywhere changes no value. Other text stays as it is.
    if let Ok(text) = std::str::from_utf8(&response.body)
        && text.contains(|c| escapes.contains(c))
        && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
    {
        let written = |c: char| if escapes.contains(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() };
        response.body = Bytes::from(text.chars().map(written).collect::<String>());
    }
}

fn answer(contract: &Contract, endpoint: &Endpoint, answered: &Answered, facts: &Facts<'_>) -> Response {
    let form = endpoint.replaced.as_ref().filter(|_| answered.replaced).unwrap_or(&endpoint.answer);
    let mut response = Response::new(form.status);
    let paging = endpoint.paging();
    if let Some(page) = &answered.page {
        for (name, fact) in &paging.headers {
            if let Some(value) = page_fact(endpoint, page, *fact, facts) {
                set_header(&mut response, name, &scalar(&value));
            }
        }
    }
    let Some(media_type) = form.media_type.as_deref().filter(|_| !form.is_empty()) else { return response };
    match &form.place {
        Some(place) if stand_alone(contract, endpoint, place, &answered.records) => {
            let is_all = place.pointer.is_root();
            let around = (!is_all).then(|| around(contract, endpoint, form, answered, facts, |_| Value::Null));
            let entry = endpoint.promises.entries.as_ref().map(|claim| claim.value.as_str());
            if let Some(content_type) = form.content_type.clone() {
                response.headers.insert(http::header::CONTENT_TYPE, content_type);
            }
            response.body = Bytes::from(Body { around, place, entry, records: &answered.records }.to_json());
        }
        _ => set_body(
            &mut response,
            media_type,
            &around(contract, endpoint, form, answered, facts, |place| things(endpoint, place, answered)),
        ),
    }
    response
}

/// Whether nothing but the things themselves is written at their place.
fn stand_alone(contract: &Contract, endpoint: &Endpoint, place: &AnswerPlace, records: &Records) -> bool {
    let paging = endpoint.paging().members.keys();
    let shows = endpoint.promises.shows.iter().flat_map(|claim| claim.value.keys());
    let stamps = contract.wire().stamps.iter().flat_map(|claim| claim.value.keys());
    let written = match records {
        Records::None => false,
        Records::One(_) => endpoint.promises.entries.is_none(),
        Records::Many(_) => place.many,
    };
    written && paging.chain(shows).chain(stamps).all(|other| are_apart(&place.pointer, other))
}

/// The things as a value.
fn things(endpoint: &Endpoint, place: &AnswerPlace, answered: &Answered) -> Value {
    let entry = endpoint.promises.entries.as_ref().map(|claim| claim.value.as_str());
    let show = |record: &Record| match entry {
        Some(field) => record.held(field).map(Held::to_value).unwrap_or_default(),
        None => Value::Object(project(record, place)),
    };
    match (&answered.records, place.many) {
        (Records::None, _) => Value::Null,
        (Records::One(record), false) => show(record),
        (Records::One(record), true) => Value::Array(vec![show(record)]),
        (Records::Many(records), _) => records.iter().map(show).collect(),
    }
}

/// A whole body: what stands around the things, and at their place what is given for them.
fn around(
    contract: &Contract,
    endpoint: &Endpoint,
    form: &Answer,
    answered: &Answered,
    facts: &Facts<'_>,
    things: impl Fn(&AnswerPlace) -> Value,
) -> Value {
    let mut body = form.skeleton.clone();
    if let Some(place) = form.place.as_ref().filter(|_| !matches!(answered.records, Records::None)) {
        put(&mut body, &place.pointer, things(place));
    }
    if let Some(page) = &answered.page {
        for (pointer, fact) in &endpoint.paging().members {
            if let Some(value) = page_fact(endpoint, page, *fact, facts) {
                put(&mut body, pointer, value);
            }
        }
    }
    if let Records::One(record) = &answered.records {
        show_elsewhere(&mut body, contract, endpoint, record);
    }
    stamp(&mut body, contract, facts);
    body
}

/// What an answer says of the request itself (`stamps`), where it has a place for it.
fn stamp(body: &mut Value, contract: &Contract, facts: &Facts<'_>) {
    for (pointer, template) in contract.wire().stamps.iter().flat_map(|claim| &claim.value) {
        let stamp = fill(&Value::from(template.as_str()), facts);
        if let Some(stamp) = stamp.filter(|_| pointer.of(body).is_some()) {
            put(body, pointer, stamp);
        }
    }
}

/// Fields that stand in the answer under other names (`shows`).
fn show_elsewhere(body: &mut Value, contract: &Contract, endpoint: &Endpoint, record: &Record) {
    let Some(shows) = &endpoint.promises.shows else { return };
    let resource = contract.resource_of(endpoint);
    let record = visible(record, endpoint, resource);
    for (pointer, field) in &shows.value {
        let usual = || resource?.fields.get(field)?.default.as_ref().map(|claim| claim.value.clone());
        if let Some(value) = record.get(field).cloned().or_else(usual) {
            put(body, pointer, value);
        }
    }
}

fn page_fact(endpoint: &Endpoint, page: &PageFacts, fact: PageFact, facts: &Facts<'_>) -> Option<Value> {
    match fact {
        PageFact::Returned => Some(page.returned.into()),
        PageFact::Total => Some(page.total.into()),
        PageFact::HasNext => Some(page.has_next.into()),
        PageFact::Offset => Some(page.offset.into()),
        PageFact::Limit => page.limit.map(Value::from),
        PageFact::Page => page.page.map(Value::from),
        PageFact::Cursor => page.cursor.clone().map(Value::from),
        PageFact::Links => links(endpoint, page, facts("target")?.as_str()?).map(Value::from),
    }
}

/// Writes a refusal as a problem says.
pub(super) fn refuse(
    contract: &Contract,
    endpoint: Option<&Endpoint>,
    problem: &ResolvedProblem,
    rejection: &Rejection,
    facts: &Facts<'_>,
) -> Response {
    let status = http::StatusCode::from_u16(problem.status).ok();
    let usual = |name: &str| match name {
        "message" => Some(Value::from(rejection.situation.message())),
        "title" => status?.canonical_reason().map(Value::from),
        "status" => Some(problem.status.into()),
        _ => None,
    };
    let issues = told(rejection, problem);
    let own = |name: &str| rejection.values.get(name).cloned().or_else(|| issues.get(name).cloned());
    let given = |name: &str| own(name).or_else(|| facts(name)).or_else(|| usual(name));
    let case = problem.cases.iter().find(|case| case.when.iter().all(|(name, value)| own(name).is_some_and(|own| own == *value)));
    // The vendor's words come first, then what this refusal has to say, then what can be said of every such refusal.
    let words = |name: &str| case.and_then(|case| case.set.get(name)).or_else(|| problem.set.get(name));
    let lookup = |name: &str| words(name).map_or_else(|| given(name), |words| fill(words, &given));
    let mut response = Response::new(problem.status);
    let body = fill(&problem.body, &lookup).unwrap_or(Value::Null);
    set_body(&mut response, &problem.media_type, &body);
    for (name, template) in &problem.headers {
        let value = fill(&Value::from(template.as_str()), &given);
        set_header(&mut response, name, &value.as_ref().map(scalar).unwrap_or_default());
    }
    if let Some(challenge) = endpoint.filter(|_| problem.status == 401).and_then(|endpoint| challenge(contract, endpoint)) {
        set_header(&mut response, "www-authenticate", challenge);
    }
    set_advice(&mut response, problem.status, rejection);
    response
}

/// The headers by which a refusal says what to do instead.
fn set_advice(response: &mut Response, status: u16, rejection: &Rejection) {
    if let Some(seconds) = rejection.values.get("seconds").filter(|_| rejection.situation == Situation::RateLimited) {
        set_header(response, "retry-after", &scalar(seconds));
    }
    // Where a wrong method is answered otherwise, nothing is said of the right ones (RFC 9110, section 15.5.6).
    if rejection.situation == Situation::MethodNotAllowed
        && status == 405
        && let Some(allowed) = rejection.values.get("allow")
    {
        set_header(response, "allow", &scalar(allowed));
    }
}

/// How to authenticate (RFC 9110, section 11.6.1), for the schemes that HTTP knows.
fn challenge(contract: &Contract, endpoint: &Endpoint) -> Option<&'static str> {
    let kinds = endpoint.security.iter().flatten().filter_map(|name| contract.scheme(name)).map(|scheme| &scheme.kind);
    kinds.into_iter().find_map(|kind| match kind {
        SchemeKind::Bearer => Some("Bearer"),
        SchemeKind::Basic => Some("Basic realm=\"secrets\""),
        SchemeKind::Http(_) | SchemeKind::ApiKey(..) => None,
    })
}

pub(super) fn set_body(response: &mut Response, media_type: &str, body: &Value) {
    set_header(response, "content-type", media_type);
    let text = match body {
        Value::String(text) if !crate::contract::is_json(media_type) => text.clone(),
        other => other.to_string(),
    };
    response.body = Bytes::from(text);
}

/// Sets a header; a name or value that HTTP does not allow is left out (RFC 9110, section 5.5).
fn set_header(response: &mut Response, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
        response.headers.insert(name, value);
    }
}

/// Puts a value at a pointer, making the objects on the way.
fn put(body: &mut Value, pointer: &Pointer, value: Value) {
    let mut node = body;
    for token in pointer.tokens() {
        if !node.is_object() {
            *node = Value::Object(Map::new());
        }
        let Value::Object(members) = node else { return };
        node = members.entry(token.into_owned()).or_insert(Value::Null);
    }
    *node = value;
}
