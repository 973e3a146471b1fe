//! What a race tells of its one name: the history that can be judged, and the lines in which it is shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use specs::claims::{Conflict, Issuer, Verb};
use specs::contract::{Contract, Resource};
use specs::wire::{Items, secrets_in};

use super::{Race, Raced};
use crate::drafting::TEXTS;
use crate::history::{Act, Address, Change, History, Operation, core, is_linearizable};
use crate::ledger::{kept, text};
use crate::session::Played;
use crate::walk::is_whole;

/// A field in which one write can be told from another.
enum Slot {
    /// The secret.
    Secret,
    /// A plain text.
    Text(String),
}

impl Slot {
    /// What a thing's fields hold in it.
    fn values(&self, resource: &Resource, fields: &Map<String, Value>) -> Vec<String> {
        match self {
            Self::Secret => secrets_in(fields, resource).into_iter().map(str::to_owned).collect(),
            Self::Text(name) => fields.get(name).and_then(Value::as_str).map(str::to_owned).into_iter().collect(),
        }
    }

    /// Whether a request says anything about it.
    fn is_named(&self, resource: &Resource, fields: &Map<String, Value>) -> bool {
        match self {
            Self::Secret => resource.secret().iter().any(|path| fields.contains_key(path.field())),
            Self::Text(name) => fields.contains_key(name),
        }
    }
}

/// A race with what is needed to read it.
struct Told<'r> {
    race: &'r Race,
    contract: &'r Contract,
    resource: &'r Resource,
    slots: Vec<Slot>,
    /// For each slot the values that one request alone writes, with its place.
    written: Vec<BTreeMap<String, usize>>,
    /// The name that all of it is about.
    name: Option<String>,
}

impl Race {
    /// What the answers tell of the name; none if one name may mean several things.
    pub(crate) fn history(&self, contract: &Contract) -> Option<History> {
        let told = Told::of(self, contract)?;
        if told.resource.conflict().value == Conflict::Allow {
            return None;
        }
        let operations = self.raced.iter().enumerate().filter_map(|(id, raced)| told.operation(id, raced)).collect();
        Some(History { operations })
    }

    /// The places of the requests that show what is wrong: those that contradict each other, or all of them.
    pub(crate) fn shown(&self, contract: &Contract) -> Vec<usize> {
        let creates = self.raced.iter().all(|raced| contract.endpoints[raced.case.endpoint].verb == Verb::Create);
        let bad = self.history(contract).filter(|history| !creates && !is_linearizable(history));
        bad.map_or_else(|| (0..self.raced.len()).collect(), |history| core(&history))
    }

    /// Requests as lines: when each was sent and answered, by whom, what it wrote and what it saw. Values are in clear: whoever shows
    /// the lines replaces them.
    pub(crate) fn timeline(&self, contract: &Contract, shown: &[usize]) -> Vec<String> {
        let Some(told) = Told::of(self, contract) else { return Vec::new() };
        let mut moments: Vec<usize> = shown.iter().flat_map(|id| [self.raced[*id].invoked, self.raced[*id].returned]).collect();
        moments.sort_unstable();
        let at = |moment: usize| moments.binary_search(&moment).map_or(0, |place| place + 1);
        shown.iter().map(|id| &self.raced[*id]).map(|raced| told.line(raced, at(raced.invoked), at(raced.returned))).collect()
    }
}

impl<'r> Told<'r> {
    fn of(race: &'r Race, contract: &'r Contract) -> Option<Self> {
        let first = race.raced.first()?;
        let resource = contract.resource_of(&contract.endpoints[first.case.endpoint])?;
        let fields = || race.raced.iter().map(|raced| &raced.case.intent.fields);
        let texts = TEXTS.iter().filter(|name| fields().any(|fields| fields.get(**name).is_some_and(Value::is_string)));
        let slots: Vec<Slot> = [Slot::Secret].into_iter().chain(texts.map(|name| Slot::Text((*name).to_owned()))).collect();
        let written = slots.iter().map(|slot| written_once(fields().map(|fields| slot.values(resource, fields)))).collect();
        let name = race.raced.iter().find_map(|raced| named(resource, raced));
        Some(Self { race, contract, resource, slots, written, name })
    }

    fn operation(&self, id: usize, raced: &Raced) -> Option<Operation> {
        let (act, answered) = self.act(id, raced)?;
        Some(Operation { id, invoked: raced.invoked, returned: answered.then_some(raced.returned), act })
    }

    /// What a request did, and whether that is certain. A refusal for any other reason than that nothing is there says nothing: the
    /// request came too often, somebody else is writing, the name is kept for a while.
    fn act(&self, id: usize, raced: &Raced) -> Option<(Act, bool)> {
        let endpoint = &self.contract.endpoints[raced.case.endpoint];
        let answer = raced.played.as_ref();
        let status = answer.map_or(0, |played| played.exchange.response.status.as_u16());
        let reading = answer.map(|played| &played.reading);
        let address = self.address(raced)?;
        if reading.is_some_and(|reading| reading.refused) && status != 408 {
            let about_one = raced.case.intent.items != Items::None && !matches!(endpoint.verb, Verb::Create | Verb::Put);
            return (matches!(status, 404 | 410) && about_one).then_some((Act::Absent(address), true));
        }
        // What is accepted to be done later, RFC 9110, section 15.3.3, is as good as unanswered.
        let done = reading.is_some_and(|reading| reading.accepted) && status != 202;
        if !endpoint.verb.writes() {
            return Some((self.look(raced, answer.filter(|_| done)?, address)?, true));
        }
        let act = match endpoint.verb {
            Verb::Create if self.resource.conflict().value == Conflict::Reject => Act::Create(self.changes(id, raced, Change::Blur)),
            Verb::Create | Verb::Put => Act::Replace(self.changes(id, raced, Change::Blur)),
            Verb::Update => Act::Update(address, self.changes(id, raced, Change::Keep)),
            _ => Act::Delete(address),
        };
        Some((act, done))
    }

