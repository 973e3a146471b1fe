//! The search for an order in which the answers make sense.
//!
//! Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) try each operation that may come next, and go back where none fits.
//! Lowe ("Testing for linearizability", 2017) remembers which sets of operations have led to which state, so that no such place is searched
//! twice. An operation without an answer may come at any time after its request, or never.

use std::collections::{BTreeSet, HashSet};

use super::model::{Act, Change, History, Operation, State};

/// A search that has been in so many places is given up: nobody is accused without proof.
const MOST_PLACES: usize = 100_000;

/// A set of operations is kept as the bits of a number.
const MOST_OPERATIONS: usize = u128::BITS as usize;

/// Whether the operations can have taken effect one after another, each between its request and its answer; or there are too many of them
/// to tell.
pub(crate) fn is_linearizable(history: &History) -> bool {
    let operations = useful(history);
    operations.len() > MOST_OPERATIONS || Search { operations, seen: HashSet::new() }.goes_on(0, &None)
}

struct Search<'h> {
    operations: Vec<&'h Operation>,
    /// The sets of operations that were tried, each with the state to which it led.
    seen: HashSet<(u128, State)>,
}

impl Search<'_> {
    /// Whether the operations that are not done yet can follow, in some order.
    fn goes_on(&mut self, done: u128, state: &State) -> bool {
        let left = || self.operations.iter().enumerate().filter(move |(place, _)| done & (1 << place) == 0);
        // Whoever is asked for after somebody has been answered cannot come before them.
        let Some(first_answer) = left().filter_map(|(_, operation)| operation.returned).min() else { return true };
        if self.seen.len() > MOST_PLACES {
            return true;
        }
        let candidates = left().filter(|(_, operation)| operation.invoked < first_answer);
        let next: Vec<(u128, State)> =
            candidates.filter_map(|(place, operation)| Some((done | (1 << place), operation.after(state)?))).collect();
        next.into_iter().any(|(done, state)| self.seen.insert((done, state.clone())) && self.goes_on(done, &state))
    }
}

/// The operations without those that have no answer and can help no order: what nobody saw need not have been written. Of writes that
/// can do no more than see to it that something is there, the earliest will do, one for each time that it may have been removed.
fn useful(history: &History) -> Vec<&Operation> {
    let seen: BTreeSet<usize> = history.operations.iter().flat_map(Operation::sources).collect();
    let deletes = history.operations.iter().filter(|operation| matches!(operation.act, Act::Delete(_))).count();
    let mut ordered: Vec<&Operation> = history.operations.iter().collect();
    ordered.sort_by_key(|operation| operation.invoked);
    let mut makers = 0;
    ordered.retain(|operation| match &operation.act {
        _ if operation.returned.is_some() || seen.contains(&operation.id) => true,
        Act::Create(changes) | Act::Replace(changes) => {
            makers += 1;
            makers <= deletes + 1 || changes.contains(&Change::Blur)
        }
        Act::Update(_, changes) => changes.contains(&Change::Blur),
        Act::Delete(_) => true,
        Act::Absent(_) | Act::Seen(..) => false,
    });
    ordered
}
