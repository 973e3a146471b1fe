//! Strings under a schema: by pattern and length together, and by format.

use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use specs::contract::SchemaNode;

use super::language::Language;

/// Longer texts are not made at all: a bound beyond this is one in name alone.
const LONGEST_TEXT: usize = 65_536;

/// Longer texts are not made by walking an automaton.
const LONGEST_WALK: usize = 512;

/// What a schema says of strings.
pub(super) struct Rules<'s> {
    pub(super) patterns: Vec<&'s str>,
    pub(super) min: usize,
    pub(super) max: Option<usize>,
    pub(super) format: Option<&'s str>,
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
        }
    }

    /// A text of exactly this length that the patterns allow.
    pub(super) fn of_length(&self, length: usize, random: &mut ChaCha8Rng) -> Option<String> {
        if length > LONGEST_TEXT {
            return None;
        }
        if self.patterns.is_empty() {
            return Some("x".repeat(length));
        }
        if length > LONGEST_WALK {
            return None;
        }
        Language::of(&self.patterns, &[])?.word(length, random)
    }

    /// A text of an allowed length that a pattern refuses.
    pub(super) fn mismatch(&self, random: &mut ChaCha8Rng) -> Option<String> {
        let least = self.min.max(1);
        let most = self.max.unwrap_or(usize::MAX).min(least.saturating_add(8)).min(LONGEST_TEXT);
        self.patterns.iter().find_map(|pattern| {
            let language = Language::of(&[], &[pattern])?;
            (least..=most).rev().find_map(|length| language.word(length, random))
        })
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

/// A text that comes near a format and misses it, for formats that are commonly enforced.
pub(super) fn near_miss(format: &str) -> Option<&'static str> {
    Some(match format {
        "date-time" => "2026-13-02T03:04:05Z",
        "date" => "2026-02-31",
        "uuid" => "0b9a4c1e-6f27-4d1c-9d0e-3a5f7e2b8c6",
        "email" => "lockstep@",
        "ipv4" => "192.0.2.256",
        _ => return None,
    })
}
