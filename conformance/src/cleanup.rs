//! Cleaning up: at the end of a run, after an interrupt, and from a ledger's file after a crash.

use specs::claims::Verb;
use specs::contract::{Contract, Resource};
use specs::wire::Selector;

use crate::director::{Director, Extent};
use crate::family::Family;
use crate::ledger::{LeftBehind, Life, Tracked, is_same, text};
use crate::options::Options;
use crate::run::{RunError, base_of};
use crate::session::{Session, Stop};
use crate::together::{Lone, Order};
use crate::trail::named;

/// So many things of a scope stay for the requests to come.
const KEPT: usize = 3;

/// So many things of which nobody can say whether they are there are left in a scope.
const MOST_UNSURE: usize = 512;

/// What cleaning up came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CleanUp {
    /// What is gone now, by kind and name.
    pub removed: Vec<String>,
    /// What could not be removed, by kind and name.
    pub left: Vec<String>,
}

/// Removes from a target what a ledger's file says is still there.
pub async fn clean_up(contract: &Contract, options: &Options, left_behind: LeftBehind) -> Result<CleanUp, RunError> {
    let mut session = Session::new(contract, options);
    session.target = base_of(&mut session, options).await?;
    let LeftBehind { things, open, .. } = left_behind;
    let known = |thing: &Tracked| contract.resources.contains_key(&thing.resource);
    let (things, strange): (Vec<Tracked>, Vec<Tracked>) = things.into_iter().partition(known);
    things.into_iter().for_each(|thing| session.ledger.restore(contract, thing));
    let mut director = Director::new(session);
    let mut done = director.tidy(open.into_iter().filter(known).collect()).await;
    done.left.extend(strange.into_iter().map(|thing| format!("{} of another document", thing.resource)));
    Ok(done)
}

