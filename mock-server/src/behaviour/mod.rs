//! Behaviours: one file per verb. Each turns an intent into an outcome over the store.

mod context;
mod create;
mod delete;
mod issue_token;
mod list;
mod patch;
mod present;
mod read;
mod scopes;
mod sealing_key;
mod unseal;
mod update;
mod versions;
mod who_am_i;

use specs::claims::Verb;
use specs::wire::{Answered, Rejection};

pub(crate) use context::Context;
pub(crate) use scopes::check_foreign;

/// Carries out what an endpoint's verb says.
pub(crate) fn run(context: &mut Context<'_>) -> Result<Answered, Rejection> {
    if context.endpoint.verb.writes() {
        unseal::unseal(context)?;
    }
    match context.endpoint.verb {
        Verb::Create => create::create(context),
        Verb::Put => create::put(context),
        Verb::List => list::list(context),
        Verb::Read => read::read(context),
        Verb::Reveal => read::reveal(context),
        Verb::Update => update::update(context),
        Verb::Delete => delete::delete(context),
        Verb::SoftDelete | Verb::Undelete | Verb::Destroy => versions::change(context),
        Verb::WhoAmI => Ok(who_am_i::who_am_i(context)),
        Verb::IssueToken => issue_token::issue_token(context),
        Verb::SealingKey => sealing_key::sealing_key(context),
        Verb::Fixed => Ok(Answered::default()),
    }
}
