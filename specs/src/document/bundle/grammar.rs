//! Which object stands where in an OpenAPI document (OpenAPI 3.0 and 3.1, section 4.7 and 4.8).

use super::super::schemas::{holds_one, holds_several};

/// The objects that references are followed to or that hold such objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Part {
    Document,
    Components,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    Header,
    MediaType,
    Encoding,
    Example,
    Link,
    Callback,
    SecurityScheme,
    Schema,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Holds {
    /// One such object.
    One(Part),
    /// Several of them, in a list or by name.
    Each(Part),
    /// Plain data, in which `$ref` means nothing.
    Data,
}

impl Part {
    /// Where objects of this kind stand among the components; `None` if a reference to one is replaced by it.
    pub(in super::super) const fn section(self) -> Option<&'static str> {
        Some(match self {
            Self::Parameter => "parameters",
            Self::RequestBody => "requestBodies",
            Self::Response => "responses",
            Self::Header => "headers",
            Self::Example => "examples",
            Self::Link => "links",
            Self::Callback => "callbacks",
            Self::SecurityScheme => "securitySchemes",
            Self::Schema => "schemas",
            Self::Document | Self::Components | Self::PathItem | Self::Operation | Self::MediaType | Self::Encoding => return None,
        })
    }

    /// What the member called `name` of such an object holds.
    pub(in super::super) fn member(self, name: &str) -> Holds {
        use Holds::{Data, Each, One};
        if name.starts_with("x-") {
            return Data;
        }
        match (self, name) {
            (Self::Document, "components") => One(Self::Components),
            (Self::Document, "paths" | "webhooks") | (Self::Components, "pathItems") => Each(Self::PathItem),
            (Self::Components, name) => component(name).map_or(Data, Each),
            (Self::PathItem | Self::Operation, "parameters") => Each(Self::Parameter),
            (Self::PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace") => One(Self::Operation),
            (Self::Operation, "requestBody") => One(Self::RequestBody),
            (Self::Operation, "responses") => Each(Self::Response),
            (Self::Operation, "callbacks") => Each(Self::Callback),
            (Self::Parameter | Self::Header | Self::MediaType, "schema") => One(Self::Schema),
            (Self::Parameter | Self::Header | Self::RequestBody | Self::Response, "content") => Each(Self::MediaType),
            (Self::Parameter | Self::Header | Self::MediaType, "examples") => Each(Self::Example),
            (Self::Response | Self::Encoding, "headers") => Each(Self::Header),
            (Self::Response, "links") => Each(Self::Link),
            (Self::MediaType, "encoding") => Each(Self::Encoding),
            (Self::Callback, _) => One(Self::PathItem),
            (Self::Schema, name) if holds_one(name) => One(Self::Schema),
            (Self::Schema, name) if holds_several(name) => Each(Self::Schema),
            _ => Data,
        }
    }
}

fn component(section: &str) -> Option<Part> {
    use Part::{Callback, Example, Header, Link, Parameter, RequestBody, Response, Schema, SecurityScheme};
    [Callback, Example, Header, Link, Parameter, RequestBody, Response, Schema, SecurityScheme]
        .into_iter()
        .find(|part| part.section() == Some(section))
}
