//! Variants of a request: each input in every branch of its schema, at its bounds, just past them, of a wrong type, missing.

use bytes::Bytes;
use rand::RngExt as _;
use serde_json::Value;
use specs::claims::{Binding, Situation};
use specs::contract::{Contract, Endpoint, Input, Location, Parameter, is_json};
use specs::wire::{Inputs, Intent, Payload, Routed, Router, receive, send, validate};

use crate::case::{Broken, Case, Validity};
use crate::drafting::{Given, is_valid, lay};
use crate::generate::{Generator, Variant, Variants, names_keyword, variants};

/// No path, no header and no query longer than this is sent: many a server cuts them, which says nothing about a parameter.
const LONGEST_TEXT: usize = 4_096;
const LONGEST_QUERY: usize = 16_384;

/// Writes inputs as a client does and reads them as a server does: what survives that is what a server is told.
pub(crate) struct Wire<'c> {
    contract: &'c Contract,
    router: Router,
}

/// The variants of a case, and what could not be generated: the place, and why.
#[derive(Default)]
pub(crate) struct Varied {
    pub(crate) cases: Vec<Case>,
    pub(super) missed: Vec<(String, String)>,
}

impl<'c> Wire<'c> {
    pub(crate) fn new(contract: &'c Contract) -> Self {
        Self { contract, router: Router::new(contract) }
    }

    /// The inputs as they arrive; none if they lead elsewhere, cannot be read, or are longer than what every server reads.
    pub(crate) fn arrived(&self, index: usize, inputs: &Inputs) -> Option<Inputs> {
        let endpoint = &self.contract.endpoints[index];
        let request = send(self.contract, endpoint, inputs);
        let short = request.path.len() <= LONGEST_TEXT && request.query.as_ref().is_none_or(|query| query.len() <= LONGEST_QUERY);
        // An empty header is as good as none to many a server, and blanks around a value are none of it (RFC 9110, section 5.5).
        // Clients and proxies take such segments out, or take them for others.
        let plain = request.path.split('/').all(|segment| !matches!(segment, "." | "..") && !segment.to_ascii_lowercase().contains("%2f"));
        let headers = request
            .headers
            .iter()
            .all(|(_, value)| !value.is_empty() && value.len() <= LONGEST_TEXT && value.as_bytes().trim_ascii() == value.as_bytes());
        let Routed::Found(found, raw) = self.router.route(&request.method, &request.path, request.query.as_deref()) else { return None };
        let same = found == index && short && plain && headers;
        same.then(|| receive(self.contract, endpoint, &request, &raw).ok()).flatten()
    }

    /// Whether a variant is, on arrival, what it is said to be: valid, or wrong in the keyword that it names alone.
    fn survives(&self, index: usize, inputs: &Inputs, variant: &Variant) -> bool {
        let Some(arrived) = self.arrived(index, inputs) else { return false };
        let invalid = validate(&self.contract.endpoints[index], &arrived);
        invalid.is_empty() == variant.valid && invalid.iter().all(|invalid| names_keyword(&invalid.keyword, variant.keyword))
    }

    /// A random request that the document allows: what names things and what is secret stays as it is in `base`, and so do the members that
    /// the user has given.
    pub(crate) fn allowed(&self, base: &Case, given: &Given, generator: &mut Generator) -> Case {
        let endpoint = &self.contract.endpoints[base.endpoint];
        let arrives = |inputs: &Inputs| self.arrived(base.endpoint, inputs).is_some_and(|arrived| is_valid(endpoint, &arrived));
        let mut inputs = base.inputs.clone();
        for parameter in &endpoint.operation.parameters {
            let input = Input::Parameter(parameter.location, parameter.name.clone());
            let grouped = endpoint.alternatives().iter().any(|group| group.contains(&parameter.name));
            let governed = parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("authorization");
            let kept = parameter.location == Location::Path || grouped || governed || names_things(endpoint, &input);
            if kept || turns_pages(endpoint, &parameter.name) || generator.random().random_range(0..2) == 0 {
                continue;
            }
            let Some(value) = parameter.schema.as_ref().and_then(|schema| generator.any(schema)) else { continue };
            let mut more = inputs.clone();
            more.set(&input, value);
            if arrives(&more) {
                inputs = more;
            }
        }
        let schema = endpoint.operation.body.as_ref().and_then(|body| body.content.iter().find_map(|media| media.schema.as_ref()));
        if let Some((value, present)) = schema.and_then(|schema| generator.any(schema)).zip(inputs.json().cloned()) {
            inputs.body = Some(Payload::Json(keep_given(value, &present, |name| given.contains_key(name))));
        }
        let inputs = lay(&base.intent, endpoint, inputs);
        let allowed = is_valid(endpoint, &inputs) && arrives(&inputs);
        let intent = Intent::read(endpoint, &inputs);
        if allowed { Case { inputs, intent, ..base.clone() }.generous() } else { base.clone().generous() }
    }

