//! JSON Pointer (RFC 6901): how every place inside a document is named.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A place inside a JSON document, as RFC 6901 writes it: `""` is the whole document, `/a~1b/0` the first item of member `a/b`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    #[must_use]
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Reads a pointer; it is empty or begins with `/` (RFC 6901, section 3).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        (text.is_empty() || text.starts_with('/')).then(|| Self(text.to_owned()))
    }

    /// The member `name` of the object here; `~` and `/` are escaped (RFC 6901, section 3).
    #[must_use]
    pub fn member(&self, name: &str) -> Self {
        let escaped: Cow<'_, str> = if name.bytes().any(|byte| matches!(byte, b'~' | b'/')) {
            name.replace('~', "~0").replace('/', "~1").into()
        } else {
            name.into()
        };
        Self([self.0.as_str(), "/", &escaped].concat())
    }

    /// The item at `index` of the array here.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// This pointer followed by another.
    #[must_use]
    pub fn join(&self, rest: &Self) -> Self {
        Self(format!("{}{}", self.0, rest.0))
    }

    /// The reference tokens, unescaped.
    pub fn tokens(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.0.split('/').skip(1).map(unescaped)
    }

    /// The last token, or an empty string at the root.
    #[must_use]
    pub fn last(&self) -> Cow<'_, str> {
        self.tokens().last().unwrap_or_default()
    }

    /// The pointer without its last token; the root has none.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rfind('/').map(|end| Self(self.0[..end].to_owned()))
    }

    /// Whether this is the whole document.
    #[must_use]
    pub const fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value here, if there is one.
    #[must_use]
    pub fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.tokens().try_fold(value, |value, token| match value {
            Value::Object(members) => members.get(token.as_ref()),
            // An index has no leading zeros and no sign (RFC 6901, section 4).
            Value::Array(items) if token == "0" || !token.starts_with(['0', '+']) => items.get(token.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// The way to the value here, to be gone again and again in the same document; it leads nowhere where there is none.
    pub(crate) fn way(&self, value: &Value) -> Way {
        let mut here = value;
        let steps = self.tokens().map(|token| {
            let (step, next) = match here {
                Value::Object(members) => {
                    members.iter().zip(0..).find_map(|((name, next), step)| (*name == token).then_some((step, next)))?
                }
                _ => (token.parse().ok()?, Self::root().member(&token).of(here)?),
            };
            here = next;
            Some(step)
        });
        Way(steps.collect())
    }
}

/// The way to a place inside one document that does not change: the position of each member and item on it.
#[derive(Clone, Debug)]
pub(crate) struct Way(Option<Box<[u32]>>);

impl Way {
    /// The value at its end.
    pub(crate) fn of<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.as_ref()?.iter().try_fold(value, |value, step| {
            let step = usize::try_from(*step).ok()?;
            match value {
                Value::Object(members) => members.values().nth(step),
                Value::Array(items) => items.get(step),
                _ => None,
            }
        })
    }
}

/// A reference token as it is meant: `~1` is a slash and `~0` a tilde (RFC 6901, section 4).
fn unescaped(token: &str) -> Cow<'_, str> {
    if !token.bytes().any(|byte| byte == b'~') {
        return Cow::Borrowed(token);
    }
    let mut parts = token.split('~');
    let first = parts.next().unwrap_or_default();
    let mut text = String::with_capacity(token.len());
    text.push_str(first);
    for part in parts {
        match part.split_at_checked(1) {
            Some(("1", rest)) => text.extend(["/", rest]),
            Some(("0", rest)) => text.extend(["~", rest]),
            // No pointer has such a token; it is taken as it stands.
            _ => text.extend(["~", part]),
        }
    }
    Cow::Owned(text)
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Pointer {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("a JSON Pointer is empty or begins with `/`, not `{text}`"))
    }
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_key_survives_escaping() {
        let pointer = Pointer::root().member("paths").member("/a/{b}").member("m~n").item(0);
        assert_eq!(pointer.as_str(), "/paths/~1a~1{b}/m~0n/0");
        assert_eq!(pointer.tokens().collect::<Vec<_>>(), ["paths", "/a/{b}", "m~n", "0"]);
        assert_eq!(pointer.parent().expect("not the root").last(), "m~n");
        let document = serde_json::json!({"a": 1, "paths": {"/b": 2, "/a/{b}": {"m~n": [3, 4]}}});
        assert_eq!(pointer.way(&document).of(&document), pointer.of(&document));
        assert_eq!(pointer.of(&document), Some(&3.into()));
        for nowhere in ["/a/b", "/paths/0", "/paths/~1a~1{b}/m~0n/01", "/paths/~1a~1{b}/m~0n/2"] {
            assert_eq!(Pointer::parse(nowhere).expect("a pointer").way(&document).of(&document), None, "{nowhere}");
        }
        assert_eq!(Pointer::parse("/~01/~~1/~2").expect("a pointer").tokens().collect::<Vec<_>>(), ["~1", "~/", "~2"]);
    }

    #[test]
    fn text_without_a_leading_slash_is_no_pointer() {
        assert_eq!(Pointer::parse("paths"), None);
        assert_eq!(Pointer::parse(""), Some(Pointer::root()));
    }
}
