//! Forms of secrets: how a secret looked, so that another one like it can be made. No form tells a secret.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::canary::random_text;
use crate::generate::{LONG, Odd, long_text, odd_texts};

/// How a secret looks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Form {
    /// Characters of these kinds, in this order.
    Like(Vec<Run>),
    /// The runner's odd text of this number, around so many random letters and digits.
    Odd {
        /// Its place in the list.
        number: usize,
        /// The length of its core.
        core: usize,
    },
}

/// Some characters of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Run {
    of: Kind,
    times: usize,
}

/// A kind of character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// Letters and digits.
    Any,
    Lower,
    Upper,
    Digit,
    /// This character, which is neither letter nor digit of ASCII.
    Exactly(char),
}

/// A secret of a form, and the part of it that is like no other, if that is not all of it.
pub(super) struct Made {
    pub(super) text: String,
    pub(super) core: Option<String>,
}

impl Form {
    /// The form of a secret; `core` is the part of it that is like no other.
    pub(super) fn of(text: &str, core: Option<&str>) -> Self {
        let odd = core.and_then(|core| Some((core, texts_around(core).iter().position(|odd| odd.text == text)?)));
        if let Some((core, number)) = odd {
            return Self::Odd { number, core: core.len() };
        }
        let has = |wanted: fn(char) -> bool| text.chars().any(wanted);
        let random = text.chars().all(|c| c.is_ascii_alphanumeric()) && has(|c| c.is_ascii_digit());
        if random && has(|c| c.is_ascii_lowercase()) && has(|c| c.is_ascii_uppercase()) {
            return Self::usual(text.chars().count());
        }
        let mut runs: Vec<Run> = Vec::new();
        for kind in text.chars().map(Kind::of) {
            match runs.last_mut().filter(|run| run.of == kind) {
                Some(run) => run.times += 1,
                None => runs.push(Run { of: kind, times: 1 }),
            }
        }
        Self::Like(runs)
    }

    /// Letters and digits.
    pub(super) fn usual(length: usize) -> Self {
        Self::Like(vec![Run { of: Kind::Any, times: length }])
    }

    /// Another secret of this form.
    pub(super) fn make(&self, random: &mut ChaCha8Rng) -> Made {
        match self {
            Self::Like(runs) => Made { text: runs.iter().map(|run| run.make(random)).collect(), core: None },
            Self::Odd { number, core } => {
                // A core is halved somewhere, so it has two characters at least.
                let core = random_text((*core).max(2), random);
                let texts = texts_around(&core);
                Made { text: texts[number % texts.len()].text.clone(), core: Some(core) }
            }
        }
    }

    /// Whether a secret of this form is unlike any other text, so that finding it is no accident.
    pub(super) fn is_unlike_others(&self) -> bool {
        const ENOUGH: usize = 16;
        match self {
            Self::Like(runs) => runs.iter().any(|run| !matches!(run.of, Kind::Exactly(_)) && run.times >= ENOUGH),
            Self::Odd { core, .. } => *core >= ENOUGH,
        }
    }
}

/// Every text that is made around a core, in an order that saved plans rely on.
fn texts_around(core: &str) -> Vec<Odd> {
    let mut texts = odd_texts(core);
    texts.extend(LONG.iter().map(|length| long_text(core, *length)));
    texts
}

impl Run {
    fn make(&self, random: &mut ChaCha8Rng) -> String {
        let mut among = |first: u8, count: u8| char::from(first + random.random_range(0..count));
        match self.of {
            Kind::Any => random_text(self.times, random),
            Kind::Lower => (0..self.times).map(|_| among(b'a', 26)).collect(),
            Kind::Upper => (0..self.times).map(|_| among(b'A', 26)).collect(),
            Kind::Digit => (0..self.times).map(|_| among(b'0', 10)).collect(),
            Kind::Exactly(c) => std::iter::repeat_n(c, self.times).collect(),
        }
    }
}

impl Kind {
    const fn of(c: char) -> Self {
        match c {
            'a'..='z' => Self::Lower,
            'A'..='Z' => Self::Upper,
            '0'..='9' => Self::Digit,
            other => Self::Exactly(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng as _;

    #[test]
    fn a_form_makes_others_like_its_own_and_tells_none() {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let core = "8Jk2mNpQ7rStVxYz4aB2cD5e";
        let odd = odd_texts(core)[10].text.clone();
        for (text, core) in
            [(core, None), ("QX7RT2MN8KLPQX7RT2MN8KLP", None), ("sk_live_00123", None), (odd.as_str(), Some(core)), ("", None)]
        {
            let form = Form::of(text, core);
            let made = form.make(&mut random);
            assert_eq!(made.text.chars().count(), text.chars().count(), "{form:?}");
            assert!(text.is_empty() || made.text != text);
            assert_eq!(Form::of(&made.text, made.core.as_deref()), form);
            let written = serde_json::to_string(&form).expect("JSON");
            assert!(text.len() < 8 || !written.contains(&text[..8]), "{written}");
            assert_eq!(serde_json::from_str::<Form>(&written).ok(), Some(form));
        }
    }
}
