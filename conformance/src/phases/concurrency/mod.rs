//! Concurrency: several clients make one name at the same time, then write, read and delete one thing at the same time. Who comes first is
//! the target's affair; what is sent is fixed before the first request goes out, and the same for the same seed.

mod lanes;

use rand::RngExt as _;
use serde_json::Value;
use specs::claims::{Conflict, Issuer, Verb};
use specs::contract::Resource;
use specs::wire::{Intent, Selector};

use crate::case::{Case, Validity};
use crate::director::{Director, Extent};
use crate::drafting::Fill;
use crate::family::Family;
use crate::generate::Generator;
use crate::ledger::{Life, Tracked, text};
use crate::options::MAX_REQUESTS;
use crate::race::{Clock, Listed, Race, Raced};
use crate::session::Stop;

/// How many clients make one name at the same time.
const CREATORS: usize = 8;

/// How many clients act on one thing at the same time, and how often each.
const CLIENTS: usize = 4;
const TURNS: usize = 4;

/// How many duels and how many histories of any kind each family goes through, unless the user allows more requests than usual.
const DUELS: usize = 2;
const HISTORIES: usize = 2;

/// Lets clients race in every family in which things can be made.
pub(crate) async fn run(director: &mut Director<'_>) -> Result<(), Stop> {
    let more = (director.session.options.max_requests / MAX_REQUESTS).max(1);
    for family in director.own_families() {
        let resource = family.resource(director.contract());
        // Where one name may mean several things, and where a relation can be read whether or not it is stored, nothing is promised.
        let told = resource.key().is_some() && resource.conflict().value != Conflict::Allow && resource.promises.relates_to.is_none();
        if !told || family.makers(director.contract()).is_empty() {
            continue;
        }
        let Some(scope) = director.scope(&family, 0).await? else { continue };
        let mut stage = Stage { director, family: &family, resource, scope: &scope, usable: Vec::new(), texts: 0 };
        stage.warm_up().await?;
        for number in 0..more * (DUELS + HISTORIES) {
            stage.history(number).await?;
        }
        // Last, since several connections are open now: whoever must connect first comes too late for a race.
        stage.creates().await?;
    }
    Ok(())
}

/// One family in one scope.
struct Stage<'p, 's> {
    director: &'p mut Director<'s>,
    family: &'p Family,
    resource: &'s Resource,
    scope: &'p [Selector],
    /// The operations that have been carried out here: what an operation answers that never works says nothing about races.
    usable: Vec<usize>,
    /// How many texts were made up.
    texts: usize,
}

impl Stage<'_, '_> {
    /// Several clients make one name.
    async fn creates(&mut self) -> Result<(), Stop> {
        let Some(maker) = self.family.makers(self.director.contract()).first().copied() else { return Ok(()) };
        let Some(first) = self.director.write(self.family, maker, self.scope, None, Fill::Minimal, 0) else { return Ok(()) };
        let intent = first.intent.clone();
        let like = Tracked::meant(self.resource, &intent);
        let more = (1..CREATORS).filter_map(|_| self.director.write(self.family, maker, self.scope, Some(&like), Fill::Minimal, 0));
        let cases: Vec<Case> = [first].into_iter().chain(more.collect::<Vec<_>>()).map(open).collect();
        self.director.session.trail.begin();
        let raced = self.director.session.race(cases.into_iter().map(|case| vec![case]).collect(), &Clock::default()).await?;
        self.end(raced, &intent).await
    }

    /// Each operation once, so that it is known which of them work.
    async fn warm_up(&mut self) -> Result<(), Stop> {
        self.director.session.trail.begin();
        let Some(made) = self.director.make(self.family, self.scope, 0).await? else { return Ok(()) };
        let contract = self.director.contract();
        for verb in [Verb::List, Verb::Update, Verb::Read, Verb::Reveal, Verb::Delete] {
            for index in self.family.with(contract, verb) {
                // What an operation does that was only guessed says nothing either.
                if !contract.endpoints[index].promises.verb.as_ref().is_none_or(|claim| claim.grade.condemns()) {
                    continue;
                }
                let thing = self.director.latest(&made);
                let works = match verb {
                    Verb::List => self.lists(index, &thing).await?,
                    _ if thing.life == Life::Gone => false,
                    _ => self.works(index, &thing).await?,
                };
                if works {
                    self.usable.push(index);
                }
            }
        }
        Ok(())
    }

    async fn lists(&mut self, index: usize, thing: &Tracked) -> Result<bool, Stop> {
        let Some(case) = self.director.list_of(index, self.scope) else { return Ok(false) };
        let records = self.director.session.walk(case).await?;
        Ok(records.iter().any(|record| thing.is_shown_by(self.resource, record)))
    }

    async fn works(&mut self, index: usize, thing: &Tracked) -> Result<bool, Stop> {
        let Some(case) = self.director.about(index, self.scope, thing, Extent::Whole) else { return Ok(false) };
        Ok(self.director.session.play(case).await?.reading.accepted)
    }

