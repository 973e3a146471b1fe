//! How ids look that the server issues, as far as a schema says.

use super::chosen;
use crate::claims::{Claim, Grade, IdFormat};
use crate::contract::SchemaNode;

/// The form of ids that fit a schema.
pub(super) fn id_format(schema: Option<SchemaNode<'_>>) -> Claim<IdFormat> {
    let integer = schema.is_some_and(|schema| schema.types().contains(&"integer"));
    let uuid = schema.is_some_and(|schema| schema.text("format") == Some("uuid"));
    let pattern = schema.and_then(|schema| schema.text("pattern"));
    if integer {
        chosen(IdFormat::Sequence(1), "the schema says integer")
    } else if uuid {
        Claim::new(IdFormat::Uuid, Grade::Documented, "the schema says `format: uuid`")
    } else if let Some((format, pattern)) = pattern.and_then(|pattern| Some((of_pattern(pattern)?, pattern))) {
        Claim::new(format, Grade::Documented, format!("the schema says `pattern: {pattern}`"))
    } else {
        let alphabet = "0123456789abcdefghijklmnopqrstuvwxyz".to_owned();
        chosen(IdFormat::Text { prefix: String::new(), alphabet, length: 20 }, "nobody says what ids look like")
    }
}

/// The ids of a pattern that is a word and a number of letters out of a set: `^sec_[a-z0-9]{26}$`.
fn of_pattern(pattern: &str) -> Option<IdFormat> {
    let (prefix, set) = pattern.strip_prefix('^')?.strip_suffix("}$")?.split_once('[')?;
    let (set, count) = set.split_once("]{")?;
    let plain = prefix.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_".contains(letter));
    let letters = plain.then(|| alphabet(set))??;
    let count: usize = count.parse().ok().filter(|count| (1..=64).contains(count))?;
    Some(IdFormat::Text { prefix: prefix.to_owned(), alphabet: letters, length: prefix.len() + count })
}

/// The letters of a character class, digits first; `None` where it has more than letters, digits and ranges of them.
fn alphabet(set: &str) -> Option<String> {
    let mut letters: Vec<char> = Vec::new();
    let mut rest: Vec<char> = set.chars().collect();
    rest.reverse();
    while let Some(first) = rest.pop() {
        let range = rest.last() == Some(&'-') && rest.len() > 1;
        let last = if range { rest.split_off(rest.len() - 2)[0] } else { first };
        letters.extend((first..=last).filter(char::is_ascii_alphanumeric));
        if !(first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()) {
            return None;
        }
    }
    letters.sort_unstable();
    letters.dedup();
    (!letters.is_empty()).then(|| letters.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(prefix: &str, alphabet: &str, length: usize) -> IdFormat {
        IdFormat::Text { prefix: prefix.to_owned(), alphabet: alphabet.to_owned(), length }
    }

    #[test]
    fn patterns_of_a_word_and_letters_say_what_ids_look_like() {
        let digits_and_letters = "0123456789abcdefghijklmnopqrstuvwxyz";
        assert_eq!(of_pattern("^[a-z0-9]{26}$"), Some(text("", digits_and_letters, 26)));
        assert_eq!(of_pattern("^sec_[0-9af]{4}$"), Some(text("sec_", "0123456789af", 8)));
        for other in ["[a-z]{3}", "^[a-z]+$", "^[^a]{3}$", "^[a-z_]{3}$", "^(a|b)[a-z]{3}$", "^[a-z]{0}$", "^[z-a]{3}$", "^[a-z]{3,5}$"] {
            assert_eq!(of_pattern(other), None, "{other}");
        }
    }
}
