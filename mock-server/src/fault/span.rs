//! Lengths of time as they are written: `200ms`, `2s`, and a range of them, `50ms..300ms`.

use std::fmt;
use std::time::Duration;

/// The longest time that can be asked for: a day.
const LONGEST: Duration = Duration::from_hours(24);

/// Reads a length of time.
pub(super) fn read(text: &str) -> Option<Duration> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().ok()?;
    let span = match unit {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number.checked_mul(60)?),
        _ => return None,
    };
    (span <= LONGEST).then_some(span)
}

/// A length of time as it is written.
pub(super) struct Written(pub(super) Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_millis();
        if millis.is_multiple_of(1000) { write!(f, "{}s", millis / 1000) } else { write!(f, "{millis}ms") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_read_back() {
        for (text, millis) in [("200ms", 200), ("2s", 2000), ("0ms", 0)] {
            assert_eq!(read(text), Some(Duration::from_millis(millis)));
        }
        assert_eq!(read("3m"), Some(Duration::from_mins(3)));
        for text in ["", "5", "ms", "-1s", "1h", "1.5s", "2 s", "99999999999999999999s", "1441m"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(Written(Duration::from_millis(1500)).to_string(), "1500ms");
        assert_eq!(Written(Duration::from_secs(2)).to_string(), "2s");
    }
}
