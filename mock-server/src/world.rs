//! Worlds: who and what exists before the first request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use rust_embed::RustEmbed;
use serde::Deserialize;
use serde_json::{Map, Value};
use specs::contract::Contract;

/// The worlds of the vendors whose packs ship in the box.
#[derive(RustEmbed)]
#[folder = "../fixtures/worlds/"]
struct Worlds;

/// Who and what exists before the first request. A reset goes back to it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// Who may call; the first is the owner of everything.
    pub callers: Vec<Caller>,
    /// Clients that may ask for a token.
    #[serde(default)]
    pub clients: Vec<Client>,
    /// What exists.
    #[serde(default)]
    pub things: Vec<SeedThing>,
    /// Values for the parameters that nothing in the document can create: the first is the scope to work in.
    #[serde(default)]
    pub parameters: BTreeMap<String, Vec<Value>>,
}

/// One who may call.
#[derive(Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// The token by which it is known.
    pub token: String,
    /// Its name.
    pub name: String,
    /// Its role, whose permissions the contract lists.
    #[serde(default)]
    pub role: String,
    /// The tenants for which it may act.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// The scopes that it may see, by resource; every one where a resource is not named.
    #[serde(default)]
    pub sees: BTreeMap<String, Vec<Value>>,
    /// Whether its token has expired.
    #[serde(default)]
    pub expired: bool,
    /// Whether its token was taken back.
    #[serde(default)]
    pub revoked: bool,
    /// What it can be told about itself.
    #[serde(default)]
    pub attributes: Map<String, Value>,
}

/// A client that may ask for a token (RFC 6749, section 2.3.1).
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// The token of the caller for whom it then acts.
    pub token: String,
}

/// A thing that exists from the start.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedThing {
    /// Its resource.
    pub resource: String,
    /// The things that enclose it, outermost first: resource and identity.
    #[serde(default, rename = "in")]
    pub scope: Map<String, Value>,
    /// Its fields.
    pub fields: Map<String, Value>,
}

/// Why a world cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the world `{name}` cannot be read: {reason}")]
pub struct WorldError {
    name: String,
    reason: String,
}

/// A token is to have a role that nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nobody knows the role `{role}`; a token can be {}", known.join(", "))]
pub struct UnknownRole {
    role: String,
    known: Vec<String>,
}

/// The name of the caller to whom nothing belongs.
const STRANGER: &str = "other";

impl World {
    /// The world of a vendor, or of any other API: the six usual callers, and parents that exist on demand.
    pub fn of(spec: &str) -> Result<Self, WorldError> {
        let Some(file) = Worlds::get(&format!("{spec}.json")) else { return Ok(Self::usual()) };
        serde_json::from_slice(&file.data).map_err(|error| WorldError { name: spec.to_owned(), reason: error.to_string() })
    }

    /// Callers with the usual tokens, and nothing else.
    fn usual() -> Self {
        let caller = |name: &str, role: &str| Caller {
            token: format!("test-{name}"),
            name: name.to_owned(),
            role: role.to_owned(),
            tenants: vec!["test-org".to_owned()],
            ..Caller::default()
        };
        let expired = Caller { expired: true, ..caller("expired", "admin") };
        let revoked = Caller { revoked: true, ..caller("revoked", "admin") };
        let usual = [caller("admin", "admin"), caller("writer", "writer"), caller("reader", "reader")];
        let callers = usual.into_iter().chain([expired, revoked, caller(STRANGER, "admin")]).collect();
        Self { callers, ..Self::default() }
    }

    /// Where it is not said what the stranger sees, it sees nothing of the contract's resources.
    pub(crate) fn estrange(&mut self, contract: &Contract) {
        for caller in self.callers.iter_mut().filter(|caller| caller.name == STRANGER && caller.sees.is_empty()) {
            caller.sees = contract.resources.keys().map(|resource| (resource.clone(), Vec::new())).collect();
        }
    }

