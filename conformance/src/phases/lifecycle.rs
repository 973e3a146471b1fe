//! Lifecycle: plans over a resource's verbs, first the one that goes through all of them, then random ones.

use specs::claims::Verb;
use specs::wire::Selector;

use super::plan::{Act, CORE, SIDE_BY_SIDE, Step, THINGS, VERSIONS, random};
use crate::case::Case;
use crate::director::{Director, Extent, takes_version, takes_versions};
use crate::drafting::Fill;
use crate::family::Family;
use crate::ledger::{Life, Tracked};
use crate::session::Stop;

/// How many random plans each family goes through.
const RANDOM_PLANS: usize = 4;

/// Takes every family through its plans.
pub(crate) async fn run(director: &mut Director<'_>) -> Result<(), Stop> {
    for family in director.own_families() {
        if family.makers(director.contract()).is_empty() {
            continue;
        }
        let Some(scope) = director.scope(&family, 0).await? else { continue };
        // Each spelling of an operation is used once: the first plan uses the first spellings, the next the next.
        for spelling in 0..spellings(&family, director) {
            let mut stage = Stage { director, family: &family, scope: &scope, spelling, things: Default::default() };
            stage.play(CORE.iter().map(|(name, step)| (Some(*name), *step))).await?;
        }
        let mut stage = Stage { director, family: &family, scope: &scope, spelling: 0, things: Default::default() };
        stage.play(SIDE_BY_SIDE.iter().map(|step| (None, *step))).await?;
        if family.resource(director.contract()).versions().is_some() {
            let mut stage = Stage { director, family: &family, scope: &scope, spelling: 0, things: Default::default() };
            stage.play(VERSIONS.iter().map(|(name, step)| (Some(*name), *step))).await?;
        }
        for plan in random(director.session.options.seed, RANDOM_PLANS) {
            let mut stage = Stage { director, family: &family, scope: &scope, spelling: 0, things: Default::default() };
            stage.play(plan.into_iter().map(|step| (None, step))).await?;
        }
    }
    Ok(())
}

fn spellings(family: &Family, director: &Director<'_>) -> usize {
    let verbs = [Verb::Create, Verb::Put, Verb::List, Verb::Update, Verb::Delete];
    verbs.into_iter().map(|verb| family.with(director.contract(), verb).len()).max().unwrap_or(1).max(1)
}

/// One plan being played.
struct Stage<'p, 's> {
    director: &'p mut Director<'s>,
    family: &'p Family,
    scope: &'p [Selector],
    spelling: usize,
    things: [Option<Tracked>; THINGS],
}

