//! Drafting: the inputs of a valid request to an endpoint, about a given thing in a given scope.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use specs::claims::{Binding, FieldPath};
use specs::contract::{Endpoint, Input, Location, Resource, Schema, SchemaNode};
use specs::wire::{Inputs, Intent, Items, Payload, Selector, decode};

use crate::canary::random_text;
use crate::generate::Generator;
use crate::ledger::Tracked;

/// The user's values, by the name of a parameter or of a body's member.
pub(crate) type Given = BTreeMap<String, Vec<String>>;

/// The names of fields that hold a text for people, which means nothing to a server.
pub(crate) const TEXTS: [&str; 5] = ["description", "note", "notes", "comment", "label"];

/// How much of what is optional a draft has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fill {
    /// Only what must be there.
    Minimal,
    /// Everything that is declared in the body.
    Full,
}

/// The inputs that an endpoint needs, without any meaning yet; none if one of them cannot be generated.
pub(crate) fn blank(endpoint: &Endpoint, generator: &mut Generator, given: &Given, fill: Fill) -> Option<Inputs> {
    let mut inputs = Inputs::default();
    let grouped = |name: &str| endpoint.alternatives().iter().any(|group| group.iter().any(|own| own == name));
    for parameter in &endpoint.operation.parameters {
        let governed = parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("authorization");
        if !parameter.required || governed || grouped(&parameter.name) {
            continue;
        }
        let own = given.get(&parameter.name).and_then(|values| values.first()).map(|text| decode(parameter, text));
        let value = own.or_else(|| parameter.examples.first().cloned()).or_else(|| generator.minimal(parameter.schema.as_ref()?))?;
        inputs.parameters.insert((parameter.location, parameter.name.clone()), value);
    }
    if let Some(body) = &endpoint.operation.body
        && let Some(schema) = body.content.iter().find_map(|media| media.schema.as_ref())
    {
        let value = match fill {
            Fill::Minimal => generator.minimal(schema),
            Fill::Full => generator.full(schema).or_else(|| generator.minimal(schema)),
        };
        let mut value = value?;
        for (name, member) in value.as_object_mut().into_iter().flatten() {
            if let Some(text) = given.get(name).and_then(|values| values.first()).filter(|_| member.is_string()) {
                *member = text.as_str().into();
            }
        }
        inputs.body = Some(Payload::Json(value));
    }
    Some(inputs)
}

/// The schema of the input that states a field.
pub(crate) fn schema_of<'e>(endpoint: &'e Endpoint, field: &str) -> Option<SchemaNode<'e>> {
    let states = |binding: &Binding| matches!(binding, Binding::Field(own) if own == field).then_some(());
    let (input, ()) = endpoint.bound(states).next()?;
    match input {
        Input::Parameter(location, name) => endpoint.operation.parameter(*location, name)?.schema.as_ref().map(Schema::node),
        Input::Member(_) | Input::Inner(_) => {
            let media = endpoint.operation.body.as_ref()?.content.iter().find_map(|media| media.schema.as_ref())?;
            input.way().into_iter().try_fold(media.node(), SchemaNode::property)
        }
    }
}

/// Whether an endpoint takes a field from the client.
pub(crate) fn takes(endpoint: &Endpoint, field: &str) -> bool {
    endpoint.bound(|binding| matches!(binding, Binding::Field(own) if own == field).then_some(())).next().is_some()
}

/// Whether inputs are all as the document declares them.
pub(crate) fn is_valid(endpoint: &Endpoint, inputs: &Inputs) -> bool {
    specs::wire::validate(endpoint, inputs).is_empty()
}

/// Ways to write a recognisable name, of which a vendor's pattern allows at least one.
pub(crate) fn names(stem: &str, number: usize) -> [String; 6] {
    let upper = stem.to_uppercase();
    [
        format!("lockstep-{stem}-{number}"),
        format!("lockstep_{stem}_{number}"),
        format!("LOCKSTEP_{upper}_{number}"),
        format!("lockstep{stem}{number}"),
        format!("Lockstep {stem} {number}"),
        format!("lockstep.{stem}.{number}"),
    ]
}

/// Ways to write a secret that is like no other. `more` makes it longer.
pub(crate) fn secrets(generator: &mut Generator, more: usize) -> [String; 3] {
    let random = random_text(24 + more, generator.random());
    // Letters and digits are base64 if there are four times as many of them as of anything.
    let base64 = random_text((24 + more).next_multiple_of(4), generator.random());
    [random.clone(), random.to_uppercase(), base64]
}

/// Puts a secret at a path of a thing's fields, making what lies on the way as the outermost field's schema has it.
pub(crate) fn put_secret(fields: &mut Map<String, Value>, path: &FieldPath, schema: Option<SchemaNode<'_>>, secret: &str) {
    let place = fields.entry(path.field().to_owned()).or_insert(Value::Null);
    plant(place, &path.names()[1..], schema, secret);
}

fn plant(place: &mut Value, way: &[String], schema: Option<SchemaNode<'_>>, secret: &str) {
    let Some((name, rest)) = way.split_first() else {
        *place = secret.into();
        return;
    };
    if place.is_null() {
        let listed = name == "*" && schema.is_some_and(|schema| schema.types().contains(&"array"));
        *place = if listed { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    match place {
        Value::Array(items) if name == "*" => {
            if items.is_empty() {
                items.push(Value::Null);
            }
            plant(&mut items[0], rest, schema.and_then(SchemaNode::items), secret);
        }
        Value::Object(members) => {
            let name = if name == "*" || name == "**" { "LOCKSTEP" } else { name };
            plant(members.entry(name).or_insert(Value::Null), rest, schema.and_then(|schema| schema.property(name)), secret);
        }
        _ => {}
    }
}

/// The thing that an endpoint's path names, by the field that is known of it; none if nothing that the endpoint takes is known.
pub(crate) fn items_for(endpoint: &Endpoint, resource: &Resource, thing: &Tracked) -> Option<Items> {
    let field_of = |binding: &Binding| match binding {
        Binding::Item(field) => Some(field.clone()),
        Binding::Items(several) => Some(several.field.clone()),
        _ => None,
    };
    let fields: Vec<String> = endpoint.bound(field_of).map(|(_, field)| field).collect();
    if fields.is_empty() {
        return Some(Items::None);
    }
    let identity = &resource.identity().field;
    let own = |field: &String| if field == identity { thing.identity.clone() } else { thing.field(field).cloned() };
    let known = fields.iter().find_map(|field| Some((field.clone(), own(field)?)))?;
    Some(Items::Named(known.0, vec![known.1]))
}

/// An endpoint's part of a scope: nothing for one that names things without their scope.
pub(crate) fn scope_for(endpoint: &Endpoint, scope: &[Selector]) -> Vec<Selector> {
    if crate::family::scope_of(endpoint).is_empty() { Vec::new() } else { scope.to_vec() }
}

/// An intent laid into inputs; what it names of alternatives is the only thing given of them.
pub(crate) fn lay(intent: &Intent, endpoint: &Endpoint, mut inputs: Inputs) -> Inputs {
    intent.write_into(endpoint, &mut inputs);
    inputs
}