    /// Replaces the callers by these tokens; each stands for the caller of that name, or for the owner in that role. Without a role a
    /// token is the owner's. `roles` are those that the contract knows.
    pub fn pin(&mut self, tokens: &[(String, Option<String>)], roles: &[&str]) -> Result<(), UnknownRole> {
        let owner = self.callers.first().cloned().unwrap_or_default();
        let pinned = tokens.iter().map(|(token, role)| {
            let caller = match role.as_deref() {
                None => owner.clone(),
                Some(role) => match self.callers.iter().find(|caller| caller.name == role) {
                    Some(caller) => caller.clone(),
                    None if roles.contains(&role) => Caller { name: role.to_owned(), role: role.to_owned(), ..owner.clone() },
                    None => return Err(self.unknown_role(role, roles)),
                },
            };
            Ok(Caller { token: token.clone(), ..caller })
        });
        self.callers = pinned.collect::<Result<_, _>>()?;
        Ok(())
    }

    fn unknown_role(&self, role: &str, roles: &[&str]) -> UnknownRole {
        let mut known: Vec<String> = self.callers.iter().map(|caller| caller.name.clone()).collect();
        known.extend(roles.iter().filter(|own| !self.callers.iter().any(|caller| caller.name == **own)).map(|own| (*own).to_owned()));
        UnknownRole { role: role.to_owned(), known }
    }

    /// Whether a thing of this resource exists from the start.
    pub(crate) fn names(&self, resource: &str) -> bool {
        self.things.iter().any(|thing| thing.resource == resource)
    }
}

impl Caller {
    /// Whether it may see a thing of this resource.
    pub(crate) fn sees(&self, resource: &str, identity: &str) -> bool {
        self.sees.get(resource).is_none_or(|seen| seen.iter().any(|value| is_text(value, identity)))
    }
}

/// A scalar as text: `1` and `"1"` name the same thing in a URL.
pub(crate) fn text(value: &Value) -> String {
    as_text(value).into_owned()
}

/// The same, without a copy of what is text already.
pub(crate) fn as_text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.as_u64().map_or_else(|| other.to_string(), |number| number.to_string())),
    }
}

/// Whether a scalar, as text, is this.
fn is_text(value: &Value, text: &str) -> bool {
    match (value, value.as_u64()) {
        (Value::String(own), _) => own == text,
        (_, Some(number)) => is_number(number, text.as_bytes()),
        (other, None) => *as_text(other) == *text,
    }
}

/// Whether digits are those of a number as JSON has it, the last of them first.
fn is_number(number: u64, digits: &[u8]) -> bool {
    let Some((last, rest)) = digits.split_last() else { return false };
    u64::from(*last) == u64::from(b'0') + number % 10 && if number < 10 { rest.is_empty() } else { is_number(number / 10, rest) }
}

impl fmt::Debug for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_world_reads_and_has_the_usual_tokens() {
        for file in Worlds::iter() {
            let spec = file.strip_suffix(".json").expect("worlds are JSON");
            let world = World::of(spec).expect("it reads");
            let tokens: Vec<&str> = world.callers.iter().map(|caller| caller.token.as_str()).collect();
            assert_eq!(tokens, ["test-admin", "test-writer", "test-reader", "test-expired", "test-revoked", "test-other"], "{spec}");
            assert!(!world.parameters.is_empty(), "{spec}");
        }
    }

    #[test]
    fn pinned_tokens_replace_the_callers() {
        let mut world = World::of("anything").expect("the usual one");
        let tokens = [("a", None), ("b", Some("reader")), ("c", Some("auditor")), ("d", Some("expired"))];
        let tokens = tokens.map(|(token, role)| (token.to_owned(), role.map(str::to_owned)));
        let unknown = world.clone().pin(&tokens, &[]).expect_err("nobody is an auditor");
        let known = "a token can be admin, writer, reader, expired, revoked, other";
        assert_eq!(unknown.to_string(), format!("nobody knows the role `auditor`; {known}"));
        world.pin(&tokens, &["auditor"]).expect("all are known");
        assert!(world.callers[3].expired);
        let roles: Vec<&str> = world.callers.iter().map(|caller| caller.role.as_str()).collect();
        assert_eq!(roles, ["admin", "reader", "auditor", "admin"]);
    }
}
