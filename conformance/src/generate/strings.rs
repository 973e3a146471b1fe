//! Strings under a schema: by pattern and length together, and by format.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};
use specs::contract::SchemaNode;

use super::language::Language;
use super::sample::Pick;
use crate::canary::random_text;

/// Longer texts are not made at all: a bound beyond this is one in name alone.
const LONGEST_TEXT: usize = 65_536;

/// Longer texts are not made by walking an automaton.
const LONGEST_WALK: usize = 512;

/// How many lengths past the least one are tried where a pattern allows few.
const MOST_LENGTHS: usize = 64;

/// What a schema says of strings.
#[derive(Default)]
pub(super) struct Rules<'s> {
    pub(super) patterns: Vec<&'s str>,
    /// Patterns that must not be found.
    pub(super) barred: Vec<&'s str>,
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    pub(super) format: Option<&'s str>,
    /// A format that must be missed.
    pub(super) missed: Option<&'s str>,
}

impl<'s> Rules<'s> {
    pub(super) fn of(node: SchemaNode<'s>) -> Self {
        let number = |name: &str| node.keyword(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        let patterns =
            node.layers().into_iter().filter_map(|layer| layer.value().get("pattern")?.as_str()).collect::<std::collections::BTreeSet<_>>();
        Self {
            patterns: patterns.into_iter().collect(),
            min: number("minLength").unwrap_or(0),
            max: number("maxLength"),
            format: node.text("format"),
            ..Self::default()
        }
    }

    /// What a schema in its normal form says, with what it bars.
    pub(super) fn read(schema: &'s Map<String, Value>) -> Self {
        let number = |name: &str| schema.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
        let parts = || schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
        let bars = || schema.get("not").into_iter().chain(parts().filter_map(|part| part.get("not")));
        let holds = |name: &'static str| {
            schema.get(name).into_iter().chain(parts().filter_map(move |part| part.get(name))).filter_map(Value::as_str)
        };
        Self {
            patterns: holds("pattern").collect(),
            barred: bars().filter_map(|bar| bar.get("pattern")?.as_str()).collect(),
            min: number("minLength").unwrap_or(0),
            max: number("maxLength"),
            format: holds("format").next(),
            missed: bars().find_map(|bar| bar.get("format")?.as_str()),
        }
    }

    /// A text at one end of what is allowed, or somewhere between.
    pub(super) fn text(&self, pick: Pick, random: &mut ChaCha8Rng) -> Option<String> {
        if let Some(missed) = self.missed {
            let near = near_misses(missed);
            return near
                .get(if pick == Pick::Random { random.random_range(0..near.len().max(1)) } else { 0 })
                .map(|text| (*text).to_owned());
        }
        if let Some(format) = self.format.filter(|format| formatted(format).is_some()) {
            return if pick == Pick::Random { another(format, random) } else { formatted(format).map(str::to_owned) };
        }
        if self.min > LONGEST_TEXT {
            return None;
        }
        let most = self.max.unwrap_or(self.min + 24).max(self.min);
        let near_min = self.min..=most.min(self.min + MOST_LENGTHS);
        let found = match pick {
            Pick::Plain => return self.plain(random).or_else(|| self.witness()),
            Pick::Low => near_min.clone().find_map(|length| self.of_length(length, random)),
            Pick::High => (most.saturating_sub(MOST_LENGTHS).max(self.min)..=most).rev().find_map(|length| self.of_length(length, random)),
            Pick::Random => {
                let wanted = random.random_range(near_min.clone());
                if self.is_free() { Some(random_text(wanted, random)) } else { self.of_length(wanted, random) }
            }
        };
        found.or_else(|| near_min.into_iter().find_map(|length| self.of_length(length, random))).or_else(|| self.witness())
    }

    /// Whether nothing but its length stands against a text.
    pub(super) fn is_free(&self) -> bool {
        self.patterns.is_empty()
            && self.barred.is_empty()
            && self.missed.is_none()
            && self.format.is_none_or(|format| formatted(format).is_none())
    }

    /// Some text of a pattern that no automaton of ours can walk.
    fn witness(&self) -> Option<String> {
        self.patterns.first().and_then(|pattern| jsonschema_regex::pattern_witness(pattern))
    }

    /// A text of exactly this length that the patterns allow.
    pub(super) fn of_length(&self, length: usize, random: &mut ChaCha8Rng) -> Option<String> {
        if length > LONGEST_TEXT {
            return None;
        }
        if self.patterns.is_empty() && self.barred.is_empty() {
            return Some("x".repeat(length));
        }
        if length > LONGEST_WALK {
            return None;
        }
        // What no automaton can tell is left out here: whoever asks shows the word to a validator.
        let loose: Vec<String> = self.patterns.iter().map(|pattern| without_lookaround(pattern)).collect();
        let barred: Vec<&str> = self.barred.iter().copied().filter(|pattern| Language::of(&[], &[pattern]).is_some()).collect();
        Language::of(&loose.iter().map(String::as_str).collect::<Vec<_>>(), &barred)?.word(length, random)
    }

