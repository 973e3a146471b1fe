//! Removing: what was made is taken away again, as many things at once as the user allows. How that goes is not judged.

use specs::claims::Verb;
use specs::contract::Location;
use specs::wire::{Reading, Response};

use crate::case::Case;
use crate::director::{Director, Extent};
use crate::drafting::is_valid;
use crate::flight::Answers;
use crate::ledger::{Life, Tracked, text};
use crate::options::Interrupt;
use crate::session::Stop;

/// A thing that is about to be removed.
struct Leaving<'t> {
    thing: &'t Tracked,
    /// The operations that were not tried yet.
    removers: std::vec::IntoIter<usize>,
    gone: bool,
}

/// One request that may remove a thing.
struct Attempt {
    /// The place of the thing.
    place: usize,
    case: Case,
    /// Whether the document allows it: what a server took against its document is removed all the same.
    documented: bool,
}

impl Director<'_> {
    /// Removes things that do not lie in each other; whether each is gone now, and whether the target has answered all along.
    pub(crate) async fn remove_each(&mut self, things: &[Tracked]) -> (Vec<bool>, Result<(), Stop>) {
        let removers = |thing| self.of_scope(thing, Verb::Delete).into_iter();
        let mut leaving: Vec<Leaving<'_>> = things.iter().map(|thing| Leaving { thing, removers: removers(thing), gone: false }).collect();
        let mut answered = self.session.settle().await;
        while answered.is_ok() {
            let attempts: Vec<Attempt> = leaving.iter_mut().enumerate().filter_map(|(place, own)| self.attempt(place, own)).collect();
            if attempts.is_empty() {
                break;
            }
            answered = self.try_all(attempts, &mut leaving).await;
        }
        (leaving.into_iter().map(|own| own.gone).collect(), answered)
    }

    /// The next request that may remove a thing, if it is still there.
    fn attempt(&mut self, place: usize, own: &mut Leaving<'_>) -> Option<Attempt> {
        let thing = own.thing;
        let removers = own.removers.by_ref().filter(|_| !own.gone);
        removers.into_iter().find_map(|remover| {
            let case = self.addressed(remover, &thing.scope, thing, Extent::Whole)?;
            let documented = is_valid(self.session.endpoint(remover), &case.inputs);
            (documented || names_one(&case)).then_some(Attempt { place, case, documented })
        })
    }

    /// Sends all of them, whatever the user wants meanwhile, and notes what is gone.
    async fn try_all(&mut self, attempts: Vec<Attempt>, leaving: &mut [Leaving<'_>]) -> Result<(), Stop> {
        let session = &mut self.session;
        let request = |attempt: &Attempt| session.request(session.endpoint(attempt.case.endpoint), &attempt.case);
        let requests = attempts.iter().map(request).collect();
        // It is none of the requests that an interrupt is to end.
        let sender = self.session.sender(Interrupt::default());
        let mut answers = Answers::to_all(sender, self.session.options.manners.workers, requests);
        let mut ended = Ok(());
        for attempt in attempts {
            match answers.next().await {
                Some(Ok((response, _))) => {
                    let own = &mut leaving[attempt.place];
                    own.gone = self.is_removed(&attempt, own.thing, &response);
                    if own.gone {
                        self.session.note_gone(own.thing);
                    }
                }
                Some(Err(unreachable)) => ended = Err(unreachable.into()),
                // It was not sent any more.
                None => ended = ended.and(Err(Stop::Interrupted)),
            }
        }
        ended
    }

    fn is_removed(&self, attempt: &Attempt, thing: &Tracked, response: &Response) -> bool {
        let reading = Reading::of(self.contract(), self.session.endpoint(attempt.case.endpoint), response);
        let status = response.status.as_u16();
        // Gone is gone, whoever removed it; any other refusal leaves it where it is.
        let absent = matches!(status, 200 | 404 | 410);
        // Where a name is refused, nothing of that name was ever acknowledged: the write has been refused as well.
        let never_was = thing.life == Life::Unsure && !attempt.documented && matches!(status, 400 | 422);
        reading.accepted || reading.refused && (absent || never_was)
    }
}

/// Whether every text in the path can only be a name: an empty one, dots and slashes may lead to what lies around it, and that is not to
/// be removed (RFC 3986, section 5.2.4).
fn names_one(case: &Case) -> bool {
    let is_name = |name: &str| !name.chars().all(|c| c == '.') && !name.contains(['/', '\\']);
    let in_path = case.inputs.parameters.iter().filter(|((location, _), _)| *location == Location::Path);
    in_path.map(|(_, value)| text(value)).all(|name| is_name(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use specs::wire::{Inputs, Intent};

    #[test]
    fn what_may_lead_elsewhere_names_nothing() {
        let named = |name: &str| {
            let mut inputs = Inputs::default();
            inputs.parameters.insert((Location::Path, "name".to_owned()), name.into());
            inputs.parameters.insert((Location::Query, "of".to_owned()), "a/b".into());
            names_one(&Case::new(0, inputs, Intent::default()))
        };
        assert!(["one", "a.b", "..."].map(named) == [true, true, false]);
        assert!(["", ".", "..", "a/b", "a\\b", "/"].map(named) == [false; 6]);
    }
}