    /// One client makes a thing; several act on it; one looks at what is left.
    async fn history(&mut self, number: usize) -> Result<(), Stop> {
        self.director.session.trail.begin();
        let clock = Clock::default();
        let Some((first, thing)) = self.made(&clock).await? else { return Ok(()) };
        let intent = first.case.intent.clone();
        let mut generator = Generator::new(self.seed(number));
        let rounds = if number.is_multiple_of(2) { self.duel(&thing, &mut generator) } else { self.melee(&thing, &mut generator) };
        let mut raced = vec![first];
        for round in rounds {
            raced.extend(self.director.session.race(round, &clock).await?);
        }
        self.end(raced, &intent).await
    }

    /// The thing that a history is about, with the request that made it.
    async fn made(&mut self, clock: &Clock) -> Result<Option<(Raced, Tracked)>, Stop> {
        let Some(maker) = self.family.makers(self.director.contract()).first().copied() else { return Ok(None) };
        let drafted = self.director.write(self.family, maker, self.scope, None, Fill::Minimal, 0);
        let Some(case) = drafted.map(|case| self.dressed(case)) else { return Ok(None) };
        let (invoked, played) = (clock.tick(), self.director.session.play(case.clone()).await?);
        let returned = clock.tick();
        let endpoint = self.director.session.endpoint(maker);
        let made = self.director.session.ledger.subject(self.director.contract(), endpoint, &case.intent).cloned();
        let Some(mut thing) = made.filter(|thing| played.reading.accepted && thing.life == Life::Alive) else { return Ok(None) };
        if thing.identity.is_none() {
            // Only a list tells the id.
            let list = self.family.with(self.director.contract(), Verb::List).first().copied();
            if let Some(case) = list.and_then(|index| self.director.list_of(index, self.scope)) {
                self.director.session.walk(case).await?;
            }
            thing = self.director.latest(&thing);
        }
        let request = played.exchange.request.clone();
        Ok(Some((Raced { client: 1, invoked, returned, case, request, played: Some(played) }, thing)))
    }

    /// The list when all is over; then the race is judged, and what it has left is removed.
    async fn end(&mut self, raced: Vec<Raced>, intent: &Intent) -> Result<(), Stop> {
        let list = self.family.with(self.director.contract(), Verb::List).first().copied();
        let listed = match list.and_then(|index| self.director.list_of(index, self.scope)) {
            Some(case) => Some(self.director.session.walk_after(case).await?),
            None => None,
        };
        let race = Race { raced, listed };
        self.director.session.judge_race(&race);
        self.sweep(intent, race.listed.as_ref()).await
    }

    /// Removes everything of a race's name.
    async fn sweep(&mut self, intent: &Intent, listed: Option<&Listed>) -> Result<(), Stop> {
        let meant = Tracked::meant(self.resource, intent);
        let Some((key, name)) = self.resource.key().and_then(|key| Some((key, meant.field(key).or(meant.identity.as_ref()).map(text)?)))
        else {
            return Ok(());
        };
        let named = |own: Option<&Value>| own.map(text).as_ref() == Some(&name);
        for record in listed.iter().flat_map(|listed| &listed.records).filter(|record| named(record.get(key))) {
            let identity = record.get(&self.resource.identity().field).cloned();
            let mut seen = meant.clone();
            seen.identity = identity.or(seen.identity);
            self.director.session.ledger.suspect(seen, self.resource);
        }
        let ledger = &self.director.session.ledger;
        let left: Vec<Tracked> = ledger
            .within(&self.family.resource, self.scope)
            .filter(|thing| thing.life != Life::Gone && named(thing.field(key).or(thing.identity.as_ref())))
            .cloned()
            .collect();
        self.director.remove_each(&left).await.1
    }

    /// A number for one history of one family: independent of what was sent before.
    fn seed(&self, number: usize) -> u64 {
        let name = format!("{} {} {number}", self.family.resource, self.family.scope.join(" "));
        // FNV-1a, 64 bits.
        let mixed = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        mixed ^ self.director.session.options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    /// Whether what is made again after a delete is told by its id from what was there before: of a slug nobody can say.
    fn is_told_apart(&self) -> bool {
        !matches!(self.resource.identity().issued, Issuer::Slug(_))
    }

    fn pick<T: Copy>(generator: &mut Generator, weighted: &[(u32, T)]) -> Option<T> {
        let total: u32 = weighted.iter().map(|(weight, _)| weight).sum();
        let mut left = (total > 0).then(|| generator.random().random_range(0..total))?;
        for (weight, choice) in weighted {
            if left < *weight {
                return Some(*choice);
            }
            left -= weight;
        }
        None
    }
}

/// In a race a refusal may have any good reason.
fn open(case: Case) -> Case {
    Case { validity: Validity::Open, ..case }
}
