//! Needles: many texts that are looked for at once, while more of them are added all the time.

use std::borrow::Cow;
use std::collections::HashMap;

/// So many bytes at the start of a needle are looked up; a shorter needle is not looked for.
pub(crate) const BEGINNING: usize = 4;

/// The marks of all beginnings that two bytes can have.
const MARKS: usize = 1 << 16;

/// Texts that are looked for, each with what it stands for. Adding one costs the same however many there are: an automaton over all of them
/// would have to be built anew each time.
pub(crate) struct Needles<T> {
    /// Each with what it stands for.
    all: Vec<(Vec<u8>, T)>,
    /// The needles by their first bytes.
    by_beginning: HashMap<[u8; BEGINNING], Vec<usize>>,
    /// Whether some needle begins with these two bytes: most places of a text are passed over by this alone.
    marked: Vec<bool>,
    any_case: bool,
}

/// Where a needle was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hit<T> {
    /// The first byte.
    pub(crate) start: usize,
    /// The byte behind the last.
    pub(crate) end: usize,
    /// What the needle stands for.
    pub(crate) meaning: T,
}

impl<T: Copy> Needles<T> {
    /// None yet. With `any_case`, ASCII letters are found in either case.
    pub(crate) fn new(any_case: bool) -> Self {
        Self { all: Vec::new(), by_beginning: HashMap::new(), marked: vec![false; MARKS], any_case }
    }

    /// Adds a text.
    pub(crate) fn add(&mut self, text: &str, meaning: T) {
        let text = self.folded(text.as_bytes()).into_owned();
        let Some(beginning) = text.first_chunk::<BEGINNING>() else { return };
        self.marked[mark(*beginning)] = true;
        self.by_beginning.entry(*beginning).or_default().push(self.all.len());
        self.all.push((text, meaning));
    }

    /// Everywhere that a needle occurs, overlapping ones included, in the order of their first bytes.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<Hit<T>> {
        let text = self.folded(bytes);
        let mut hits = Vec::new();
        for start in 0..text.len() {
            let rest = &text[start..];
            let Some(beginning) = rest.first_chunk::<BEGINNING>().filter(|beginning| self.marked[mark(**beginning)]) else { continue };
            for number in self.by_beginning.get(beginning).into_iter().flatten() {
                let (needle, meaning) = &self.all[*number];
                if rest.starts_with(needle) {
                    hits.push(Hit { start, end: start + needle.len(), meaning: *meaning });
                }
            }
        }
        hits
    }

    /// How many texts are looked for.
    pub(crate) const fn len(&self) -> usize {
        self.all.len()
    }

    fn folded<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.any_case { Cow::Owned(bytes.to_ascii_lowercase()) } else { Cow::Borrowed(bytes) }
    }
}

fn mark(beginning: [u8; BEGINNING]) -> usize {
    usize::from(u16::from_be_bytes([beginning[0], beginning[1]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_needle_is_found_however_many_there_are() {
        let mut needles = Needles::new(true);
        for number in 0..515 {
            needles.add(&format!("Needle-{number:04}"), number);
        }
        needles.add("ne", 999);
        let found = |text: &str| needles.find(text.as_bytes()).into_iter().map(|hit| (hit.start, hit.meaning)).collect::<Vec<_>>();
        assert_eq!(found("a NEEDLE-0000 and needle-0513, needle-051"), [(2, 0), (18, 513)]);
        assert_eq!(found(""), []);
    }

    #[test]
    fn needles_that_overlap_are_all_found() {
        let mut needles = Needles::new(false);
        ["abcd", "abcdef", "cdef", "CDEF"].iter().enumerate().for_each(|(number, text)| needles.add(text, number));
        let found: Vec<_> = needles.find(b"abcdef").into_iter().map(|hit| (hit.start, hit.end, hit.meaning)).collect();
        assert_eq!(found, [(0, 4, 0), (0, 6, 1), (2, 6, 2)]);
    }
}