impl Stage<'_, '_> {
    async fn play(&mut self, steps: impl Iterator<Item = (Option<&'static str>, Step)>) -> Result<(), Stop> {
        self.director.session.trail.begin();
        for (name, step) in steps {
            match step {
                Step::List => self.list(name).await?,
                Step::Pages => self.pages().await?,
                Step::Create(thing) => self.write(name, Verb::Create, thing).await?,
                Step::Put(thing) => self.write(name, Verb::Put, thing).await?,
                Step::Read(thing) => {
                    self.about(name, Verb::Read, thing, Extent::Whole).await?;
                    self.about(name, Verb::Reveal, thing, Extent::Whole).await?;
                }
                Step::Update(thing) => self.about(name, Verb::Update, thing, Extent::Whole).await?,
                Step::Touch(thing) => self.about(name, Verb::Update, thing, Extent::OneField).await?,
                Step::Delete(thing) => self.about(name, Verb::Delete, thing, Extent::Whole).await?,
                Step::Expecting(thing, distance) => self.expecting(name, thing, distance).await?,
                Step::SoftDelete(thing) => self.soft_delete(name, thing).await?,
                Step::Version(thing, act, number) => self.version(name, thing, act, Some(number)).await?,
                Step::Latest(thing, act) => self.version(name, thing, act, None).await?,
            }
        }
        self.end().await
    }

    /// The endpoints for a verb: every view of a read, the present spelling of everything else.
    fn endpoints(&self, verb: Verb) -> Vec<usize> {
        let all = self.family.with(self.director.contract(), verb);
        if all.is_empty() || verb == Verb::Read || verb == Verb::Reveal { all } else { vec![all[self.spelling % all.len()]] }
    }

    async fn list(&mut self, name: Option<&str>) -> Result<(), Stop> {
        for index in self.endpoints(Verb::List) {
            if let Some(case) = self.director.list_of(index, self.scope) {
                self.director.session.walk(named(case, name)).await?;
            }
        }
        Ok(())
    }

    async fn pages(&mut self) -> Result<(), Stop> {
        for index in self.endpoints(Verb::List) {
            if let Some(case) = self.director.list_of(index, self.scope) {
                self.director.session.walk_in_pages(case).await?;
            }
        }
        Ok(())
    }

    async fn write(&mut self, name: Option<&str>, verb: Verb, thing: usize) -> Result<(), Stop> {
        let mut endpoints = self.endpoints(verb);
        if verb == Verb::Create && endpoints.is_empty() {
            endpoints = self.endpoints(Verb::Put);
        }
        for index in endpoints {
            let like = self.things[thing].clone();
            // The second thing's secret is longer, so that a mask which tells the length can be seen; and it has everything, so that
            // what an update loses can be seen.
            let (more, fill) = if thing == 0 { (0, Fill::Minimal) } else { (9, Fill::Full) };
            let Some(case) = self.director.write(self.family, index, self.scope, like.as_ref(), fill, more) else { continue };
            let case = named(case, name);
            if let Some(made) = self.director.make_by(case).await? {
                self.things[thing] = Some(made);
            }
        }
        Ok(())
    }

    async fn about(&mut self, name: Option<&str>, verb: Verb, thing: usize, extent: Extent) -> Result<(), Stop> {
        let Some(tracked) = self.things[thing].clone() else { return Ok(()) };
        let tracked = self.director.latest(&tracked);
        for index in self.endpoints(verb) {
            if let Some(case) = self.director.about(index, self.scope, &tracked, extent) {
                self.director.session.play(named(case, name)).await?;
            }
        }
        Ok(())
    }

    /// A write that expects a version so far from the latest, by every operation that takes such an expectation.
    async fn expecting(&mut self, name: Option<&str>, thing: usize, distance: i64) -> Result<(), Stop> {
        for index in self.endpoints(Verb::Create).into_iter().chain(self.endpoints(Verb::Put)) {
            let Some(tracked) = self.things[thing].clone() else { return Ok(()) };
            let tracked = self.director.latest(&tracked);
            let Some(latest) = tracked.versions.latest() else { return Ok(()) };
            let written = self.director.write(self.family, index, self.scope, Some(&tracked), Fill::Minimal, 0);
            if let Some(case) = written.and_then(|case| self.director.expecting(case, latest + distance)) {
                self.director.session.play(named(case, name)).await?;
            }
        }
        Ok(())
    }

    /// Hides the latest version, by an operation that needs no number where there is one.
    async fn soft_delete(&mut self, name: Option<&str>, thing: usize) -> Result<(), Stop> {
        let all = self.family.with(self.director.contract(), Verb::SoftDelete);
        let plain = |index: &usize| !takes_versions(self.director.session.endpoint(*index));
        let index = all.iter().copied().find(plain).or_else(|| all.first().copied());
        let Some((index, tracked)) = index.zip(self.things[thing].clone()) else { return Ok(()) };
        let tracked = self.director.latest(&tracked);
        if let Some(case) = self.director.about(index, self.scope, &tracked, Extent::Whole) {
            self.director.session.play(named(case, name)).await?;
        }
        Ok(())
    }

    /// Does something to one version.
    async fn version(&mut self, name: Option<&str>, thing: usize, act: Act, number: Option<i64>) -> Result<(), Stop> {
        let verb = match act {
            Act::Read => Verb::Read,
            Act::SoftDelete => Verb::SoftDelete,
            Act::Undelete => Verb::Undelete,
            Act::Destroy => Verb::Destroy,
        };
        let reads = act == Act::Read;
        let all = self.family.with(self.director.contract(), verb);
        let all = if reads { all.into_iter().chain(self.family.with(self.director.contract(), Verb::Reveal)).collect() } else { all };
        let able = |index: &usize| {
            let endpoint = self.director.session.endpoint(*index);
            if reads { takes_version(endpoint) } else { takes_versions(endpoint) }
        };
        let able: Vec<usize> = all.into_iter().filter(able).collect();
        for index in able.into_iter().take(if reads { usize::MAX } else { 1 }) {
            let Some(tracked) = self.things[thing].clone() else { return Ok(()) };
            let tracked = self.director.latest(&tracked);
            let Some(number) = number.or_else(|| tracked.versions.latest()) else { return Ok(()) };
            let case = self.director.about(index, self.scope, &tracked, Extent::Whole);
            if let Some(case) = case.and_then(|case| self.director.naming(case, number)) {
                self.director.session.play(named(case, name)).await?;
            }
        }
        Ok(())
    }

    /// What a plan leaves is removed, so that the next one starts from a short list.
    async fn end(&mut self) -> Result<(), Stop> {
        for thing in 0..THINGS {
            let life = self.things[thing].as_ref().map(|thing| self.director.latest(thing).life);
            let alive = matches!(life, Some(Life::Alive | Life::Hidden));
            if alive {
                self.about(None, Verb::Delete, thing, Extent::Whole).await?;
            }
        }
        Ok(())
    }
}

/// A case under a step's name, if the step has one.
fn named(case: Case, name: Option<&str>) -> Case {
    match name {
        Some(name) => case.named(name),
        None => case,
    }
}
