//! How far the state file has a state.

use super::batch::{Change, Kind};
use super::saved::{SavedChance, SavedClock, save, save_changes};
use crate::sandbox::State;

/// How far the state file has a state.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// What was small when it was last kept, or when it began.
    mark: Mark,
    /// Whether the file has it; one that was never changed needs not be there.
    on_file: bool,
    /// Whether the file is behind although nothing shows it.
    behind: bool,
    /// Whether it is not known what the file has, so that nothing can be said of it.
    pub(crate) unsure: bool,
}

/// What shows that something has changed, beside the things themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Mark {
    clock: SavedClock,
    chance: SavedChance,
    created: u64,
    issued: usize,
    replays: u64,
}

impl Mark {
    fn of(state: &State) -> Self {
        Self {
            clock: state.clock.saved(),
            chance: state.chance.saved(),
            created: state.store.created(),
            issued: state.issued.len(),
            replays: state.replays.kept(),
        }
    }
}

impl Kept {
    /// A state that begins and that the file need not have.
    pub(crate) fn beginning(state: &mut State) -> Self {
        state.store.forget_touched();
        Self { mark: Mark::of(state), on_file: false, behind: false, unsure: false }
    }

    /// The state was put in the place of another one: the file has nothing of it.
    pub(crate) const fn begin_anew(&mut self) {
        (self.on_file, self.behind) = (false, true);
    }

    /// More has changed than needs to be kept at once.
    pub(crate) const fn is_behind(&mut self) {
        self.behind = self.on_file;
    }

    /// A state that the file has just as it is.
    pub(crate) fn on_file(state: &mut State) -> Self {
        Self { on_file: true, ..Self::beginning(state) }
    }
}

/// What is to be written so that the file has the state as it is; nothing if it does. The state then counts as kept.
pub(super) fn pending(api: &str, sandbox: &str, state: &mut State) -> Option<Change> {
    let mark = Mark::of(state);
    if mark == state.kept.mark && !state.store.is_touched() && !state.kept.behind {
        return None;
    }
    let kind = if state.kept.on_file {
        let replays = usize::try_from(mark.replays - state.kept.mark.replays).unwrap_or(usize::MAX);
        let (saved, gone) = save_changes(state, replays);
        Kind::Part(saved, gone)
    } else {
        Kind::Whole(save(state))
    };
    state.kept = Kept::on_file(state);
    Some(Change { api: api.to_owned(), sandbox: sandbox.to_owned(), kind })
}
