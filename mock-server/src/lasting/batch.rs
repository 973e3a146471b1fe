//! Changes in batches, and what they come to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::saved::{Saved, SavedReplay, SavedThing};

/// More answers than this are not kept; as many as a state keeps.
use crate::idempotency::MOST_REPLAYS;

/// A change of one sandbox of one API.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    pub(crate) api: String,
    pub(crate) sandbox: String,
    pub(crate) kind: Kind,
}

/// What became of it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// It began anew.
    Reset,
    /// It is this.
    Whole(Saved),
    /// It is as it was but for this, without the things of these numbers.
    Part(Saved, Vec<u64>),
}

/// By API and sandbox: what all changes so far come to.
#[derive(Default)]
pub(crate) struct Folded(pub(crate) BTreeMap<(String, String), Saved>);

impl Folded {
    /// Takes a change in. A part of what is not known is refused.
    pub(crate) fn take(&mut self, change: Change) -> Result<(), String> {
        let place = (change.api, change.sandbox);
        match change.kind {
            Kind::Reset => drop(self.0.remove(&place)),
            Kind::Whole(saved) => drop(self.0.insert(place, saved)),
            Kind::Part(saved, gone) => match self.0.get_mut(&place) {
                Some(whole) => merge(whole, saved, &gone),
                None => return Err("it changes a sandbox that it does not hold".to_owned()),
            },
        }
        Ok(())
    }

    /// One snapshot of everything.
    pub(crate) fn into_changes(self) -> Vec<Change> {
        let whole = |((api, sandbox), saved)| Change { api, sandbox, kind: Kind::Whole(saved) };
        self.0.into_iter().map(whole).collect()
    }
}

fn merge(whole: &mut Saved, part: Saved, gone: &[u64]) {
    let (things, replays) = (std::mem::take(&mut whole.things), std::mem::take(&mut whole.replays));
    let merged = Saved { things: merge_things(things, part.things, gone), replays: merge_replays(replays, part.replays), ..part };
    *whole = merged;
}

fn merge_things(mut things: Vec<SavedThing>, changed: Vec<SavedThing>, gone: &[u64]) -> Vec<SavedThing> {
    for thing in changed {
        match things.binary_search_by_key(&thing.sequence, |own| own.sequence) {
            Ok(place) => things[place] = thing,
            Err(place) => things.insert(place, thing),
        }
    }
    if !gone.is_empty() {
        things.retain(|thing| !gone.contains(&thing.sequence));
    }
    things
}

fn merge_replays(mut replays: Vec<SavedReplay>, new: Vec<SavedReplay>) -> Vec<SavedReplay> {
    replays.extend(new);
    replays.drain(..replays.len().saturating_sub(MOST_REPLAYS));
    replays
}
