//! Counts and durations as people say them.

/// A count with its noun: `1 request`, `12,345 requests`. The noun's plural ends in `s`.
#[must_use]
pub fn counted(count: usize, noun: &str) -> String {
    format!("{} {noun}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// A duration given in seconds: `0.4 s`, `1 min 05 s`, `2 h 03 min`.
#[must_use]
pub fn lasted(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} s");
    }
    let whole = std::time::Duration::from_secs_f64(seconds.round()).as_secs();
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes} min {seconds:02} s"),
        (hours, minutes, _) => format!("{hours} h {minutes:02} min"),
    }
}

/// Digits in threes.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_durations_are_read_at_a_glance() {
        for (count, told) in [(0, "0 requests"), (1, "1 request"), (999, "999 requests"), (1_000, "1,000 requests")] {
            assert_eq!(counted(count, "request"), told);
        }
        assert_eq!(counted(1_234_567, "request"), "1,234,567 requests");
        let times = [(0.04, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (65.2, "1 min 05 s"), (7_380.0, "2 h 03 min")];
        for (seconds, told) in times {
            assert_eq!(lasted(seconds), told);
        }
    }
}
