//! `Prefer` (RFC 7240): a request that asks for a certain answer, by the names that Prism uses: `code=409`, `delay=200`.

use std::time::Duration;

use http::{HeaderMap, HeaderName};

const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The longest delay that can be asked for: a day, in milliseconds.
const LONGEST: u64 = 86_400_000;

/// What a request prefers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preference {
    /// The status of the answer.
    pub(crate) code: Option<u16>,
    /// How long the answer is held back.
    pub(crate) delay: Option<Duration>,
}

impl Preference {
    /// Reads what is preferred; what is not known here is left alone, as the RFC has it (section 2). An error tells what is not understood.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, String> {
        let mut preference = Self::default();
        if !headers.contains_key(PREFER) {
            return Ok(preference);
        }
        let fields = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
        for (name, value) in fields.flat_map(|field| field.split(',')).filter_map(pair) {
            match name.as_str() {
                // Of one that comes twice the first counts (section 2).
                "code" if preference.code.is_none() => preference.code = Some(code(value)?),
                "delay" if preference.delay.is_none() => preference.delay = Some(delay(value)?),
                _ => {}
            }
        }
        Ok(preference)
    }

    /// What was honoured, for `Preference-Applied` (section 3); nothing if nothing was preferred.
    pub(crate) fn applied(&self) -> Option<String> {
        if *self == Self::default() {
            return None;
        }
        let code = self.code.map(|code| format!("code={code}"));
        let delay = self.delay.map(|delay| format!("delay={}", delay.as_millis()));
        let applied: Vec<String> = code.into_iter().chain(delay).collect();
        Some(applied.join(", "))
    }
}

/// Name and value of one preference, without parameters and quotes.
fn pair(preference: &str) -> Option<(String, &str)> {
    let (name, value) = preference.split(';').next()?.split_once('=')?;
    Some((name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
}

fn code(value: &str) -> Result<u16, String> {
    let code = value.parse().ok().filter(|code| (200..600).contains(code));
    code.ok_or_else(|| "`Prefer: code` is a status from 200 to 599".to_owned())
}

fn delay(value: &str) -> Result<Duration, String> {
    let delay = value.parse().ok().filter(|millis| *millis <= LONGEST);
    delay.map(Duration::from_millis).ok_or_else(|| format!("`Prefer: delay` is a number of milliseconds, {LONGEST} at most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(fields: &[&'static str]) -> Result<Preference, String> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append("prefer", http::HeaderValue::from_static(field));
        }
        Preference::of(&headers)
    }

    #[test]
    fn preferences_are_read_and_others_left_alone() {
        let both = Preference { code: Some(409), delay: Some(Duration::from_millis(200)) };
        for fields in
            [&["code=409, delay=200"][..], &["Code=\"409\"; x=1", "delay = 200"], &["return=minimal, code=409, code=500, delay=200"]]
        {
            assert_eq!(of(fields), Ok(both.clone()), "{fields:?}");
        }
        assert_eq!(of(&["return=minimal, respond-async, dynamic=true"]), Ok(Preference::default()));
        assert_eq!(both.applied().as_deref(), Some("code=409, delay=200"));
        for field in ["code=abc", "code=99", "delay=-1", "delay=99999999999"] {
            assert!(of(&[field]).is_err(), "{field}");
        }
    }
}
