//! The file: read, begun anew as a snapshot, and lengthened.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::batch::{Change, Folded};
use super::saved::explain;

/// The first line of every state file.
const HEADER: &str = "{\"lockstep\":\"state-file\",\"version\":1}";

/// How many bytes of a checksum are written.
const BYTES: usize = 8;

/// Why a state file cannot be used. It is left as it is.
#[derive(Debug, thiserror::Error)]
pub enum StateFileError {
    /// The operating system refuses.
    #[error("the state file {}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// Another server uses it.
    #[error("the state file {} is in use by another mock; stop that one, or name another file", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is none.
    #[error("the state file {} is none that this version has written; name another file, or move it away to begin anew", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
    },
    /// It belongs to other APIs.
    #[error("the state file {} holds the state of `{api}`, which is not served; serve it, or name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The API's name.
        api: String,
    },
    /// It is whole and cannot be the state of this API.
    #[error("the state file {} does not fit `{api}`: {reason}; move it away to begin anew", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// The API's name.
        api: String,
        /// What is wrong, with its place.
        reason: String,
    },
    /// It is damaged.
    #[error("the state file {}, line {line}: {reason}; restore it from a copy, or move it away to begin anew", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// A state file that is open for more.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: File,
    /// How much of it is whole and on the disk.
    length: u64,
    /// How long its snapshot is.
    snapshot: u64,
    /// The last line's checksum.
    chain: String,
    /// Held for as long as the file is in use.
    _lock: File,
}

/// What a file holds.
struct Read {
    folded: Folded,
    length: u64,
    chain: String,
}

impl Log {
    /// Reads a file, or nothing where there is none yet, and holds it for this process. Nothing is written but the lock beside it.
    pub(super) fn open(path: &Path) -> Result<(Folded, Held), StateFileError> {
        let failed = |reason| StateFileError::Io { path: path.to_owned(), reason };
        let path = if path.exists() { fs::canonicalize(path).map_err(failed)? } else { path.to_owned() };
        if path.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let text = match fs::read(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        // Nothing is left beside a file that is none of ours.
        let text = text.filter(|text| !text.is_empty());
        if text.as_ref().is_some_and(|text| !text.starts_with(HEADER.as_bytes())) {
            return Err(StateFileError::NotOurs { path });
        }
        let lock = lock(&path)?;
        let folded = if text.is_some() { read(&path, &fs::read(&path).map_err(failed)?)?.folded } else { Folded::default() };
        Ok((folded, Held { path, lock }))
    }

    /// Brings a batch to the disk, whole or not at all.
    pub(super) fn append(&mut self, changes: &[String]) -> io::Result<()> {
        let (line, chain) = line(&self.chain, &format!("[{}]", changes.join(",")));
        // What an attempt before this one left behind is written over.
        self.file.set_len(self.length)?;
        self.file.seek(SeekFrom::Start(self.length))?;
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // It is cut off now if it can be, and before the next attempt if not.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += u64::try_from(line.len()).unwrap_or_default();
        self.chain = chain;
        Ok(())
    }

    /// What the file comes to.
    pub(super) fn fold(&self) -> Result<Folded, StateFileError> {
        let mut text = fs::read(&self.path).map_err(|reason| StateFileError::Io { path: self.path.clone(), reason })?;
        text.truncate(usize::try_from(self.length).unwrap_or(usize::MAX));
        Ok(read(&self.path, &text)?.folded)
    }

    /// Whether a new snapshot would be much shorter than all the changes since the last one.
    pub(super) const fn is_long(&self) -> bool {
        self.length > 1 << 20 && self.length > 4 * self.snapshot
    }

    /// Begins the file anew with a snapshot of what it comes to.
    pub(super) fn compact(&mut self) -> Result<(), StateFileError> {
        let fresh = snapshot(&self.path, self.fold()?).map_err(|reason| StateFileError::Io { path: self.path.clone(), reason })?;
        (self.file, self.length, self.snapshot, self.chain) = fresh;
        Ok(())
    }
}

/// A file that is held for this process.
#[derive(Debug)]
pub(crate) struct Held {
    path: PathBuf,
    lock: File,
}

impl Held {
    /// Begins the file anew with a snapshot, and opens it for more.
    pub(super) fn begin(self, folded: Folded) -> Result<Log, StateFileError> {
        let made = snapshot(&self.path, folded);
        let (file, length, snapshot, chain) = made.map_err(|reason| StateFileError::Io { path: self.path.clone(), reason })?;
        Ok(Log { path: self.path, file, length, snapshot, chain, _lock: self.lock })
    }
}

/// The name of a file with another ending.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Nobody but the user reads what has secrets in it.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn lock(path: &Path) -> Result<File, StateFileError> {
    let failed = |reason| StateFileError::Io { path: path.to_owned(), reason };
    let lock = private().truncate(false).open(beside(path, ".lock")).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StateFileError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(reason)) => Err(failed(reason)),
    }
}

