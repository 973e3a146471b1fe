//! Credentials: what of a request says who sends it, in headers or in the query, as the user gave it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use specs::claims::Combine;
use specs::contract::{Contract, Location, SchemeKind};
use specs::wire::Request;

use crate::canary::random_text;
use crate::case::Credential;
use crate::generate::Generator;
use crate::options::{Header, Identity, Options};

/// The headers that the user gave, and the keys that travel in the query.
pub(crate) struct Credentials {
    /// Every header that goes with each request.
    pub(crate) headers: HeaderMap,
    /// Names of headers that hold a credential, in lower case.
    holders: Vec<String>,
    /// Those of them that are enough without `Authorization`: some alternative asks for nothing else.
    enough: Vec<String>,
    /// Keys in the query: names and values.
    query: Vec<(String, String)>,
    /// The headers of other callers.
    identities: BTreeMap<Identity, HeaderMap>,
}

impl Credentials {
    pub(crate) fn new(contract: &Contract, options: &Options) -> Self {
        let headers = options.headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
        let schemes = contract.schemes.iter().filter_map(|scheme| scheme.kind.header()).map(str::to_ascii_lowercase);
        let query = contract.schemes.iter().filter_map(|scheme| match &scheme.kind {
            SchemeKind::ApiKey(Location::Query, name) => Some((name.clone(), options.parameters.get(name)?.first()?.clone())),
            _ => None,
        });
        let usual = ["authorization", "cookie"].map(str::to_owned);
        let sent = |headers: &Vec<Header>| headers.iter().map(|header| (header.name.clone(), header.value.clone())).collect();
        let identities = options.identities.iter().map(|(identity, headers)| (*identity, sent(headers)));
        Self {
            headers,
            holders: schemes.chain(usual).collect(),
            enough: enough(contract),
            query: query.collect(),
            identities: identities.collect(),
        }
    }

    /// The other callers that the user has named.
    pub(crate) fn identities(&self) -> impl Iterator<Item = Identity> {
        self.identities.keys().copied()
    }

    /// Whether a credential travels behind the name of a scheme, which could be another.
    pub(crate) fn names_scheme(&self) -> bool {
        self.headers.get("authorization").and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(' '))
    }

    /// Every text that nothing which is shown may repeat: keys, whole credentials, and what stands behind a scheme or a cookie's name.
    pub(crate) fn texts(&self) -> Vec<String> {
        let holds = |name: &HeaderName| self.holders.iter().any(|holder| holder == name.as_str());
        let all = self.headers.iter().chain(self.identities.values().flatten());
        let headers = all.filter(|(name, _)| holds(name)).filter_map(|(_, value)| value.to_str().ok());
        let mut texts: Vec<String> = self.query.iter().map(|(_, value)| value.clone()).collect();
        for value in headers {
            let rest = value.split_once([' ', '=']).map_or(value, |(_, rest)| rest);
            let decoded = BASE64_STANDARD.decode(rest).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            let password = decoded.as_deref().and_then(|text| text.split_once(':')).map(|(_, password)| password.to_owned());
            texts.extend([value.to_owned(), rest.to_owned()].into_iter().chain(password));
        }
        texts
    }

    /// The environment variable that stands for a header's value wherever it is shown, if the user gave it: that of another caller begins
    /// with its name.
    pub(crate) fn variable_of(&self, name: &HeaderName, value: &HeaderValue) -> Option<String> {
        if self.headers.get(name) == Some(value) {
            return Some(variable(name.as_str()));
        }
        let other = self.identities.iter().find(|(_, headers)| headers.get(name) == Some(value));
        other.map(|(identity, _)| variable(&format!("{}_{name}", identity.name())))
    }

    /// Whether the user has named this other caller.
    pub(crate) fn knows(&self, identity: Identity) -> bool {
        self.identities.contains_key(&identity)
    }

    /// The keys in the query as they are signed: the name with its `=`, the value, and the environment variable that stands for it.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (String, String, String)> {
        self.query.iter().map(|(name, value)| (format!("{}=", escaped(name)), escaped(value), variable(name)))
    }

    /// Whether this is the name of a key in the query.
    pub(crate) fn names_key(&self, name: &str) -> bool {
        self.query.iter().any(|(own, _)| own == name)
    }

    /// Whether anything of a request says who sends it; a certificate, say, cannot be left out.
    pub(crate) fn can_be_withheld(&self) -> bool {
        !self.query.is_empty() || self.headers.keys().any(|name| self.holders.iter().any(|holder| holder == name.as_str()))
    }

    /// Adds to a request what its sender sends.
    pub(crate) fn sign(&self, request: &mut Request, sender: Credential, generator: &mut Generator) {
        let other = if let Credential::As(identity) = sender { self.identities.get(&identity) } else { None };
        for (name, value) in &self.headers {
            let credential = self.holders.iter().any(|holder| holder == name.as_str());
            let value = match sender {
                // Nothing of another caller's request says that the owner sends it.
                Credential::Missing | Credential::As(_) if credential => continue,
                // What is malformed must not be made good by what stands beside it.
                Credential::Malformed if self.enough.iter().any(|own| own == name.as_str()) => continue,
                Credential::Unknown if credential => unknown_like(value, generator),
                Credential::Malformed if name == http::header::AUTHORIZATION => behind_another_scheme(value),
                Credential::Given | Credential::Missing | Credential::Unknown | Credential::Malformed | Credential::As(_) => value.clone(),
            };
            request.headers.insert(name, value);
        }
        for (name, value) in other.into_iter().flatten() {
            request.headers.insert(name, value.clone());
        }
        for (name, value) in self.query.iter().filter(|_| !matches!(sender, Credential::Missing | Credential::As(_))) {
            let value = if sender == Credential::Unknown { never_issued(generator) } else { value.clone() };
            let pair = format!("{}={}", escaped(name), escaped(&value));
            request.query = Some(request.query.take().map_or(pair.clone(), |query| format!("{query}&{pair}")));
        }
    }
}

