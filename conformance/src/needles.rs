//! Needles: many texts that are looked for at once, while more of them are added all the time.

use std::borrow::Cow;
use std::collections::HashMap;
use std::num::NonZeroU32;

/// So many bytes at the start of a needle are looked up; a shorter needle is not looked for.
pub(crate) const BEGINNING: usize = 4;

/// So many marks there are, of which each beginning has one: few of those that no needle has share it with one that some needle has.
const MARKS: usize = 1 << 19;

/// Texts that are looked for, each with what it stands for. Adding one costs the same however many there are: an automaton over all of them
/// would have to be built anew each time.
pub(crate) struct Needles<T> {
    /// Their bytes, one behind the other.
    bytes: Vec<u8>,
    all: Vec<Needle<T>>,
    /// By their first bytes: the first and the last needle of those that begin so.
    by_beginning: HashMap<[u8; BEGINNING], (u32, u32), ahash::RandomState>,
    /// Whether some needle has a beginning of this mark, in bits: most places of a text are passed over by this alone.
    marked: Vec<u64>,
    any_case: bool,
}

/// One text that is looked for. There are many of them: a long run remembers a hundred thousand.
struct Needle<T> {
    /// Where its bytes begin, and how many they are.
    start: usize,
    length: u32,
    /// The next one that begins like it, which is never the first of all.
    next: Option<NonZeroU32>,
    /// What it stands for.
    meaning: T,
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
        Self { bytes: Vec::new(), all: Vec::new(), by_beginning: HashMap::default(), marked: vec![0; MARKS / 64], any_case }
    }

    /// Adds a text; more than four thousand millions of texts, or of bytes in one, do not fit into any memory.
    pub(crate) fn add(&mut self, text: &str, meaning: T) {
        let text = Self::in_one_case(text.as_bytes(), self.any_case);
        let Some(beginning) = text.first_chunk::<BEGINNING>().copied() else { return };
        let (Ok(length), Ok(number)) = (u32::try_from(text.len()), u32::try_from(self.all.len())) else { return };
        let start = self.bytes.len();
        make_room(&mut self.bytes, text.len());
        self.bytes.extend_from_slice(&text);
        make_room(&mut self.all, 1);
        self.all.push(Needle { start, length, next: None, meaning });
        self.link(beginning, number);
    }

    /// Lets a needle be found by its beginning.
    fn link(&mut self, beginning: [u8; BEGINNING], number: u32) {
        let (word, bit) = mark(beginning);
        self.marked[word] |= bit;
        let (_, last) = self.by_beginning.entry(beginning).or_insert((number, number));
        if *last != number {
            self.all[place(std::mem::replace(last, number))].next = NonZeroU32::new(number);
        }
    }

    /// Forgets all but the texts that stand for such, in place: there need not be room for both.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(T) -> bool) {
        let (bytes, mut end) = (&mut self.bytes, 0);
        self.all.retain_mut(|needle| {
            let kept = is_kept(needle.meaning);
            if kept {
                let length = place(needle.length);
                bytes.copy_within(needle.start..needle.start + length, end);
                (needle.start, needle.next) = (end, None);
                end += length;
            }
            kept
        });
        self.bytes.truncate(end);
        self.by_beginning.clear();
        self.marked.fill(0);
        for number in 0..u32::try_from(self.all.len()).unwrap_or_default() {
            let start = self.all[place(number)].start;
            let beginning = self.bytes[start..].first_chunk::<BEGINNING>().copied();
            beginning.into_iter().for_each(|beginning| self.link(beginning, number));
        }
    }

    /// Everywhere that a needle occurs, overlapping ones included, in the order of their first bytes.
    pub(crate) fn find(&self, bytes: &[u8]) -> Vec<Hit<T>> {
        let text = Self::in_one_case(bytes, self.any_case);
        let mut hits = Vec::new();
        for start in 0..text.len() {
            let rest = &text[start..];
            let Some(beginning) = rest.first_chunk::<BEGINNING>().filter(|beginning| self.is_marked(**beginning)) else { continue };
            let mut next = self.by_beginning.get(beginning).map(|(first, _)| *first);
            while let Some(needle) = next.map(|number| &self.all[place(number)]) {
                let length = place(needle.length);
                if rest.starts_with(&self.bytes[needle.start..needle.start + length]) {
                    hits.push(Hit { start, end: start + length, meaning: needle.meaning });
                }
                next = needle.next.map(NonZeroU32::get);
            }
        }
        hits
    }

    fn is_marked(&self, beginning: [u8; BEGINNING]) -> bool {
        let (word, bit) = mark(beginning);
        self.marked[word] & bit != 0
    }

    /// How many texts are looked for.
    pub(crate) const fn len(&self) -> usize {
        self.all.len()
    }

    fn in_one_case(bytes: &[u8], any_case: bool) -> Cow<'_, [u8]> {
        if any_case { Cow::Owned(bytes.to_ascii_lowercase()) } else { Cow::Borrowed(bytes) }
    }
}

/// Makes room for so many more, and for an eighth of what is there: twice as much as is needed would often be half empty.
fn make_room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more {
        list.reserve_exact(more.max(list.len() / 8));
    }
}

const fn place(number: u32) -> usize {
    number as usize
}

/// Where a beginning is marked: a word, and a bit of it. The upper bits of a product depend on all bits of a factor (Knuth, The Art of
/// Computer Programming, volume 3, section 6.4).
fn mark(beginning: [u8; BEGINNING]) -> (usize, u64) {
    let product = u32::from_le_bytes(beginning).wrapping_mul(2_654_435_769);
    let place = usize::try_from(product >> (u32::BITS - MARKS.ilog2())).unwrap_or_default();
    (place / 64, 1 << (place % 64))
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