/// Writes a snapshot beside the file, brings it to the disk and gives it the file's name.
fn snapshot(path: &Path, folded: Folded) -> io::Result<(File, u64, u64, String)> {
    let changes = serde_json::to_string(&folded.into_changes()).map_err(io::Error::other)?;
    let (line, chain) = line("", &changes);
    let beside = beside(path, ".new");
    let written = write_new(&beside, &line).and_then(|file| {
        fs::rename(&beside, path)?;
        sync_folder(path)?;
        Ok(file)
    });
    if written.is_err() {
        // What cannot be removed is written over the next time.
        let _ = fs::remove_file(&beside);
    }
    let length = u64::try_from(HEADER.len() + 1 + line.len()).unwrap_or_default();
    Ok((written?, length, length, chain))
}

fn write_new(path: &Path, line: &str) -> io::Result<File> {
    // One that was left behind may have other permissions.
    let _ = fs::remove_file(path);
    let mut file = private().create_new(true).open(path)?;
    file.write_all(format!("{HEADER}\n{line}").as_bytes())?;
    file.sync_all()?;
    Ok(file)
}

/// A name is on the disk when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// A line of the file, and its checksum: of the one before it and of what it says.
fn line(chain: &str, json: &str) -> (String, String) {
    let digest = Sha256::new().chain_update(chain).chain_update(json).finalize();
    let checksum = digest.iter().take(BYTES).fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    (format!("{checksum} {json}\n"), checksum)
}

/// Reads a file. Its last line may have been cut off by a crash before anybody was told of it; everything else must be whole.
fn read(path: &Path, text: &[u8]) -> Result<Read, StateFileError> {
    let broken = |line: usize, reason: String| StateFileError::Broken { path: path.to_owned(), line, reason };
    let Some(mut rest) = text.strip_prefix(HEADER.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n")) else {
        return Err(StateFileError::NotOurs { path: path.to_owned() });
    };
    let mut found =
        Read { folded: Folded::default(), length: u64::try_from(text.len() - rest.len()).unwrap_or_default(), chain: String::new() };
    for number in 2.. {
        let Some(end) = rest.iter().position(|byte| *byte == b'\n') else { break };
        let (own, after) = (&rest[..end], &rest[end + 1..]);
        match batch(&found.chain, own) {
            Ok((changes, chain)) => {
                changes.into_iter().try_for_each(|change| found.folded.take(change)).map_err(|reason| broken(number, reason))?;
                (found.chain, found.length) = (chain, found.length + u64::try_from(end + 1).unwrap_or_default());
            }
            Err(_) if after.is_empty() && number > 2 => break,
            Err(reason) => return Err(broken(number, reason)),
        }
        rest = after;
    }
    if found.chain.is_empty() {
        return Err(broken(2, "the snapshot is not whole".to_owned()));
    }
    Ok(found)
}

fn batch(chain: &str, own: &[u8]) -> Result<(Vec<Change>, String), String> {
    let text = std::str::from_utf8(own).map_err(|_| "it is not text".to_owned())?;
    let (checksum, json) = text.split_once(' ').ok_or_else(|| "it has no checksum".to_owned())?;
    if line(chain, json).1 != checksum {
        return Err("its checksum is wrong".to_owned());
    }
    let changes =
        explain(&mut serde_json::Deserializer::from_slice(json.as_bytes())).map_err(|reason| format!("it cannot be read: {reason}"))?;
    Ok((changes, checksum.to_owned()))
}
