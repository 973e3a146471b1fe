//! Plans: symbolic steps over a resource's verbs. "The second thing" is whatever the target made of it, so a plan can be repeated.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// One step about one of a few things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Create it, whether or not it is there.
    Create(usize),
    /// Put it, where the API can.
    Put(usize),
    /// Read it in every way that there is.
    Read(usize),
    /// Change it.
    Update(usize),
    /// Change one field of it.
    Touch(usize),
    /// Delete it, whether or not it is there.
    Delete(usize),
    /// List the scope.
    List,
    /// List the scope in pages that are smaller than it.
    Pages,
}

/// How many things a plan is about.
pub(super) const THINGS: usize = 3;

/// The plan that every resource goes through: each verb, before and after the others, and a name for each step.
pub(super) const CORE: &[(&str, Step)] = &[
    ("list before anything", Step::List),
    ("create", Step::Create(0)),
    ("list after a create", Step::List),
    ("read after a create", Step::Read(0)),
    ("create again", Step::Create(0)),
    ("read after a second create", Step::Read(0)),
    ("list after a second create", Step::List),
    ("update", Step::Update(0)),
    ("read after an update", Step::Read(0)),
    ("put again", Step::Put(0)),
    ("read after a second put", Step::Read(0)),
    ("create another", Step::Create(1)),
    ("read another", Step::Read(1)),
    ("list of two", Step::List),
    ("update one field", Step::Touch(1)),
    ("read after an update of one field", Step::Read(1)),
    ("delete", Step::Delete(0)),
    ("read after a delete", Step::Read(0)),
    ("list after a delete", Step::List),
    ("update after a delete", Step::Update(0)),
    ("delete again", Step::Delete(0)),
    ("create after a delete", Step::Create(0)),
    ("read after a new create", Step::Read(0)),
    ("list at the end", Step::List),
];

/// A second plan for every resource: several things side by side, so that what is done to one can be missed or seen at another.
pub(super) const SIDE_BY_SIDE: &[Step] = &[
    Step::Create(0),
    Step::Create(1),
    Step::Update(0),
    Step::Read(0),
    Step::Put(1),
    Step::Read(1),
    Step::List,
    Step::Pages,
    Step::Delete(0),
    Step::Read(0),
    Step::Read(1),
    Step::Create(2),
    Step::Read(0),
    Step::List,
    Step::Create(0),
    Step::Read(0),
    Step::Touch(2),
    Step::Read(2),
    Step::List,
];

fn step() -> impl Strategy<Value = Step> {
    let thing = 0..2_usize;
    prop_oneof![
        3 => thing.clone().prop_map(Step::Create),
        1 => thing.clone().prop_map(Step::Put),
        2 => thing.clone().prop_map(Step::Read),
        1 => thing.clone().prop_map(Step::Update),
        1 => thing.clone().prop_map(Step::Touch),
        2 => thing.prop_map(Step::Delete),
        2 => Just(Step::List),
    ]
}

/// Random plans, the same ones for the same seed.
pub(super) fn random(seed: u64, count: usize) -> Vec<Vec<Step>> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let plans = proptest::collection::vec(step(), 4..12);
    (0..count).filter_map(|_| plans.new_tree(&mut runner).ok().map(|tree| tree.current())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_seed_gives_one_set_of_plans() {
        assert_eq!(random(7, 5), random(7, 5));
        assert_ne!(random(7, 5), random(8, 5));
        assert!(random(7, 20).iter().all(|plan| (4..12).contains(&plan.len())));
    }
}
