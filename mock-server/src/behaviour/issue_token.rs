//! Issuing tokens for client credentials (RFC 6749, section 4.4).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::hmac;
use serde_json::{Map, Value, json};
use specs::claims::Situation;
use specs::contract::Input;
use specs::wire::{Answered, Records, Rejection, fill};

use super::Context;
use crate::access::Issued;
use crate::world::{Caller, Client};

/// How long an issued token lives, in seconds by which the sandbox's clock is put forward.
const LIFE: i64 = 3600;

/// The key with which tokens are signed. Nobody needs to check them but the mock, which knows those that it has issued.
const KEY: &[u8] = b"lockstep signs with a key that everybody may know";

/// A token for the client that the request names (RFC 6749, section 4.4.2).
pub(super) fn issue_token(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let stated = |name: &str| context.inputs.value(&Input::Member(name.to_owned())).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (id, secret) = (stated("client_id"), stated("client_secret"));
    let client = context.world.clients.iter().find(|client| client.id == id && client.secret == secret);
    let Some(client) = client else { return Err(Rejection::new(Situation::UnknownCredentials)) };
    let token = new_token(context, client);
    let expires = context.state.clock.advanced().saturating_add(LIFE * 1000);
    context.state.issued.insert(token.clone(), Issued { stands_for: client.token.clone(), expires });
    let answer = [("access_token", Value::from(token)), ("token_type", "Bearer".into()), ("expires_in", LIFE.into())];
    let record: Map<String, Value> = answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Answered { records: Records::One(record.into()), ..Answered::default() })
}

/// A JSON Web Token where the vendor says what its tokens say, else a text that means nothing.
fn new_token(context: &mut Context<'_>, client: &Client) -> String {
    let random = context.state.chance.text("0123456789abcdefghijklmnopqrstuvwxyz", 32);
    let Some(template) = context.contract.access().issued_claims.as_ref() else { return format!("issued-{random}") };
    let caller = context.world.callers.iter().find(|caller| caller.token == client.token).cloned().unwrap_or_default();
    let now = context.state.clock.now().div_euclid(1000);
    let lookup = |name: &str| match name {
        "client_id" => Some(Value::from(client.id.as_str())),
        "org" => caller.tenants.first().map(|tenant| Value::from(tenant.as_str())),
        "permissions" => Some(permissions(context, &caller)),
        "jti" => Some(Value::from(random.as_str())),
        "now" => Some(Value::from(now)),
        "expires" => Some(Value::from(now + LIFE)),
        _ => None,
    };
    signed(&fill(&Value::Object(template.value.clone()), &lookup).unwrap_or_default())
}

fn permissions(context: &Context<'_>, caller: &Caller) -> Value {
    let roles = context.contract.access().roles.as_ref();
    roles.and_then(|roles| roles.value.get(&caller.role)).map(|permissions| json!(permissions)).unwrap_or_default()
}

/// Claims as a JSON Web Token, signed with HMAC and SHA-256 (RFC 7515, appendix A.1).
fn signed(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let body = format!("{}.{}", part(&json!({"alg": "HS256", "typ": "JWT"})), part(claims));
    let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, KEY), body.as_bytes());
    format!("{body}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}
