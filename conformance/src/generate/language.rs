//! Languages: the texts that several patterns accept or refuse together, and words of an exact length out of them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};

/// The characters of which words are made, the plainest first: what an ASCII word cannot show is left to other generators.
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. /:,;!?'\"()[]{}<>@#$%^&*+=~`|\\";

/// A set of texts.
pub(crate) struct Language {
    parts: Vec<Part>,
    /// The states that were met, as far as it was asked.
    map: Mutex<Map>,
}

/// States by number: where each character leads from them, and after exactly how many more a word can end.
#[derive(Default)]
struct Map {
    numbers: HashMap<States, usize>,
    met: Vec<Met>,
}

struct Met {
    states: States,
    next: Option<Arc<[usize]>>,
    ends: Vec<Option<bool>>,
    /// By how many characters are left: the characters of the alphabet that lead on, and how many of them are letters or digits.
    open: Vec<Option<Open>>,
}

/// Characters by their places in the alphabet, the plain ones first, and how many of them are plain.
type Open = (Arc<[usize]>, usize);

struct Part {
    automaton: dense::DFA<Vec<u32>>,
    accepts: bool,
}

/// The states of all parts at once.
type States = Vec<StateID>;

/// Matched and unmatched patterns.
type Patterns = (Vec<String>, Vec<String>);

impl Language {
    /// The texts that match every pattern of `matched` and none of `unmatched`; `None` if a pattern is beyond finite automata. Built
    /// once: a document has few patterns, and a run asks for each a thousand times.
    pub(crate) fn of(matched: &[&str], unmatched: &[&str]) -> Option<Arc<Self>> {
        static KNOWN: LazyLock<Mutex<HashMap<Patterns, Option<Arc<Language>>>>> = LazyLock::new(Mutex::default);
        let owned = |patterns: &[&str]| patterns.iter().map(|pattern| (*pattern).to_owned()).collect::<Vec<_>>();
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((owned(matched), owned(unmatched))).or_insert_with(|| Self::build(matched, unmatched).map(Arc::new)).clone()
    }

    fn build(matched: &[&str], unmatched: &[&str]) -> Option<Self> {
        let part = |(pattern, accepts): (&&str, bool)| Some(Part { automaton: automaton(pattern)?, accepts });
        let patterns = matched.iter().map(|pattern| (pattern, true)).chain(unmatched.iter().map(|pattern| (pattern, false)));
        Some(Self { parts: patterns.map(part).collect::<Option<_>>()?, map: Mutex::default() })
    }

    /// A word of exactly this many characters, if there is one.
    pub(crate) fn word(&self, length: usize, random: &mut ChaCha8Rng) -> Option<String> {
        let map = &mut *self.map.lock().unwrap_or_else(PoisonError::into_inner);
        let mut place = map.number(self.start()?);
        if !self.can_end(place, length, map) {
            return None;
        }
        let mut word = String::with_capacity(length);
        for left in (0..length).rev() {
            let (open, plain) = self.open(place, left, map);
            // Letters and digits where they will do: a plain word shows a defect more clearly.
            let choices = if plain == 0 { open.len() } else { plain };
            let byte = *open.get(random.random_range(0..choices))?;
            word.push(char::from(ALPHABET[byte]));
            place = self.next(place, map)[byte];
        }
        Some(word)
    }

    /// Whether a text belongs to the language.
    pub(crate) fn accepts(&self, text: &str) -> bool {
        let Some(start) = self.start() else { return false };
        self.is_accepting(&text.bytes().fold(start, |states, byte| self.step(&states, byte)))
    }

    fn start(&self) -> Option<States> {
        let config = start::Config::new().anchored(Anchored::Yes);
        self.parts.iter().map(|part| part.automaton.start_state(&config).ok()).collect()
    }

    fn step(&self, states: &States, byte: u8) -> States {
        self.parts.iter().zip(states).map(|(part, state)| part.automaton.next_state(*state, byte)).collect()
    }

    fn is_accepting(&self, states: &States) -> bool {
        let accepts = |(part, state): (&Part, &StateID)| {
            let end = part.automaton.next_eoi_state(*state);
            part.automaton.is_match_state(end) == part.accepts
        };
        self.parts.iter().zip(states).all(accepts)
    }

    /// Where each character of the alphabet leads.
    fn next(&self, place: usize, map: &mut Map) -> Arc<[usize]> {
        if let Some(known) = &map.met[place].next {
            return Arc::clone(known);
        }
        let states = map.met[place].states.clone();
        let next: Arc<[usize]> = ALPHABET.iter().map(|byte| map.number(self.step(&states, *byte))).collect();
        map.met[place].next = Some(Arc::clone(&next));
        next
    }

