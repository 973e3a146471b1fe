//! What can be wrong with a document or an overlay: always a place, what stands there, and what was expected.

use std::fmt;

use super::marks::Place;

/// One fault of a document, at its place.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct DocumentError {
    /// Where.
    pub place: Place,
    /// What.
    pub kind: Box<DocumentErrorKind>,
}

/// The kinds of fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DocumentErrorKind {
    /// Not YAML or JSON.
    #[error("{0}")]
    Syntax(String),
    /// Neither OpenAPI 3.0 nor 3.1.
    #[error("{0}")]
    Version(String),
    /// Not what the OpenAPI Specification allows at this place.
    #[error("not valid OpenAPI: {0}")]
    Invalid(String),
    /// A `$ref` that leads nowhere.
    #[error("`$ref` leads nowhere: `{reference}`{}", Near(.near.as_deref()))]
    Reference {
        /// The reference as written.
        reference: String,
        /// The nearest target that exists.
        near: Option<String>,
    },
    /// A `$ref` that leads to itself, at once or over others.
    #[error("`$ref` leads in a circle: `{0}`")]
    Circle(String),
    /// A schema that refers to others so often that no value can be judged by it in anybody's lifetime.
    #[error("the schema leads to {0} others for one and the same value; {1} are the most that is judged, so refer to each once")]
    Ways(u64, u64),
    /// A `$ref` to another file that cannot be followed.
    #[error("`$ref` to `{reference}`: {why}")]
    OtherFile {
        /// The reference as written.
        reference: String,
        /// Why not.
        why: String,
    },
    /// Not a valid Overlay document.
    #[error("not a valid overlay: {0}")]
    Overlay(String),
    /// An `x-lockstep-` key, or a key inside one, that has no meaning.
    #[error("unknown claim `{key}`{}; expected one of: {}", Near(.near.as_deref()), .expected.join(", "))]
    UnknownClaim {
        /// The key as written.
        key: String,
        /// The nearest key that exists.
        near: Option<String>,
        /// All keys that exist here.
        expected: Vec<String>,
    },
    /// A claim whose value is not of its form, or that contradicts the document.
    #[error("claim `{key}`: {message}")]
    Claim {
        /// The claim's key.
        key: String,
        /// What is wrong.
        message: String,
    },
}

/// `; did you mean ...?`, or nothing.
struct Near<'n>(Option<&'n str>);

impl fmt::Display for Near<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

/// The candidate nearest to `word`, if one is near enough to be meant.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate.to_owned())
}
