//! The minimal bad history: as few operations as are still not linearizable.

use std::collections::BTreeSet;

use super::model::{Act, History, Operation};
use super::search::is_linearizable;

/// The operations that contradict each other, whatever became of the others, and those whose values they saw; in the order of their
/// requests. Leaving one of the first away leaves no contradiction. The history must not be linearizable.
pub(crate) fn core(history: &History) -> Vec<usize> {
    let history = &beginning(history);
    let forward: Vec<usize> = history.operations.iter().map(|operation| operation.id).collect();
    let backward: Vec<usize> = forward.iter().rev().copied().collect();
    let reads_first = sorted(history, |operation| operation.act.writes());
    let writes_first = sorted(history, |operation| !operation.act.writes());
    let orders = [forward, backward, reads_first, writes_first];
    orders.iter().map(|order| with_sources(history, &reduced(history, order))).min_by_key(Vec::len).unwrap_or_default()
}

/// The shortest beginning that is not linearizable: what had no answer by then may or may not have happened, and the rest had not begun.
fn beginning(history: &History) -> History {
    let mut answers: Vec<usize> = history.operations.iter().filter_map(|operation| operation.returned).collect();
    answers.sort_unstable();
    let until = |end: usize| {
        let begun = history.operations.iter().filter(|operation| operation.invoked <= end);
        let told =
            begun.map(|operation| Operation { returned: operation.returned.filter(|returned| *returned <= end), ..operation.clone() });
        History { operations: told.filter(|operation| operation.returned.is_some() || operation.act.writes()).collect() }
    };
    answers.into_iter().map(until).find(|history| !is_linearizable(history)).unwrap_or_else(|| history.clone())
}

fn sorted(history: &History, last: impl Fn(&Operation) -> bool) -> Vec<usize> {
    let (last, first): (Vec<&Operation>, Vec<&Operation>) = history.operations.iter().partition(|operation| last(operation));
    first.into_iter().chain(last).map(|operation| operation.id).collect()
}

/// What stays if operations are left away in this order, as long as the rest contradicts itself.
fn reduced(history: &History, order: &[usize]) -> BTreeSet<usize> {
    let mut kept: BTreeSet<usize> = order.iter().copied().collect();
    for id in order {
        kept.remove(id);
        if is_linearizable(&weakened(history, &kept)) {
            kept.insert(*id);
        }
    }
    kept
}

/// The history with nothing assumed of the operations that are not kept: a read is gone, a write may have taken effect at any time after
/// its request or never. Every order of the whole history is one of this as well.
fn weakened(history: &History, kept: &BTreeSet<usize>) -> History {
    let operations = history.operations.iter().filter(|operation| kept.contains(&operation.id) || operation.act.writes());
    let weaker = |operation: &Operation| {
        let returned = operation.returned.filter(|_| kept.contains(&operation.id));
        Operation { returned, ..operation.clone() }
    };
    History { operations: operations.map(weaker).collect() }
}

fn with_sources(history: &History, kept: &BTreeSet<usize>) -> Vec<usize> {
    let seen = |operation: &Operation| match &operation.act {
        Act::Seen(_, seen) => seen.iter().flatten().copied().collect(),
        _ => Vec::new(),
    };
    let sources: BTreeSet<usize> = history.operations.iter().filter(|operation| kept.contains(&operation.id)).flat_map(seen).collect();
    let mut shown: Vec<&Operation> =
        history.operations.iter().filter(|operation| kept.contains(&operation.id) || sources.contains(&operation.id)).collect();
    shown.sort_by_key(|operation| operation.invoked);
    shown.into_iter().map(|operation| operation.id).collect()
}
