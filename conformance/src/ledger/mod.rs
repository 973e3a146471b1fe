//! The ledger: what the target has acknowledged so far, built from the wire alone.

mod file;
mod refused;
mod things;
mod times;
mod tracked;
mod versions;

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value};
use specs::claims::{Blind, Conflict, Issuer, Verb};
use specs::contract::{Contract, Endpoint, Resource};
use specs::wire::{Intent, Items, Reading, Selector, secrets_in};

pub use file::{LedgerError, LeftBehind};
pub(crate) use file::{Writer, is_same};
use refused::Refused;
use things::Things;
pub(crate) use times::{Times, is_before};
pub(crate) use tracked::{Life, Tracked, kept, slug, text};
pub(crate) use versions::{Known as KnownVersion, number_told};

/// How much an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// What it says.
    Certain,
    /// The request was invalid: if it was carried out all the same, no document says what became of it.
    Doubtful,
    /// It will be carried out at some time (RFC 9110, section 15.3.3).
    Pending,
    /// The server failed: nobody can say what became of the request.
    Lost,
}

/// What the target has acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    things: Things,
    /// Scopes in which some request was carried out.
    answered: Vec<Vec<Selector>>,
    /// The target's clock.
    pub(crate) times: Times,
    refused: Refused,
}

impl Ledger {
    /// Every thing that was ever acknowledged.
    pub(crate) fn things(&self) -> &[Tracked] {
        self.things.all()
    }

    /// Those that are not gone, as far as is known.
    pub(crate) fn present(&self) -> impl DoubleEndedIterator<Item = &Tracked> {
        self.things.present()
    }

    /// Those that are certain to be there.
    pub(crate) fn alive(&self) -> impl DoubleEndedIterator<Item = &Tracked> {
        self.things.alive()
    }

