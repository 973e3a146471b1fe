//! A response into a reading: the runner's half of reading the wire.

use serde_json::{Map, Value};

use super::exchange::Response;
use crate::claims::PageFact;
use crate::contract::{Contract, Endpoint};

/// What a response says.
#[derive(Clone, Default)]
pub struct Reading {
    /// Whether the request was carried out: a 2xx status, and nothing in the body that refuses.
    pub accepted: bool,
    /// Whether it was refused: a 4xx status, or a refusal in the body. A 5xx is neither.
    pub refused: bool,
    /// The body as JSON, if it is.
    pub json: Option<Value>,
    /// The things that it tells about; `None` where the body has no place for them or the place is empty.
    pub records: Option<Vec<Map<String, Value>>>,
    /// What it tells about the page.
    pub page: PageReading,
}

/// What a response tells about a page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageReading {
    /// How many entries there are in all.
    pub total: Option<u64>,
    /// How many entries the page says it has.
    pub returned: Option<u64>,
    /// Whether there is another page.
    pub has_next: Option<bool>,
    /// Where the next page begins.
    pub cursor: Option<String>,
}

impl Reading {
    /// Reads a response to an endpoint.
    #[must_use]
    pub fn of(contract: &Contract, endpoint: &Endpoint, response: &Response) -> Self {
        let json = response.json();
        let refusal = contract.wire().rejection.as_ref().map(|claim| &claim.value);
        let refused_in_body = refusal.zip(json.as_ref()).is_some_and(|(pointer, body)| pointer.of(body).is_some());
        let status = response.status;
        let accepted = status.is_success() && !refused_in_body;
        Self {
            accepted,
            refused: status.is_client_error() || status.is_success() && refused_in_body,
            records: if accepted { json.as_ref().and_then(|body| records(endpoint, body)) } else { None },
            page: page(endpoint, response, json.as_ref()),
            json,
        }
    }

    /// The one thing that it tells about.
    #[must_use]
    pub fn record(&self) -> Option<&Map<String, Value>> {
        match self.records.as_deref() {
            Some([record]) => Some(record),
            _ => None,
        }
    }
}

fn records(endpoint: &Endpoint, body: &Value) -> Option<Vec<Map<String, Value>>> {
    let place = endpoint.answer.place.as_ref()?;
    let named = |name: &str| {
        let entry = &endpoint.promises.entries.as_ref()?.value;
        Some(Map::from_iter([(entry.clone(), Value::from(name))]))
    };
    // What ends like a folder is one, and no thing.
    let folders = endpoint.promises.folders.as_ref().map(|claim| claim.value.as_str());
    let is_folder = |item: &&Value| folders.is_some_and(|separator| item.as_str().is_some_and(|name| name.ends_with(separator)));
    match place.pointer.of(body)? {
        Value::Array(items) if place.many && endpoint.promises.entries.is_some() => {
            items.iter().filter(|item| !is_folder(item)).map(|item| named(item.as_str()?)).collect()
        }
        // Things that are no objects, names alone perhaps, cannot be told apart by their fields.
        Value::Array(items) if place.many => items.iter().map(|item| item.as_object().cloned()).collect(),
        Value::Object(record) if !place.many => Some(vec![renamed(endpoint, body, record.clone())]),
        _ => None,
    }
}

/// A thing with the fields that stand in the answer under other names (`shows`).
fn renamed(endpoint: &Endpoint, body: &Value, mut record: Map<String, Value>) -> Map<String, Value> {
    let Some(shows) = &endpoint.promises.shows else { return record };
    let place = endpoint.answer.place.as_ref().map(|place| &place.pointer);
    let found: Vec<(String, Value)> =
        shows.value.iter().filter_map(|(pointer, field)| Some((field.clone(), pointer.of(body)?.clone()))).collect();
    for pointer in shows.value.keys() {
        let name = pointer.last();
        if place.is_some_and(|place| place.member(&name) == *pointer) {
            record.shift_remove(name.as_ref());
        }
    }
    record.extend(found);
    record
}

fn page(endpoint: &Endpoint, response: &Response, body: Option<&Value>) -> PageReading {
    let paging = endpoint.paging();
    let mut reading = PageReading::default();
    for (name, fact) in &paging.headers {
        if let Some(text) = response.header(name) {
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
            reading.take(*fact, &value);
        }
    }
    for (pointer, fact) in &paging.members {
        if let Some(value) = body.and_then(|body| pointer.of(body)) {
            reading.take(*fact, value);
        }
    }
    reading
}

impl PageReading {
    fn take(&mut self, fact: PageFact, value: &Value) {
        match fact {
            PageFact::Total => self.total = value.as_u64(),
            PageFact::Returned => self.returned = value.as_u64().or_else(|| whole(value)),
            PageFact::HasNext => self.has_next = value.as_bool(),
            PageFact::Cursor if value.is_null() || value.as_str() == Some("") => {}
            PageFact::Cursor => self.cursor = Some(super::style::scalar(value)),
            PageFact::Links => self.has_next = value.as_str().map(|links| links.contains("rel=\"next\"")),
            PageFact::Offset | PageFact::Limit | PageFact::Page => {}
        }
    }
}

/// `2.0` counts as 2: JSON has one kind of number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be whole and not negative")]
fn whole(value: &Value) -> Option<u64> {
    value.as_f64().filter(|number| number.fract() == 0.0 && *number >= 0.0).map(|number| number as u64)
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let records = self.records.as_ref().map(Vec::len);
        f.debug_struct("Reading")
            .field("accepted", &self.accepted)
            .field("refused", &self.refused)
            .field("records", &records)
            .finish_non_exhaustive()
    }
}
