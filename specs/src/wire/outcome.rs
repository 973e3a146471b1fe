//! Outcomes: what an answer means, free of HTTP.

use std::fmt;

use serde_json::{Map, Value};

use super::record::Record;
use super::validate::Invalid;
use crate::claims::Situation;

/// What became of a request.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It was carried out.
    Answered(Answered),
    /// It was refused.
    Rejected(Rejection),
}

/// A request that was carried out.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// The things that it tells about.
    pub records: Records,
    /// Which part of a list they are.
    pub page: Option<PageFacts>,
    /// Whether it replaced what was there.
    pub replaced: bool,
}

/// The things that an answer tells about.
#[derive(Clone, Default)]
pub enum Records {
    /// None are told about.
    #[default]
    None,
    /// One.
    One(Record),
    /// A list.
    Many(Vec<Record>),
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::One(record) => f.debug_tuple("One").field(record).finish(),
            Self::Many(records) => f.debug_tuple("Many").field(&records.len()).finish(),
        }
    }
}

/// Which part of a list an answer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageFacts {
    /// How many entries it has.
    pub returned: usize,
    /// How many there are in all.
    pub total: usize,
    /// How many were skipped.
    pub offset: usize,
    /// How many it could have, if that is limited.
    pub limit: Option<usize>,
    /// The page's number, if the client named one.
    pub page: Option<i64>,
    /// Whether there is another page.
    pub has_next: bool,
    /// Where the next page begins.
    pub cursor: Option<String>,
}

/// What the vendor's words may need to know of a request beside its outcome, by name: its id, its target.
pub type Facts<'f> = dyn Fn(&str) -> Option<Value> + 'f;

/// A request that was refused.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    /// Why.
    pub situation: Situation,
    /// What the vendor's words need to know: names and ids, never a secret.
    pub values: Map<String, Value>,
    /// Everything that is wrong with an invalid request.
    pub issues: Vec<Invalid>,
}

impl Rejection {
    /// A refusal that needs no further words.
    #[must_use]
    pub fn new(situation: Situation) -> Self {
        Self { situation, values: Map::new(), issues: Vec::new() }
    }

    /// The refusal of a request with which all this is wrong; the first of it decides how it is told. `None` if nothing is.
    #[must_use]
    pub fn invalid(issues: Vec<Invalid>) -> Option<Self> {
        let first = issues.first()?;
        let place = if first.name.is_empty() { "body" } else { first.name.as_str() };
        let refusal = Self::new(first.case()).with("field", place).with("keyword", first.keyword.as_str());
        Some(Self { issues, ..refusal })
    }

    /// The same refusal, with one more thing to say.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.values.insert(name.to_owned(), value.into());
        self
    }
}
