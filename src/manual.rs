//! `lockstep completions` and `lockstep manual`: what a shell and `man` know of the program, made from what it understands.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit;
use crate::output::print;

/// Prints a shell's completions.
pub(crate) fn completions(shell: Shell) -> anyhow::Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "lockstep", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(exit::CONFORMING)
}

/// Writes a page for each command into a folder.
pub(crate) fn manual(folder: &Path) -> anyhow::Result<u8> {
    let failed = || format!("cannot write the manual to {}", folder.display());
    fs::create_dir_all(folder).with_context(failed)?;
    clap_mangen::generate_to(Arguments::command(), folder).with_context(failed)?;
    print(&format!("the manual is in {0}: man {0}/lockstep.1\n", folder.display()))?;
    Ok(exit::CONFORMING)
}