    /// A plain text that is allowed: a little longer than it must be.
    pub(super) fn plain(&self, random: &mut ChaCha8Rng) -> Option<String> {
        if let Some(text) = self.format.and_then(formatted) {
            return Some(text.to_owned());
        }
        if self.min > LONGEST_TEXT {
            return None;
        }
        let wanted = (self.min + 8).min(self.max.unwrap_or(usize::MAX)).max(self.min);
        let lengths = (self.min..=wanted).rev().chain(wanted + 1..wanted + 32);
        lengths.filter(|length| self.max.is_none_or(|max| *length <= max)).find_map(|length| self.of_length(length, random))
    }
}

/// A text of a format (JSON Schema 2020-12, Validation, section 7.3; OpenAPI's own formats).
fn formatted(format: &str) -> Option<&'static str> {
    Some(match format {
        // Far ahead: what must lie in the future does, and nothing expires during a run.
        "date-time" => "2099-01-02T03:04:05Z",
        "date" => "2099-01-02",
        "time" => "03:04:05Z",
        "duration" => "P1D",
        "uuid" => "0b9a4c1e-6f27-4d1c-9d0e-3a5f7e2b8c64",
        "email" => "lockstep@example.com",
        "uri" | "url" => "https://example.com/lockstep",
        "hostname" => "lockstep.example.com",
        "ipv4" => "192.0.2.7",
        "ipv6" => "2001:db8::7",
        "byte" => "bG9ja3N0ZXA=",
        _ => return None,
    })
}

/// Whether a format asks for something that nobody here knows how to make.
pub(super) fn is_unknown(format: &str) -> bool {
    let free = ["password", "int32", "int64", "float", "double", "binary", "byte", "string", "text", "regex", "json-pointer", "iri"];
    formatted(format).is_none() && !free.contains(&format)
}

/// A pattern without its lookaheads and lookbehinds: what it matches is more than what it matched, but for that the same.
fn without_lookaround(pattern: &str) -> String {
    let mut rest = pattern;
    let mut kept = String::new();
    while let Some(start) = ["(?=", "(?!", "(?<=", "(?<!"].iter().filter_map(|opening| rest.find(opening)).min() {
        kept.push_str(&rest[..start]);
        let mut depth = 0_i32;
        let mut escaped = false;
        let end = rest[start..].char_indices().find(|(_, c)| {
            depth += i32::from(!escaped && *c == '(') - i32::from(!escaped && *c == ')');
            escaped = !escaped && *c == '\\';
            depth == 0
        });
        let Some((length, _)) = end else { return pattern.to_owned() };
        rest = &rest[start + length + 1..];
    }
    kept + rest
}

/// Another text of a format.
fn another(format: &str, random: &mut ChaCha8Rng) -> Option<String> {
    let mut number = |range: std::ops::RangeInclusive<u32>| random.random_range(range);
    let (month, day, hour, minute) = (number(1..=12), number(1..=28), number(0..=23), number(0..=59));
    let (year, serial) = (number(2090..=2099), number(1..=999_999));
    Some(match format {
        "date-time" => format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:07.{serial:06}+01:30"),
        "date" => format!("{year}-{month:02}-{day:02}"),
        "time" => format!("{hour:02}:{minute:02}:59Z"),
        "duration" => format!("P{day}DT{hour}H"),
        "uuid" => format!("0b9a4c1e-6f27-4d1c-9d0e-{serial:012x}"),
        "email" => format!("lockstep+{serial}@example.com"),
        "uri" | "url" => format!("https://example.com/{serial}?a=b%20c#d"),
        "hostname" => format!("h{serial}.example.com"),
        "ipv4" => format!("192.0.2.{day}"),
        "ipv6" => format!("2001:db8::{serial:x}").chars().take(14).collect(),
        _ => return formatted(format).map(str::to_owned),
    })
}

/// Texts that come near a format and miss it; none for a format that nobody can be held to.
fn near_misses(format: &str) -> &'static [&'static str] {
    match format {
        "date-time" => &["2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02 03:04:05", "2026-01-02"],
        "date" => &["2026-02-31", "2026-1-2", "02.01.2026"],
        "time" => &["25:00:00Z", "03:04", "03:61:00Z"],
        "duration" => &["P", "1D", "P1S"],
        "uuid" => &["0b9a4c1e-6f27-4d1c-9d0e-3a5f7e2b8c6", "0b9a4c1e6f274d1c9d0e3a5f7e2b8c64x", "gb9a4c1e-6f27-4d1c-9d0e-3a5f7e2b8c64"],
        "email" => &["lockstep@", "lockstep.example.com"],
        "uri" | "url" => &["//example.com", "http://exa mple.com", "lockstep"],
        "hostname" => &["-lockstep.example.com", "lock_step", "a..b"],
        "ipv4" => &["192.0.2.256", "192.0.2", "192.0.2.1.1"],
        "ipv6" => &["2001:db8:::7", "2001:db8::g", "12345::"],
        _ => &[],
    }
}
