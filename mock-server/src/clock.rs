//! Time and chance, both given: the same seed and the same requests give the same bytes.

use jiff::Timestamp;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use specs::claims::{IdFormat, TimeFormat};
use specs::wire::written;

use crate::lasting::{SavedChance, SavedClock};

/// 2026-01-01T00:00:00Z in milliseconds: the moment at which every sandbox begins.
const BEGINNING: i64 = 1_767_225_600_000;

/// The last moment that can be written: 9999-12-31T23:59:59.999Z in milliseconds, with a century to go on.
const LATEST: i64 = 253_402_300_799_999 - 100 * 366 * 86_400_000;

/// A clock that moves by one second with every change, so that "later" can be seen in any time format, and that can be put forward.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    now: i64,
    advanced: i64,
}

/// The clock cannot be put there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ClockError {
    /// Time does not go backwards.
    #[error("the clock is at {} already and never goes backwards; a reset takes it to its beginning", written(*.0, TimeFormat::Rfc3339(3)))]
    Backwards(i64),
    /// That is beyond all calendars.
    #[error("the clock cannot be put beyond {}", written(LATEST, TimeFormat::Rfc3339(0)))]
    TooLate,
}

impl Clock {
    pub(crate) const fn new() -> Self {
        Self { now: BEGINNING, advanced: 0 }
    }

    /// The present moment, in milliseconds since 1970.
    pub(crate) const fn now(&self) -> i64 {
        self.now
    }

    /// Moves on and gives the new moment.
    pub(crate) const fn tick(&mut self) -> i64 {
        self.now += 1000;
        self.now
    }

    /// Whether a moment can be shown.
    pub(crate) fn can_show(millis: i64) -> bool {
        millis <= LATEST && Timestamp::from_millisecond(millis).is_ok()
    }

    pub(crate) const fn saved(&self) -> SavedClock {
        SavedClock { now: self.now, advanced: self.advanced }
    }

    /// The clock that was saved, if it was one.
    pub(crate) fn from_saved(saved: SavedClock) -> Option<Self> {
        let sound = saved.now >= BEGINNING && Self::can_show(saved.now) && saved.advanced >= 0;
        sound.then_some(Self { now: saved.now, advanced: saved.advanced })
    }

    /// By how much it was put forward since the beginning, in milliseconds: what expires does so by this, not by the number of changes.
    pub(crate) const fn advanced(&self) -> i64 {
        self.advanced
    }

    /// Puts it forward to a moment.
    pub(crate) const fn put(&mut self, moment: i64) -> Result<(), ClockError> {
        if moment < self.now {
            return Err(ClockError::Backwards(self.now));
        }
        if moment > LATEST {
            return Err(ClockError::TooLate);
        }
        self.advanced += moment - self.now;
        self.now = moment;
        Ok(())
    }

    /// Puts it forward by so many milliseconds.
    pub(crate) const fn advance(&mut self, millis: i64) -> Result<(), ClockError> {
        self.put(self.now.saturating_add(millis))
    }
}

/// Where ids and choices come from.
#[derive(Clone, Debug)]
pub(crate) struct Chance {
    seed: u64,
    random: ChaCha8Rng,
    issued: u64,
}

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, random: ChaCha8Rng::seed_from_u64(seed), issued: 0 }
    }

    /// The number from which everything follows.
    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn saved(&self) -> SavedChance {
        let position = u64::try_from(self.random.get_word_pos()).unwrap_or(u64::MAX);
        SavedChance { seed: self.seed, position, issued: self.issued }
    }

    /// Goes on where what was saved ended.
    pub(crate) fn from_saved(saved: SavedChance) -> Self {
        let mut chance = Self { issued: saved.issued, ..Self::new(saved.seed) };
        chance.random.set_word_pos(saved.position.into());
        chance
    }

    /// A new id that was not issued before.
    pub(crate) fn id(&mut self, format: &IdFormat) -> Value {
        self.issued += 1;
        match format {
            IdFormat::Sequence(first) => Value::from(first + self.issued - 1),
            IdFormat::Text { prefix, alphabet, length } => {
                let rest = length.saturating_sub(prefix.chars().count());
                Value::from(format!("{prefix}{}", self.text(alphabet, rest)))
            }
            IdFormat::Uuid => {
                let digits = self.text("0123456789abcdef", 30);
                let variant = self.text("89ab", 1);
                Value::from(format!(
                    "{}-{}-4{}-{variant}{}-{}",
                    &digits[..8],
                    &digits[8..12],
                    &digits[12..15],
                    &digits[15..18],
                    &digits[18..]
                ))
            }
        }
    }

    /// Random characters of an alphabet.
    pub(crate) fn text(&mut self, alphabet: &str, length: usize) -> String {
        let characters: Vec<char> = alphabet.chars().collect();
        if characters.is_empty() {
            return String::new();
        }
        (0..length).map(|_| characters[self.random.random_range(0..characters.len())]).collect()
    }
}

#[cfg(test)]
mod tests {
    use specs::wire::http_date;

    use super::*;

    #[test]
    fn a_date_is_written_as_http_has_it() {
        assert_eq!(http_date(Clock::new().now()), "Thu, 01 Jan 2026 00:00:00 GMT");
    }

    #[test]
    fn moments_are_written_as_each_vendor_does() {
        assert_eq!(written(BEGINNING + 1234, TimeFormat::Spaced), "2026-01-01 00:00:01");
        assert_eq!(written(BEGINNING + 1234, TimeFormat::Rfc3339(0)), "2026-01-01T00:00:01Z");
        assert_eq!(written(BEGINNING + 1234, TimeFormat::Rfc3339(3)), "2026-01-01T00:00:01.234Z");
        assert_eq!(written(BEGINNING + 1230, TimeFormat::Rfc3339Trimmed(9)), "2026-01-01T00:00:01.23Z");
        assert_eq!(written(BEGINNING + 10_000, TimeFormat::Rfc3339Trimmed(6)), "2026-01-01T00:00:10Z");
        assert_eq!(written(BEGINNING + 1234, TimeFormat::Rfc3339(6)), "2026-01-01T00:00:01.234000Z");
    }

    #[test]
    fn ids_have_their_form_and_one_seed_gives_one_sequence() {
        let format = IdFormat::Text { prefix: "aps".to_owned(), alphabet: "ab1".to_owned(), length: 26 };
        let (mut one, mut two) = (Chance::new(7), Chance::new(7));
        for _ in 0..5 {
            let id = one.id(&format);
            assert_eq!(id, two.id(&format));
            let id = id.as_str().expect("text");
            assert!(id.starts_with("aps") && id.len() == 26 && id[3..].chars().all(|c| "ab1".contains(c)), "{id}");
        }
        assert_eq!(Chance::new(1).id(&IdFormat::Sequence(101)), Value::from(101));
        let uuid = Chance::new(1).id(&IdFormat::Uuid);
        let uuid = uuid.as_str().expect("text");
        assert!(uuid.len() == 36 && uuid.as_bytes()[14] == b'4', "{uuid}");
    }
}
