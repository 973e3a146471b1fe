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

/// Whether the words say that a create also updates.
pub(super) fn upserts(prose: &str) -> Option<&'static str> {
    ["create or update", "creates or updates", "updates an existing", "update an existing", "upsert", "create or replace", "overwrites"]
        .into_iter()
        .find(|phrase| prose.contains(phrase))
}

/// Whether the words say that a value is shown masked.
pub(super) fn masks(prose: &str) -> Option<&'static str> {
    ["masked", "redacted", "obfuscated"].into_iter().find(|word| prose.contains(word))
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
        assert_eq!(upserts("creates a new secret or updates an existing secret"), Some("updates an existing"));
        assert_eq!(masks("always masked with asterisks"), Some("masked"));
    }
}
