//! A fault of Lockstep's own: told by its place, without words that may hold a value which was sent.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{self, Write as _};
use std::panic::{self, Location, PanicHookInfo};

/// From here on a panic is told so; what it says stands only if it was written in the program's text.
pub(crate) fn tell() {
    panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let backtrace = Backtrace::capture();
        let more = if backtrace.status() == BacktraceStatus::Captured { backtrace.to_string() } else { String::new() };
        // Where nobody can be told, nobody is.
        let _ = writeln!(io::stderr(), "{}\n{more}", told(info.location(), info.payload()));
    }));
}

fn told(place: Option<&Location<'_>>, payload: &(dyn Any + Send)) -> String {
    let place = place.map(ToString::to_string).unwrap_or_default();
    // A text that was put together while running may hold anything.
    let words = payload.downcast_ref::<&'static str>().map(|words| format!(": {words}")).unwrap_or_default();
    format!("error: a fault of lockstep's own, at {place}{words}; please report it with this line")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(fails: impl FnOnce() + panic::UnwindSafe) -> String {
        let payload = panic::catch_unwind(fails).expect_err("it fails");
        told(Some(Location::caller()), payload.as_ref())
    }

    #[test]
    fn a_panic_tells_its_place_and_no_value() {
        let value = "kX93hd7Qw2Z".to_owned();
        let refused = value.parse::<u8>().map_err(|_| value.clone());
        let (one, two) = (told_of(|| panic!("no room for {value}")), told_of(|| assert_eq!(refused.expect("a number"), 0)));
        for told in [one, two] {
            assert!(told.contains("src/own_fault.rs:") && !told.contains("kX93"), "{told}");
        }
        assert!(told_of(|| panic!("no room")).contains(": no room; please report"));
    }
}
