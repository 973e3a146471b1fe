//! Forgotten secrets: too many to be kept, and none of them is to be shown. What is left of them takes the same memory however many there
//! were (a Bloom filter): a text may be taken for one that tells such a secret, and never for one that tells none.

use crate::tellings::PIECE;

/// How many bits there are: thirty-two mebibytes, so that with a million secrets, in all their tellings, one piece of text in some eight
/// hundred is taken for another.
const BITS: u64 = 1 << 28;

/// So many bits stand for a piece.
const MARKS: u64 = 4;

/// The pieces of every secret that was forgotten.
#[derive(Default)]
pub(crate) struct Forgotten {
    /// None before the first.
    words: Vec<u64>,
}

impl Forgotten {
    /// Adds a telling of a secret, which is known in upper and lower case.
    pub(crate) fn add(&mut self, telling: &str) {
        let bytes = telling.to_ascii_lowercase().into_bytes();
        let (Some(first), Some(last)) = (bytes.first_chunk::<PIECE>(), bytes.last_chunk::<PIECE>()) else { return };
        self.words.resize(usize::try_from(BITS / 64).unwrap_or_default(), 0);
        for (word, bit) in [first, last].into_iter().flat_map(places) {
            self.words[word] |= bit;
        }
    }

    /// Whether a text may hold the beginning or the end of such a telling.
    pub(crate) fn may_stand_in(&self, text: &str) -> bool {
        let known = |piece: &[u8]| places(piece).all(|(word, bit)| self.words[word] & bit != 0);
        !self.words.is_empty() && text.to_ascii_lowercase().as_bytes().windows(PIECE).any(known)
    }
}

/// Where a piece is marked: a word, and a bit of it.
fn places(piece: impl AsRef<[u8]>) -> impl Iterator<Item = (usize, u64)> {
    let hash = ahash::RandomState::with_seeds(1, 2, 3, 4).hash_one(piece.as_ref());
    // Two halves of one hash make as many independent ones as are needed (Kirsch and Mitzenmacher, 2006).
    let (first, step) = (hash >> 32, hash | 1);
    (0..MARKS).map(move |mark| {
        let bit = first.wrapping_add(step.wrapping_mul(mark)) % BITS;
        (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_tells_a_forgotten_secret_is_known_and_hardly_another() {
        let secret = |number: usize| format!("{number:x}Kq7-{}-Zx{number}", number * 7919);
        let mut forgotten = Forgotten::default();
        assert!(!forgotten.may_stand_in("anything at all"));
        (0..20_000).for_each(|number| forgotten.add(&secret(number + 1_000_000)));
        forgotten.add("short");
        for number in (0..20_000).step_by(97) {
            let told = secret(number + 1_000_000);
            assert!(forgotten.may_stand_in(&format!("the note is {told}, it says")) && forgotten.may_stand_in(&told[..PIECE]));
        }
        let mistaken = (0..2_000).filter(|number| forgotten.may_stand_in(&format!("this is text number {number} of a report")));
        assert!(mistaken.count() < 20);
        assert!(!forgotten.may_stand_in("short"));
    }
}
