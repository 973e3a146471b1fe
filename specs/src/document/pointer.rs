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
        let escaped = name.replace('~', "~0").replace('/', "~1");
        Self(format!("{}/{escaped}", self.0))
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
        self.0
            .split('/')
            .skip(1)
            .map(|token| if token.contains('~') { Cow::Owned(token.replace("~1", "/").replace("~0", "~")) } else { Cow::Borrowed(token) })
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
    }

    #[test]
    fn text_without_a_leading_slash_is_no_pointer() {
        assert_eq!(Pointer::parse("paths"), None);
        assert_eq!(Pointer::parse(""), Some(Pointer::root()));
    }
}
