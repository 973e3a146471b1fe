//! Drawing a plan from a trail: names, secrets, ids and the user's own values become symbols.

use std::collections::BTreeMap;

use serde_json::Value;
use specs::contract::{Input, Location};
use specs::wire::{Payload, secrets_in};

use super::form::Form;
use super::step::{Body, Given, Piece, Step};
use super::symbols::{Symbol, mapped, plain};
use super::{Plan, VERSION};
use crate::finding::Finding;
use crate::ledger::text;
use crate::session::{Session, declared_secrets};
use crate::trail::Sent;

impl Plan {
    /// The plan of the requests that led to a finding.
    pub(crate) fn drawn(session: &Session<'_>, finding: &Finding, trail: &[Sent]) -> Self {
        let trail = asked(trail);
        let secrets = secrets(session, &trail);
        let mut pencil = Pencil { session, secrets, numbers: BTreeMap::new() };
        let steps = (0..trail.len()).map(|place| pencil.step(place, &trail)).collect();
        let form = |secret: &String| Form::of(secret, session.canaries.core_of(secret));
        Self {
            lockstep: VERSION,
            source: None,
            check: finding.check.clone(),
            operation: finding.operation.clone(),
            seed: session.options.seed,
            secrets: pencil.secrets.iter().map(form).zip(1..).map(|(form, number)| (number, form)).collect(),
            steps,
        }
    }
}

/// The requests without those that belong to an earlier one: what follows the first page of a list is asked for by whoever walks through
/// it, and so are its small pages; the GET before a HEAD by whoever compares them.
fn asked(trail: &[Sent]) -> Vec<&Sent> {
    let belongs = |place: usize| {
        let (sent, before) = (&trail[place], place.checked_sub(1).map(|before| &trail[before]));
        let next = trail.get(place + 1);
        sent.page.is_some_and(|page| page > 0)
            || sent.in_pages && before.is_some_and(|before| before.in_pages)
            || next.is_some_and(|next| next.case.mirrors.is_some() && next.case.endpoint == sent.case.endpoint)
    };
    (0..trail.len()).filter(|place| !belongs(*place)).map(|place| &trail[place]).collect()
}

/// The secrets of some requests, each once.
fn secrets(session: &Session<'_>, trail: &[&Sent]) -> Vec<String> {
    let mut secrets: Vec<String> = Vec::new();
    for sent in trail {
        let endpoint = &session.contract.endpoints[sent.case.endpoint];
        let resource = session.contract.resource_of(endpoint);
        let own = resource.map(|resource| secrets_in(&sent.case.intent.fields, resource)).unwrap_or_default();
        let own = own.into_iter().map(str::to_owned).chain(declared_secrets(endpoint, &sent.case));
        secrets.extend(own.filter(|secret| !secret.is_empty()));
    }
    let mut seen = std::collections::BTreeSet::new();
    secrets.retain(|secret| seen.insert(secret.clone()));
    secrets
}

struct Pencil<'p, 's> {
    session: &'p Session<'s>,
    secrets: Vec<String>,
    /// The numbers in the run's own names, with their symbols.
    numbers: BTreeMap<String, usize>,
}

impl Pencil<'_, '_> {
    fn step(&mut self, place: usize, trail: &[&Sent]) -> Step {
        let sent = trail[place];
        let endpoint = &self.session.contract.endpoints[sent.case.endpoint];
        let mut known = BTreeMap::new();
        for (earlier, number) in trail[..place].iter().zip(1..) {
            for issued in &earlier.issued {
                let symbol = Symbol::Step(number, issued.pointer.clone());
                sent.gives(self.session.contract, issued).for_each(|input| drop(known.insert(input.clone(), symbol.written())));
            }
        }
        let inputs = &sent.case.inputs;
        let parameters = inputs.parameters.iter().map(|((location, name), value)| self.parameter(*location, name, value, &known)).collect();
        Step {
            number: place + 1,
            operation: endpoint.name(),
            method: sent.case.method.as_ref().map(ToString::to_string),
            parameters,
            body: inputs.body.as_ref().map(|body| self.body(body, &known)),
            credential: sent.case.credential,
            validity: sent.case.validity.clone(),
            provokes: sent.case.provokes,
            generous: sent.case.generous,
            seal: sent.case.seal,
            carried_out: sent.accepted && sent.case.is_proper(),
            walks: sent.page.is_some(),
            pages: sent.in_pages,
            mirrors: sent.case.mirrors.is_some(),
        }
    }

    fn parameter(&mut self, location: Location, name: &str, value: &Value, known: &BTreeMap<Input, String>) -> Given {
        let own = self.given(name, value);
        let value = match (known.get(&Input::Parameter(location, name.to_owned())), own) {
            (Some(symbol), _) => symbol.as_str().into(),
            (None, Some(number)) => Symbol::Parameter(name.to_owned(), number).written().into(),
            (None, None) => self.value(value),
        };
        Given { location: location.name().to_owned(), name: name.to_owned(), value }
    }

