//! Everything that a document goes through on its way into a program, watched.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use specs::contract::{Contract, Endpoint, Schema, sample};
use specs::document::{Document, DocumentError};
use specs::overlay::Overlay;

/// No document may take so much memory beside what is fixed.
const TIMES: usize = 50;
/// What is fixed, for documents of a few bytes: a regular expression of three letters has tables of its own, and claims bring words that the
/// document does not have.
pub(crate) const FLOOR: usize = 4 * 1024 * 1024;
/// What the engine of regular expressions allows itself for one of them before it gives up, and twice that while it builds it.
pub(crate) const PATTERN: usize = 32 * 1024 * 1024;
/// Far beyond what any of these documents takes in any build: who is still at work then will not end.
const ENDLESS: Duration = Duration::from_mins(5);

static WARM: Once = Once::new();

/// What became of a document.
pub(crate) enum Outcome {
    /// It has become a contract.
    Loaded,
    /// It was refused, in these words.
    Refused(Vec<String>),
    /// It did what no document may do.
    Failed(String),
}

/// Loads a document and writes down all that is to be known of it. Fails on a panic and on too much memory; what does not end, ends the
/// program.
pub(crate) fn exercise(name: &str, text: &str) -> Outcome {
    exercise_above(FLOOR, name, text)
}

/// The same, with another memory that is fixed.
pub(crate) fn exercise_above(floor: usize, name: &str, text: &str) -> Outcome {
    WARM.call_once(warm);
    let _done = watch(name.to_owned());
    let loaded = within(floor, text.len(), || load(name, text)).and_then(|(document, contract)| {
        let draft = within(floor, text.len(), || Ok(contract.claims.draft(&contract.title)))?;
        catch_unwind(AssertUnwindSafe(|| answers(&contract))).unwrap_or_else(|_| Err(vec![Trouble::Panic]))?;
        drop(contract);
        draft.map_or(Ok(()), |draft| within(floor, text.len() + draft.len(), || lay(document, &draft)))
    });
    outcome(loaded, &[name])
}

/// Lays an overlay over a document and loads what becomes of it. Fails as [`exercise`] does; a fault is in one of the two files.
pub(crate) fn exercise_overlay(name: &str, text: &str, base: &(String, Document)) -> Outcome {
    WARM.call_once(warm);
    let _done = watch(name.to_owned());
    let (file, document) = base;
    // What a copy can make of a part of the document is no more than the document.
    let most = text.len() + 2 * document.value.to_string().len();
    let laid = within(FLOOR, most, || {
        let mut document = document.clone();
        let overlay = Overlay::parse(name, text).and_then(|overlay| overlay.apply(&mut document));
        overlay.map_err(|fault| faults(vec![fault]))?;
        Contract::compile("laid", &document).map(drop).map_err(faults)
    });
    outcome(laid, &[name, file])
}

fn outcome(done: Result<(), Vec<Trouble>>, names: &[&str]) -> Outcome {
    match done {
        Ok(()) => Outcome::Loaded,
        Err(troubles) => {
            let told = troubles.into_iter().map(|trouble| trouble.told(names)).collect::<Result<_, _>>();
            told.map_or_else(Outcome::Failed, Outcome::Refused)
        }
    }
}

/// Acts, and fails if it takes more memory than so many bytes of text may.
fn within<T>(floor: usize, bytes: usize, act: impl FnOnce() -> Result<T, Vec<Trouble>>) -> Result<T, Vec<Trouble>> {
    let mut done = Err(vec![Trouble::Panic]);
    let measured = allocation_counter::measure(|| done = catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| Err(vec![Trouble::Panic])));
    let most = (TIMES * bytes + floor) as u64;
    if measured.bytes_max > most { Err(vec![Trouble::Memory(bytes, measured.bytes_max)]) } else { done }
}

/// What is made once in a program's life is made.
fn warm() {
    for version in ["3.0.3", "3.1.0"] {
        assert!(load("warm.yaml", &format!("openapi: {version}\ninfo: {{title: t, version: '1'}}\npaths: {{}}\n")).is_ok());
    }
}

