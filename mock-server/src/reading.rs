//! What a request says, read before any state is looked at: as much of the work as needs none is done while nobody waits for it.

use specs::claims::{Situation, Verb};
use specs::contract::{Chore, Contract, Endpoint};
use specs::wire::{Fields, Inputs, Intent, Invalid, Rejection, Request, Unreadable, receive, validate};

/// A request to an endpoint, as far as it can be understood without the state that it is about.
#[derive(Default)]
pub(crate) struct Reading {
    /// What it says.
    pub(crate) inputs: Inputs,
    /// What that means to the resource.
    pub(crate) intent: Intent<Fields>,
    /// What the document has against it.
    pub(crate) invalid: Vec<Invalid>,
}

impl Reading {
    /// Reads a request; `path` are the raw values of the path's parameters. Where nobody looks at the `inputs` of a write once they are
    /// understood, its values are taken out of them.
    pub(crate) fn of(
        contract: &Contract,
        endpoint: &Endpoint,
        request: &Request,
        path: &[(&str, &str)],
        looked_at: bool,
    ) -> Result<Box<Self>, Rejection> {
        let mut inputs = receive(contract, endpoint, request, path).map_err(|error| {
            Rejection::new(match error {
                Unreadable::UnsupportedMediaType => Situation::UnsupportedMediaType,
                Unreadable::Malformed => Situation::MalformedBody,
            })
        })?;
        let invalid = validate(endpoint, &inputs);
        let spare = !looked_at && invalid.is_empty() && matches!(endpoint.verb, Verb::Create | Verb::Put | Verb::Update);
        let intent = if spare { Intent::out_of(endpoint, &mut inputs) } else { Intent::of(endpoint, &inputs) };
        let folds = contract.resource_of(endpoint).filter(|resource| resource.has(Chore::Letters));
        let intent = if let Some(resource) = folds { intent.folded(resource) } else { intent };
        Ok(Box::new(Self { inputs, intent, invalid }))
    }
}
