//! `lockstep checks` and `lockstep mock --list-faults`: what there is to choose from.

use std::io::{self, Write};

use anyhow::bail;
use conformance::checks::{self, Check};
use mock_server::fault_catalogue;

use crate::arguments::ChecksCommand;
use crate::exit;
use crate::output;

/// Lists the catalogue, or shows one check.
pub(crate) fn catalogue(command: &ChecksCommand) -> anyhow::Result<u8> {
    let mut out = io::stdout().lock();
    let written = match command {
        ChecksCommand::List => list(&mut out),
        ChecksCommand::Show { id } => {
            let Some(check) = checks::all().find(|check| check.id == id) else {
                let near =
                    specs::document::nearest(id, checks::all().map(|check| check.id)).map(|near| format!("; did you mean `{near}`?"));
                bail!("no check is called `{id}`{}", near.unwrap_or_default());
            };
            show(&mut out, check)
        }
    };
    done(written)
}

/// Lists every fault that the mock can have.
pub(crate) fn faults() -> anyhow::Result<u8> {
    let mut out = io::stdout().lock();
    let written = fault_catalogue().iter().try_for_each(|entry| {
        let form = if entry.value.is_empty() { entry.name.to_owned() } else { format!("{}={}", entry.name, entry.value) };
        writeln!(out, "{:<12} {form:<32} {}", entry.family, entry.about)
    });
    done(written)
}

fn done(written: io::Result<()>) -> anyhow::Result<u8> {
    output::done(written).map(|()| exit::CONFORMING)
}

fn list(out: &mut impl Write) -> io::Result<()> {
    checks::all().try_for_each(|check| writeln!(out, "{:<36} {:<7} {}", check.id, check.level.name(), check.sentence))
}

fn show(out: &mut impl Write, check: &Check) -> io::Result<()> {
    writeln!(out, "{} ({})\n\n  {}\n  source: {}\n", check.id, check.level.name(), check.sentence, check.cite)?;
    for (title, story) in [("passes", check.passes), ("breaks", check.breaks)] {
        writeln!(out, "  {title}")?;
        story.lines().filter(|line| !line.starts_with('#')).try_for_each(|line| writeln!(out, "    {line}"))?;
        writeln!(out)?;
    }
    Ok(())
}
