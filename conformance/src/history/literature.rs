//! Histories that the literature uses to tell what is linearizable from what is not.

use super::{Act, Address, Change, History, Operation, core, is_linearizable};

fn history(operations: Vec<(usize, Option<usize>, Act)>) -> History {
    let operation = |(id, (invoked, returned, act))| Operation { id, invoked, returned, act };
    History { operations: operations.into_iter().enumerate().map(operation).collect() }
}

fn write() -> Act {
    Act::Replace(vec![Change::Write])
}

fn read(of: usize) -> Act {
    Act::Seen(Address::Key, vec![Some(of)])
}

/// Herlihy and Wing 1990, figure 1 in spirit: operations that overlap may come in either order.
#[test]
fn overlapping_operations_may_come_in_either_order() {
    for seen in [0, 1] {
        let told = history(vec![(0, Some(4), write()), (1, Some(3), write()), (5, Some(6), read(seen))]);
        assert!(is_linearizable(&told), "a read after two overlapping writes may see either");
    }
}

/// A write that was answered is seen by whoever asks later.
#[test]
fn a_stale_read_is_told_by_its_three_operations() {
    let told = history(vec![
        (0, Some(1), write()),
        (2, Some(3), write()),
        (4, Some(5), read(0)),
        (6, Some(7), read(1)),
        (8, Some(9), Act::Delete(Address::Key)),
    ]);
    assert!(!is_linearizable(&told));
    assert_eq!(core(&told), [0, 1, 2]);
}

/// New-old inversion, by which Lamport ("On Interprocess Communication", 1986) tells a regular register from an atomic one: during a write one
/// read sees the new value and a later one the old.
#[test]
fn two_reads_during_a_write_do_not_go_back() {
    let during =
        |first, second| history(vec![(0, Some(1), write()), (2, Some(9), write()), (3, Some(4), read(first)), (5, Some(6), read(second))]);
    assert!(is_linearizable(&during(0, 1)) && is_linearizable(&during(0, 0)) && is_linearizable(&during(1, 1)));
    let inverted = during(1, 0);
    assert!(!is_linearizable(&inverted));
    assert_eq!(core(&inverted), [0, 1, 2, 3]);
}

/// Reads that overlap each other have no order.
#[test]
fn two_reads_at_once_during_a_write_may_differ() {
    let told = history(vec![(0, Some(1), write()), (2, Some(9), write()), (3, Some(6), read(1)), (4, Some(5), read(0))]);
    assert!(is_linearizable(&told));
}

/// A write that was never answered may take effect at any time, or never; but once it was seen it was carried out.
#[test]
fn an_unanswered_write_may_or_may_not_have_happened() {
    let after =
        |first, second| history(vec![(0, Some(1), write()), (2, None, write()), (3, Some(4), read(first)), (5, Some(6), read(second))]);
    assert!(is_linearizable(&after(0, 0)) && is_linearizable(&after(0, 1)) && is_linearizable(&after(1, 1)));
    assert!(!is_linearizable(&after(1, 0)));
}

/// Two creates of one name cannot both find it free, however they overlap.
#[test]
fn one_name_is_made_once() {
    let create = || Act::Create(vec![Change::Write]);
    let race = history(vec![(0, Some(3), create()), (1, Some(2), create())]);
    assert!(!is_linearizable(&race));
    assert_eq!(core(&race), [0, 1]);
    let with_delete = history(vec![(0, Some(3), create()), (1, Some(2), create()), (1, Some(4), Act::Delete(Address::Key))]);
    assert!(is_linearizable(&with_delete), "it may have been deleted in between");
}

/// The lost update: two writers change different fields, and the later one puts back what it had read of the other's.
#[test]
fn an_update_of_one_field_keeps_the_other() {
    let both = |first, second| Act::Seen(Address::MadeBy(0), vec![Some(first), Some(second)]);
    let told = |seen| {
        history(vec![
            (0, Some(1), Act::Create(vec![Change::Write, Change::Write])),
            (2, Some(5), Act::Update(Address::MadeBy(0), vec![Change::Write, Change::Keep])),
            (3, Some(4), Act::Update(Address::MadeBy(0), vec![Change::Keep, Change::Write])),
            (6, Some(7), seen),
        ])
    };
    assert!(is_linearizable(&told(both(1, 2))));
    for lost in [both(0, 2), both(1, 0), both(0, 0)] {
        assert!(!is_linearizable(&told(lost)));
    }
}

/// A thing that was made again under one name is another thing.
#[test]
fn the_id_of_what_was_deleted_does_not_come_back() {
    let create = || Act::Create(vec![Change::Write]);
    let told =
        |last| history(vec![(0, Some(1), create()), (2, Some(3), Act::Delete(Address::Key)), (4, Some(5), create()), (6, Some(7), last)]);
    assert!(is_linearizable(&told(Act::Seen(Address::Key, vec![Some(2)]))));
    assert!(is_linearizable(&told(Act::Absent(Address::MadeBy(0)))));
    assert!(!is_linearizable(&told(Act::Seen(Address::MadeBy(0), vec![None]))));
    assert!(!is_linearizable(&told(Act::Absent(Address::Key))));
}

/// Of a history that is too long nobody is accused, and nothing breaks.
#[test]
fn a_history_that_is_too_long_is_left_alone() {
    let writes = (0..200).map(|turn| (2 * turn, Some(2 * turn + 1), write()));
    assert!(is_linearizable(&history(writes.chain([(400, Some(401), read(0))]).collect())));
}

/// Of two contradictions the first is shown, although the second has fewer operations.
#[test]
fn what_went_wrong_first_is_shown() {
    let told = history(vec![
        (0, Some(1), write()),
        (2, Some(3), write()),
        (4, Some(5), read(0)),
        (6, Some(7), write()),
        (8, Some(9), Act::Absent(Address::Key)),
    ]);
    assert_eq!(core(&told), [0, 1, 2]);
    let later = History { operations: told.operations[3..].to_vec() };
    assert_eq!(core(&later), [3, 4]);
}

/// Of the longest history that is judged the last read is stale.
#[test]
fn the_longest_history_is_judged() {
    let writes = (0..127).map(|turn| (2 * turn, Some(2 * turn + 1), write()));
    let told = history(writes.chain([(254, Some(255), read(0))]).collect());
    assert_eq!(told.operations.len(), 128);
    assert!(!is_linearizable(&told));
    assert!(is_linearizable(&History { operations: told.operations[..127].to_vec() }));
}
