//! The trail: the requests that led to a finding, and what each of them was told that a later one repeats.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use specs::claims::{Binding, Verb};
use specs::contract::{Contract, Endpoint, Input};
use specs::wire::{Reading, Request};

use crate::case::Case;
use crate::checks::Broken;
use crate::ledger::{Tracked, same_scope, text};

/// A request of a plan.
#[derive(Clone)]
pub(crate) struct Sent {
    /// Its number among all requests.
    pub(crate) number: usize,
    /// What was meant, before the ledger had its say.
    pub(crate) case: Case,
    pub(crate) request: Request,
    /// The request and its answer in a few words.
    pub(crate) told: String,
    /// The thing that it is about.
    pub(crate) about: Option<String>,
    pub(crate) writes: bool,
    /// Whether it was carried out.
    pub(crate) accepted: bool,
    /// The number of the page, from nought, if it is one of a walk through a list.
    pub(crate) page: Option<usize>,
    /// Whether it belongs to a walk through a list whole and in pages.
    pub(crate) in_pages: bool,
    /// The ids that the answer told first.
    pub(crate) issued: Vec<Issued>,
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sent").field("endpoint", &self.case.endpoint).finish_non_exhaustive()
    }
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

/// A kind of thing, and the name of one.
pub(crate) type Named = (String, String);

/// How a thing is known to the trail.
pub(crate) fn named(contract: &Contract, thing: &Tracked) -> Named {
    (thing.resource.clone(), thing.name(&contract.resources[&thing.resource]))
}

/// The trail of the present plan, and the request that made each thing, by resource and name.
#[derive(Default)]
pub(crate) struct Trail {
    pub(crate) thread: Vec<Arc<Sent>>,
    births: BTreeMap<Named, Arc<Sent>>,
    /// Everything that was written about each thing.
    lives: BTreeMap<Named, Vec<Arc<Sent>>>,
    /// How many requests that is, a few more perhaps, and how many were left when they were shortened last.
    written: usize,
    left: usize,
    sent: usize,
    /// The last requests of all plans.
    recent: VecDeque<Arc<Sent>>,
    /// The page that is asked for next, while a list is walked through.
    pub(crate) page: Option<usize>,
    /// Whether a list is walked through whole and in pages.
    pub(crate) in_pages: bool,
    /// The first page of the last walk through a list.
    first_page: Option<Arc<Sent>>,
}

/// How many requests before a violation are kept, whatever plan they belong to; and how many writes a list is told with.
const RECENT: usize = 40;
const LISTED: usize = 24;

/// So many writes of a thing are remembered at least, and twice as many at most: more than a list is told with.
const MOST_WRITES: usize = 64;

/// A run that is longer than usual remembers no more writes than this, of all things: of each thing the last few are kept then.
const MOST_WRITTEN: usize = 1_024;
const LAST_WRITES: usize = 2;

impl Trail {
    /// Begins a new plan: what came before does not belong to what is found from here on.
    pub(crate) fn begin(&mut self) {
        self.thread.clear();
        self.page = None;
    }

    /// Begins a new plan about a thing that was made before it.
    pub(crate) fn begin_about(&mut self, contract: &Contract, thing: &Tracked) {
        self.begin_with(Some(&named(contract, thing)));
    }

    /// The same by the kind of thing and its name; a plan about nothing if there is none.
    pub(crate) fn begin_with(&mut self, about: Option<&Named>) {
        match about {
            Some(thing) => self.thread = self.births.get(thing).cloned().into_iter().collect(),
            None => self.begin(),
        }
    }

    /// Puts these requests in the place of the present plan.
    pub(crate) fn show(&mut self, steps: Vec<Sent>) {
        self.thread = steps.into_iter().map(Arc::new).collect();
    }

