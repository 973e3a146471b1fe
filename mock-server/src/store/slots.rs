//! Things in the order of their creation, each in a place of its own, where it is found without a search.

use std::sync::Arc;

use super::thing::Thing;

/// So many empty places are left as they are, however few things there are.
const FEW: usize = 32;

/// Things by their place. Places follow the order of creation; one that becomes empty stays so until there are too many of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// The number of each place's thing in the order of creation, whether it is still there or not.
    sequences: Vec<u64>,
    /// Each thing lies for itself: places are moved when there is no room for another one.
    things: Vec<Option<Arc<Thing>>>,
    count: usize,
}

impl Slots {
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// The things in the order of their creation.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Thing>> {
        self.things.iter().flatten()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Arc<Thing>> {
        self.things.get(place)?.as_ref()
    }

    /// The thing at a place, to be changed: who looks at it meanwhile sees it as it was.
    pub(super) fn get_mut(&mut self, place: usize) -> Option<&mut Thing> {
        self.things.get_mut(place)?.as_mut().map(Arc::make_mut)
    }

    /// The thing of this number in the order of creation.
    pub(super) fn of_sequence(&self, sequence: u64) -> Option<&Arc<Thing>> {
        self.get(self.sequences.binary_search(&sequence).ok()?)
    }

    /// The place of the next thing.
    pub(super) const fn next(&self) -> usize {
        self.things.len()
    }

    /// The last thing before a place.
    pub(super) fn before(&self, place: usize) -> Option<&Thing> {
        self.things[..place].iter().rev().flatten().next().map(AsRef::as_ref)
    }

    /// The first thing after a place.
    pub(super) fn after(&self, place: usize) -> Option<&Thing> {
        self.things.iter().skip(place + 1).flatten().next().map(AsRef::as_ref)
    }

    /// Puts a thing, which was created after all others, at the next place.
    pub(super) fn push(&mut self, mut thing: Thing) {
        thing.place = self.next();
        self.sequences.push(thing.sequence);
        self.things.push(Some(Arc::new(thing)));
        self.count += 1;
    }

    /// Takes a thing from its place.
    pub(super) fn take(&mut self, place: usize) -> Option<Arc<Thing>> {
        let thing = self.things.get_mut(place)?.take()?;
        self.count -= 1;
        while self.things.pop_if(|last| last.is_none()).is_some() {
            self.sequences.pop();
        }
        Some(thing)
    }

    /// Whether so many places are empty that a walk over the things would take noticeably longer for it.
    pub(super) const fn is_sparse(&self) -> bool {
        self.things.len() - self.count > FEW + self.count / 8
    }

    /// Clears the empty places away and gives for each place the one where its thing is now.
    pub(super) fn close_up(&mut self) -> Vec<usize> {
        let mut moved = Vec::with_capacity(self.things.len());
        let mut next = 0;
        for thing in &mut self.things {
            moved.push(next);
            if let Some(thing) = thing {
                Arc::make_mut(thing).place = next;
                next += 1;
            }
        }
        self.things.retain(Option::is_some);
        self.sequences = self.iter().map(|thing| thing.sequence).collect();
        moved
    }
}
