//! Specs: a vendor's pack that ships in the box, or a document of the user's own.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rust_embed::RustEmbed;

use crate::contract::Contract;
use crate::document::{Document, DocumentError, nearest};
use crate::overlay::Overlay;

/// The packs: a folder per vendor with `openapi.yaml`, `overlay.yaml`, `observed.yaml` and `SOURCE.md`.
#[derive(RustEmbed)]
#[folder = "vendors/"]
struct Packs;

/// What the mock and the runner start from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// A pack, by its vendor's name.
    Vendor(String),
    /// A document of the user's own, with an overlay if there is one.
    File {
        /// The OpenAPI document.
        path: PathBuf,
        /// An overlay for it.
        overlay: Option<PathBuf>,
    },
}

/// Which of two truths about a vendor is followed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// What is documented; what was observed only where the document is silent.
    #[default]
    Documented,
    /// The real server's deviations laid over it.
    Observed,
}

/// Why a spec could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// Neither a vendor nor a file.
    #[error("`{name}` is neither a vendor ({}) nor a file{}", vendors().join(", "), near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest vendor.
        near: Option<String>,
    },
    /// A file that cannot be read.
    #[error("{}: cannot be read: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Faults in a document or an overlay.
    #[error("{}", lines(.0))]
    Faults(Vec<DocumentError>),
}

/// The vendors whose packs ship in the box, in alphabetical order.
#[must_use]
pub fn vendors() -> Vec<String> {
    let mut vendors: Vec<String> = Packs::iter().filter_map(|path| Some(path.strip_suffix("/openapi.yaml")?.to_owned())).collect();
    vendors.sort();
    vendors
}

/// Whether a name that others have chosen can be part of a path and lead nowhere else: not empty, not dots alone, without a separator of any
/// system's and without a control character.
#[must_use]
pub fn stays_put(name: &str) -> bool {
    name.chars().any(|letter| letter != '.') && !name.contains(|letter: char| matches!(letter, '/' | '\\' | ':') || letter.is_control())
}

/// What a thread that reads a document has for its stack, in bytes: as much as a program's first thread usually has, since documents are deep.
const STACK: usize = 8 * 1024 * 1024;

/// The contracts of several specs, each read on whichever core is free; they, and what is wrong with one of them, come in the specs' order.
#[must_use]
pub fn contracts(specs: &[Spec], profile: Profile) -> Vec<Result<Contract, SpecError>> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut read = Vec::new();
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(spec) = specs.get(place) else { return read };
            read.push((place, spec.contract(profile)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, usize::from).min(specs.len());
    let mut all = thread::scope(|scope| {
        // Where there is no room for another thread, those that there are read everything.
        let spawn = |_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, take).ok();
        let others: Vec<_> = (1..cores).filter_map(spawn).collect();
        let mut all = take();
        all.extend(others.into_iter().flat_map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))));
        all
    });
    all.sort_unstable_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, contract)| contract).collect()
}

impl Spec {
    /// What a user means by a word on the command line: a vendor first, else a file.
    pub fn find(word: &str, overlay: Option<PathBuf>) -> Result<Self, SpecError> {
        if overlay.is_none() && vendors().iter().any(|vendor| vendor == word) {
            return Ok(Self::Vendor(word.to_owned()));
        }
        if Path::new(word).exists() {
            return Ok(Self::File { path: PathBuf::from(word), overlay });
        }
        let near = nearest(word, vendors().iter().map(String::as_str));
        Err(SpecError::Unknown { name: word.to_owned(), near })
    }

    /// The short name: the vendor's, or the file's without its ending; `spec` where that would lead elsewhere as part of a path (`...yaml`).
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Vendor(vendor) => vendor.clone(),
            Self::File { path, .. } => {
                let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                stem.filter(|stem| stays_put(stem)).unwrap_or_else(|| "spec".to_owned())
            }
        }
    }

    /// The document with every overlay of the profile applied.
    pub fn document(&self, profile: Profile) -> Result<Document, SpecError> {
        let faults = |error: DocumentError| SpecError::Faults(vec![error]);
        let (name, text) = self.text()?;
        let mut document = Document::parse(&name, &text).map_err(faults)?;
        if let Self::File { path, .. } = self {
            document = document.bundle(path).map_err(faults)?;
        }
        for (name, text) in self.overlays(profile)? {
            Overlay::parse(&name, &text).and_then(|overlay| overlay.apply(&mut document)).map_err(faults)?;
        }
        Ok(document)
    }

    /// The contract.
    pub fn contract(&self, profile: Profile) -> Result<Contract, SpecError> {
        let document = self.document(profile)?;
        let compiled = match self {
            // What ships in the box was looked at before it went in, and to do so again takes longer than everything else.
            Self::Vendor(name) => Contract::compile_valid(name, &document),
            Self::File { .. } => Contract::compile(&self.name(), &document),
        };
        compiled.map_err(SpecError::Faults)
    }

    fn text(&self) -> Result<(String, String), SpecError> {
        match self {
            Self::Vendor(vendor) => {
                let name = format!("{vendor}/openapi.yaml");
                let near = || nearest(vendor, vendors().iter().map(String::as_str));
                let text = embedded(&name).ok_or_else(|| SpecError::Unknown { name: vendor.clone(), near: near() })?;
                Ok((name, text))
            }
            Self::File { path, .. } => Ok((path.display().to_string(), read(path)?)),
        }
    }

    fn overlays(&self, profile: Profile) -> Result<Vec<(String, String)>, SpecError> {
        match self {
            Self::Vendor(vendor) => {
                let files: &[&str] = match profile {
                    Profile::Documented => &["overlay.yaml"],
                    Profile::Observed => &["overlay.yaml", "observed.yaml"],
                };
                let paths = files.iter().map(|file| format!("{vendor}/{file}"));
                Ok(paths.filter_map(|name| embedded(&name).map(|text| (name, text))).collect())
            }
            Self::File { overlay, .. } => overlay.iter().map(|path| Ok((path.display().to_string(), read(path)?))).collect(),
        }
    }
}

fn embedded(name: &str) -> Option<String> {
    Packs::get(name).map(|file| String::from_utf8_lossy(&file.data).into_owned())
}

fn read(path: &Path) -> Result<String, SpecError> {
    std::fs::read_to_string(path).map_err(|error| SpecError::Unreadable { path: path.to_owned(), reason: error.to_string() })
}

fn lines(faults: &[DocumentError]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
