//! A second checker, written apart from the first: it tries every order of every choice of operations on a store that it keeps itself.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::{Act, Address, Change, History, Operation, core, is_linearizable};

const FIELDS: usize = 2;

/// A store with one shelf: who made what lies there, and what is written in each field.
type Shelf = Option<(usize, [Ink; FIELDS])>;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Ink {
    By(usize),
    Illegible,
}

/// Whether some order of the answered operations, with some of the others in between, fits the clock and the answers.
fn tells_a_story(history: &History) -> bool {
    let pending: Vec<&Operation> = history.operations.iter().filter(|own| own.returned.is_none()).collect();
    let answered: Vec<&Operation> = history.operations.iter().filter(|own| own.returned.is_some()).collect();
    (0..1_usize << pending.len()).any(|choice| {
        let chosen = pending.iter().enumerate().filter(|(place, _)| choice >> place & 1 == 1).map(|(_, own)| *own);
        let mut cast: Vec<&Operation> = answered.iter().copied().chain(chosen).collect();
        let length = cast.len();
        permuted(&mut cast, length, &|order| in_time(order) && plays(order))
    })
}

/// Heap's algorithm.
fn permuted<'o>(cast: &mut Vec<&'o Operation>, length: usize, holds: &dyn Fn(&[&'o Operation]) -> bool) -> bool {
    if length <= 1 {
        return holds(cast);
    }
    for place in 0..length {
        if permuted(cast, length - 1, holds) {
            return true;
        }
        cast.swap(if length.is_multiple_of(2) { place } else { 0 }, length - 1);
    }
    false
}

fn in_time(order: &[&Operation]) -> bool {
    order
        .iter()
        .enumerate()
        .all(|(place, early)| order[place + 1..].iter().all(|late| late.returned.is_none_or(|returned| returned > early.invoked)))
}

fn plays(order: &[&Operation]) -> bool {
    let mut shelf: Shelf = None;
    order.iter().all(|own| act(&mut shelf, own.id, &own.act))
}

/// Carries out an operation; whether the store would have answered as it was answered.
fn act(shelf: &mut Shelf, id: usize, act: &Act) -> bool {
    let reach = |shelf: &Shelf, address: &Address| match (shelf, address) {
        (None, _) => false,
        (Some(_), Address::Key) => true,
        (Some((maker, _)), Address::MadeBy(wanted)) => maker == wanted,
    };
    let ink = |change: &Change, old: Ink| match change {
        Change::Keep => old,
        Change::Write => Ink::By(id),
        Change::Blur => Ink::Illegible,
    };
    let fresh = |changes: &[Change]| std::array::from_fn(|place| ink(&changes[place], Ink::Illegible));
    match act {
        Act::Create(_) if shelf.is_some() => return false,
        Act::Create(changes) => *shelf = Some((id, fresh(changes))),
        Act::Replace(changes) => *shelf = Some((shelf.map_or(id, |(maker, _)| maker), fresh(changes))),
        Act::Update(address, _) if !reach(shelf, address) => return false,
        Act::Update(_, changes) => {
            if let Some((_, fields)) = shelf {
                *fields = std::array::from_fn(|place| ink(&changes[place], fields[place]));
            }
        }
        Act::Delete(address) if reach(shelf, address) => *shelf = None,
        Act::Delete(_) => {}
        Act::Absent(address) => return !reach(shelf, address),
        Act::Seen(address, _) if !reach(shelf, address) => return false,
        Act::Seen(_, seen) => {
            let fields = shelf.expect("it was reached").1;
            let contradicts = |(own, seen): (Ink, &Option<usize>)| matches!((own, seen), (Ink::By(own), Some(seen)) if own != *seen);
            return !fields.into_iter().zip(seen).any(contradicts);
        }
    }
    true
}

/// Random operations of a few clients. With a store behind them they are answered as it answers at some moment between request and
/// answer; without one at random.
fn random(random: &mut ChaCha8Rng, truthful: bool) -> History {
    let count = random.random_range(2..=5);
    let mut shelf: Shelf = None;
    let mut moments: Vec<(usize, usize)> = Vec::new();
    let mut free = [0; 3];
    for _ in 0..count {
        let client = random.random_range(0..free.len());
        let invoked = free[client] + random.random_range(1..6);
        let returned = invoked + random.random_range(1..9);
        free[client] = returned;
        moments.push((invoked, returned));
    }
    // Every moment of the clock is one request's or one answer's.
    let mut marks: Vec<(usize, usize, bool)> =
        moments.iter().enumerate().flat_map(|(id, (invoked, returned))| [(*invoked, id, false), (*returned, id, true)]).collect();
    marks.sort_unstable();
    let at = |id: usize, answer: bool| marks.iter().position(|mark| (mark.1, mark.2) == (id, answer)).expect("it has a mark");
    let mut points: Vec<(usize, usize)> = (0..count).map(|id| (random.random_range(10 * at(id, false)..10 * at(id, true)), id)).collect();
    points.sort_unstable();
    let mut acts: Vec<Option<Act>> = vec![None; count];
    for (_, id) in points {
        acts[id] = Some(if truthful { answered(random, &mut shelf, id) } else { anything(random, count) });
    }
    let operation = |(id, own): (usize, Option<Act>), pending: bool| {
        let own = own.expect("every operation has its moment");
        let returned = (!pending || !own.writes()).then(|| at(id, true));
        Operation { id, invoked: at(id, false), returned, act: own }
    };
    let lost: Vec<bool> = (0..count).map(|_| random.random_range(0..3) == 0).collect();
    History { operations: acts.into_iter().enumerate().zip(lost).map(|(own, lost)| operation(own, lost)).collect() }
}

fn changes(random: &mut ChaCha8Rng, keeps: bool) -> Vec<Change> {
    let all = [Change::Write, Change::Write, Change::Blur, Change::Keep];
    (0..FIELDS).map(|_| all[random.random_range(0..if keeps { 4 } else { 3 })]).collect()
}

fn address(random: &mut ChaCha8Rng) -> Address {
    if random.random_range(0..3) == 0 { Address::MadeBy(0) } else { Address::Key }
}

fn anything(random: &mut ChaCha8Rng, count: usize) -> Act {
    match random.random_range(0..7) {
        0 => Act::Create(changes(random, false)),
        1 => Act::Replace(changes(random, false)),
        2 => Act::Update(address(random), changes(random, true)),
        3 => Act::Delete(address(random)),
        4 => Act::Absent(address(random)),
        _ => {
            let seen = (0..FIELDS).map(|_| Some(random.random_range(0..=count)).filter(|id| *id < count)).collect();
            Act::Seen(address(random), seen)
        }
    }
}

fn answered(random: &mut ChaCha8Rng, shelf: &mut Shelf, id: usize) -> Act {
    let address = address(random);
    let there = match (&shelf, address) {
        (Some((maker, _)), Address::MadeBy(wanted)) => *maker == wanted,
        (there, _) => there.is_some(),
    };
    let own = match random.random_range(0..6) {
        0 if shelf.is_none() => Act::Create(changes(random, false)),
        0 | 1 => Act::Replace(changes(random, false)),
        2 if there => Act::Update(address, changes(random, true)),
        3 => Act::Delete(address),
        _ if there => {
            let fields = shelf.expect("it is there").1;
            Act::Seen(address, fields.iter().map(|ink| if let Ink::By(id) = ink { Some(*id) } else { None }).collect())
        }
        _ => Act::Absent(address),
    };
    assert!(act(shelf, id, &own), "the store contradicts itself");
    own
}

#[test]
fn what_a_store_has_answered_is_linearizable() {
    let mut source = ChaCha8Rng::seed_from_u64(11);
    for _ in 0..4_000 {
        let history = random(&mut source, true);
        assert!(is_linearizable(&history) && tells_a_story(&history), "{history:?}");
    }
}

#[test]
fn both_checkers_say_the_same_of_anything() {
    let mut source = ChaCha8Rng::seed_from_u64(12);
    let mut bad = 0;
    for _ in 0..6_000 {
        let history = random(&mut source, false);
        let verdict = is_linearizable(&history);
        assert_eq!(verdict, tells_a_story(&history), "{history:?}");
        bad += usize::from(!verdict);
    }
    assert!((1_000..5_000).contains(&bad), "{bad} of 6000 are not linearizable: too few of one kind to say much");
}

#[test]
fn a_minimal_bad_history_is_bad_and_nothing_of_it_can_be_left_away() {
    let mut source = ChaCha8Rng::seed_from_u64(13);
    let histories = std::iter::repeat_with(|| random(&mut source, false)).filter(|history| !is_linearizable(history));
    for history in histories.take(500) {
        let shown = core(&history);
        let among = |id: &usize| shown.contains(id);
        let hidden: Vec<Operation> = history.operations.iter().filter(|own| !among(&own.id)).cloned().collect();
        // Whatever became of those that are not shown: what is shown has no order.
        let rest = history.operations.iter().filter(|own| among(&own.id)).cloned();
        let unanswered = hidden.into_iter().filter(|own| own.act.writes()).map(|own| Operation { returned: None, ..own });
        let weaker = History { operations: rest.chain(unanswered).collect() };
        assert!(!tells_a_story(&weaker), "{history:?} does not come down to {shown:?}");
        assert!(shown.len() <= history.operations.len());
    }
}