    pub(crate) fn push(&mut self, endpoint: &Endpoint, mut sent: Sent) {
        self.sent += 1;
        (sent.number, sent.page, sent.in_pages) = (self.sent, self.page, self.in_pages);
        let sent = Arc::new(sent);
        if let (Some(resource), Some(about), true) = (&endpoint.resource, &sent.about, sent.writes && sent.accepted) {
            let life = self.lives.entry((resource.clone(), about.clone())).or_default();
            life.push(Arc::clone(&sent));
            self.written += 1;
            if life.len() > 2 * MOST_WRITES {
                life.drain(..MOST_WRITES);
            }
        }
        if sent.page == Some(0) {
            self.first_page = Some(Arc::clone(&sent));
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(Arc::clone(&sent));
        self.thread.push(sent);
    }

    /// Forgets what led to things that are not `known` by kind and name any more.
    pub(crate) fn forget(&mut self, known: &BTreeSet<Named>) {
        self.births.retain(|thing, _| known.contains(thing));
        self.lives.retain(|thing, _| known.contains(thing));
    }

    /// Forgets all but the last writes of each thing, once there are many; where there are many things, once a quarter was added since.
    pub(crate) fn shorten(&mut self) {
        if self.written <= MOST_WRITTEN.max(self.left + self.left / 4) {
            return;
        }
        self.lives.values_mut().for_each(|life| drop(life.drain(..life.len().saturating_sub(LAST_WRITES))));
        self.left = self.lives.values().map(Vec::len).sum();
        self.written = self.left;
    }

    /// Every request that is remembered.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = &Sent> {
        let lives = self.lives.values().flatten();
        let all = self.thread.iter().chain(self.births.values()).chain(lives).chain(&self.recent).chain(&self.first_page);
        all.map(AsRef::as_ref)
    }

    /// Requests of which the last is the first page of its walk through a list, so that the walk can be repeated.
    pub(crate) fn walk_from_its_start(&self, mut steps: Vec<Sent>) -> Vec<Sent> {
        let further = steps.last().is_some_and(|last| last.page.is_some_and(|page| page > 0));
        if let Some(first) = self.first_page.as_deref().filter(|_| further) {
            let twice = steps.len() > 1 && steps[steps.len() - 2].number == steps[steps.len() - 1].number;
            steps.retain(|sent| sent.page.is_none_or(|page| page == 0));
            steps.extend(std::iter::repeat_n(first.clone(), if twice { 2 } else { 1 }));
        }
        steps
    }

    /// Every request that may have to do with a violation: the whole plan, or the last ones of all plans where those are more.
    pub(crate) fn wide(&self, contract: &Contract, endpoint: &Endpoint, broken: &Broken) -> Vec<Sent> {
        let recent: Vec<&Sent> = self.recent.iter().map(AsRef::as_ref).collect();
        let last: Vec<&Sent> = match endpoint.verb {
            Verb::List => self.listed(endpoint),
            _ if self.thread.len() < recent.len() => recent,
            _ => self.thread.iter().map(AsRef::as_ref).collect(),
        };
        let mut own: Vec<&Sent> = self.earlier(endpoint, broken).into_iter().chain(last).collect();
        own.sort_by_key(|sent| sent.number);
        let last = own.last().map(|last| last.number);
        own.dedup_by(|a, b| a.number == b.number && Some(a.number) != last);
        self.makers(contract, &own).into_iter().chain(own).cloned().collect()
    }

    /// What was written about the last things in the scope of a list, and the list.
    fn listed(&self, endpoint: &Endpoint) -> Vec<&Sent> {
        let Some(last) = self.thread.last().map(AsRef::as_ref) else { return Vec::new() };
        let here = |sent: &&Sent| same_scope(&sent.case.intent.scope, &last.case.intent.scope);
        let lives = self.lives.iter().filter(|((resource, _), _)| Some(resource) == endpoint.resource.as_ref());
        let mut lives: Vec<Vec<&Sent>> = lives.map(|(_, life)| life.iter().map(AsRef::as_ref).filter(here).collect()).collect();
        lives.retain(|life: &Vec<&Sent>| !life.is_empty());
        lives.sort_by_key(|life| life.last().map(|sent| sent.number));
        // What a second look shows may only be wrong beside the first.
        let mut told = 0;
        let few = lives.into_iter().rev().take_while(|life| {
            told += life.len();
            told <= LISTED
        });
        few.flatten().chain([last, last]).collect()
    }

