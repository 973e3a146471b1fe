//! Steps of a plan: one request each, with symbols for what differs from one run to the next.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use specs::claims::Situation;

use crate::case::{Credential, Seal, Validity};

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the form of a file, in which each stands only where it is true")]
pub(super) struct Step {
    /// Its number, by which later steps refer to its answer.
    #[serde(rename = "step")]
    pub(super) number: usize,
    /// Method and path template.
    pub(super) operation: String,
    /// Another method than the operation's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) method: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parameters: Vec<Given>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) body: Option<Body>,
    /// Who sends it.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub(super) credential: Credential,
    /// Whether the document allows it.
    pub(super) validity: Validity,
    /// The refusal that it is made to provoke.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) provokes: Option<Situation>,
    /// Whether it has everything that is declared.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) generous: bool,
    /// How what travels sealed is sealed.
    #[serde(default, skip_serializing_if = "is_right")]
    pub(super) seal: Seal,
    /// Whether it was a proper request and was carried out, when the plan was drawn.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) carried_out: bool,
    /// Whether a list is walked through to its end.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) walks: bool,
    /// Whether a list is walked through in pages as well, which are compared with the whole.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) pages: bool,
    /// Whether this is a HEAD that is compared with the GET before it, which belongs to the step.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) mirrors: bool,
}

/// A parameter with its value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// Where it travels.
    #[serde(rename = "in")]
    pub(super) location: String,
    pub(super) name: String,
    pub(super) value: Value,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Body {
    /// A value, sent as the operation declares it.
    Value(Value),
    /// Bytes of a media type.
    #[serde(rename_all = "kebab-case")]
    Raw {
        /// The media type.
        media_type: String,
        /// Texts, and what is no text in hexadecimal.
        pieces: Vec<Piece>,
    },
}

/// A part of a body that is not a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Piece {
    /// A text.
    Text(String),
    /// Bytes in hexadecimal.
    Hex(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_usual(credential: &Credential) -> bool {
    *credential == Credential::default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_right(seal: &Seal) -> bool {
    *seal == Seal::Right
}
