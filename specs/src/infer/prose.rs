//! Facts that descriptions state in words and no keyword can hold.

/// The number after a word, as in "truncated to the first 200 characters".
pub(super) fn number_after(prose: &str, word: &str) -> Option<usize> {
    let rest = &prose[prose.find(word)? + word.len()..];
    rest.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty())?.parse().ok()
}

/// The name after "required unless", as in "Required unless `name` is provided"; marks of emphasis do not count.
pub(super) fn required_unless(prose: &str) -> Option<String> {
    let plain: String = prose.chars().filter(|c| !matches!(c, '*' | '`')).collect();
    let lower = plain.to_lowercase();
    let start = lower.find("required unless")? + "required unless".len();
    let name = plain.get(start..)?.split_whitespace().next()?;
    Some(name.trim_end_matches(['.', ',']).to_owned())
}

/// What stands between several values in one text, as in "ids separated by commas".
pub(super) fn separator(prose: &str) -> Option<&'static str> {
    let separators =
        [("semicolons", ";"), ("semicolon-separated", ";"), ("commas", ","), ("comma-separated", ","), ("comma separated", ",")];
    separators.into_iter().find(|(word, _)| says(prose, word)).map(|(_, separator)| separator)
}

/// The word that stands for everything, as in "or `all`": one in marks of quotation or of code.
pub(super) fn word_for_all(prose: &str) -> Option<String> {
    let marked = |word: &&str| word.starts_with(['`', '\'', '"']);
    let word = prose
        .split_whitespace()
        .find(|word| marked(word) && word.trim_matches(|c: char| !c.is_alphanumeric()).eq_ignore_ascii_case("all"))?;
    Some(word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned())
}

/// Whether the words say that a create also updates.
pub(super) fn upserts(prose: &str) -> Option<&'static str> {
    let phrases = [
        "create or update",
        "creates or updates",
        "updates an existing",
        "update an existing",
        "upsert",
        "create or replace",
        "overwrites",
    ];
    phrases.into_iter().find(|phrase| says(prose, phrase))
}

/// Whether the words say that a value is shown masked.
pub(super) fn masks(prose: &str) -> Option<&'static str> {
    ["masked", "redacted", "obfuscated"].into_iter().find(|word| says(prose, word))
}

/// Words that turn a sentence around.
const NEGATIONS: [&str; 9] = ["not", "never", "no", "cannot", "without", "instead", "unless", "use", "to"];

/// Whether some sentence holds a phrase as words of their own, with nothing before it in that sentence that turns it around: "it is never
/// masked", "to update an existing secret, use PATCH".
pub(super) fn says(prose: &str, phrase: &str) -> bool {
    let lower = prose.to_lowercase();
    lower.split(['.', ';', '!', '?', '\n']).any(|sentence| {
        let Some(start) = sentence.find(phrase) else { return false };
        let (before, after) = (&sentence[..start], &sentence[start + phrase.len()..]);
        let own = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric) && !before.ends_with("un-");
        let mut words = before.split(|c: char| !c.is_alphanumeric());
        own && !words.any(|word| NEGATIONS.contains(&word)) && !after.contains("instead")
    })
}

/// Whether the words of a response may be about a thing of that name being there already: they say so, or they say next to nothing.
pub(super) fn may_mean_taken(description: &str) -> bool {
    let lower = description.to_lowercase();
    let words = lower.split_whitespace().count();
    words <= 3 || ["exist", "duplicate", "taken", "unique", "already", "in use", "conflict"].into_iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_read() {
        assert_eq!(number_after("the length is truncated to the first 200 characters", "truncated"), Some(200));
        assert_eq!(number_after("never cut", "truncated"), None);
        assert_eq!(required_unless("ID. **Required** unless **application_name** is\nprovided."), Some("application_name".to_owned()));
        assert_eq!(required_unless("optional"), None);
        assert_eq!(separator("ids with semicolons between them, or the word `all`"), Some(";"));
        assert_eq!(word_for_all("ids with semicolons between them, or the word `all`.").as_deref(), Some("all"));
        assert_eq!((separator("one id"), word_for_all("all of them")), (None, None));
        assert!(says("where it lies; it may have slashes.", "slashes") && !says("it must not have slashes", "slashes"));
        assert_eq!(upserts("creates a new secret or updates an existing secret"), Some("updates an existing"));
        assert_eq!(masks("always masked with asterisks"), Some("masked"));
    }

    #[test]
    fn sentences_that_say_the_opposite_are_not_taken_for_it() {
        assert_eq!(upserts("create a secret. to update an existing secret, use PATCH"), None);
        assert_eq!(upserts("creates a secret; never overwrites one"), None);
        assert_eq!(masks("the value; it is never masked"), None);
        assert_eq!(masks("its unmasked value"), None);
        assert!(may_mean_taken("Conflict") && may_mean_taken("A secret of that name exists in this project"));
        assert!(!may_mean_taken("The project is archived and takes no more writes"));
    }
}