    /// Notes that the last request has made a thing.
    pub(crate) fn note_birth(&mut self, contract: &Contract, thing: &Tracked) {
        if let Some(birth) = self.thread.last() {
            self.births.insert(named(contract, thing), Arc::clone(birth));
        }
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
        if endpoint.verb == Verb::List {
            let meant = self.lives.iter().filter(|((_, name), _)| broken.expected.contains(name.as_str()));
            let told = |sent: &&Sent| self.thread.iter().any(|own| own.number == sent.number);
            // What made it, and what was done to it last.
            let ends = meant.flat_map(|(key, life)| self.births.get(key).into_iter().chain(life[life.len().saturating_sub(2)..].iter()));
            let mut ends: Vec<&Sent> = ends.map(AsRef::as_ref).filter(|sent| !told(sent)).collect();
            ends.sort_by_key(|sent| sent.number);
            ends.dedup_by_key(|sent| sent.number);
            return ends;
        }
        let meant =
            |((resource, name), _): &(&Named, &Arc<Sent>)| Some(resource) == endpoint.resource.as_ref() && Some(name) == about.as_ref();
        let before = &self.thread[..self.thread.len().saturating_sub(1)];
        let told = |birth: &&Sent| before.iter().any(|sent| sent.about == birth.about);
        self.births.iter().filter(meant).map(|(_, birth)| birth.as_ref()).filter(|birth| !told(birth)).collect()
    }

    /// What made the places in which these requests act: whatever was told an id that one of them gives and none of them was told.
    fn makers(&self, contract: &Contract, steps: &[&Sent]) -> Vec<&Sent> {
        let needed = |birth: &&Sent| {
            let own = |sent: &&Sent| sent.issued == birth.issued;
            let asked = birth.issued.iter().any(|issued| steps.iter().any(|sent| sent.gives(contract, issued).next().is_some()));
            asked && !steps.iter().any(own)
        };
        self.births.values().map(AsRef::as_ref).filter(needed).collect()
    }
}

impl Sent {
    /// The inputs in which this request gives an id back to the server.
    pub(crate) fn gives<'s>(&'s self, contract: &'s Contract, issued: &'s Issued) -> impl Iterator<Item = &'s Input> {
        let endpoint = &contract.endpoints[self.case.endpoint];
        let same = |input: &Input| self.case.inputs.value(input).is_some_and(|value| text(value) == text(&issued.id));
        let named =
            endpoint.bindings.iter().filter(|bound| kind_named(contract, endpoint, &bound.binding.value) == Some(issued.resource.as_str()));
        named.map(|bound| &bound.input).filter(move |input| same(input))
    }
}

/// The kind of thing that an input names.
fn kind_named<'c>(contract: &'c Contract, endpoint: &'c Endpoint, binding: &'c Binding) -> Option<&'c str> {
    match binding {
        Binding::Scope(of) => Some(&of.resource),
        Binding::Item(_) | Binding::Items(_) => endpoint.resource.as_deref(),
        Binding::Field(field) => contract.resource_of(endpoint)?.fields.get(field)?.refers_to.as_ref().map(|claim| claim.value.as_str()),
        _ => None,
    }
}

/// The steps that lead to the last one: the writes to the thing that it is about, or all writes where it is about several.
fn relevant(thread: &[Arc<Sent>]) -> Vec<&Sent> {
    let Some((last, before)) = thread.split_last() else { return Vec::new() };
    let last = last.as_ref();
    let belongs = |sent: &&Sent| sent.writes && (last.about.is_none() || sent.about == last.about);
    before.iter().map(AsRef::as_ref).filter(belongs).chain([last]).collect()
}

/// The ids that an answer tells of the one thing that it is about, where the server decides them: as pointers into its body.
pub(crate) fn issued(contract: &Contract, endpoint: &Endpoint, reading: &Reading) -> Vec<Issued> {
    let (Some(resource), Some(place), true) = (contract.resource_of(endpoint), &endpoint.answer.place, reading.accepted) else {
        return Vec::new();
    };
    let fields = [Some(resource.identity().field.as_str()).filter(|_| resource.is_server_named()), resource.issued_id()];
    let mut fields: Vec<&str> = fields.into_iter().flatten().collect();
    fields.dedup();
    let Some(body) = reading.json.as_ref().filter(|_| !place.many) else { return Vec::new() };
    let told = |field: &str| {
        let pointer = place.pointer.member(field).as_str().to_owned();
        let id = body.pointer(&pointer).filter(|id| id.is_string() || id.is_number())?.clone();
        Some(Issued { resource: resource.name.clone(), pointer, id })
    };
    fields.into_iter().filter_map(told).collect()
}
