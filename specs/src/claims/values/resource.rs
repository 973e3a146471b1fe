//! What is claimed of a resource and of what happens to it.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::claims::Situation;

/// What an operation does to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Makes a new thing; its conflict policy says what happens when it is there already.
    Create,
    /// Makes a thing or replaces the one that is there.
    Put,
    /// Lists the things of a scope.
    List,
    /// Reads one thing.
    Read,
    /// Reads one thing's secret value, where ordinary reads do not tell it.
    Reveal,
    /// Changes the fields that are named and keeps the others.
    Update,
    /// Removes one thing, or several.
    Delete,
    /// Hides the latest version of one thing, or those that are named, until they are brought back.
    SoftDelete,
    /// Brings softly deleted versions back as they were.
    Undelete,
    /// Removes what versions hold for ever; their numbers are not given again.
    Destroy,
    /// Tells the caller about itself.
    WhoAmI,
    /// Exchanges a client's id and secret for a token (RFC 6749, section 4.4).
    IssueToken,
    /// Tells the key with which clients seal what they write in a scope.
    SealingKey,
    /// Answers always alike: a health probe, a version.
    Fixed,
}

impl Verb {
    /// Whether the operation changes what is stored.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Put | Self::Update | Self::Delete) || self.acts_on_versions()
    }

    /// Whether the operation hides, brings back or destroys versions and leaves the thing itself in its place.
    #[must_use]
    pub const fn acts_on_versions(self) -> bool {
        matches!(self, Self::SoftDelete | Self::Undelete | Self::Destroy)
    }

    /// The name that claims use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Put => "put",
            Self::List => "list",
            Self::Read => "read",
            Self::Reveal => "reveal",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::SoftDelete => "soft-delete",
            Self::Undelete => "undelete",
            Self::Destroy => "destroy",
            Self::WhoAmI => "who-am-i",
            Self::IssueToken => "issue-token",
            Self::SealingKey => "sealing-key",
            Self::Fixed => "fixed",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The field that tells a thing from its siblings, and who decides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The field that paths and selectors name.
    pub field: String,
    /// Who decides its value.
    pub issued: Issuer,
}

/// Who decides an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Issuer {
    /// The client, in the request.
    Client,
    /// The server, at creation.
    Server,
    /// The server, as the slug of this field: lower case, runs of white space and hyphens as one hyphen.
    Slug(String),
}

/// The form of the ids that the server issues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum IdFormat {
    /// Increasing integers, the first of which is this.
    Sequence(u64),
    /// A prefix and random characters.
    Text {
        /// What every id begins with.
        prefix: String,
        /// The characters that follow.
        alphabet: String,
        /// The whole id's length in characters.
        length: usize,
    },
    /// RFC 9562, version 4.
    Uuid,
}

/// What a create does when the thing is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conflict {
    /// It is refused and changes nothing.
    Reject,
    /// It replaces the fields and keeps identity and creation time.
    Replace,
    /// It replaces, but answers with an id and a creation time that are not stored.
    ReplaceUnseen,
    /// It makes another one.
    Allow,
}

/// The order of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// The field that decides; things that are equal in it stand in the order of their creation.
    pub by: String,
    /// Smallest or largest first.
    pub direction: Direction,
}

/// Smallest or largest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Smallest, or earliest, first.
    Ascending,
    /// Largest, or latest, first.
    Descending,
}

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum TimeFormat {
    /// RFC 3339 in UTC with `Z` and this many digits after the second.
    Rfc3339(u8),
    /// RFC 3339 in UTC with `Z` and at most this many digits after the second, without zeros at the end.
    Rfc3339Trimmed(u8),
    /// `YYYY-MM-DD HH:MM:SS` in UTC, without a zone.
    Spaced,
}

/// How much of a secret field an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Visibility {
    /// The field is not there.
    Absent,
    /// The field holds the mask.
    Masked,
    /// The field holds what was written.
    Plain,
}

/// What a request does when the thing to act on is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It is refused.
    Reject,
    /// It is accepted and does nothing; a list is empty.
    Accept,
}

/// A condition under which a value is not revealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guard {
    /// The enclosing resource whose field decides; the thing itself if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The field that decides.
    pub field: String,
    /// The value with which it refuses.
    pub equals: Value,
    /// How the refusal is told.
    pub refuse: Situation,
}
