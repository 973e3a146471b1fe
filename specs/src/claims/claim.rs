//! One claim.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How well a claim is founded. A check condemns on the first three, advises on `guessed`, and never judges `chosen`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// Nobody says; the mock must decide.
    Chosen,
    /// From a name or a habit.
    Guessed,
    /// Follows from the document's structure and HTTP's own rules without guessing.
    Derived,
    /// Seen on the real server, or demanded by its real clients.
    Observed,
    /// The document or the vendor's page says so, in a keyword or a sentence.
    Documented,
}

impl Grade {
    /// Whether a server may be condemned for breaking a claim of this grade.
    #[must_use]
    pub const fn condemns(self) -> bool {
        matches!(self, Self::Documented | Self::Observed | Self::Derived)
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Chosen => "chosen",
            Self::Guessed => "guessed",
            Self::Derived => "derived",
            Self::Observed => "observed",
            Self::Documented => "documented",
        })
    }
}

/// One promise: a value, how well it is founded, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim<T> {
    /// What is promised.
    pub value: T,
    /// How well it is founded.
    pub grade: Grade,
    /// Where it is written: a page, a section, a place in the document.
    pub cite: String,
}

impl<T> Claim<T> {
    /// A claim from its parts.
    pub fn new(value: T, grade: Grade, cite: impl Into<String>) -> Self {
        Self { value, grade, cite: cite.into() }
    }

    /// The same grade and source for a value made from this one.
    pub fn map<U>(&self, value: impl FnOnce(&T) -> U) -> Claim<U> {
        Claim { value: value(&self.value), grade: self.grade, cite: self.cite.clone() }
    }
}
