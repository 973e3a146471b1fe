//! The `lockstep` program: arguments in, exit code out.

#[expect(rustdoc::broken_intra_doc_links, reason = "the texts are the program's help, where brackets hold what may be left out")]
mod arguments;
mod catalogue;
mod check;
mod cleanup;
mod examples;
mod exemptions;
mod files;
mod interrupt;
mod manual;
mod merge;
mod mock;
mod output;
mod own_fault;
mod progress;
mod replay;
mod reports;
mod settings;
mod show;

use std::io::Write as _;
use std::process::ExitCode;

use anstyle::{AnsiColor, Style};
use arguments::{Arguments, Command, ReportCommand};

/// Judging and answering allocate much, and from several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit codes: the verdict is the same everywhere.
mod exit {
    /// Conforming, or done.
    pub(crate) const CONFORMING: u8 = 0;
    /// Violations, or snapshots that changed.
    pub(crate) const VIOLATED: u8 = 1;
    /// Could not judge: usage, unreachable, bad document.
    pub(crate) const COULD_NOT_JUDGE: u8 = 2;
}

/// How what hinders the program is set off: as clap does.
const WRONG: Style = AnsiColor::Red.on_default().bold();

fn main() -> ExitCode {
    own_fault::tell();
    let arguments = match settings::arguments() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    match arguments.and_then(run) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            complain(&error);
            ExitCode::from(exit::COULD_NOT_JUDGE)
        }
    }
}

/// On a thread of the runtime's own, beside the tasks that it starts: one outside of it would have to be woken for each answer.
#[tokio::main]
async fn run(arguments: Arguments) -> anyhow::Result<u8> {
    match tokio::spawn(act(arguments)).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

async fn act(arguments: Arguments) -> anyhow::Result<u8> {
    let volume = arguments.volume();
    match arguments.command {
        Command::Mock(options) => mock::run(options, volume).await,
        Command::Check(options) => Box::pin(check::check(*options, volume)).await,
        Command::Cleanup(options) => cleanup::cleanup(options, volume).await,
        Command::Replay(options) => replay::replay_plan(options, volume).await,
        Command::Report(ReportCommand::Merge(options)) => merge::merge_reports(&options, volume),
        Command::Specs(command) => show::specs(&command),
        Command::Checks(command) => catalogue::catalogue(&command),
        Command::Completions { shell } => manual::completions(shell),
        Command::Manual { folder } => manual::manual(&folder),
    }
}

/// Help and version go out as asked for; a mistake is told on the error stream.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        complain(&anyhow::Error::msg(one_line(&error.to_string())));
    } else {
        // A closed stream cannot be told that it is closed.
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { exit::COULD_NOT_JUDGE } else { exit::CONFORMING })
}

/// What is wrong and what may have been meant; the usage that follows is what `--help` is for.
fn one_line(message: &str) -> String {
    let told = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("Usage:") && !line.starts_with("For more information"));
    told.collect::<Vec<_>>().join("; ").trim_start_matches("error: ").to_owned()
}

/// The one place where the program tells what hindered it.
fn complain(error: &anyhow::Error) {
    for line in format!("{error:#}").lines() {
        // Who has closed the error stream cannot be told.
        let _ = writeln!(anstream::stderr().lock(), "{WRONG}error:{WRONG:#} {line}");
    }
}
