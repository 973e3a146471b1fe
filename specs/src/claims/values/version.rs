//! What is claimed of versions: that a write keeps what was there before, and how a client says which of them it means.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// That each write of certain fields makes a new version beside those that are there, numbered from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Versions {
    /// The fields that each version has of its own; all others are the thing's.
    pub of: Vec<String>,
    /// How many are kept, of which the oldest goes first; all of them if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Keep>,
    /// The field that makes each write say which version it expects, when it is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<String>,
    /// The field that holds for how long a new version lives, as a duration in Go's form (`1h30m`); nothing and `0s` mean for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub life: Option<String>,
}

/// How many versions are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    /// Where nobody says otherwise.
    pub usual: u64,
    /// The thing's field that says otherwise, unless it is absent or zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
}

/// One fact about a version, or about all of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum VersionFact {
    /// Its number.
    Number,
    /// When it was made.
    Created,
    /// When it was softly deleted, or will be; nothing while it is not to be.
    Deleted,
    /// Whether it was destroyed.
    Destroyed,
    /// The number of the latest version; 0 where there is none.
    Current,
    /// The number of the oldest version that is kept; 0 as long as none was dropped.
    Oldest,
    /// One object for each version, by its number: these facts, by the name they get.
    All(BTreeMap<String, VersionFact>),
}

/// A further way in which an operation is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Way {
    /// The method, perhaps one that OpenAPI has no word for.
    pub method: String,
    /// The path template, if it is not the operation's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What the query must say for this operation to be meant.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub query: BTreeMap<String, String>,
    /// The values that its parameters have where the request does not say them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub gives: BTreeMap<String, String>,
}
