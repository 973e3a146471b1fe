//! Hidden texts: what must not be shown of the secrets that were written.

use crate::needles::Needles;
use crate::tellings::{PIECE, Telling, tellings};

/// Shorter secrets than this cannot be told from other text.
pub(crate) const SHORTEST: usize = 4;

/// A longer secret, in bytes, is made around a core.
pub(crate) const LONGEST_HIDDEN: usize = 16 * 1024;

/// What must not be shown: every telling of every secret that is long enough to be told from other text. They are made up once something
/// is to be shown, which is seldom.
pub(crate) struct Hidden {
    needles: Needles<usize>,
    /// The texts whose tellings are not among the needles yet, each with the number of its secret.
    waiting: Vec<(String, usize)>,
}

impl Hidden {
    /// Nothing yet.
    pub(crate) fn none() -> Self {
        Self { needles: Needles::new(true), waiting: Vec::new() }
    }

    /// From now on no telling of this text is shown.
    pub(crate) fn add(&mut self, text: &str, number: usize) {
        // Of a long text the part that is like no other is hidden; the rest tells nothing.
        if (SHORTEST..=LONGEST_HIDDEN).contains(&text.len()) {
            self.waiting.push((text.to_owned(), number));
        }
    }

    /// Forgets the texts of all secrets but these.
    pub(crate) fn retain(&mut self, is_kept: impl Fn(usize) -> bool) {
        self.waiting.retain(|(_, number)| is_kept(*number));
        self.needles.retain(is_kept);
    }

    /// Every telling.
    pub(crate) fn ready(&mut self) -> &Needles<usize> {
        for (text, number) in std::mem::take(&mut self.waiting) {
            for (needle, _) in tellings(&text).into_iter().filter(must_hide) {
                // Media types and host names are shown in lower case.
                let lower = needle.to_lowercase();
                if !lower.eq_ignore_ascii_case(&needle) {
                    self.needles.add(&lower, number);
                }
                self.needles.add(&needle, number);
            }
        }
        &self.needles
    }
}

/// A short secret is looked for as it is alone: its encodings are found by accident.
fn must_hide((needle, telling): &(String, Telling)) -> bool {
    match telling {
        Telling::Piece | Telling::Reversed => false,
        Telling::Plain => needle.len() >= SHORTEST,
        Telling::Base64 | Telling::Hex | Telling::Percent => needle.len() >= PIECE,
    }
}
