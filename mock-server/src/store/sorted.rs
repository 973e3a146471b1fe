//! Things in the order of one of their fields, kept so that a page of a list costs no more when there are many.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::Value;

use super::thing::Thing;
use crate::world::as_text;

/// The order of a field's values: numbers by value, everything else by the bytes of its text, what has none first.
#[derive(Clone, Debug)]
pub(super) struct Sorted {
    field: String,
    places: BTreeSet<(Rank, u64)>,
    /// How many values are numbers: among texts they have no place that holds for both.
    numbers: usize,
}

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Nothing,
    /// The bits of the number, so turned that they are in its order.
    Number(u64),
    Text(Arc<str>),
}

impl Sorted {
    pub(super) const fn new(field: String) -> Self {
        Self { field, places: BTreeSet::new(), numbers: 0 }
    }

    pub(super) fn field(&self) -> &str {
        &self.field
    }

    /// Gives a thing its place.
    pub(super) fn insert(&mut self, thing: &mut Thing) {
        let rank = self.rank(thing);
        self.numbers += usize::from(matches!(rank, Rank::Number(_)));
        self.places.insert((rank.clone(), thing.sequence));
        thing.rank = Some(rank);
    }

    /// Whether a thing has the place that its fields give it.
    pub(super) fn has(&self, thing: &Thing) -> bool {
        thing.rank.as_ref() == Some(&self.rank(thing))
    }

    /// Takes a thing from its place.
    pub(super) fn remove(&mut self, thing: &Thing) {
        let Some(rank) = thing.rank.clone() else { return };
        self.numbers -= usize::from(matches!(rank, Rank::Number(_)));
        self.places.remove(&(rank, thing.sequence));
    }

    /// The things by their place in the order of creation; none where numbers and texts stand side by side.
    pub(super) fn sequences(&self) -> Option<impl DoubleEndedIterator<Item = u64>> {
        let pure = self.numbers == 0 || self.numbers == self.places.len();
        pure.then(|| self.places.iter().map(|(_, sequence)| *sequence))
    }

    fn rank(&self, thing: &Thing) -> Rank {
        let Some(value) = thing.fields.get(&self.field) else { return Rank::Nothing };
        match (value.as_f64(), &thing.indexed) {
            (Some(number), _) => Rank::Number(turned(number)),
            (None, Some(key)) if matches!(value, Value::String(text) if **text == **key) => Rank::Text(Arc::clone(key)),
            (None, _) => Rank::Text(as_text(value).into()),
        }
    }
}

/// Bits that are in the order of `f64::total_cmp`.
const fn turned(number: f64) -> u64 {
    let bits = number.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};

    fn order(values: &[Value]) -> Option<Vec<u64>> {
        let mut sorted = Sorted::new("by".to_owned());
        for (sequence, value) in (1..).zip(values) {
            let mut thing = Thing::new("a", Map::from_iter([("by".to_owned(), value.clone())]), 0);
            thing.sequence = sequence;
            sorted.insert(&mut thing);
        }
        sorted.sequences().map(Iterator::collect)
    }

    #[test]
    fn numbers_are_in_their_order_and_texts_in_theirs() {
        assert_eq!(order(&[json!(10), json!(-2), json!(1.5), json!(-30)]), Some(vec![4, 2, 3, 1]));
        assert_eq!(order(&[json!("b"), json!("B"), json!("a"), json!("b")]), Some(vec![2, 3, 1, 4]));
        assert_eq!(order(&[json!("b"), json!(1)]), None);
    }
}
