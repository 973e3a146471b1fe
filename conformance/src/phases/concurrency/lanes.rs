//! Lanes: what the clients of a race send, round by round: in a round each client sends one request after another.

use rand::RngExt as _;
use serde_json::Value;
use specs::claims::{Binding, Conflict, Grade, Verb};
use specs::contract::Endpoint;
use specs::wire::Intent;

use super::{CLIENTS, Stage, TURNS, open};
use crate::case::Case;
use crate::director::Extent;
use crate::drafting::{Fill, TEXTS, is_valid, lay, takes};
use crate::generate::Generator;
use crate::ledger::Tracked;

impl Stage<'_, '_> {
    /// Several clients at once, each of which does one thing after another; then one looks.
    pub(super) fn melee(&mut self, thing: &Tracked, generator: &mut Generator) -> Vec<Vec<Vec<Case>>> {
        let choices = self.choices();
        let mut clients = vec![Vec::new(); CLIENTS];
        for client in &mut clients {
            for _ in 0..TURNS {
                let Some((index, verb)) = Self::pick(generator, &choices) else { continue };
                // One update in three changes everything that it can.
                let left_out = generator.random().random_range(0..3_usize).checked_sub(1);
                client.extend(self.turn(index, verb, thing, left_out).map(open));
            }
        }
        vec![clients, vec![self.looks(thing)]]
    }

    /// Several clients change a thing at the same moment, every other one leaving another field alone; then one looks; and again.
    pub(super) fn duel(&mut self, thing: &Tracked, generator: &mut Generator) -> Vec<Vec<Vec<Case>>> {
        let replaces = self.resource.conflict().value != Conflict::Reject;
        let changes = |verb: Verb| matches!(verb, Verb::Update | Verb::Put) || verb == Verb::Create && replaces;
        let choices: Vec<_> = self.choices().into_iter().filter(|(_, (_, verb))| changes(*verb)).collect();
        let mut rounds = Vec::new();
        for _ in 0..TURNS {
            let mut clients = Vec::new();
            for client in 0..CLIENTS {
                let picked = Self::pick(generator, &choices);
                let case = picked.and_then(|(index, verb)| self.turn(index, verb, thing, Some(client)));
                clients.push(case.map(open).into_iter().collect());
            }
            rounds.push(clients);
            rounds.push(vec![self.looks(thing)]);
        }
        rounds
    }

    fn turn(&mut self, index: usize, verb: Verb, thing: &Tracked, left_out: Option<usize>) -> Option<Case> {
        match verb {
            Verb::Create | Verb::Put => {
                let drafted = self.director.write(self.family, index, self.scope, Some(thing), Fill::Minimal, 0);
                drafted.map(|case| self.dressed(case))
            }
            Verb::Update => {
                let drafted = self.director.about(index, self.scope, thing, Extent::Whole);
                drafted.map(|case| self.dressed(case)).map(|case| self.narrowed(case, left_out))
            }
            _ => self.look(index, thing),
        }
    }

    /// Every way to look at a thing.
    fn looks(&mut self, thing: &Tracked) -> Vec<Case> {
        let endpoints = &self.director.contract().endpoints;
        let looks: Vec<usize> = self.usable.iter().copied().filter(|index| !endpoints[*index].verb.writes()).collect();
        looks.into_iter().filter_map(|index| self.look(index, thing)).map(open).collect()
    }

    /// A list, a read, or a delete.
    fn look(&mut self, index: usize, thing: &Tracked) -> Option<Case> {
        match self.director.session.endpoint(index).verb {
            Verb::List => self.director.list_of(index, self.scope),
            _ => self.director.about(index, self.scope, thing, Extent::Whole),
        }
    }

    /// What a client may do, and how often: writes and reads above all, since a delete ends what can be seen of them.
    fn choices(&self) -> Vec<(u32, (usize, Verb))> {
        let contract = self.director.contract();
        // What a second create does must be promised; and a thing that is made again must be another one.
        let recreates = self.is_told_apart() && self.resource.conflict().grade != Grade::Chosen;
        let puts = self.family.with(contract, Verb::Put);
        let makers = self.family.with(contract, Verb::Create).into_iter().filter(|_| recreates).take(1).chain(puts.iter().copied().take(1));
        let deletes = self.is_told_apart() || puts.is_empty();
        let usable = self.usable.iter().copied().filter(|index| contract.endpoints[*index].verb != Verb::Delete || deletes);
        let mut choices: Vec<(u32, (usize, Verb))> = Vec::new();
        for index in makers.chain(usable) {
            let verb = contract.endpoints[index].verb;
            // Of several spellings of a write one is enough.
            let again = verb.writes() && choices.iter().any(|(_, (_, other))| *other == verb);
            let weight = match verb {
                _ if again => 0,
                Verb::Update => 6,
                Verb::Read | Verb::Reveal => 4,
                Verb::Put => 3,
                Verb::Create | Verb::List => 2,
                _ => 1,
            };
            choices.push((weight, (index, verb)));
        }
        choices
    }

    /// A write with a text of its own in every field for one.
    pub(super) fn dressed(&mut self, case: Case) -> Case {
        let endpoint = self.director.session.endpoint(case.endpoint);
        TEXTS.iter().filter(|name| takes(endpoint, name)).fold(case, |case, name| {
            self.texts += 1;
            let mut intent = case.intent.clone();
            intent.fields.insert((*name).to_owned(), Value::from(format!("lockstep text {}", self.texts)));
            redrafted(endpoint, case, intent)
        })
    }

    /// An update that leaves out one of the fields that it could change: that must come out as somebody else has written it.
    fn narrowed(&self, case: Case, left_out: Option<usize>) -> Case {
        let endpoint = self.director.session.endpoint(case.endpoint);
        let secret = self.resource.secret().first().map(specs::claims::FieldPath::field);
        let named: Vec<&str> = TEXTS.into_iter().chain(secret).filter(|name| case.intent.fields.contains_key(*name)).collect();
        let Some(left_out) = left_out.filter(|_| named.len() > 1).map(|place| named[place % named.len()]) else { return case };
        let mut inputs = case.inputs.clone();
        let field = |binding: &Binding| matches!(binding, Binding::Field(own) if own == left_out).then_some(());
        endpoint.bound(field).for_each(|(input, ())| inputs.remove(input));
        let intent = Intent { scope: case.intent.scope.clone(), ..Intent::read(endpoint, &inputs) };
        if is_valid(endpoint, &inputs) { Case { inputs, intent, ..case } } else { case }
    }
}

/// A case with another intent, if the document allows that.
fn redrafted(endpoint: &Endpoint, case: Case, intent: Intent) -> Case {
    let inputs = lay(&intent, endpoint, case.inputs.clone());
    if is_valid(endpoint, &inputs) { Case { inputs, intent, ..case } } else { case }
}
