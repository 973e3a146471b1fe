//! Counts of requests by operation and class of status, since the server started: what the metrics tell.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many classes of status there are: 1xx to 9xx, and what is no status at all as 0.
const CLASSES: usize = 10;

/// The counts of one API.
#[derive(Debug)]
pub(crate) struct Tally {
    /// By operation, in the contract's order; the last row is for requests that reached none.
    counts: Vec<[AtomicU64; CLASSES]>,
}

impl Tally {
    /// Nothing counted yet, for so many operations.
    pub(crate) fn new(operations: usize) -> Self {
        Self { counts: (0..=operations).map(|_| std::array::from_fn(|_| AtomicU64::new(0))).collect() }
    }

    /// Counts a request.
    pub(crate) fn count(&self, operation: Option<usize>, status: http::StatusCode) {
        let row = operation.unwrap_or(self.counts.len() - 1);
        let class = usize::from(status.as_u16() / 100) % CLASSES;
        if let Some(row) = self.counts.get(row) {
            row[class].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every count that is not zero: the operation, the class of the status, how many.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (Option<usize>, usize, u64)> {
        let last = self.counts.len() - 1;
        self.counts.iter().enumerate().flat_map(move |(row, classes)| {
            let operation = (row < last).then_some(row);
            let read = move |(class, count): (usize, &AtomicU64)| (operation, class, count.load(Ordering::Relaxed));
            classes.iter().enumerate().map(read).filter(|(_, _, count)| *count > 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_operation_and_class() {
        let tally = Tally::new(2);
        for (operation, status) in [(Some(1), 200), (Some(1), 204), (None, 404)] {
            tally.count(operation, http::StatusCode::from_u16(status).expect("a status"));
        }
        assert_eq!(tally.counts().collect::<Vec<_>>(), [(Some(1), 2, 2), (None, 4, 1)]);
    }
}
