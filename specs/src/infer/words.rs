//! Words in identifiers: `secretName`, `secret_name` and `secret-name` are the same two words.

/// The words of an identifier, in lower case.
pub(crate) fn words(identifier: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (begins, letter) in letters(identifier) {
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// The letters and digits of an identifier, and whether a word begins with each.
fn letters(identifier: &str) -> impl Iterator<Item = (bool, char)> {
    let (mut apart, mut previous_lower) = (true, false);
    identifier.chars().filter_map(move |c| {
        if !c.is_alphanumeric() {
            (apart, previous_lower) = (true, false);
            return None;
        }
        let begins = std::mem::take(&mut apart) || c.is_uppercase() && previous_lower;
        previous_lower = c.is_lowercase() || c.is_numeric();
        Some((begins, c))
    })
}

/// The singular of an English plural, as far as API paths need it.
pub(crate) fn singular(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 1) {
        return format!("{stem}y");
    }
    for (plural, one) in [("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("ses", "s")] {
        if let Some(stem) = word.strip_suffix(plural) {
            return format!("{stem}{one}");
        }
    }
    match word.strip_suffix('s') {
        Some(stem) if !word.ends_with("ss") && !word.ends_with("us") && stem.len() > 1 => stem.to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether a word names many things.
pub(crate) fn is_plural(word: &str) -> bool {
    singular(word) != word
}

/// The name of the resource whose collection a path segment is.
pub(crate) fn resource_name(segment: &str) -> String {
    let mut words = words(segment);
    if let Some(last) = words.last_mut() {
        *last = singular(last);
    }
    words.join("-")
}

/// The resource that a parameter selects, from its own name: `project` for `projectId`.
pub(crate) fn owner_of(parameter: &str) -> Option<String> {
    let words = words(parameter);
    let (last, owner) = words.split_last()?;
    let selects = matches!(last.as_str(), "id" | "name" | "uuid" | "key" | "slug");
    (selects && !owner.is_empty()).then(|| owner.iter().map(|word| singular(word)).collect::<Vec<_>>().join("-"))
}

/// Whether two identifiers are the same words.
pub(crate) fn same(a: &str, b: &str) -> bool {
    let alike = |(one, other): (char, char)| one == other || one.to_lowercase().eq(other.to_lowercase());
    let (mut ours, mut theirs) = (letters(a), letters(b));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return true,
            (Some((begins, one)), Some((other_begins, other))) if begins == other_begins && alike((one, other)) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_split_into_words() {
        for identifier in ["secretName", "secret_name", "secret-name", "SecretName"] {
            assert_eq!(words(identifier), ["secret", "name"], "{identifier}");
        }
        assert_eq!(words("v1"), ["v1"]);
        assert!(same("secretName", "SECRET_name") && same("Ünï code", "ÜNÏ_CODE") && same("-", ""));
        assert!(!same("secretName", "secretname") && !same("secret", "secrets") && !same("ab", "a-b"));
        assert_eq!(words("projectID"), ["project", "id"]);
    }

    #[test]
    fn parameters_select_what_they_are_named_for() {
        assert_eq!(owner_of("projectId").as_deref(), Some("project"));
        assert_eq!(owner_of("secret_group_name").as_deref(), Some("secret-group"));
        assert_eq!((owner_of("id"), owner_of("limit")), (None, None));
    }

    #[test]
    fn plurals_become_singular() {
        for (plural, one) in [
            ("secrets", "secret"),
            ("policies", "policy"),
            ("addresses", "address"),
            ("status", "status"),
            ("boxes", "box"),
            ("access", "access"),
            ("apps", "app"),
        ] {
            assert_eq!(singular(plural), one);
        }
        assert!(is_plural("secrets") && !is_plural("secret"));
    }
}
