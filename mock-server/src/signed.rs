//! Tokens that their callers sign (RFC 7519): the signature cannot be checked without the caller's key, form and times can.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use specs::claims::{SignedToken, Situation};

/// How far ahead of ours a caller's clock may be, in seconds (RFC 7519, section 4.1.5: a small leeway for clock skew).
const LEEWAY: i64 = 60;

/// What is wrong with a token; its form comes first, then its times. `now` is in seconds since 1970, `longest` a life in seconds.
pub(crate) fn check(token: &str, form: &SignedToken, longest: Option<i64>, now: i64) -> Result<(), Situation> {
    let (header, claims) = parts(token).ok_or(Situation::MalformedCredentials)?;
    let has = |object: &Value, name: &String| match &object[name.as_str()] {
        Value::String(text) => !text.is_empty(),
        other => other.is_number(),
    };
    let algorithm = header["alg"].as_str().unwrap_or_default();
    let signed = !matches!(algorithm, "" | "none") && (form.algorithms.is_empty() || form.algorithms.iter().any(|own| own == algorithm));
    if !signed || !form.header.iter().all(|name| has(&header, name)) || !form.claims.iter().all(|name| has(&claims, name)) {
        return Err(Situation::MalformedCredentials);
    }
    let expires = claims["exp"].as_i64().ok_or(Situation::MalformedCredentials)?;
    let issued = claims["iat"].as_i64();
    if longest.zip(issued).is_some_and(|(longest, issued)| expires.saturating_sub(issued) > longest) {
        return Err(Situation::OverlongCredentials);
    }
    if issued.is_some_and(|issued| issued > now.saturating_add(LEEWAY)) {
        return Err(Situation::PrematureCredentials);
    }
    if expires <= now { Err(Situation::ExpiredCredentials) } else { Ok(()) }
}

/// The header and the claims of a token of three parts, the third of which is not empty.
fn parts(token: &str) -> Option<(Value, Value)> {
    let mut parts = token.split('.');
    let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
    let object = |part: &str| {
        let value: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(part).ok()?).ok()?;
        value.is_object().then_some(value)
    };
    (!signature.is_empty() && parts.next().is_none()).then_some((object(header)?, object(claims)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn token(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2ln", part(header), part(claims))
    }

    #[test]
    fn form_and_times_are_checked() {
        let strict = SignedToken { algorithms: vec!["RS256".into()], header: vec!["kid".into()], claims: vec!["iss".into(), "iat".into()] };
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": "k"});
        let at = |iat: i64, exp: i64| json!({"iss": 7, "iat": iat, "exp": exp});
        let checked = |header: &Value, claims: &Value| check(&token(header, claims), &strict, Some(3600), 1000);
        assert_eq!(checked(&header, &at(1000, 1064)), Ok(()));
        assert_eq!(checked(&header, &json!({"iss": "7", "iat": 995, "exp": 1024})), Ok(()));
        assert_eq!(checked(&header, &at(1000, 4600)), Ok(()), "an hour is allowed");
        assert_eq!(checked(&header, &at(1000, 4601)), Err(Situation::OverlongCredentials));
        assert_eq!(checked(&header, &at(1061, 1100)), Err(Situation::PrematureCredentials));
        assert_eq!(checked(&header, &at(900, 1000)), Err(Situation::ExpiredCredentials));
        for (header, claims) in [
            (json!({"alg": "HS256", "kid": "k"}), at(1000, 1064)),
            (json!({"alg": "RS256"}), at(1000, 1064)),
            (header.clone(), json!({"iat": 1000, "exp": 1064})),
            (header.clone(), json!({"iss": "7", "iat": 1000})),
        ] {
            assert_eq!(checked(&header, &claims), Err(Situation::MalformedCredentials), "{header} {claims}");
        }
        for text in ["", "a", "a.b.c", "e30.e30.", "e30.e30.x.y"] {
            assert_eq!(check(text, &strict, None, 0), Err(Situation::MalformedCredentials), "{text}");
        }
        let unsigned = token(&json!({"alg": "none"}), &at(0, 10));
        assert_eq!(check(&unsigned, &SignedToken::default(), None, 0), Err(Situation::MalformedCredentials));
    }
}