    /// Every variant of a valid case, in a fixed order. None of the valid ones touches what names things: those would be other things.
    pub(crate) fn all(&self, endpoint: &Endpoint, base: &Case, generator: &mut Generator) -> Varied {
        let mut varied = Varied::default();
        for parameter in &endpoint.operation.parameters {
            self.parameter_variants(endpoint, base, parameter, generator, &mut varied);
        }
        self.body_variants(endpoint, base, generator, &mut varied);
        alternatives(endpoint, base, &mut varied.cases);
        raw_bodies(endpoint, base, &mut varied.cases);
        varied
    }

    fn parameter_variants(&self, endpoint: &Endpoint, base: &Case, parameter: &Parameter, generator: &mut Generator, varied: &mut Varied) {
        let place = format!("{} parameter {}", parameter.location.name(), parameter.name);
        let governed = parameter.location == Location::Header && parameter.name.eq_ignore_ascii_case("authorization");
        let Some(schema) = parameter.schema.as_ref().filter(|_| !governed) else { return };
        let key = (parameter.location, parameter.name.clone());
        let given = base.inputs.parameters.get(&key).cloned();
        if parameter.required && parameter.location != Location::Path {
            let mut inputs = base.inputs.clone();
            inputs.parameters.remove(&key);
            varied.cases.push(broken(endpoint, base, inputs, &place, "required", "missing"));
        }
        let Some(value) = given.clone().or_else(|| generator.full(schema)) else {
            varied.missed.push((place, "no value of it could be made up".to_owned()));
            return;
        };
        let naming = names_things(endpoint, &Input::Parameter(parameter.location, parameter.name.clone()));
        let grouped = endpoint.alternatives().iter().any(|group| group.contains(&parameter.name));
        if given.is_none() && grouped {
            return;
        }
        if given.is_none() && !naming && !turns_pages(endpoint, &parameter.name) {
            let inputs = with(&base.inputs, &key, value.clone());
            varied.cases.extend(valid(endpoint, base, inputs, &format!("{place}: given"), false));
        }
        let Variants { made, missed } = variants(schema, &value, generator);
        varied.missed.extend(missed.into_iter().map(|missed| (format!("{place}{}", missed.at), missed.reason)));
        for variant in made {
            let inputs = with(&base.inputs, &key, variant.value.clone());
            if self.survives(base.endpoint, &inputs, &variant) && !(variant.valid && naming) {
                varied.cases.extend(case(endpoint, base, inputs, &place, &variant));
            }
        }
    }

    fn body_variants(&self, endpoint: &Endpoint, base: &Case, generator: &mut Generator, varied: &mut Varied) {
        let Some(media) = endpoint.operation.body.as_ref().and_then(|body| body.content.iter().find(|media| media.schema.is_some())) else {
            return;
        };
        let (Some(schema), Some(body)) = (&media.schema, base.inputs.json()) else { return };
        let Variants { made, missed } = variants(schema, body, generator);
        varied.missed.extend(missed.into_iter().map(|missed| (format!("body {}", missed.at).trim().to_owned(), missed.reason)));
        for variant in made {
            let inputs = Inputs { body: Some(Payload::Json(variant.value.clone())), ..base.inputs.clone() };
            if is_json(&media.name) || self.survives(base.endpoint, &inputs, &variant) {
                varied.cases.extend(case(endpoint, base, inputs, "body ", &variant));
            }
        }
    }
}

/// A random body with the members of the present one that the user has given.
fn keep_given(mut value: Value, present: &Value, given: impl Fn(&str) -> bool) -> Value {
    if let (Some(members), Some(present)) = (value.as_object_mut(), present.as_object()) {
        members.extend(present.iter().filter(|(name, _)| given(name)).map(|(name, value)| (name.clone(), value.clone())));
    }
    value
}