    /// Those of a resource that are alive in a scope.
    pub(crate) fn alive_in<'l>(&'l self, resource: &'l str, scope: &'l [Selector]) -> impl Iterator<Item = &'l Tracked> {
        self.alive().filter(move |thing| thing.resource == resource && thing.is_in(scope))
    }

    /// The places among them of what became known since this was asked last.
    pub(crate) fn take_changed(&mut self) -> BTreeSet<usize> {
        self.things.take_changed()
    }

    /// The number of the thing at a place, which no other thing of this ledger ever has.
    pub(crate) fn number(&self, place: usize) -> usize {
        self.things.number(place)
    }

    /// How many of the things that it remembers are gone.
    pub(crate) fn gone(&self) -> usize {
        self.things.gone()
    }

    /// Forgets what is gone but for the last `most` things, and gives the numbers that they had.
    pub(crate) fn forget_gone(&mut self, most: usize) -> BTreeSet<usize> {
        self.things.forget_gone(most)
    }

    /// Forgets of each thing the old versions, and the secrets of writes that are not `known` any more; one of several writes is known once.
    pub(crate) fn forget_writes(&mut self, known: impl Fn(&str) -> bool) {
        self.things.trim(|thing| {
            let mut seen = HashSet::new();
            thing.offered.retain(|secret| known(secret) && seen.insert(secret.clone()));
            thing.versions.forget_old();
        });
    }

    /// The things of a resource that a record shows, wherever they are.
    pub(crate) fn showing(&self, resource: &Resource, record: &Map<String, Value>) -> impl Iterator<Item = &Tracked> {
        self.things.shown_by(resource, record).into_iter().map(|place| &self.things.all()[place])
    }

    /// The things that may be called so.
    pub(crate) fn called(&self, name: &str) -> impl Iterator<Item = &Tracked> {
        self.things.candidates([name]).into_iter().map(|place| &self.things.all()[place])
    }

    /// Every thing, to be taken in elsewhere.
    pub(crate) fn into_things(self) -> Vec<Tracked> {
        self.things.into_all()
    }

    /// Takes in a thing that an earlier run has made.
    pub(crate) fn restore(&mut self, contract: &Contract, thing: Tracked) {
        self.things.push(&contract.resources[&thing.resource], thing);
    }

    /// Notes that things of this name are gone. Where nobody could say whether there was one, or how many, nothing is said of the name any
    /// more: there may be others.
    pub(crate) fn forget(&mut self, gone: &Tracked, resource: &Resource) {
        self.things.bury(|thing| is_same(thing, gone, resource));
        if gone.life == Life::Unsure {
            self.things.unname(|thing| thing.life == Life::Gone && is_same(thing, gone, resource));
        }
    }

    /// Notes that nobody can say any more what became of the things that a request is about.
    pub(crate) fn doubt(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent) {
        if let Some(index) = self.find(contract, endpoint, intent).filter(|index| self.things[*index].life == Life::Alive) {
            self.things.amend(index, |thing| thing.life = Life::Unsure);
        }
    }

    /// Takes in a thing that may be there, unless it is known.
    pub(crate) fn suspect(&mut self, thing: Tracked, resource: &Resource) {
        if !self.present().any(|known| is_same(known, &thing, resource)) {
            self.things.push(resource, thing);
        }
    }

    /// Whether some request was carried out in this scope, so that it must exist.
    pub(crate) fn has_answered_in(&self, scope: &[Selector]) -> bool {
        scope.is_empty() || self.answered.iter().any(|known| same_scope(known, scope))
    }

    /// The thing that a request is about: the one that its path names, or the one that has the name which it states.
    pub(crate) fn subject(&self, contract: &Contract, endpoint: &Endpoint, intent: &Intent) -> Option<&Tracked> {
        self.find(contract, endpoint, intent).map(|index| &self.things[index])
    }

    /// The latest wins: a name may have been given again after its first owner was deleted.
    fn find(&self, contract: &Contract, endpoint: &Endpoint, intent: &Intent) -> Option<usize> {
        let resource = contract.resource_of(endpoint)?;
        // An operation that does not look at the scope finds what it names wherever it is.
        let anywhere = endpoint.is_blind_to(Blind::Scope);
        let meant = Meant::of(resource, intent)?;
        let fits =
            |thing: &Tracked| thing.resource == resource.name && meant.is(resource, thing) && (anywhere || thing.is_in(&intent.scope));
        let places = meant.places(resource, &self.things);
        places.into_iter().rev().find(|place| fits(&self.things[*place]))
    }

    /// The things of a resource in a scope.
    pub(crate) fn within<'l>(&'l self, resource: &'l str, scope: &'l [Selector]) -> impl Iterator<Item = &'l Tracked> {
        self.things().iter().filter(move |thing| thing.resource == resource && thing.is_in(scope))
    }

    /// Learns from an answer.
    pub(crate) fn learn(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent, reading: &Reading, trust: Trust) {
        let known = self.things().len();
        let found = self.find(contract, endpoint, intent);
        self.learn_answer(contract, endpoint, intent, reading, trust);
        let touched = if self.things().len() > known { Some(known) } else { found };
        let written = reading.accepted && endpoint.verb.writes();
        // What has just been made has replaced nothing.
        if let Some(index) = found.filter(|index| written && touched == Some(*index) && endpoint.verb != Verb::Update) {
            self.things.amend(index, |thing| thing.replaced = thing.born.is_some());
        }
        self.learn_refusal(contract, endpoint, intent, reading);
        self.learn_times(contract, endpoint, intent, reading, touched.filter(|_| written));
        if let Some(index) = touched.filter(|_| written) {
            let doubted = trust == Trust::Doubtful && matches!(self.things[index].life, Life::Alive | Life::Hidden);
            if doubted || trust == Trust::Pending {
                self.things.amend(index, Tracked::doubt);
            }
        }
    }

    /// A name that nothing has, since its create was refused; until one is carried out, or nobody can say.
    fn learn_refusal(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent, reading: &Reading) {
        let Some(resource) = contract.resource_of(endpoint).filter(|_| endpoint.verb == Verb::Create) else { return };
        let Some(name) = resource.key().and_then(|key| intent.fields.get(key)).map(text) else { return };
        if !reading.refused {
            self.refused.remove(&resource.name, &intent.scope, &name);
        } else if self.find(contract, endpoint, intent).is_none() && !self.is_refused(resource, &intent.scope, &name) {
            self.refused.add(&resource.name, &intent.scope, &name);
        }
    }

    /// Whether every create of this name was refused, so that nothing can have it.
    pub(crate) fn is_refused(&self, resource: &Resource, scope: &[Selector], name: &str) -> bool {
        self.refused.has(&resource.name, scope, name)
    }

    /// What was changed for certain was changed after every time that was told before.
    fn learn_times(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent, reading: &Reading, written: Option<usize>) {
        let Some(resource) = contract.resource_of(endpoint) else { return };
        if let Some(index) = written.filter(|_| !secrets_in(&intent.fields, resource).is_empty()) {
            let latest = self.times.latest(resource).cloned();
            self.things.amend(index, |thing| thing.changed_after = latest);
        }
        for record in reading.records.iter().flatten() {
            self.times.learn(resource, record);
        }
    }

    fn learn_answer(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent, reading: &Reading, trust: Trust) {
        if reading.accepted && !self.has_answered_in(&intent.scope) {
            self.answered.push(intent.scope.clone());
        }
        let Some(resource) = contract.resource_of(endpoint) else { return };
        let found = self.find(contract, endpoint, intent);
        if let Some(index) = found.filter(|index| endpoint.verb.writes() && self.things[*index].life != Life::Gone) {
            self.things.amend(index, |thing| thing.note_offer(resource, intent));
        }
        if trust == Trust::Lost || !reading.accepted {
            if let Some(index) = found.filter(|_| endpoint.verb.writes()) {
                let learn: fn(&mut Tracked) = if trust == Trust::Lost { Tracked::doubt } else { |thing| thing.refused_since = true };
                self.things.amend(index, learn);
            }
            return;
        }
        // What a filter or a guessed view shows is not all that there is of a thing.
        let partial = trust == Trust::Doubtful || endpoint.promises.verb.as_ref().is_some_and(|claim| !claim.grade.condemns());
        match endpoint.verb {
            Verb::Read | Verb::List if partial => {}
            Verb::Create if self.is_twin(resource, found, reading) => self.learn_twin(resource, found, intent, reading),
            Verb::Create | Verb::Put => self.learn_write(resource, found, intent, reading),
            Verb::Update => self.learn_update(resource, endpoint, found, intent, reading),
            Verb::SoftDelete | Verb::Undelete | Verb::Destroy => {
                if let Some(index) = found.filter(|index| self.things[*index].life != Life::Gone) {
                    self.things.amend(index, |thing| thing.learn_versions(resource, endpoint, intent));
                }
            }
            Verb::Delete => self.learn_delete(contract, endpoint, intent, found),
            Verb::Read | Verb::Reveal => {
                if let Some((index, record)) = found.zip(reading.record()).filter(|_| intent.show.is_none() && intent.version.is_none()) {
                    self.things.change(index, resource, |thing| thing.learn_shown(resource, &endpoint.name(), record));
                }
            }
            Verb::List => self.learn_list(resource, endpoint, intent, reading),
            Verb::WhoAmI | Verb::IssueToken | Verb::SealingKey | Verb::Fixed => {}
        }
    }

    /// Whether a create made a second thing of a name, where one name does not mean one thing.
    fn is_twin(&self, resource: &Resource, found: Option<usize>, reading: &Reading) -> bool {
        let replaces = matches!(resource.conflict().value, Conflict::Replace | Conflict::ReplaceUnseen);
        let first = found.map(|index| &self.things[index]).filter(|thing| thing.life != Life::Gone && !replaces);
        let told = reading.record().and_then(|record| record.get(&resource.identity().field));
        first.and_then(|thing| thing.identity.as_ref()).zip(told).is_some_and(|(own, told)| text(own) != text(told))
    }

    /// Of two things of one name nobody can say which one a name means.
    fn learn_twin(&mut self, resource: &Resource, found: Option<usize>, intent: &Intent, reading: &Reading) {
        if let Some(index) = found {
            self.things.amend(index, |thing| thing.life = Life::Unsure);
        }
        self.things.push(resource, Tracked { life: Life::Unsure, ..Tracked::new(resource, intent, reading) });
    }

    fn learn_write(&mut self, resource: &Resource, found: Option<usize>, intent: &Intent, reading: &Reading) {
        if let Some(index) = found.filter(|index| self.things[*index].life != Life::Gone) {
            self.things.change(index, resource, |thing| thing.learn_replace(resource, intent, reading));
        } else {
            let mut thing = Tracked::new(resource, intent, reading);
            thing.learn_version(resource, reading);
            self.things.push(resource, thing);
        }
    }

    fn learn_update(&mut self, resource: &Resource, endpoint: &Endpoint, found: Option<usize>, intent: &Intent, reading: &Reading) {
        let there = found.filter(|index| self.things[*index].life != Life::Gone || !endpoint.makes_missing());
        match there {
            Some(index) => self.things.change(index, resource, |thing| thing.learn_update(resource, endpoint, intent, reading)),
            // What an update makes has no version yet that could be read.
            None if endpoint.makes_missing() && !intent.fields.is_empty() => {
                self.things.push(resource, Tracked { life: Life::Hidden, ..Tracked::new(resource, intent, reading) });
            }
            None => {}
        }
    }

    fn learn_delete(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent, found: Option<usize>) {
        let Some(resource) = contract.resource_of(endpoint) else { return };
        if intent.items == Items::All {
            self.things.bury(|thing| thing.resource == resource.name && thing.is_in(&intent.scope));
        } else if let Some(index) = found {
            self.things.amend(index, |thing| thing.life = Life::Gone);
            let gone = &self.things[index];
            let gone = Tracked::noted(gone.resource.clone(), gone.scope.clone(), gone.identity.clone(), Map::new());
            self.things.bury(|thing| thing.lies_in(&gone));
        }
    }

    /// A list may be the first to tell an id.
    fn learn_list(&mut self, resource: &Resource, endpoint: &Endpoint, intent: &Intent, reading: &Reading) {
        for record in reading.records.iter().flatten() {
            let places = self.things.shown_by(resource, record);
            if let Some(place) = places.into_iter().rev().find(|place| self.things[*place].is_in(&intent.scope)) {
                self.things.change(place, resource, |thing| thing.learn_shown(resource, &endpoint.name(), record));
            }
        }
    }
}

