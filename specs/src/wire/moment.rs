//! Moments as a vendor writes them, in the years from 0 to 9999. Most answers hold some, so they are written straight into what is there.

use http::HeaderValue;

use crate::claims::TimeFormat;

/// Milliseconds in a day.
const DAY: i64 = 86_400_000;

/// The names of the days of the week, from the one on which 1970 began.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A moment, given in milliseconds since 1970, as a vendor writes it.
#[must_use]
pub fn written(millis: i64, format: TimeFormat) -> String {
    let mut out = Vec::with_capacity(32);
    write(millis, format, &mut out);
    String::from_utf8(out).expect("digits and signs are ASCII")
}

/// A moment as a `Date` header has it (RFC 9110, section 5.6.7).
#[must_use]
pub fn http_date(millis: i64) -> HeaderValue {
    let (days, time) = split(millis);
    let Date { year, month, day } = date(days);
    let name = |names: &[&'static str], place: u32| usize::try_from(place).ok().and_then(|place| names.get(place)).copied();
    let weekday = u32::try_from(days.rem_euclid(7)).unwrap_or(0);
    let (weekday, month) = (name(&DAYS, weekday).unwrap_or("Thu"), name(&MONTHS, month - 1).unwrap_or("Jan"));
    let mut text = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    text[..3].copy_from_slice(weekday.as_bytes());
    text[5..7].copy_from_slice(&pair(day));
    text[8..11].copy_from_slice(month.as_bytes());
    text[12..14].copy_from_slice(&pair(year / 100));
    text[14..16].copy_from_slice(&pair(year));
    put_time(time, &mut text[17..25]);
    HeaderValue::from_bytes(&text).expect("names and digits are ASCII")
}

/// Writes a moment after what is there.
pub(super) fn write(millis: i64, format: TimeFormat, out: &mut Vec<u8>) {
    let (days, time) = split(millis);
    let Date { year, month, day } = date(days);
    let mut text = *b"0000-00-00T00:00:00.000000000Z";
    text[..2].copy_from_slice(&pair(year / 100));
    text[2..4].copy_from_slice(&pair(year));
    text[5..7].copy_from_slice(&pair(month));
    text[8..10].copy_from_slice(&pair(day));
    put_time(time, &mut text[11..19]);
    text[20..22].copy_from_slice(&pair(time / 10));
    text[22] = pair(time)[1];
    let fraction = |places: u8| FRACTION + usize::from(places.min(9));
    let end = match format {
        TimeFormat::Spaced => {
            text[10] = b' ';
            return out.extend_from_slice(&text[..WHOLE]);
        }
        TimeFormat::Rfc3339(0) => WHOLE,
        TimeFormat::Rfc3339(places) => fraction(places),
        TimeFormat::Rfc3339Trimmed(places) => {
            let last = text[FRACTION..fraction(places.max(1))].iter().rposition(|digit| *digit != b'0');
            last.map_or(WHOLE, |last| FRACTION + last + 1)
        }
    };
    text[end] = b'Z';
    out.extend_from_slice(&text[..=end]);
}

/// Where the seconds end in a moment, and where their fraction begins.
const WHOLE: usize = 19;
const FRACTION: usize = 20;

/// The days since 1970, and the milliseconds of the day.
fn split(millis: i64) -> (i64, u32) {
    (millis.div_euclid(DAY), u32::try_from(millis.rem_euclid(DAY)).unwrap_or(0))
}

/// `HH:MM:SS` of the milliseconds of a day.
fn put_time(time: u32, text: &mut [u8]) {
    let seconds = time / 1000;
    text[..2].copy_from_slice(&pair(seconds / 3600));
    text[3..5].copy_from_slice(&pair(seconds / 60 % 60));
    text[6..8].copy_from_slice(&pair(seconds % 60));
}

/// The last two digits of a number.
fn pair(number: u32) -> [u8; 2] {
    PAIRS[number as usize % 100]
}

/// Every number below a hundred in two digits.
static PAIRS: [[u8; 2]; 100] = {
    let (mut pairs, mut number) = ([*b"00"; 100], 0);
    while number < 100 {
        let digits = b"0123456789";
        pairs[number] = [digits[number / 10], digits[number % 10]];
        number += 1;
    }
    pairs
};

/// A date of the calendar.
#[derive(Debug, PartialEq, Eq)]
struct Date {
    year: u32,
    month: u32,
    day: u32,
}

/// The civil date of a number of days since 1970: years are counted from March, so that the day that some of them have more is the last
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). Four centuries are added and taken off again, so that no number is negative.
fn date(days: i64) -> Date {
    let shifted = u32::try_from(days + 719_468 + 146_097).unwrap_or(0);
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year_of_era + era * 400 + u32::from(month <= 2);
    Date { year: year.saturating_sub(400), month, day }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_the_calendars() {
        for (day, (year, month, of_month)) in [
            (0, (1970, 1, 1)),
            (-1, (1969, 12, 31)),
            (-719_528, (0, 1, 1)),
            (11_016, (2000, 2, 29)),
            (11_017, (2000, 3, 1)),
            (20_454, (2026, 1, 1)),
            (47_541, (2100, 3, 1)),
            (2_932_896, (9999, 12, 31)),
        ] {
            assert_eq!(date(day), Date { year, month, day: of_month }, "{day}");
        }
    }

    #[test]
    fn moments_are_written_in_every_form() {
        let moment = 20_454 * DAY + 3_723_045;
        for (format, expected) in [
            (TimeFormat::Spaced, "2026-01-01 01:02:03"),
            (TimeFormat::Rfc3339(0), "2026-01-01T01:02:03Z"),
            (TimeFormat::Rfc3339(2), "2026-01-01T01:02:03.04Z"),
            (TimeFormat::Rfc3339(12), "2026-01-01T01:02:03.045000000Z"),
            (TimeFormat::Rfc3339Trimmed(6), "2026-01-01T01:02:03.045Z"),
            (TimeFormat::Rfc3339Trimmed(1), "2026-01-01T01:02:03Z"),
            (TimeFormat::Rfc3339Trimmed(9), "2026-01-01T01:02:03.045Z"),
        ] {
            assert_eq!(written(moment, format), expected);
        }
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