/// The headers, in lower case, each of which is all that some alternative asks for, where alternatives are enough.
fn enough(contract: &Contract) -> Vec<String> {
    if contract.access().combine.as_ref().is_some_and(|claim| claim.value == Combine::All) {
        return Vec::new();
    }
    let alternatives = contract.endpoints.iter().flat_map(|endpoint| &endpoint.security);
    let single =
        alternatives.filter_map(|schemes| if let [scheme] = schemes.as_slice() { contract.scheme(scheme)?.kind.header() } else { None });
    let mut headers: Vec<String> = single.map(str::to_ascii_lowercase).filter(|name| name != "authorization").collect();
    headers.sort();
    headers.dedup();
    headers
}

/// The name of an environment variable for a header or a key.
fn variable(name: &str) -> String {
    let plain: String = name.to_uppercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if plain.starts_with(|c: char| c.is_ascii_digit()) { format!("_{plain}") } else { plain }
}

/// The same credential behind the name of a scheme that is registered nowhere.
fn behind_another_scheme(value: &HeaderValue) -> HeaderValue {
    let rest = value.to_str().ok().and_then(|text| text.split_once(' ')).map_or("", |(_, rest)| rest);
    HeaderValue::from_str(&format!("Lockstep {rest}")).expect("a word before what was a header's value")
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn never_issued(generator: &mut Generator) -> String {
    format!("lockstep-unknown-{}", random_text(16, generator.random()))
}

/// A credential of the same form as another that was never issued: behind the same scheme's name, in a cookie of the same name.
fn unknown_like(value: &HeaderValue, generator: &mut Generator) -> HeaderValue {
    let token = never_issued(generator);
    let given = value.to_str().unwrap_or_default();
    let text = match (given.split_once(' '), given.split_once('=')) {
        (Some((scheme, _)), _) if scheme.eq_ignore_ascii_case("basic") => {
            format!("{scheme} {}", BASE64_STANDARD.encode(format!("lockstep:{token}")))
        }
        (Some((scheme, _)), _) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => format!("{scheme} {token}"),
        (None, Some((cookie, _))) => format!("{cookie}={token}"),
        _ => token,
    };
    HeaderValue::from_str(&text).expect("visible ASCII and a space")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_credential_has_the_form_of_the_given_one() {
        let mut generator = Generator::new(0);
        let mut like = |given: &'static str| {
            let unknown = unknown_like(&HeaderValue::from_static(given), &mut generator);
            unknown.to_str().expect("text").to_owned()
        };
        assert!(like("Bearer abc").starts_with("Bearer lockstep-unknown-"));
        assert!(like("sid=abc").starts_with("sid=lockstep-unknown-"));
        assert!(like("abc").starts_with("lockstep-unknown-"));
        let basic = like("Basic dTpw");
        let decoded = BASE64_STANDARD.decode(basic.strip_prefix("Basic ").expect("the scheme")).expect("base64");
        assert!(decoded.starts_with(b"lockstep:lockstep-unknown-"));
    }
}