impl Director<'_> {
    /// Removes everything that the run has made, the last first; what could not be removed is named.
    pub(crate) async fn clean_up(&mut self) -> Vec<String> {
        self.session.give_up().await;
        let open = self.session.record.open();
        let done = self.tidy(open).await;
        self.session.record.close(!done.left.is_empty());
        done.left
    }

    /// Removes what the present ledger has, and what may be there; whether anything is left.
    pub(crate) async fn tidy_up(&mut self, open: Vec<Tracked>) -> bool {
        !self.tidy(open).await.left.is_empty()
    }

    /// Removes what is known to be there, and what may be.
    async fn tidy(&mut self, open: Vec<Tracked>) -> CleanUp {
        let mut done = CleanUp::default();
        self.seek(open, &mut done).await;
        let things: Vec<Tracked> = self.session.ledger.present().rev().cloned().collect();
        let mut answers = true;
        // What lies in other things was made after them, and goes before them.
        for kind in things.chunk_by(|one, other| one.resource == other.resource) {
            let (gone, answered) = if answers { self.remove_each(kind).await } else { (vec![false; kind.len()], Ok(())) };
            answers = answers && answered.is_ok();
            for (thing, gone) in kind.iter().zip(gone) {
                let told = self.told(thing);
                if gone { done.removed.push(told) } else { done.left.push(told) }
            }
        }
        done
    }

    fn told(&self, thing: &Tracked) -> String {
        format!("{} {}", thing.resource, thing.name(&self.contract().resources[&thing.resource]))
    }

    /// Finds what may be there: by its name where that is enough to remove it, else in the list of its scope.
    async fn seek(&mut self, open: Vec<Tracked>, done: &mut CleanUp) {
        for mut thing in open {
            let contract = self.contract();
            let resource = &contract.resources[&thing.resource];
            if self.session.ledger.present().any(|known| is_same(known, &thing, resource)) {
                continue;
            }
            match (thing.identity.is_some(), self.listed(&thing, resource).await) {
                (true, _) => {
                    thing.life = Life::Unsure;
                    self.session.ledger.restore(contract, thing);
                }
                (false, Ok(found)) => found.into_iter().for_each(|thing| self.session.ledger.restore(contract, thing)),
                (false, Err(_)) => done.left.push(self.told(&thing)),
            }
        }
    }

    /// The things of this name that a list of its scope shows.
    async fn listed(&mut self, thing: &Tracked, resource: &Resource) -> Result<Vec<Tracked>, Stop> {
        let (Some(key), None) = (resource.key(), &thing.identity) else { return Ok(Vec::new()) };
        let Some(name) = thing.field(key).map(text) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for index in self.of_scope(thing, Verb::List) {
            let Some(case) = self.list_of(index, &thing.scope) else { continue };
            for record in self.session.walk_unjudged(case).await? {
                let identity = record.get(&resource.identity().field);
                if let Some(identity) = identity.filter(|_| record.get(key).is_some_and(|own| text(own) == name)) {
                    let mut own = thing.clone();
                    own.identity = Some(identity.clone());
                    found.push(own);
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        Ok(found)
    }

    /// The endpoints of a verb that act in the scope of a thing.
    pub(crate) fn of_scope(&self, thing: &Tracked, verb: Verb) -> Vec<usize> {
        let chain: Vec<&String> = thing.scope.iter().map(|selector| &selector.resource).collect();
        let own = |family: &&Family| family.resource == thing.resource && family.scope.iter().collect::<Vec<_>>() == chain;
        self.families.iter().filter(own).flat_map(|family| family.with(self.contract(), verb)).collect()
    }

    /// Removes what was made in a scope but for the last few, as any client would: lists stay short, and deleting is seen more often.
    pub(crate) async fn thin_out(&mut self, family: &Family, scope: &[Selector]) -> Result<(), Stop> {
        let alive: Vec<&Tracked> = self.session.ledger.alive_in(&family.resource, scope).collect();
        let surplus: Vec<Tracked> = alive[..alive.len().saturating_sub(KEPT)].iter().copied().cloned().collect();
        let mut removals = surplus.iter().filter_map(|thing| self.removal(thing)).collect::<Vec<_>>().into_iter().peekable();
        // Where nothing was ever removed, one is tried alone: what is refused once may always be.
        let removes = |lone: &Lone| self.session.succeeded.contains(&lone.case.endpoint);
        if let Some(Lone { about, case }) = removals.next_if(|lone| !removes(lone)) {
            self.session.trail.begin_with(about.as_ref());
            if !self.session.play(case).await?.reading.accepted {
                return Ok(());
            }
        }
        self.session.hand_in(Order::InTurn, removals.collect()).await?;
        self.thin_out_unsure(family, scope).await
    }

    /// A request that removes a thing, as the document has it.
    fn removal(&mut self, thing: &Tracked) -> Option<Lone> {
        let remover = self.of_scope(thing, Verb::Delete).into_iter().next()?;
        let case = self.about(remover, &thing.scope, thing, Extent::Whole)?;
        Some(Lone { about: Some(named(self.contract(), thing)), case })
    }

    /// Removes the older half of what may be there, once there is more of it than a run of the usual length has. How that goes tells nothing.
    pub(crate) async fn thin_out_unsure(&mut self, family: &Family, scope: &[Selector]) -> Result<(), Stop> {
        let unsure = |thing: &&Tracked| thing.life == Life::Unsure && thing.resource == family.resource && thing.is_in(scope);
        if self.session.ledger.present().filter(unsure).nth(MOST_UNSURE).is_none() {
            return Ok(());
        }
        let older: Vec<Tracked> = self.session.ledger.present().filter(unsure).take(MOST_UNSURE / 2).cloned().collect();
        // Where one stays, others may as well.
        let (first, others) = older.split_at(1);
        let (gone, answers) = self.remove_each(first).await;
        answers?;
        if gone == [true] { self.remove_each(others).await.1 } else { Ok(()) }
    }
}
