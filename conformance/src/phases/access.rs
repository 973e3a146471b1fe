//! Access: every caller that the user has named, at every operation of a thing that is not its own; and one scope from another.

use specs::claims::{Situation, Verb};
use specs::wire::Selector;

use crate::case::{Case, Credential};
use crate::director::{Director, Extent};
use crate::family::Family;
use crate::ledger::Tracked;
use crate::options::Identity;
use crate::session::Stop;

/// Takes every family through every caller and from every scope.
pub(crate) async fn run(director: &mut Director<'_>) -> Result<(), Stop> {
    for family in director.own_families() {
        if family.makers(director.contract()).is_empty() {
            continue;
        }
        let Some(scope) = director.scope(&family, 0).await? else { continue };
        director.session.trail.begin();
        if let Some(thing) = director.make(&family, &scope, 0).await? {
            callers(director, &family, &scope, &thing).await?;
        }
        // The first one may have been deleted by who may do that.
        director.session.trail.begin();
        if let Some(thing) = director.make(&family, &scope, 0).await? {
            scopes(director, &family, &scope, &thing).await?;
        }
    }
    Ok(())
}

/// The operations in an order in which the thing stays there until the end.
const ORDER: [Verb; 8] =
    [Verb::List, Verb::Read, Verb::Reveal, Verb::Update, Verb::SoftDelete, Verb::Undelete, Verb::Destroy, Verb::Delete];

fn case(director: &mut Director<'_>, index: usize, scope: &[Selector], thing: &Tracked) -> Option<Case> {
    match director.session.endpoint(index).verb {
        Verb::List => director.list_of(index, scope),
        _ => director.about(index, scope, thing, Extent::Whole),
    }
}

async fn callers(director: &mut Director<'_>, family: &Family, scope: &[Selector], thing: &Tracked) -> Result<(), Stop> {
    let callers: Vec<Identity> = director.session.credentials.identities().collect();
    for caller in callers {
        for verb in ORDER {
            for index in family.with(director.contract(), verb) {
                if director.session.endpoint(index).is_public() {
                    continue;
                }
                if let Some(case) = case(director, index, scope, &director.latest(thing)) {
                    director.session.trail.begin_about(director.contract(), thing);
                    director.session.play(Case { credential: Credential::As(caller), ..case }).await?;
                }
            }
        }
    }
    Ok(())
}

/// The thing, looked for in another scope than its own.
async fn scopes(director: &mut Director<'_>, family: &Family, scope: &[Selector], thing: &Tracked) -> Result<(), Stop> {
    let Some(other) = director.scope(family, 1).await?.filter(|other| other.as_slice() != scope) else { return Ok(()) };
    // A relation can be read wherever both of its ends are, whether or not it is stored.
    if family.resource(director.contract()).promises.relates_to.is_some() {
        return Ok(());
    }
    for verb in [Verb::List, Verb::Read, Verb::Reveal, Verb::Delete] {
        for index in family.with(director.contract(), verb) {
            if crate::family::scope_of(director.session.endpoint(index)).is_empty() {
                continue;
            }
            let Some(case) = case(director, index, &other, thing) else { continue };
            let case = if verb == Verb::List { case } else { case.provoking(Situation::NotFound) };
            director.session.trail.begin_about(director.contract(), thing);
            match verb {
                Verb::List => drop(director.session.walk(case).await?),
                _ => drop(director.session.play(case).await?),
            }
        }
    }
    Ok(())
}
