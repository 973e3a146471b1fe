//! Patterns: which operations are meant.

use std::fmt;

use specs::contract::Endpoint;

/// An operationId or a method with a path template; `*` stands for any text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(String);

impl Pattern {
    /// Reads a pattern; an empty one means nothing.
    pub(super) fn read(text: &str) -> Option<Self> {
        (!text.trim().is_empty()).then(|| Self(text.trim().to_owned()))
    }

    /// Whether this operation is meant.
    pub(super) fn names(&self, endpoint: &Endpoint) -> bool {
        matches(&self.0, &endpoint.name()) || endpoint.operation.id.as_deref().is_some_and(|id| matches(&self.0, id))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a pattern covers the whole of a text: what stands before the first `*` begins it, what stands after the last ends it, and
/// what stands between comes in between, in order.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, after)) = text.split_once(piece) else { return false };
        text = after;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for pattern in ["GET /v1/apps", "GET *", "*", "*apps", "G*v1*s", "GET /v1/apps*"] {
            assert!(matches(pattern, "GET /v1/apps"), "{pattern}");
        }
        for pattern in ["GET /v1", "POST *", "*app", "G*v2*s", "G*apps*s", ""] {
            assert!(!matches(pattern, "GET /v1/apps"), "{pattern}");
        }
        assert_eq!(Pattern::read("  "), None);
    }
}
