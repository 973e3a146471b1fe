//! Progress: how far a long run has come, on the error stream, where somebody looks at it.

use std::sync::Arc;
use std::time::Duration;

use conformance::units::counted;
use conformance::{Event, Watch};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::{Volume, tell};

/// How often the line moves while a target takes its time.
const TICK: Duration = Duration::from_millis(120);

/// A line that moves while a run goes on; it is gone when it is dropped.
pub(crate) struct Progress {
    line: Arc<ProgressBar>,
    volume: Volume,
}

impl Progress {
    /// The progress of one spec's run. Nothing moves where the error stream is no terminal, for `--quiet`, or where each request has its line.
    pub(crate) fn of(spec: &str, volume: Volume) -> Self {
        let line = if volume == Volume::Usual { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let style = ProgressStyle::with_template("{spinner} {prefix:<12} {msg} · {elapsed}").expect("the template is constant");
        line.set_style(style);
        line.set_prefix(spec.to_owned());
        line.set_message("beginning");
        if !line.is_hidden() {
            line.enable_steady_tick(TICK);
        }
        Self { line: Arc::new(line), volume }
    }

    /// Who is told by the run.
    pub(crate) fn watch(&self) -> Watch {
        let (line, volume) = (Arc::clone(&self.line), self.volume);
        let part = Arc::new(std::sync::Mutex::new("beginning".to_owned()));
        Watch::by(move |event| {
            let mut part = part.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match event {
                Event::Phase(phase) => begin(&line, volume, &mut part, phase.name()),
                Event::Retracing(count) => begin(&line, volume, &mut part, &format!("repeating {}", counted(*count, "violation"))),
                Event::CleaningUp => begin(&line, volume, &mut part, "cleaning up"),
                Event::LedgerMade(path) => line.suspend(|| {
                    tell(&format!("ledger: {} (lockstep cleanup removes what a killed run leaves behind)", path.display()));
                }),
                Event::Answered { operation, status, sent } => {
                    line.set_message(format!("{part} · {}", counted(*sent, "request")));
                    if volume == Volume::Verbose {
                        tell(&format!("{status} {operation}"));
                    }
                }
            }
        })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

fn begin(line: &ProgressBar, volume: Volume, part: &mut String, name: &str) {
    name.clone_into(part);
    line.set_message(name.to_owned());
    if volume == Volume::Verbose {
        tell(&format!("== {name}"));
    }
}