    /// Which of the user's values for an input this is, from one: a client's secret among them.
    fn given(&self, name: &str, value: &Value) -> Option<usize> {
        let place = self.session.given.get(name)?.iter().position(|given| *given == text(value))?;
        Some(place + 1)
    }

    fn body(&mut self, body: &Payload, known: &BTreeMap<Input, String>) -> Body {
        match body {
            Payload::Json(value) => {
                let mut drawn = self.value(value);
                for (name, member) in value.as_object().into_iter().flatten().filter(|(_, member)| member.is_string()) {
                    if let (Some(number), Some(members)) = (self.given(name, member), drawn.as_object_mut()) {
                        members.insert(name.clone(), Symbol::Parameter(name.clone(), number).written().into());
                    }
                }
                for (input, symbol) in known {
                    if let (Input::Member(name), Some(members)) = (input, drawn.as_object_mut()) {
                        members.insert(name.clone(), symbol.as_str().into());
                    }
                }
                Body::Value(drawn)
            }
            Payload::Raw(media_type, bytes) => {
                let chunks = bytes.utf8_chunks();
                let pieces = chunks.flat_map(|chunk| {
                    let hex: Vec<String> = chunk.invalid().iter().map(|byte| format!("{byte:02x}")).collect();
                    [Piece::Text(self.text(chunk.valid())), Piece::Hex(hex.concat())]
                });
                let told = |piece: &Piece| !matches!(piece, Piece::Text(text) | Piece::Hex(text) if text.is_empty());
                Body::Raw { media_type: media_type.clone(), pieces: pieces.filter(told).collect() }
            }
        }
    }

    fn value(&mut self, value: &Value) -> Value {
        let drawn: Result<Value, std::convert::Infallible> = mapped(value, &mut |text| Ok(self.text(text).into()));
        let Ok(drawn) = drawn;
        drawn
    }

    /// A text with symbols for the secrets and the numbers of names in it.
    fn text(&mut self, text: &str) -> String {
        let mut drawn = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some((symbol, length)) = self.symbol(rest, rest.len() == text.len()) {
                drawn.push_str(&symbol);
                rest = &rest[length..];
                continue;
            }
            let next = rest.char_indices().nth(1).map_or(rest.len(), |(at, _)| at);
            drawn.push_str(&rest[..next]);
            rest = &rest[next..];
            // `${` is made plain when it is complete, since its halves may come one by one.
            if drawn.ends_with("${") && !drawn.ends_with("$${") {
                drawn.insert(drawn.len() - 2, '$');
            }
        }
        drawn
    }

    /// What a text begins with that differs from run to run: a secret, or a name of the run's own up to its number.
    fn symbol(&mut self, text: &str, whole: bool) -> Option<(String, usize)> {
        /// Shorter secrets than this stand in other texts by accident.
        const SHORTEST: usize = 8;
        let is = |secret: &String| text.starts_with(secret.as_str()) && (secret.len() >= SHORTEST || whole && secret.len() == text.len());
        let longest = self.secrets.iter().enumerate().filter(|(_, secret)| is(secret)).max_by_key(|(_, secret)| secret.len());
        if let Some((number, secret)) = longest {
            return Some((Symbol::Secret(number + 1).written(), secret.len()));
        }
        let (before, number) = own_name(text, &format!("{:x}", self.session.options.seed))?;
        let count = self.numbers.len() + 1;
        let symbol = *self.numbers.entry(number.to_owned()).or_insert(count);
        Some((format!("{}{}", plain(before), Symbol::Name(symbol).written()), before.len() + number.len()))
    }
}

/// A name of the run's own at the start of a text: what stands before its number, and the number.
fn own_name<'t>(text: &'t str, stem: &str) -> Option<(&'t str, &'t str)> {
    let after =
        |text: &'t str, wanted: &str| text.get(..wanted.len()).filter(|own| own.eq_ignore_ascii_case(wanted)).map(|own| &text[own.len()..]);
    let separated = |text: &'t str| text.strip_prefix(['-', '_', ' ', '.']).unwrap_or(text);
    let rest = separated(after(separated(after(text, "lockstep")?), stem)?);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    (digits > 0).then(|| (&text[..text.len() - rest.len()], &rest[..digits]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drafting::names;

    #[test]
    fn every_form_of_a_name_is_known_again() {
        for name in names("1f", 42) {
            let (before, number) = own_name(&name, "1f").unwrap_or_else(|| panic!("{name}"));
            assert_eq!((format!("{before}{number}"), number), (name.clone(), "42"));
        }
        assert_eq!(own_name("lockstep-1f-42-caf\u{e9}", "1f"), Some(("lockstep-1f-", "42")));
        for other in ["lockstep-no-such-7", "lock", "lockstep-1f-", "\u{e9}", "lockstep"] {
            assert_eq!(own_name(other, "1f"), None, "{other}");
        }
    }
}