    /// The characters after which exactly `left` more can lead to the end of a word.
    fn open(&self, place: usize, left: usize, map: &mut Map) -> Open {
        if let Some(Some(known)) = map.met[place].open.get(left) {
            return known.clone();
        }
        let next = self.next(place, map);
        let open: Arc<[usize]> = (0..ALPHABET.len()).filter(|byte| self.can_end(next[*byte], left, map)).collect();
        // The alphabet has the plain ones first, and the order is kept.
        let plain = open.iter().filter(|byte| ALPHABET[**byte].is_ascii_alphanumeric()).count();
        let found = &mut map.met[place].open;
        found.resize(found.len().max(left + 1), None);
        found[left] = Some((Arc::clone(&open), plain));
        (open, plain)
    }

    /// Whether exactly `left` more characters can lead to the end of a word.
    fn can_end(&self, place: usize, left: usize, map: &mut Map) -> bool {
        if let Some(Some(known)) = map.met[place].ends.get(left) {
            return *known;
        }
        let states = &map.met[place].states;
        let dead = self.parts.iter().zip(states).any(|(part, state)| part.accepts && part.automaton.is_dead_state(*state));
        let found = match left {
            0 => self.is_accepting(states),
            _ => !dead && self.next(place, map).iter().any(|next| self.can_end(*next, left - 1, map)),
        };
        let ends = &mut map.met[place].ends;
        ends.resize(ends.len().max(left + 1), None);
        ends[left] = Some(found);
        found
    }
}

impl Map {
    fn number(&mut self, states: States) -> usize {
        if let Some(known) = self.numbers.get(&states) {
            return *known;
        }
        self.met.push(Met { states: states.clone(), next: None, ends: Vec::new(), open: Vec::new() });
        self.numbers.insert(states, self.met.len() - 1);
        self.met.len() - 1
    }
}

/// An automaton that is in a match state at the end of exactly the texts in which the pattern, an ECMA-262 one, is found.
fn automaton(pattern: &str) -> Option<dense::DFA<Vec<u32>>> {
    let translated = jsonschema_regex::to_rust_regex(pattern).ok()?;
    let whole = format!("(?s:.)*?(?:{translated})(?s:.)*");
    let config =
        dense::Config::new().match_kind(MatchKind::All).start_kind(regex_automata::dfa::StartKind::Anchored).dfa_size_limit(Some(4 << 20));
    dense::Builder::new().configure(config).build(&whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    fn word(matched: &[&str], unmatched: &[&str], length: usize) -> Option<String> {
        let language = Language::of(matched, unmatched).expect("the patterns are regular");
        language.word(length, &mut ChaCha8Rng::seed_from_u64(1))
    }

    #[test]
    fn words_have_the_pattern_and_the_length() {
        for length in [3, 50, 100] {
            let name = word(&["^[a-zA-Z0-9]+((-|\\s)[a-zA-Z0-9]+)*$"], &[], length).expect("there are such names");
            assert_eq!(name.len(), length);
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == ' '), "{name}");
        }
        let description = word(&["^[a-zA-Z0-9.,?\\s\\\\/'\"()[\\];`%^&*\\-_:!]+$"], &[], 12).expect("an ECMA class with a bare bracket");
        assert_eq!(description.len(), 12);
    }

    #[test]
    fn complements_and_conjunctions_are_exact() {
        let odd = word(&[], &["^[A-Z][A-Z0-9_]*$"], 4).expect("there are such texts");
        assert!(
            !odd.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
                || odd.starts_with(|c: char| !c.is_ascii_uppercase())
        );
        assert!(word(&["^a", "b$"], &["c"], 5).is_some_and(|word| word.starts_with('a') && word.ends_with('b') && !word.contains('c')));
        assert_eq!(word(&["^a$"], &[], 2), None);
        assert_eq!(word(&["^a*$"], &["^a*$"], 3), None);
    }

    #[test]
    fn an_unanchored_pattern_is_found_anywhere() {
        assert!(word(&["[0-9]{3}"], &[], 6).is_some_and(|word| word.chars().filter(char::is_ascii_digit).count() >= 3));
    }

    #[test]
    fn what_no_automaton_can_tell_is_said_so() {
        assert!(Language::of(&["(?=a)b"], &[]).is_none());
    }
}
