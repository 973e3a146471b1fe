//! The ledger's file: what is about to be made is written down before it is asked for, so that even a run that is killed leaves nothing
//! that nobody knows of. It holds names and ids, and neither a value nor a credential.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use specs::contract::{Contract, Endpoint, Resource};
use specs::wire::{Intent, Selector};

use super::{Ledger, Life, Tracked, tracked};
use crate::manners::{LedgerFile, Source};
use crate::watch::Event;

/// Why a ledger's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be written: nothing is made that is not written down.
    #[error("cannot write down in {} what is about to be made: {reason}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It cannot be read.
    #[error("{}: {reason}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A line is not of a ledger.
    #[error("{}:{line}: this is no line of a ledger: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from one.
        line: usize,
        /// Why.
        reason: String,
    },
}

/// One line of the file.
#[derive(Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// The first line: what is run against what.
    Run { source: Source, target: String },
    /// A request that may make this is about to be sent.
    Sending { number: usize, thing: Noted },
    /// It was answered, and what it made is known; or it was never sent, and has made nothing.
    Answered { number: usize },
    /// What is known of a thing now.
    Known { number: usize, thing: Noted, gone: bool },
}

/// A thing by its names alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    resource: String,
    /// The enclosing things, outermost first: resource, field, value.
    scope: Vec<(String, String, Value)>,
    identity: Option<Value>,
    /// The field that clients name it by.
    named: Map<String, Value>,
}

impl Noted {
    fn of(thing: &Tracked, resource: &Resource) -> Self {
        let named = resource.key().and_then(|key| Some((key.to_owned(), thing.field(key)?.clone())));
        let scope = thing.scope.iter().map(|own| (own.resource.clone(), own.field.clone(), own.value.clone())).collect();
        Self { resource: thing.resource.clone(), scope, identity: thing.identity.clone(), named: named.into_iter().collect() }
    }

    fn tracked(self) -> Tracked {
        let scope = self.scope.into_iter().map(|(resource, field, value)| Selector { resource, field, value }).collect();
        Tracked::noted(self.resource, scope, self.identity, self.named)
    }
}

/// What a run is about to make and what is known of it, written to a file if there is to be one.
pub(crate) struct Writer {
    settings: Option<LedgerFile>,
    target: String,
    file: Option<File>,
    /// What was written last of each thing.
    known: Page,
    /// A number that no thing of any ledger has.
    first_free: usize,
    sent: usize,
    /// What was asked for and not clearly answered.
    open: BTreeMap<usize, Noted>,
}

/// The things of one ledger, as they were written last.
#[derive(Default)]
pub(crate) struct Page {
    /// The number of the first.
    first: usize,
    things: BTreeMap<usize, (Option<Value>, Life)>,
    /// How many there were.
    count: usize,
}

impl Writer {
    pub(crate) fn new(settings: Option<&LedgerFile>, target: &str) -> Self {
        Self {
            settings: settings.cloned(),
            target: target.to_owned(),
            file: None,
            known: Page::default(),
            first_free: 0,
            sent: 0,
            open: BTreeMap::new(),
        }
    }

    /// Writes down what a request may make, before it is sent, and gives it a number.
    pub(crate) fn sending(&mut self, contract: &Contract, endpoint: &Endpoint, intent: &Intent) -> Result<usize, LedgerError> {
        self.sent += 1;
        if let Some(resource) = contract.resource_of(endpoint) {
            let thing = Noted::of(&Tracked::meant(resource, intent), resource);
            self.open.insert(self.sent, thing.clone());
            self.line(&Line::Sending { number: self.sent, thing })?;
        }
        Ok(self.sent)
    }

    /// Writes down what has become known since. A request that was answered `clearly` has made this and nothing else.
    pub(crate) fn answered(
        &mut self,
        contract: &Contract,
        ledger: &mut Ledger,
        number: Option<usize>,
        clearly: bool,
    ) -> Result<(), LedgerError> {
        for place in ledger.take_changed() {
            let thing = &ledger.things()[place];
            let now = (thing.identity.clone(), thing.life);
            let number = ledger.number(place);
            if self.known.things.get(&number) == Some(&now) {
                continue;
            }
            self.known.things.insert(number, now);
            self.known.count = self.known.count.max(number + 1);
            let noted = Noted::of(thing, &contract.resources[&thing.resource]);
            self.line(&Line::Known { number: self.known.first + number, thing: noted, gone: thing.life == Life::Gone })?;
        }
        if let Some(number) = number.filter(|number| clearly && self.open.remove(number).is_some()) {
            self.line(&Line::Answered { number })?;
        }
        Ok(())
    }

    /// Forgets things of these numbers: they are gone, and that is written down.
    pub(crate) fn forget(&mut self, numbers: &BTreeSet<usize>) {
        self.known.things.retain(|number, _| !numbers.contains(number));
    }