/// What a request names: a field, and the texts of which it has one.
enum Meant<'i> {
    /// In the path.
    Items(&'i str, Vec<String>),
    /// By the name of which the thing's identity is the slug.
    Slug(&'i str, String),
    /// By the key or identity that it states.
    Stated(&'i str, String),
}

impl<'i> Meant<'i> {
    /// None if the request names nothing.
    fn of(resource: &'i Resource, intent: &'i Intent) -> Option<Self> {
        if let Items::Named(field, values) = &intent.items {
            return Some(Self::Items(field, values.iter().map(|value| kept(resource, field, value)).collect()));
        }
        let stated = |field: &'i str| Some((field, intent.fields.get(field).map(|value| kept(resource, field, value))?));
        match &resource.identity().issued {
            Issuer::Slug(of) => stated(of).map(|(field, name)| Self::Slug(field, name)),
            Issuer::Client => stated(&resource.identity().field).map(|(field, name)| Self::Stated(field, name)),
            Issuer::Server => stated(resource.key()?).map(|(field, name)| Self::Stated(field, name)),
        }
    }

    /// The places of what may be meant, in order.
    fn places(&self, resource: &Resource, things: &Things) -> Vec<usize> {
        let names_it = |field: &str| field == resource.identity().field || Some(field) == resource.key();
        match self {
            Self::Items(field, values) if names_it(field) => things.candidates(values.iter().map(String::as_str)),
            Self::Items(..) => (0..things.all().len()).collect(),
            Self::Slug(_, name) => things.candidates([slug(name).as_str()]),
            Self::Stated(_, name) => things.candidates([name.as_str()]),
        }
    }

    /// Whether this thing is meant.
    fn is(&self, resource: &Resource, thing: &Tracked) -> bool {
        let own = |field: &str| if *field == *resource.identity().field { thing.identity.as_ref() } else { thing.field(field) };
        match self {
            Self::Items(field, values) => own(field).is_some_and(|own| values.iter().any(|value| is_text(own, value))),
            Self::Slug(of, name) => thing.field(of).is_some_and(|own| tracked::same_slug(&text(own), name)),
            Self::Stated(field, name) => own(field).is_some_and(|own| is_text(own, name)),
        }
    }
}

fn is_text(value: &Value, wanted: &str) -> bool {
    value.as_str().map_or_else(|| text(value) == wanted, |own| own == wanted)
}

/// Whether two scopes are the same: the runner always names an enclosing thing by the same field.
pub(crate) fn same_scope(a: &[Selector], b: &[Selector]) -> bool {
    let same = |a: &Value, b: &Value| a == b || a.is_string() != b.is_string() && text(a) == text(b);
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.resource == b.resource && same(&a.value, &b.value))
}
