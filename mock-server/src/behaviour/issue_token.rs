//! Issuing tokens for client credentials (RFC 6749, section 4.4).

use serde_json::{Map, Value};
use specs::claims::Situation;
use specs::contract::Input;
use specs::wire::{Answered, Records, Rejection};

use super::Context;
use crate::access::Issued;

/// How long an issued token lives, in seconds by which the sandbox's clock is put forward.
const LIFE: i64 = 3600;

/// A token for the client that the request names (RFC 6749, section 4.4.2).
pub(super) fn issue_token(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    let stated = |name: &str| context.inputs.value(&Input::Member(name.to_owned())).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (id, secret) = (stated("client_id"), stated("client_secret"));
    let client = context.world.clients.iter().find(|client| client.id == id && client.secret == secret);
    let Some(client) = client else { return Err(Rejection::new(Situation::UnknownCredentials)) };
    let alphabet = "0123456789abcdefghijklmnopqrstuvwxyz";
    let token = format!("issued-{}", context.state.chance.text(alphabet, 32));
    let expires = context.state.clock.advanced().saturating_add(LIFE * 1000);
    context.state.issued.insert(token.clone(), Issued { stands_for: client.token.clone(), expires });
    let answer = [("access_token", Value::from(token)), ("token_type", "Bearer".into()), ("expires_in", LIFE.into())];
    let record: Map<String, Value> = answer.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Answered { records: Records::One(record), page: None })
}
