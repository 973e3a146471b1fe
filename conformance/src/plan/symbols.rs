//! Symbols: what stands in a plan's texts for that which differs from one run to the next.
//!
//! `${name-1}` is the number in a fresh name, `${secret-1}` a fresh secret, `${step-2:/id}` what an earlier step was told there,
//! `${param:appId:1}` a value that the user gives. `$${` stands for `${` itself.

use serde_json::Value;

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// As it is.
    Text(String),
    /// What differs.
    Symbol(Symbol),
}

/// What stands for something that differs from one run to the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Symbol {
    /// The number of a fresh name.
    Name(usize),
    /// A fresh secret.
    Secret(usize),
    /// What a step's answer has at a JSON Pointer.
    Step(usize, String),
    /// The user's value for a parameter, counted from one.
    Parameter(String, usize),
}

impl Symbol {
    /// The symbol in a plan's text.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Name(number) => format!("${{name-{number}}}"),
            Self::Secret(number) => format!("${{secret-{number}}}"),
            Self::Step(number, pointer) => format!("${{step-{number}:{pointer}}}"),
            Self::Parameter(name, number) => format!("${{param:{name}:{number}}}"),
        }
    }

    fn read(text: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("param:") {
            let (name, number) = rest.rsplit_once(':')?;
            return Some(Self::Parameter(name.to_owned(), number.parse().ok()?));
        }
        if let Some(rest) = text.strip_prefix("step-") {
            let (number, pointer) = rest.split_once(':')?;
            return Some(Self::Step(number.parse().ok()?, pointer.to_owned()));
        }
        let (kind, number) = text.split_once('-')?;
        match kind {
            "name" => Some(Self::Name(number.parse().ok()?)),
            "secret" => Some(Self::Secret(number.parse().ok()?)),
            _ => None,
        }
    }
}

/// A text of no symbols, as a plan writes it.
pub(super) fn plain(text: &str) -> String {
    text.replace("${", "$${")
}

/// The parts of a plan's text; an error names what is no symbol.
pub(super) fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut own = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            own.push_str(&rest[..at - 1]);
            own.push_str("${");
            rest = &rest[at + 2..];
            continue;
        }
        own.push_str(&rest[..at]);
        let (name, after) = rest[at + 2..].split_once('}').ok_or_else(|| format!("`{}` has no end", &rest[at..]))?;
        let symbol = Symbol::read(name).ok_or_else(|| format!("`${{{name}}}` is no symbol of a plan"))?;
        parts.push(Part::Text(std::mem::take(&mut own)));
        parts.push(Part::Symbol(symbol));
        rest = after;
    }
    own.push_str(rest);
    parts.push(Part::Text(own));
    parts.retain(|part| !matches!(part, Part::Text(text) if text.is_empty()));
    Ok(parts)
}

/// A value with every text in it replaced.
pub(super) fn mapped<E>(value: &Value, replace: &mut impl FnMut(&str) -> Result<Value, E>) -> Result<Value, E> {
    Ok(match value {
        Value::String(text) => replace(text)?,
        Value::Array(items) => Value::Array(items.iter().map(|item| mapped(item, replace)).collect::<Result<_, E>>()?),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(name, member)| Ok((name.clone(), mapped(member, replace)?))).collect::<Result<_, E>>()?)
        }
        other => other.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_was_written() {
        let symbols = [Symbol::Name(3), Symbol::Secret(1), Symbol::Step(2, "/data/id".to_owned()), Symbol::Parameter("a:b".to_owned(), 1)];
        for symbol in symbols {
            let text = format!("{}{}{}", plain("${x} $${ costs $5 "), symbol.written(), plain("${"));
            let expected = [Part::Text("${x} $${ costs $5 ".to_owned()), Part::Symbol(symbol), Part::Text("${".to_owned())];
            assert_eq!(parts(&text), Ok(expected.to_vec()), "{text}");
        }
        assert_eq!(parts(""), Ok(Vec::new()));
        for wrong in ["${x}", "${name-}", "${name-1", "${step-1}", "${param:a}"] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }
}
