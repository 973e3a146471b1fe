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
    /// Write it, expecting a version that is so far from the latest.
    Expecting(usize, i64),
    /// Hide its latest version.
    SoftDelete(usize),
    /// Do this to its version of this number.
    Version(usize, Act, i64),
    /// Do this to its latest version, by number.
    Latest(usize, Act),
    /// List the scope.
    List,
    /// List the scope in pages that are smaller than it.
    Pages,
}

/// What can be done to a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Read it.
    Read,
    /// Hide it.
    SoftDelete,
    /// Bring it back.
    Undelete,
    /// Destroy it.
    Destroy,
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

/// A plan for resources whose writes make versions: what is expected, hidden, brought back and destroyed, and what is left beside it.
pub(super) const VERSIONS: &[(&str, Step)] = &[
    ("create a first version", Step::Create(0)),
    ("read a version that is not there", Step::Version(0, Act::Read, 2)),
    ("write expecting the latest version", Step::Expecting(0, 0)),
    ("write expecting an old version", Step::Expecting(0, -1)),
    ("read after a refused write", Step::Read(0)),
    ("read an old version", Step::Version(0, Act::Read, 1)),
    ("update to a third version", Step::Update(0)),
    ("read the second version", Step::Version(0, Act::Read, 2)),
    ("soft delete", Step::SoftDelete(0)),
    ("read after a soft delete", Step::Read(0)),
    ("list after a soft delete", Step::List),
    ("read an old version after a soft delete", Step::Version(0, Act::Read, 1)),
    ("soft delete again", Step::SoftDelete(0)),
    ("undelete", Step::Latest(0, Act::Undelete)),
    ("read after an undelete", Step::Read(0)),
    ("soft delete a version", Step::Version(0, Act::SoftDelete, 1)),
    ("read the deleted version", Step::Version(0, Act::Read, 1)),
    ("read beside the deleted version", Step::Read(0)),
    ("undelete the version", Step::Version(0, Act::Undelete, 1)),
    ("read the version that was brought back", Step::Version(0, Act::Read, 1)),
    ("destroy a version", Step::Version(0, Act::Destroy, 1)),
    ("read the destroyed version", Step::Version(0, Act::Read, 1)),
    ("undelete the destroyed version", Step::Version(0, Act::Undelete, 1)),
    ("read the destroyed version again", Step::Version(0, Act::Read, 1)),
    ("soft delete before a write", Step::SoftDelete(0)),
    ("write over what is deleted", Step::Create(0)),
    ("read what was written over it", Step::Read(0)),
    ("destroy the latest version", Step::Latest(0, Act::Destroy)),
    ("read after the latest was destroyed", Step::Read(0)),
    ("undelete the latest that was destroyed", Step::Latest(0, Act::Undelete)),
    ("read it again", Step::Read(0)),
    ("write after the latest was destroyed", Step::Create(0)),
    ("read the version after it", Step::Read(0)),
    ("delete it all", Step::Delete(0)),
    ("read a version of what is gone", Step::Version(0, Act::Read, 2)),
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