/// Why a document is not loaded.
enum Trouble {
    Panic,
    Fault(DocumentError),
    /// It should not have been loaded as it was, or not have had that draft.
    Draft(String),
    /// So many bytes of text took so many bytes of memory.
    Memory(usize, u64),
}

impl Trouble {
    /// A fault in words, whose place is in one of the files; anything else should not be.
    fn told(&self, names: &[&str]) -> Result<String, String> {
        let name = names[0];
        match self {
            Self::Panic => Err(format!("{name}: a panic")),
            Self::Draft(words) => Err(format!("{name}: {words}")),
            Self::Memory(text, memory) => Err(format!("{name}: {text} bytes took {memory} bytes of memory")),
            Self::Fault(fault) => {
                let words = fault.to_string();
                let place = |name: &&str| words.starts_with(&format!("{name}:{}:{}", fault.place.line, fault.place.column));
                let fits = fault.place.line > 0 && fault.place.column > 0 && names.iter().any(place);
                if fits && words.len() < 2000 { Ok(words) } else { Err(format!("{name}: these are no words for it: {words}")) }
            }
        }
    }
}

fn faults(faults: Vec<DocumentError>) -> Vec<Trouble> {
    faults.into_iter().map(Trouble::Fault).collect()
}

fn load(name: &str, text: &str) -> Result<(Document, Contract), Vec<Trouble>> {
    let document = Document::parse(name, text).map_err(|fault| faults(vec![fault]))?;
    let contract = Contract::compile("drawn", &document).map_err(faults)?;
    match contract.claims.list().iter().find(|claim| claim.cite.is_empty()) {
        Some(claim) => Err(vec![Trouble::Draft(format!("the claim {} has no source", claim.key))]),
        None => Ok((document, contract)),
    }
}

/// What is drafted for a document can be laid over it.
fn lay(mut document: Document, draft: &str) -> Result<(), Vec<Trouble>> {
    let laid = Overlay::parse("draft.yaml", draft).and_then(|overlay| overlay.apply(&mut document));
    laid.map_err(|error| vec![Trouble::Draft(format!("the draft is no overlay of it: {error}"))])?;
    Contract::compile("drawn", &document).map_err(|faults| vec![Trouble::Draft(format!("with its draft: {}", faults[0]))])?;
    Ok(())
}

/// Every schema can be compiled, and says of any value whether it fits.
fn answers(contract: &Contract) -> Result<(), Vec<Trouble>> {
    for schema in contract.endpoints.iter().flat_map(schemas) {
        schema.ready().map_err(|message| vec![Trouble::Draft(format!("the schema at {} was let through: {message}", schema.pointer()))])?;
        let value = sample(schema.node());
        assert_eq!(schema.accepts(&value), schema.violations(&value).is_empty());
    }
    Ok(())
}

/// The schemas of an operation.
fn schemas(endpoint: &Endpoint) -> impl Iterator<Item = &Schema> {
    let operation = &endpoint.operation;
    let media = operation.responses.iter().flat_map(|response| &response.content);
    let media = media.chain(operation.body.iter().flat_map(|body| &body.content));
    media.filter_map(|media| media.schema.as_ref()).chain(operation.parameters.iter().filter_map(|parameter| parameter.schema.as_ref()))
}

/// Ends the program if what follows does not end; until what is given back is dropped.
fn watch(name: String) -> impl Drop {
    struct Done(Option<std::sync::mpsc::Sender<()>>);
    impl Drop for Done {
        fn drop(&mut self) {
            drop(self.0.take());
        }
    }
    let (done, end) = channel::<()>();
    std::thread::spawn(move || {
        if end.recv_timeout(ENDLESS) == Err(RecvTimeoutError::Timeout) {
            // Past the test's own capture, which ends with the program.
            let _ = writeln!(std::io::stderr(), "{name} does not end");
            std::process::abort();
        }
    });
    Done(Some(done))
}
