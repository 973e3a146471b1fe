//! What the parts of a request mean, and how a list comes in pages.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::FieldOf;
use crate::document::Pointer;

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
    /// Only entries whose field equals a text, stated as `ATTRIBUTE eq "text"` (RFC 7644, section 3.4.2.2).
    Filter(Filter),
    /// Only what lies in this folder.
    Folder,
    /// The number of the version that is meant; the latest where it is absent or zero.
    Version,
    /// The numbers of the versions that are meant.
    Versions,
    /// The number that the latest version must have for the request to be carried out; 0 where there must be none.
    ExpectedVersion,
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

/// A filter for equality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// The field that is compared.
    pub field: String,
    /// The names by which a filter may call it.
    pub attributes: Vec<String>,
}

/// How a list comes in pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Paging {
    /// The page's length when the client names none; everything if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<u64>,
    /// The shortest page; what is asked below is raised to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<u64>,
    /// The longest page; what is asked beyond is cut to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<u64>,
    /// The number of the first page; 1 if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// What a length of zero gives; nothing if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zero: Option<PageEdge>,
    /// What a length below zero gives; nothing if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub negative: Option<PageEdge>,
    /// Response headers that tell about the page.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, PageFact>,
    /// Places in the body that tell about the page.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub members: BTreeMap<Pointer, PageFact>,
}

/// What a page of an odd length is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageEdge {
    /// It has no entries.
    Empty,
    /// It has its usual length.
    Usual,
    /// It has every entry.
    Everything,
    /// The request is refused.
    Reject,
    /// The server asks its database for one entry more than it tells and trips: minus one fails, less tells all but the last and fails
    /// where there are none.
    OneLess,
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
    /// The addresses of the first, last, next and previous page by number (RFC 8288); left out where one page has everything.
    Links,
}