    /// A request that was written down and never sent has made nothing.
    pub(crate) fn unsent(&mut self, number: usize) -> Result<(), LedgerError> {
        if self.open.remove(&number).is_some() {
            self.line(&Line::Answered { number })?;
        }
        Ok(())
    }

    /// Begins with the things of another ledger; the present ones keep their numbers.
    pub(crate) fn turn_page(&mut self) -> Page {
        self.first_free = self.first_free.max(self.known.first + self.known.count);
        std::mem::replace(&mut self.known, Page { first: self.first_free, ..Page::default() })
    }

    /// Goes on with the things of the ledger before.
    pub(crate) fn turn_back(&mut self, page: Page) {
        self.first_free = self.first_free.max(self.known.first + self.known.count);
        self.known = page;
    }

    /// What was asked for and not clearly answered: it may be there.
    pub(crate) fn open(&mut self) -> Vec<Tracked> {
        std::mem::take(&mut self.open).into_values().map(Noted::tracked).collect()
    }

    /// The end: without anything left behind the file has no use any more.
    pub(crate) fn close(&mut self, left: bool) {
        let made = self.file.take().is_some();
        if let Some(settings) = self.settings.take().filter(|settings| made && !left && !settings.keep) {
            // A ledger that stays tells the same: everything is gone.
            let _ = std::fs::remove_file(&settings.path);
        }
    }

    fn line(&mut self, line: &Line) -> Result<(), LedgerError> {
        let Some(settings) = &self.settings else { return Ok(()) };
        let unwritable = |error: &dyn std::fmt::Display| LedgerError::Unwritable { path: settings.path.clone(), reason: error.to_string() };
        let text = serde_json::to_string(line).map_err(|error| unwritable(&error))?;
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(begun(settings, &self.target).map_err(|error| unwritable(&error))?),
        };
        // What is handed to the system in one piece outlives the program.
        file.write_all(format!("{text}\n").as_bytes()).map_err(|error| unwritable(&error))
    }
}

/// A new file with its first line.
fn begun(settings: &LedgerFile, target: &str) -> std::io::Result<File> {
    if let Some(folder) = settings.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().append(true).create_new(true).open(&settings.path)?;
    let first = Line::Run { source: settings.source.clone(), target: target.to_owned() };
    file.write_all(format!("{}\n", serde_json::to_string(&first)?).as_bytes())?;
    settings.announce.tell(Event::LedgerMade(&settings.path));
    Ok(file)
}

/// What a ledger's file says is still on the target.
#[derive(Debug)]
pub struct LeftBehind {
    /// What the contract was compiled from.
    pub source: Source,
    /// The target's URL as it was given.
    pub target: String,
    /// What is known to be there, in the order in which it was made.
    pub(crate) things: Vec<Tracked>,
    /// What may be there: the run ended before it was answered.
    pub(crate) open: Vec<Tracked>,
}

impl LeftBehind {
    /// Reads a file. A last line that was cut off by a crash is ignored: what it would have told was not sent yet.
    pub fn read(path: &Path) -> Result<Self, LedgerError> {
        let unreadable = |reason: String| LedgerError::Unreadable { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let malformed =
            |line: usize, error: &serde_json::Error| LedgerError::Malformed { path: path.to_owned(), line, reason: error.to_string() };
        let lines: Vec<Line> = whole
            .lines()
            .zip(1..)
            .map(|(line, number)| serde_json::from_str(line).map_err(|error| malformed(number, &error)))
            .collect::<Result<_, _>>()?;
        let mut lines = lines.into_iter();
        let Some(Line::Run { source, target }) = lines.next() else { return Err(unreadable("this is no ledger of a run".to_owned())) };
        let (things, open) = remaining(lines);
        Ok(Self { source, target, things, open })
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.things.is_empty() && self.open.is_empty()
    }
}

fn remaining(lines: impl Iterator<Item = Line>) -> (Vec<Tracked>, Vec<Tracked>) {
    let (mut known, mut open, mut gone) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for line in lines {
        match line {
            Line::Run { .. } => {}
            Line::Sending { number, thing } => drop(open.insert(number, thing)),
            Line::Answered { number } => drop(open.remove(&number)),
            Line::Known { number, thing, gone: is_gone } => {
                if is_gone {
                    gone.insert(number)
                } else {
                    gone.remove(&number)
                };
                known.insert(number, thing);
            }
        }
    }
    let there = known.into_iter().filter(|(number, _)| !gone.contains(number)).map(|(_, thing)| thing.tracked());
    (there.collect(), open.into_values().map(Noted::tracked).collect())
}

/// Whether two things have the same name in the same scope.
pub(crate) fn is_same(a: &Tracked, b: &Tracked, resource: &Resource) -> bool {
    let identities = a.identity.as_ref().zip(b.identity.as_ref());
    let keys = || resource.key().and_then(|key| Some((a.field(key)?, b.field(key)?)));
    let same = identities.or_else(keys).is_some_and(|(a, b)| a == b || tracked::text(a) == tracked::text(b));
    same && a.resource == b.resource && super::same_scope(&a.scope, &b.scope)
}
