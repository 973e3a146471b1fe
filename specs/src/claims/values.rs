//! The values that claims have. Every one reads from YAML as written in an overlay and refuses what it does not know.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Situation;
use crate::document::Pointer;

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
    /// Tells the caller about itself.
    WhoAmI,
    /// Exchanges a client's id and secret for a token (RFC 6749, section 4.4).
    IssueToken,
    /// Answers always alike: a health probe, a version.
    Fixed,
}

impl Verb {
    /// Whether the operation changes what is stored.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Put | Self::Update | Self::Delete)
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
            Self::WhoAmI => "who-am-i",
            Self::IssueToken => "issue-token",
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
    /// Whether the thing is stored; a relation can be read although it is not.
    Stored,
    /// Text with `{field}` and `{field:upper}` in it, filled from the nearest object, then from the thing.
    Text(String),
    /// One object for each thing of another resource below this one, with fields of what that one refers to.
    Collected(Collected),
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

/// A field, or fields below one: names with `/` between them, `*` for every member or item.
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

/// What a parameter, or a member of the body, means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Binding {
    /// It names an enclosing thing by one of its fields.
    Scope(FieldOf),
    /// It names the thing by one of its fields.
    Item(String),
    /// It names one thing or several by one of their fields.
    Items(Several),
    /// It is a field of the thing.
    Field(String),
    /// At most so many entries of a list.
    Limit,
    /// So many entries of a list are skipped.
    Offset,
    /// The number of a page.
    Page,
    /// Where the page before ended.
    Cursor,
    /// Only entries whose field contains this text.
    Contains(String),
    /// The way an answer shows inherited fields.
    Show,
    /// It changes nothing that is promised.
    Ignored,
}

/// Several things in one parameter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Several {
    /// The field that names them.
    pub field: String,
    /// What stands between two names.
    pub separator: String,
    /// The word that means every one, if there is such a word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all: Option<String>,
}

/// How a list comes in pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Paging {
    /// The page's length when the client names none; everything if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<u64>,
    /// The longest page; what is asked beyond is cut to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u64>,
    /// The number of the first page; 1 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// Response headers that tell about the page.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, PageFact>,
    /// Places in the body that tell about the page.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<Pointer, PageFact>,
}

/// One fact about a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageFact {
    /// How many entries this page has.
    Returned,
    /// How many entries there are in all.
    Total,
    /// Whether there is another page.
    HasNext,
    /// How many entries were skipped.
    Offset,
    /// The page's length as it was used.
    Limit,
    /// The page's number; left out when the client named none.
    Page,
    /// Where the next page begins; left out on the last.
    Cursor,
}

/// How a refusal looks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Problem {
    /// The status; chosen among the documented ones if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Values for the body's template, by name.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub set: Map<String, Value>,
    /// The body's template, where it differs from the vendor's usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The media type, where it differs from the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Further headers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What a security scheme's credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// A caller's token, bare.
    Token,
    /// A caller's token behind the word `Bearer`.
    Bearer,
    /// The tenant for which the caller acts.
    Tenant,
}

/// How alternatives are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Combine {
    /// One of them is enough (OpenAPI 3.1, section 4.8.2).
    Any,
    /// All are needed.
    All,
}

/// How a thing of somebody else looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForeignLook {
    /// As if it were not there.
    NotFound,
    /// As something that may not be touched.
    Forbidden,
}

/// One of the ways a request's parameters may travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// In the URL's query.
    Query,
    /// In an `application/x-www-form-urlencoded` body.
    Urlencoded,
    /// In a `multipart/form-data` body (RFC 7578).
    Multipart,
}

/// Operations that can also be called by name at one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The path, below the server's base path.
    pub path: String,
    /// The parameter that names the operation: the last segment of its own path.
    pub parameter: String,
}

/// Requests that may be repeated safely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Idempotency {
    /// The request header that names the attempt.
    pub header: String,
    /// The methods to which it applies.
    pub methods: Vec<String>,
    /// The longest key, in characters.
    pub longest: usize,
    /// The response header, with value `true`, on an answer that is repeated.
    pub replayed: String,
}

/// A step in which a request can be refused; a vendor's order decides which refusal wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Who is calling?
    Authenticate,
    /// May the caller do this?
    Authorize,
    /// May the caller see the scope?
    Scope,
    /// Can the body be read?
    Read,
    /// Is the request valid?
    Validate,
    /// Was this very request answered before?
    Idempotency,
}
