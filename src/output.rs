//! Output: what the program prints, in colours where a terminal shows them, and how much of it is wanted.

use std::io::{self, ErrorKind, Write as _};

use specs::Spec;
use specs::contract::Contract;

/// How much is told beside the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Volume {
    /// Only what is wrong, and what was asked for.
    Quiet,
    /// What people want to know.
    Usual,
    /// Each request too, by operation and status: never a value.
    Verbose,
}

/// Prints to standard output. Colours are taken out where it is no terminal, and for `NO_COLOR`.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    match anstream::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has read enough: `lockstep check | head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Tells something on the error stream, beside what was asked for.
pub(crate) fn tell(line: &str) {
    // Who has closed the error stream cannot be told.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// What was written to standard output, which whoever reads it may have closed.
pub(crate) fn done(written: io::Result<()>) -> anyhow::Result<()> {
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Tells that a document of the user's own says what is not done here. What a pack says is known, and stands in its own pages.
pub(crate) fn unsupported(spec: &Spec, contract: &Contract, volume: Volume) {
    if let Spec::File { path, .. } = spec
        && let Some(first) = contract.warnings.first()
        && volume != Volume::Quiet
    {
        let more = contract.warnings.len() - 1;
        let more = if more == 0 { String::new() } else { format!("; {more} more: `lockstep specs lint {}`", path.display()) };
        tell(&format!("note: {}: {}{more}", first.place, first.message));
    }
}
