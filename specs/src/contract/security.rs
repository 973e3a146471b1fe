//! Security schemes (OpenAPI 3.1, section 4.8.27).

use serde_json::Value;

use super::operation::Location;
use crate::document::{Pointer, resolve};

/// One declared scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityScheme {
    /// Its name in `components`.
    pub name: String,
    /// Where its credential travels.
    pub kind: SchemeKind,
}

/// Where a credential travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeKind {
    /// `Authorization: Bearer ...` (RFC 6750); OAuth 2 and OpenID Connect end here as well.
    Bearer,
    /// `Authorization: Basic ...` (RFC 7617).
    Basic,
    /// Another HTTP authentication scheme, by its name.
    Http(String),
    /// A header, query parameter or cookie of its own.
    ApiKey(Location, String),
}

impl SecurityScheme {
    pub(super) fn read_all(document: &Value) -> Vec<Self> {
        let at = Pointer::root().member("components").member("securitySchemes");
        let schemes = at.of(document).and_then(Value::as_object);
        let read = |name: &String| {
            let (_, node) = resolve(document, &at.member(name))?;
            Some(Self { name: name.clone(), kind: SchemeKind::read(node)? })
        };
        schemes.into_iter().flat_map(serde_json::Map::keys).filter_map(read).collect()
    }
}

impl SchemeKind {
    fn read(node: &Value) -> Option<Self> {
        let text = |name: &str| node[name].as_str().unwrap_or_default();
        Some(match text("type") {
            "http" => match text("scheme").to_ascii_lowercase().as_str() {
                "bearer" => Self::Bearer,
                "basic" => Self::Basic,
                other => Self::Http(other.to_owned()),
            },
            "apiKey" => Self::ApiKey(Location::parse(text("in"))?, text("name").to_owned()),
            "oauth2" | "openIdConnect" => Self::Bearer,
            _ => return None,
        })
    }

    /// The name of the header in which the credential travels, if it is a header.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        match self {
            Self::Bearer | Self::Basic | Self::Http(_) => Some("Authorization"),
            Self::ApiKey(Location::Header, name) => Some(name),
            Self::ApiKey(..) => None,
        }
    }
}
