//! Operations as the document describes them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::schema::Schema;
use super::template::Template;
use crate::claims::OperationKey;
use crate::document::Pointer;

/// One operation of the document (OpenAPI 3.1, section 4.8.10).
#[derive(Clone, Debug)]
pub struct Operation {
    /// Method and path template.
    pub key: OperationKey,
    /// The method.
    pub method: http::Method,
    /// The `operationId`.
    pub id: Option<String>,
    /// The first words about it.
    pub summary: Option<String>,
    /// All words about it, in lower case.
    pub prose: String,
    /// Whether the document calls it deprecated.
    pub deprecated: bool,
    /// The path.
    pub template: Template,
    /// Parameters of the path item and of the operation.
    pub parameters: Vec<Parameter>,
    /// The body it takes.
    pub body: Option<Body>,
    /// The answers it gives.
    pub responses: Vec<DocumentedResponse>,
    /// The alternatives of schemes that it declares; none when nothing is declared for it.
    pub security: Option<Vec<BTreeMap<String, Vec<String>>>>,
    /// Where it stands.
    pub pointer: Pointer,
}

/// Where a parameter travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Location {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In a cookie.
    Cookie,
}

impl Location {
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "path" => Self::Path,
            "query" => Self::Query,
            "header" => Self::Header,
            "cookie" => Self::Cookie,
            _ => return None,
        })
    }

    /// The name that the document uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
        }
    }
}

/// How a parameter's value becomes text (OpenAPI 3.1, section 4.8.12.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `a,b`
    Simple,
    /// `.a.b`
    Label,
    /// `;name=a,b`
    Matrix,
    /// `name=a&name=b`
    Form,
    /// `a b`
    SpaceDelimited,
    /// `a|b`
    PipeDelimited,
    /// `name[key]=a`
    DeepObject,
}

/// One parameter (OpenAPI 3.1, section 4.8.12).
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Where it travels.
    pub location: Location,
    /// Whether it must be given.
    pub required: bool,
    /// How its value becomes text.
    pub style: Style,
    /// Whether lists and objects become several pairs.
    pub explode: bool,
    /// Whether its value is JSON text (`content` instead of `schema`).
    pub as_json: bool,
    /// What values it takes.
    pub schema: Option<Schema>,
    /// The document's own examples.
    pub examples: Vec<Value>,
    /// What a person wrote about it.
    pub description: String,
    /// Where it stands.
    pub pointer: Pointer,
}

/// A request body (OpenAPI 3.1, section 4.8.13).
#[derive(Clone, Debug)]
pub struct Body {
    /// Whether it must be there.
    pub required: bool,
    /// Its media types.
    pub content: Vec<Media>,
    /// Where it stands.
    pub pointer: Pointer,
}

/// A media type with its schema (OpenAPI 3.1, section 4.8.14).
#[derive(Clone, Debug)]
pub struct Media {
    /// The media type, perhaps a range.
    pub name: String,
    /// What values it takes.
    pub schema: Option<Schema>,
    /// The document's own examples.
    pub examples: Vec<Value>,
}

/// For which statuses a response is documented (OpenAPI 3.1, section 4.8.16).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPattern {
    /// One status.
    Exactly(u16),
    /// `4XX`: the first digit.
    Range(u16),
    /// Whatever is not documented otherwise.
    Default,
}

impl StatusPattern {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "default" => Some(Self::Default),
            _ if text.len() == 3 && text[1..].eq_ignore_ascii_case("xx") => text[..1].parse().ok().map(Self::Range),
            _ => text.parse().ok().map(Self::Exactly),
        }
    }

    /// Whether it covers a status, and how exactly: larger is more exact.
    #[must_use]
    pub const fn covers(self, status: u16) -> Option<u8> {
        match self {
            Self::Exactly(exact) if exact == status => Some(2),
            Self::Range(digit) if status / 100 == digit => Some(1),
            Self::Default => Some(0),
            _ => None,
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(status) => write!(f, "{status}"),
            Self::Range(digit) => write!(f, "{digit}XX"),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One documented response (OpenAPI 3.1, section 4.8.17).
#[derive(Clone, Debug)]
pub struct DocumentedResponse {
    /// For which statuses.
    pub status: StatusPattern,
    /// Its media types; empty when no body is documented.
    pub content: Vec<Media>,
    /// Its headers.
    pub headers: Vec<DocumentedHeader>,
    /// What a person wrote about it.
    pub description: String,
    /// Where it stands.
    pub pointer: Pointer,
}

/// A header of a response (OpenAPI 3.1, section 4.8.21).
#[derive(Clone, Debug)]
pub struct DocumentedHeader {
    /// Its name.
    pub name: String,
    /// Whether it must be there.
    pub required: bool,
    /// What values it takes.
    pub schema: Option<Schema>,
}

impl Operation {
    /// The response that is documented for a status: the most exact one.
    #[must_use]
    pub fn response(&self, status: u16) -> Option<&DocumentedResponse> {
        let fitting = self.responses.iter().filter_map(|response| Some((response.status.covers(status)?, response)));
        fitting.max_by_key(|(exactness, _)| *exactness).map(|(_, response)| response)
    }

    /// Whether the document names exactly this status.
    #[must_use]
    pub fn names(&self, status: u16) -> bool {
        self.responses.iter().any(|response| response.status == StatusPattern::Exactly(status))
    }

    /// A parameter by location and name; header names ignore case (RFC 9110, section 5.1).
    #[must_use]
    pub fn parameter(&self, location: Location, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            parameter.location == location
                && (parameter.name == name || location == Location::Header && parameter.name.eq_ignore_ascii_case(name))
        })
    }

    /// The JSON body's schema, if it takes one.
    #[must_use]
    pub fn json_body(&self) -> Option<&Media> {
        self.body.as_ref()?.content.iter().find(|media| is_json(&media.name))
    }
}

impl DocumentedResponse {
    /// The media type that covers a `Content-Type` value; parameters do not count.
    #[must_use]
    pub fn media(&self, content_type: &str) -> Option<&Media> {
        let essence = essence(content_type);
        self.content.iter().find(|media| covers(&media.name, &essence))
    }

    /// The first JSON media type.
    #[must_use]
    pub fn json(&self) -> Option<&Media> {
        self.content.iter().find(|media| is_json(&media.name))
    }
}

/// A media type without its parameters, in lower case (RFC 9110, section 8.3.1).
#[must_use]
pub fn essence(content_type: &str) -> String {
    bare(content_type).to_ascii_lowercase()
}

/// Whether a media type is JSON, or built on it (RFC 6839, section 3.1).
#[must_use]
pub fn is_json(content_type: &str) -> bool {
    if content_type == "application/json" {
        return true;
    }
    let bare = bare(content_type);
    let ends = |end: &str| bare.len().checked_sub(end.len()).and_then(|at| bare.get(at..)).is_some_and(|own| own.eq_ignore_ascii_case(end));
    bare == "*/*" || ["application/json", "application/*"].iter().any(|known| bare.eq_ignore_ascii_case(known)) || ends("+json")
}

/// A media type without its parameters, as it is written.
#[must_use]
pub fn bare(content_type: &str) -> &str {
    let end = content_type.bytes().position(|byte| byte == b';').unwrap_or(content_type.len());
    content_type[..end].trim()
}

/// Whether a media range of the document covers a media type without parameters.
#[must_use]
pub fn covers(range: &str, media_type: &str) -> bool {
    let range = bare(range);
    match range.split_once('/') {
        Some(("*", "*")) => true,
        Some((kind, "*")) => media_type.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(kind)),
        _ => range.eq_ignore_ascii_case(media_type),
    }
}
