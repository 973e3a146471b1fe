//! The form of a file of exchanges. `fixtures/exchanges/README.md` describes it; nothing unknown passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use specs::Profile;
use specs::claims::Grade;
use specs::document::Document;

/// One topic: exchanges from one source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeFile {
    /// Where the exchanges come from.
    pub(crate) source: String,
    pub(crate) exchanges: Vec<Recorded>,
}

/// A few requests to a fresh mock, in order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recorded {
    /// What it shows, in a sentence.
    pub(crate) shows: String,
    pub(crate) grade: Grade,
    /// The profiles under which it holds.
    pub(crate) profiles: Vec<ProfileName>,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ProfileName {
    Documented,
    Observed,
}

impl ProfileName {
    pub(crate) const fn profile(self) -> Profile {
        match self {
            Self::Documented => Profile::Documented,
            Self::Observed => Profile::Observed,
        }
    }
}

/// One request and what must come back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// How often it is sent; `{{turn}}` in the request counts from 1.
    #[serde(default = "once")]
    pub(crate) repeat: usize,
    pub(crate) request: Sent,
    pub(crate) response: Expected,
}

const fn once() -> usize {
    1
}

/// A request as it is written to the socket.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    /// Method, a space, and the request target, as they stand in the request line.
    pub(crate) call: String,
    /// The caller in the world whose credentials are sent; `none` sends none.
    #[serde(default = "owner", rename = "as")]
    pub(crate) caller: String,
    /// Headers, which win over the credentials; null leaves one out.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Option<String>>,
    /// A body of JSON, written without white space, with its media type.
    #[serde(default, deserialize_with = "given")]
    pub(crate) json: Option<Value>,
    /// A body of text, as it is.
    pub(crate) text: Option<String>,
    /// A body of bytes.
    pub(crate) base64: Option<String>,
    /// Whether the body goes out in chunks (RFC 9112, section 7.1).
    #[serde(default)]
    pub(crate) chunked: bool,
}

fn owner() -> String {
    "admin".to_owned()
}

/// What must come back.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) status: u16,
    /// Headers with their values; null must not be there.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, Option<String>>,
    /// JSON: the members named here, and every item of a list.
    #[serde(default, deserialize_with = "given")]
    pub(crate) json: Option<Value>,
    /// The whole body as text.
    pub(crate) text: Option<String>,
    /// Texts that neither the body nor a header may contain.
    #[serde(default)]
    pub(crate) without: Vec<String>,
}

/// `null` is a body too.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// Reads a file; the error names the place.
pub(crate) fn read(name: &str, text: &str) -> Result<ExchangeFile, String> {
    let document = Document::parse(name, text).map_err(|error| error.to_string())?;
    let file: ExchangeFile = serde_json::from_value(document.value).map_err(|error| format!("{name}: {error}"))?;
    let bad = |what: &str| Err(format!("{name}: {what}"));
    if file.source.trim().is_empty() || file.exchanges.is_empty() {
        return bad("a file has a source and exchanges");
    }
    for exchange in &file.exchanges {
        if exchange.profiles.is_empty() || exchange.steps.is_empty() || exchange.shows.trim().is_empty() {
            return bad(&format!("`{}`: an exchange says what it shows, under which profiles, and has steps", exchange.shows));
        }
        if exchange.grade == Grade::Documented && !exchange.profiles.contains(&ProfileName::Documented) {
            return bad(&format!("`{}`: what is documented holds under that profile", exchange.shows));
        }
        for Step { request, response, .. } in &exchange.steps {
            let bodies = [request.json.is_some(), request.text.is_some(), request.base64.is_some()];
            if bodies.iter().filter(|body| **body).count() > 1 || response.json.is_some() && response.text.is_some() {
                return bad(&format!("`{}`: one body at most", exchange.shows));
            }
        }
    }
    Ok(file)
}

/// The files of a folder, in the order of their names.
pub(crate) fn files_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}
