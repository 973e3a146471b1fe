//! Fields: how they are named, and where their values come from.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{IdFormat, VersionFact};

/// Where a field's value comes from; from the client if no claim says otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Source {
    /// From the request.
    Client,
    /// The length of the secret in bytes.
    Length,
    /// A field of an enclosing thing: `project.id`.
    Scope(FieldOf),
    /// An attribute of the caller: `account`.
    Caller(String),
    /// A field of the thing that this thing's own field names.
    Reference(Reference),
    /// The same as another field.
    Copy(String),
    /// The names in another field, an object: whatever is no object with members of its own is null.
    Names(String),
    /// A fact about the version that is told about.
    Version(VersionFact),
    /// Whether the thing is stored; a relation can be read although it is not.
    Stored,
    /// Text with `{field}` and `{field:upper}` in it, filled from the nearest object, then from the thing.
    Text(String),
    /// From the request, else an id that the server issues: of this form, once for each object that the path leads to.
    Issued(IdFormat),
    /// How often the thing was written, from one.
    Writes,
    /// One object for each thing of another resource below this one, with fields of what that one refers to.
    Collected(Collected),
}

/// The case in which the letters of a field are kept, where names that differ in nothing else are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Letters {
    /// `A` for `a`.
    Upper,
    /// `a` for `A`.
    Lower,
}

impl Letters {
    /// A text as it is kept.
    #[must_use]
    pub fn keep(self, text: &str) -> String {
        match self {
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
        }
    }
}

/// A field of the thing that a field names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// The field of this thing that holds the other's identity.
    pub through: String,
    /// The other's field.
    pub field: String,
}

/// Things of another resource below this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collected {
    /// The other resource, whose scope is this thing.
    pub resource: String,
    /// Its field that refers on to a third.
    pub through: String,
    /// The fields of that third, by the name they get.
    pub fields: BTreeMap<String, String>,
}

/// `resource.field`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldOf {
    /// The resource's name.
    pub resource: String,
    /// The field's name.
    pub field: String,
}

impl FieldOf {
    /// From its parts.
    pub fn new(resource: impl Into<String>, field: impl Into<String>) -> Self {
        Self { resource: resource.into(), field: field.into() }
    }
}

impl TryFrom<String> for FieldOf {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.split_once('.') {
            Some((resource, field)) if !resource.is_empty() && !field.is_empty() => Ok(Self::new(resource, field)),
            _ => Err(format!("expected `resource.field`, not `{text}`")),
        }
    }
}

impl From<FieldOf> for String {
    fn from(FieldOf { resource, field }: FieldOf) -> Self {
        format!("{resource}.{field}")
    }
}

/// A field, or fields below one: names with `/` between them, `*` for every member or item, `**` at the end for everything below.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct FieldPath(Vec<String>);

impl FieldPath {
    /// The names from the outside in.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The outermost field.
    #[must_use]
    pub fn field(&self) -> &str {
        self.0.first().map_or("", String::as_str)
    }
}

impl From<String> for FieldPath {
    fn from(text: String) -> Self {
        Self(text.split('/').map(str::to_owned).collect())
    }
}

impl From<&str> for FieldPath {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl From<FieldPath> for String {
    fn from(path: FieldPath) -> Self {
        path.to_string()
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}