fn case(endpoint: &Endpoint, base: &Case, inputs: Inputs, place: &str, variant: &Variant) -> Option<Case> {
    let place = format!("{place}{}", variant.at);
    if variant.valid {
        valid(endpoint, base, inputs, &format!("{}: {}", place.trim(), variant.how), variant.generous)
    } else {
        Some(broken(endpoint, base, inputs, place.trim(), variant.keyword, &variant.how))
    }
}

fn with(inputs: &Inputs, key: &(Location, String), value: Value) -> Inputs {
    let mut inputs = inputs.clone();
    inputs.parameters.insert(key.clone(), value);
    inputs
}

/// A cursor that no answer gave is not one that the server has to take.
pub(super) fn turns_pages(endpoint: &Endpoint, name: &str) -> bool {
    let cursor = |binding: &Binding| (*binding == Binding::Cursor).then_some(());
    endpoint.bound(cursor).any(|(input, ())| input.name() == name)
}

/// Whether an input names a thing: a valid variant of it would name another one.
pub(super) fn names_things(endpoint: &Endpoint, input: &Input) -> bool {
    let names = |binding: &Binding| matches!(binding, Binding::Scope(_) | Binding::Item(_) | Binding::Items(_)).then_some(());
    endpoint.bound(names).any(|(own, ())| own == input)
}

/// None of several alternatives, and two of them together.
fn alternatives(endpoint: &Endpoint, base: &Case, cases: &mut Vec<Case>) {
    for group in endpoint.alternatives() {
        let own = |name: &&String| base.inputs.parameters.keys().find(|(_, known)| known == *name).cloned();
        let mut inputs = base.inputs.clone();
        let given: Vec<_> = group.iter().filter_map(|name| own(&name)).collect();
        given.iter().for_each(|key| drop(inputs.parameters.remove(key)));
        if !given.is_empty() {
            let mut case = broken(endpoint, base, inputs, &group.join(" or "), "oneOf", "missing");
            case.provokes = Some(Situation::MissingAlternative);
            cases.push(case);
        }
    }
}

/// Bodies that cannot be read: malformed, of a media type that is not declared, missing.
fn raw_bodies(endpoint: &Endpoint, base: &Case, cases: &mut Vec<Case>) {
    let Some(body) = endpoint.operation.body.as_ref().filter(|body| body.required) else { return };
    let json = body.content.iter().find(|media| is_json(&media.name)).map(|media| media.name.clone());
    let mut raw = |media_type: &str, bytes: &'static [u8], how: &str, situation| {
        let payload = Payload::Raw(media_type.to_owned(), Bytes::from_static(bytes));
        let inputs = Inputs { body: Some(payload), ..base.inputs.clone() };
        let mut case = broken(endpoint, base, inputs, "body", "content", how);
        case.provokes = Some(situation);
        cases.push(case);
    };
    if let Some(json) = json {
        raw(&json, b"{\"lockstep\":", "malformed JSON", Situation::MalformedBody);
    }
    if !body.content.iter().any(|media| specs::contract::covers(&media.name, "text/plain")) {
        raw("text/plain", b"lockstep", "of media type text/plain", Situation::UnsupportedMediaType);
    }
    let inputs = Inputs { body: None, ..base.inputs.clone() };
    cases.push(broken(endpoint, base, inputs, "body", "required", "missing"));
}

fn valid(endpoint: &Endpoint, base: &Case, inputs: Inputs, scenario: &str, generous: bool) -> Option<Case> {
    let intent = Intent::read(endpoint, &inputs);
    let generous = generous || base.generous;
    validate(endpoint, &inputs).is_empty().then(|| Case { inputs, intent, generous, ..base.clone() }.named(scenario))
}

fn broken(endpoint: &Endpoint, base: &Case, inputs: Inputs, place: &str, keyword: &str, how: &str) -> Case {
    let intent = Intent::read(endpoint, &inputs);
    let broken = Broken { place: place.to_owned(), keyword: keyword.to_owned(), how: how.to_owned() };
    let scenario = format!("{place}: {how} ({keyword})");
    Case { inputs, intent, validity: Validity::Broken(broken), ..base.clone() }.named(scenario)
}