    fn changes(&self, id: usize, raced: &Raced, unnamed: Change) -> Vec<Change> {
        let fields = &raced.case.intent.fields;
        let own = |written: &BTreeMap<String, usize>| written.values().any(|writer| *writer == id);
        let change = |(slot, written): (&Slot, &BTreeMap<String, usize>)| match slot.is_named(self.resource, fields) {
            _ if own(written) => Change::Write,
            true => Change::Blur,
            false => unnamed,
        };
        self.slots.iter().zip(&self.written).map(change).collect()
    }

    /// Whether a request means whatever has the name, or the thing to which the server gave a certain id.
    fn address(&self, raced: &Raced) -> Option<Address> {
        let Items::Named(field, values) = &raced.case.intent.items else { return Some(Address::Key) };
        let identity = self.resource.identity();
        let by_id = match identity.issued {
            Issuer::Server => *field == identity.field,
            // A slug follows from the name.
            Issuer::Client | Issuer::Slug(_) => *field != identity.field && self.resource.issued_id() == Some(field.as_str()),
        };
        if !by_id {
            return Some(Address::Key);
        }
        let meant = values.first().map(text)?;
        let made = |raced: &Raced| {
            let record = raced.played.as_ref()?.reading.record()?;
            (record.get(field).map(text)? == meant && self.contract.endpoints[raced.case.endpoint].verb == Verb::Create).then_some(())
        };
        self.race.raced.iter().position(|raced| made(raced).is_some()).map(Address::MadeBy)
    }

    /// What a read saw. What came out of a cache (RFC 9111, section 5.1) may be stale by right, and what is not in a part of a list may be in another.
    fn look(&self, raced: &Raced, played: &Played, address: Address) -> Option<Act> {
        if played.exchange.response.header("age").is_some() {
            return None;
        }
        let endpoint = &self.contract.endpoints[raced.case.endpoint];
        let records = played.reading.records.as_ref()?;
        let record = if endpoint.verb == Verb::List {
            let mut same = records.iter().filter(|record| self.is_shown_by(record));
            match (same.next(), same.next()) {
                (Some(record), None) => record,
                (None, _) => return is_whole(endpoint, played).then_some(Act::Absent(address)),
                (Some(_), Some(_)) => return None,
            }
        } else {
            played.reading.record()?
        };
        Some(Act::Seen(address, self.seen(record)))
    }

    fn is_shown_by(&self, record: &Map<String, Value>) -> bool {
        let key = self.resource.key().unwrap_or(&self.resource.identity().field);
        record.get(key).map(text).is_some_and(|own| self.name.as_ref() == Some(&own))
    }

    /// For each slot the request whose value a record shows.
    fn seen(&self, record: &Map<String, Value>) -> Vec<Option<usize>> {
        let writer = |(slot, written): (&Slot, &BTreeMap<String, usize>)| {
            let values = slot.values(self.resource, record);
            let mut writers = values.iter().filter_map(|value| written.get(value).copied());
            writers.next().filter(|_| writers.next().is_none())
        };
        self.slots.iter().zip(&self.written).map(writer).collect()
    }

    fn line(&self, raced: &Raced, invoked: usize, returned: usize) -> String {
        let told = |fields: &Map<String, Value>| {
            let values: Vec<String> = self.slots.iter().flat_map(|slot| slot.values(self.resource, fields)).collect();
            values.iter().flat_map(|value| [" `", value, "`"]).collect::<String>()
        };
        let writes = self.contract.endpoints[raced.case.endpoint].verb.writes();
        let wrote = if writes { told(&raced.case.intent.fields) } else { String::new() };
        let answer = match &raced.played {
            None => "no answer".to_owned(),
            Some(played) if writes => played.exchange.response.status.as_u16().to_string(),
            Some(played) => {
                let records = played.reading.records.iter().flatten();
                let saw = records.filter(|record| raced.case.intent.items != Items::None || self.is_shown_by(record)).map(told);
                format!("{}{}", played.exchange.response.status.as_u16(), saw.collect::<String>())
            }
        };
        format!("{invoked}..{returned} client {}: {} {}{wrote} -> {answer}", raced.client, raced.request.method, raced.request.path)
    }
}

/// The name that a request states, or by which it names its item.
fn named(resource: &Resource, raced: &Raced) -> Option<String> {
    let key = resource.key().unwrap_or(&resource.identity().field);
    let item = match &raced.case.intent.items {
        Items::Named(field, values) if field == key => values.first(),
        _ => None,
    };
    raced.case.intent.fields.get(key).or(item).map(|name| kept(resource, key, name))
}

/// The values that one request alone writes, with its place.
fn written_once(values: impl Iterator<Item = Vec<String>>) -> BTreeMap<String, usize> {
    let mut writers: BTreeMap<String, Option<usize>> = BTreeMap::new();
    for (id, values) in values.enumerate() {
        for value in values {
            writers.entry(value).and_modify(|writer| *writer = None).or_insert(Some(id));
        }
    }
    writers.into_iter().filter_map(|(value, writer)| Some((value, writer?))).collect()
}
