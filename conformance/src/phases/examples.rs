//! The document's own examples: what it shows, it must take.

use specs::claims::Verb;
use specs::contract::Endpoint;
use specs::wire::{Inputs, Intent, Payload};

use crate::case::Case;
use crate::director::Director;
use crate::drafting::{Fill, blank, is_valid, lay, scope_for};
use crate::family::Family;
use crate::session::Stop;

/// Sends every example of a request body that the document has.
pub(crate) async fn run(director: &mut Director<'_>) -> Result<(), Stop> {
    for index in director.own_endpoints() {
        let endpoint = director.session.endpoint(index);
        // An example names things that need not be there: only what makes new things, or is about none, can be sent as it stands.
        if !matches!(endpoint.verb, Verb::Create | Verb::Put | Verb::Fixed | Verb::WhoAmI)
            || endpoint.is_public() && endpoint.verb == Verb::Fixed
        {
            continue;
        }
        for (number, example) in examples(endpoint).into_iter().enumerate() {
            if let Some(case) = draft(director, index, example).await? {
                director.session.trail.begin();
                director.session.play(case.named(format!("example {}", number + 1))).await?;
            }
        }
    }
    Ok(())
}

fn examples(endpoint: &Endpoint) -> Vec<serde_json::Value> {
    let content = endpoint.operation.body.iter().flat_map(|body| &body.content);
    content
        .flat_map(|media| {
            let own = media.schema.as_ref().and_then(|schema| schema.node().example().cloned());
            media.examples.iter().cloned().chain(own)
        })
        .collect()
}

async fn draft(director: &mut Director<'_>, index: usize, example: serde_json::Value) -> Result<Option<Case>, Stop> {
    let endpoint = director.session.endpoint(index);
    let mut scope = Vec::new();
    if let Some(family) = Family::of(&director.families, index).cloned() {
        match director.scope(&family, 0).await? {
            Some(found) => scope = scope_for(endpoint, &found),
            None => return Ok(None),
        }
    }
    let Some(inputs) = blank(endpoint, &mut director.session.generator, &director.session.given, Fill::Minimal) else {
        return Ok(None);
    };
    let inputs = Inputs { body: Some(Payload::Json(example)), ..inputs };
    let intent = Intent { scope, ..Intent::read(endpoint, &inputs) };
    let inputs = lay(&intent, endpoint, inputs);
    // An example that the document itself does not allow is the document's fault, not the server's.
    Ok(is_valid(endpoint, &inputs).then(|| Case::new(index, inputs, intent)))
}
