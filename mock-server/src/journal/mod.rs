//! The journal: what was asked of a sandbox and how it was answered, without a single value.

mod entry;
mod filter;
mod mask;
mod written;

use std::collections::VecDeque;

use smol_str::SmolStr;
use specs::claims::Situation;
use specs::contract::Contract;

pub use entry::ReceivedRequest;
pub(crate) use filter::Filter;
pub(crate) use mask::Mask;
use written::Written;

/// So many requests of a sandbox are kept; the oldest go first.
pub(crate) const MOST_ENTRIES: usize = 1_000;

/// What the engine found out about a request while it answered it.
#[derive(Debug, Default)]
pub(crate) struct Seen<'s> {
    /// The operation, by its place in the contract.
    pub(crate) endpoint: Option<usize>,
    /// The raw values of the path's parameters.
    pub(crate) path: Vec<(&'s str, &'s str)>,
    /// The name of the caller.
    pub(crate) caller: Option<SmolStr>,
    /// Why it was refused.
    pub(crate) situation: Option<Situation>,
}

/// The newest requests of one sandbox, in the order in which they were answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal {
    entries: VecDeque<Written>,
    sequence: u64,
    /// The number of the last request that was cleared away.
    cleared: u64,
}

impl Journal {
    /// Writes a request down, under the next number.
    pub(crate) fn write(&mut self, mut entry: Written) {
        if self.entries.len() >= MOST_ENTRIES {
            self.entries.pop_front();
        }
        self.sequence += 1;
        entry.sequence = self.sequence;
        self.entries.push_back(entry);
    }

    /// The requests that are kept, oldest first, as they may be told of this sandbox.
    pub(crate) fn entries(&self, contract: &Contract, sandbox: &str) -> impl DoubleEndedIterator<Item = ReceivedRequest> {
        self.entries.iter().map(move |entry| entry.told(contract, sandbox))
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many are not kept any more because there were too many.
    pub(crate) fn dropped(&self) -> u64 {
        let first = self.entries.front().map_or(self.sequence + 1, |entry| entry.sequence);
        first - 1 - self.cleared
    }

    /// Forgets what was asked; the numbers go on.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.cleared = self.sequence;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Written {
        Written {
            sequence: 0,
            time: 0,
            method: None,
            path: "/".into(),
            query: None,
            endpoint: None,
            status: 200,
            caller: None,
            situation: None,
            request_type: None,
            request_bytes: 0,
            response_type: None,
            response_bytes: 0,
        }
    }

    fn first(journal: &Journal) -> Option<u64> {
        journal.entries.front().map(|entry| entry.sequence)
    }

    #[test]
    fn the_oldest_go_first_and_are_counted() {
        let mut journal = Journal::default();
        for _ in 0..MOST_ENTRIES + 3 {
            journal.write(entry());
        }
        assert_eq!((journal.len(), journal.dropped()), (MOST_ENTRIES, 3));
        assert_eq!(first(&journal), Some(4));
        journal.clear();
        assert_eq!((journal.len(), journal.dropped()), (0, 0));
        journal.write(entry());
        assert_eq!(first(&journal), Some(MOST_ENTRIES as u64 + 4));
    }
}
