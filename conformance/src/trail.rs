//! The trail: the requests that led to a finding, and what each of them was told that a later one repeats.

use std::collections::BTreeMap;

use serde_json::Value;
use specs::claims::{Binding, Verb};
use specs::contract::{Contract, Endpoint, Input};
use specs::wire::{Reading, Request, Response};

use crate::case::Case;
use crate::checks::Broken;
use crate::ledger::{Tracked, text};

/// A request of a plan.
#[derive(Clone)]
pub(crate) struct Sent {
    /// What was meant, before the ledger had its say.
    pub(crate) case: Case,
    pub(crate) request: Request,
    /// The request and its answer in a few words.
    pub(crate) told: String,
    /// The thing that it is about.
    pub(crate) about: Option<String>,
    pub(crate) writes: bool,
    /// The ids that the answer told first.
    pub(crate) issued: Vec<Issued>,
}

/// An id that the server decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Issued {
    /// Of what kind of thing.
    pub(crate) resource: String,
    /// Where it stands in the answer's body.
    pub(crate) pointer: String,
    /// The id.
    pub(crate) id: Value,
}

/// The trail of the present plan, and the request that made each thing, by resource and name.
#[derive(Default)]
pub(crate) struct Trail {
    thread: Vec<Sent>,
    births: BTreeMap<(String, String), Sent>,
}

impl Trail {
    /// Begins a new plan: what came before does not belong to what is found from here on.
    pub(crate) fn begin(&mut self) {
        self.thread.clear();
    }

    /// Begins a new plan about a thing that was made before it.
    pub(crate) fn begin_about(&mut self, contract: &Contract, thing: &Tracked) {
        let name = thing.name(&contract.resources[&thing.resource]);
        self.thread = self.births.get(&(thing.resource.clone(), name)).cloned().into_iter().collect();
    }

    pub(crate) fn push(&mut self, sent: Sent) {
        self.thread.push(sent);
    }

    /// Notes that the last request has made a thing.
    pub(crate) fn note_birth(&mut self, contract: &Contract, thing: &Tracked) {
        let key = (thing.resource.clone(), thing.name(&contract.resources[&thing.resource]));
        let birth = self.thread.last().cloned();
        birth.into_iter().for_each(|birth| drop(self.births.insert(key.clone(), birth)));
    }

    /// The requests that are to be told with a finding: those that made what it is about, those that changed it, and the last one.
    pub(crate) fn steps(&self, contract: &Contract, endpoint: &Endpoint, broken: &Broken) -> Vec<&Sent> {
        let own: Vec<&Sent> = self.earlier(endpoint, broken).into_iter().chain(relevant(&self.thread)).collect();
        let places = self.makers(contract, &own);
        places.into_iter().chain(own).collect()
    }

    /// What made the things of a finding before its plan began: what a list lacks, or what the last request is about.
    fn earlier(&self, endpoint: &Endpoint, broken: &Broken) -> Vec<&Sent> {
        let about = self.thread.last().and_then(|last| last.about.clone());
        let meant = |((resource, name), _): &(&(String, String), &Sent)| match endpoint.verb {
            Verb::List => broken.expected.contains(name.as_str()),
            _ => Some(resource) == endpoint.resource.as_ref() && Some(name) == about.as_ref(),
        };
        let before = &self.thread[..self.thread.len().saturating_sub(1)];
        let told = |birth: &&Sent| before.iter().any(|sent| sent.about == birth.about);
        self.births.iter().filter(meant).map(|(_, birth)| birth).filter(|birth| !told(birth)).collect()
    }

    /// What made the places in which these requests act: whatever was told an id that one of them gives and none of them was told.
    fn makers(&self, contract: &Contract, steps: &[&Sent]) -> Vec<&Sent> {
        let needed = |birth: &&Sent| {
            let own = |sent: &&Sent| sent.issued == birth.issued;
            let asked = birth.issued.iter().any(|issued| steps.iter().any(|sent| sent.gives(contract, issued).next().is_some()));
            asked && !steps.iter().any(own)
        };
        self.births.values().filter(needed).collect()
    }
}

impl Sent {
    /// The inputs in which this request gives an id back to the server.
    pub(crate) fn gives<'s>(&'s self, contract: &'s Contract, issued: &'s Issued) -> impl Iterator<Item = &'s Input> {
        let endpoint = &contract.endpoints[self.case.endpoint];
        let same = |input: &Input| self.case.inputs.value(input).is_some_and(|value| text(value) == text(&issued.id));
        let named =
            endpoint.bindings.iter().filter(|bound| named(contract, endpoint, &bound.binding.value) == Some(issued.resource.as_str()));
        named.map(|bound| &bound.input).filter(move |input| same(input))
    }
}

/// The kind of thing that an input names.
fn named<'c>(contract: &'c Contract, endpoint: &'c Endpoint, binding: &'c Binding) -> Option<&'c str> {
    match binding {
        Binding::Scope(of) => Some(&of.resource),
        Binding::Item(_) | Binding::Items(_) => endpoint.resource.as_deref(),
        Binding::Field(field) => contract.resource_of(endpoint)?.fields.get(field)?.refers_to.as_ref().map(|claim| claim.value.as_str()),
        _ => None,
    }
}

/// The steps that lead to the last one: the writes to the thing that it is about, or all writes where it is about several.
fn relevant(thread: &[Sent]) -> Vec<&Sent> {
    let Some((last, before)) = thread.split_last() else { return Vec::new() };
    let belongs = |sent: &&Sent| sent.writes && (last.about.is_none() || sent.about == last.about);
    before.iter().filter(belongs).chain([last]).collect()
}

/// The ids that an answer tells of the one thing that it is about, where the server decides them: as pointers into its body.
pub(crate) fn issued(contract: &Contract, endpoint: &Endpoint, reading: &Reading, response: &Response) -> Vec<Issued> {
    let (Some(resource), Some(place), true) = (contract.resource_of(endpoint), &endpoint.answer.place, reading.accepted) else {
        return Vec::new();
    };
    let fields = [Some(resource.identity().field.as_str()).filter(|_| resource.is_server_named()), resource.issued_id()];
    let mut fields: Vec<&str> = fields.into_iter().flatten().collect();
    fields.dedup();
    let Some(body) = response.json().filter(|_| !place.many) else { return Vec::new() };
    let told = |field: &str| {
        let pointer = place.pointer.member(field).as_str().to_owned();
        let id = body.pointer(&pointer).filter(|id| id.is_string() || id.is_number())?.clone();
        Some(Issued { resource: resource.name.clone(), pointer, id })
    };
    fields.into_iter().filter_map(told).collect()
}
