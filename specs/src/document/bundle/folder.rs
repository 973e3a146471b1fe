//! The folder of a document: the only place where its references may lead.

use std::path::{Component, Path, PathBuf};

use serde_json::Value;

use super::super::error::DocumentError;
use super::super::marks::Marks;
use super::super::pointer::Pointer;
use super::super::read::Document;

/// Which file: 0 is the document itself.
pub(super) type FileId = usize;

/// The files that were read so far, all of them below one folder.
pub(super) struct Folder {
    /// The folder as the user named it.
    named: PathBuf,
    files: Vec<File>,
}

struct File {
    /// Below the folder.
    path: PathBuf,
    /// `None` for the document itself.
    document: Option<Document>,
}

/// Why a file cannot be had.
pub(super) enum Refused {
    /// In words.
    Because(String),
    /// It is neither YAML nor JSON.
    Faulty(DocumentError),
}

impl Folder {
    /// The folder in which this document stands.
    pub(super) fn of(document: &Path) -> Self {
        let named = document.parent().map(Path::to_path_buf).unwrap_or_default();
        let path = document.file_name().map(PathBuf::from).unwrap_or_default();
        Self { named, files: vec![File { path, document: None }] }
    }

    /// The file that a reference in the file `from` names; `path` is the reference without its fragment, percent-decoded.
    pub(super) fn open(&mut self, from: FileId, path: &str) -> Result<FileId, Refused> {
        let because = |words: &str| Err(Refused::Because(words.to_owned()));
        if path.contains("://") || path.starts_with("//") {
            return because("nothing is fetched from the network; save it beside the document");
        }
        let base = self.files[from].path.parent().map(Path::to_path_buf).unwrap_or_default();
        let Some(path) = below(&base, Path::new(path)) else {
            return because("it leads out of the document's folder");
        };
        match self.files.iter().position(|file| file.path == path) {
            Some(known) => Ok(known),
            None => self.read(path),
        }
    }

    fn read(&mut self, path: PathBuf) -> Result<FileId, Refused> {
        let unreadable = |error: std::io::Error| Refused::Because(format!("it cannot be read: {error}"));
        let folder = if self.named.as_os_str().is_empty() { PathBuf::from(".") } else { self.named.clone() };
        let real = folder.join(&path).canonicalize().map_err(unreadable)?;
        // A symbolic link may lead anywhere.
        if !real.starts_with(folder.canonicalize().map_err(unreadable)?) {
            return Err(Refused::Because("it leads out of the document's folder".to_owned()));
        }
        let text = std::fs::read_to_string(&real).map_err(unreadable)?;
        let named = self.named.join(&path).display().to_string();
        let document = Document::parse(&named, &text).map_err(Refused::Faulty)?;
        self.files.push(File { path, document: Some(document) });
        Ok(self.files.len() - 1)
    }

    /// A node of another file, with its marks.
    pub(super) fn node(&self, file: FileId, pointer: &Pointer) -> Option<(Value, Marks)> {
        let document = self.files[file].document.as_ref()?;
        document.marks.node(&document.value, pointer).map(|(value, marks)| (value.clone(), marks.clone()))
    }

    /// A name for what stands there: the last word of its pointer, else the file's name without its ending.
    pub(super) fn name(&self, file: FileId, pointer: &Pointer) -> String {
        let stem = || self.files[file].path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let name = if pointer.is_root() { stem() } else { pointer.last().into_owned() };
        // OpenAPI 3.1, section 4.8.7: the characters of a component's name.
        name.chars().map(|letter| if letter.is_ascii_alphanumeric() || ".-_".contains(letter) { letter } else { '_' }).collect()
    }

    /// The digests of the other files, in the order of their names.
    pub(super) fn digests(&self) -> Vec<String> {
        let mut files: Vec<(&PathBuf, &Document)> =
            self.files.iter().filter_map(|file| Some((&file.path, file.document.as_ref()?))).collect();
        files.sort_by_key(|(path, _)| *path);
        files.into_iter().map(|(path, document)| format!("{} {}\n", path.display(), document.sha256)).collect()
    }
}

/// A path from `base`, without detours; `None` if it leads out of the folder.
fn below(base: &Path, path: &Path) -> Option<PathBuf> {
    let mut found = base.to_path_buf();
    for step in path.components() {
        match step {
            Component::CurDir => {}
            Component::Normal(name) => found.push(name),
            Component::ParentDir if found.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(found)
}
