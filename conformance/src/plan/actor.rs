//! The actor: puts fresh names, fresh secrets, and what the target has answered into the steps of a plan.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;
use specs::contract::{Contract, Location};
use specs::wire::{Inputs, Intent, Payload, decode};

use super::Plan;
use super::step::{Body, Given, Piece, Step};
use super::symbols::{Part, Symbol, mapped, parts};
use crate::case::{Case, Credential, Validity};
use crate::director::Director;
use crate::drafting::is_valid;
use crate::ledger::text;

/// Why a step cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Lack {
    /// The document has no such operation.
    #[error("the document has no operation {0}")]
    Operation(String),
    /// The user has to give a value.
    #[error("give a value with --param {0}=...")]
    Parameter(String),
    /// The user has to name another caller.
    #[error("name the other caller with --identity {0}='Header: value'")]
    Caller(&'static str),
    /// An earlier step was not told what this one gives back.
    #[error("step {0} was told nothing at {1}")]
    Answer(usize, String),
    /// The document does not allow what a step was to send.
    #[error("step {0} is not as the document has it")]
    Invalid(usize),
    /// Whoever sends the requests may not.
    #[error("nothing was carried out that was carried out when the plan was saved; are the credentials right?")]
    Refused,
    /// The plan is not of its form.
    #[error("{0}")]
    Malformed(String),
}

/// What stands for the symbols of one performance of a plan.
pub(super) struct Actor {
    names: BTreeMap<usize, usize>,
    secrets: BTreeMap<usize, String>,
    /// The bodies of the answers, by the number of the step.
    answers: BTreeMap<usize, Value>,
}

impl Actor {
    /// Fresh secrets for a plan; names get their numbers as they come.
    pub(super) fn new(plan: &Plan, director: &mut Director<'_>) -> Self {
        let mut secrets = BTreeMap::new();
        for (number, form) in &plan.secrets {
            let made = form.make(director.session.generator.random());
            match &made.core {
                Some(core) if form.is_unlike_others() => director.session.canaries.plant_in(&made.text, core),
                None if form.is_unlike_others() => director.session.canaries.plant(&made.text),
                _ => director.session.canaries.note(&made.text),
            }
            secrets.insert(*number, made.text);
        }
        Self { names: BTreeMap::new(), secrets, answers: BTreeMap::new() }
    }

    /// Notes what a step was answered.
    pub(super) fn hear(&mut self, step: &Step, answer: Option<Value>) {
        self.answers.extend(answer.map(|answer| (step.number, answer)));
    }

    /// The case of a step.
    pub(super) fn case(&mut self, step: &Step, director: &mut Director<'_>) -> Result<Case, Lack> {
        let contract = director.contract();
        let index = contract.endpoints.iter().position(|endpoint| endpoint.name() == step.operation);
        let index = index.ok_or_else(|| Lack::Operation(step.operation.clone()))?;
        let mut inputs = Inputs::default();
        for given in &step.parameters {
            let location = location(&given.location)?;
            inputs.parameters.insert((location, given.name.clone()), self.parameter(contract, index, location, given, director)?);
        }
        inputs.body = step.body.as_ref().map(|body| self.body(body, director)).transpose()?;
        let endpoint = &contract.endpoints[index];
        if step.validity == Validity::Valid && step.method.is_none() && !is_valid(endpoint, &inputs) {
            return Err(Lack::Invalid(step.number));
        }
        if let Credential::As(identity) = step.credential
            && !director.session.credentials.knows(identity)
        {
            return Err(Lack::Caller(identity.name()));
        }
        let intent = Intent::read(endpoint, &inputs);
        let method = step.method.as_ref().map(|method| method.parse().map_err(|_| Lack::Malformed(format!("`{method}` is no method"))));
        Ok(Case {
            validity: step.validity.clone(),
            credential: step.credential,
            provokes: step.provokes,
            generous: step.generous,
            seal: step.seal,
            method: method.transpose()?,
            ..Case::new(index, inputs, intent)
        })
    }

    /// What the user gives or an answer told is read as the parameter's schema has it: a number, a text.
    fn parameter(
        &mut self,
        contract: &Contract,
        index: usize,
        location: Location,
        given: &Given,
        director: &mut Director<'_>,
    ) -> Result<Value, Lack> {
        let value = self.value(&given.value, director)?;
        let text_alone = given
            .value
            .as_str()
            .is_some_and(|text| matches!(parts(text).as_deref(), Ok([Part::Symbol(Symbol::Parameter(..) | Symbol::Step(..))])));
        let declared = contract.endpoints[index].operation.parameter(location, &given.name);
        Ok(match declared.filter(|_| text_alone) {
            Some(parameter) => decode(parameter, &text(&value)),
            None => value,
        })
    }

    fn body(&mut self, body: &Body, director: &mut Director<'_>) -> Result<Payload, Lack> {
        match body {
            Body::Value(value) => Ok(Payload::Json(self.value(value, director)?)),
            Body::Raw { media_type, pieces } => {
                let mut bytes = Vec::new();
                for piece in pieces {
                    match piece {
                        Piece::Text(own) => bytes.extend(text(&self.text(own, director)?).into_bytes()),
                        Piece::Hex(hex) => bytes.extend(unhex(hex)?),
                    }
                }
                Ok(Payload::Raw(media_type.clone(), Bytes::from(bytes)))
            }
        }
    }

    fn value(&mut self, value: &Value, director: &mut Director<'_>) -> Result<Value, Lack> {
        mapped(value, &mut |text| self.text(text, director))
    }

    /// A text with everything in the place of its symbols. A text that is one symbol has the type of what stands for it.
    fn text(&mut self, written: &str, director: &mut Director<'_>) -> Result<Value, Lack> {
        let parts = parts(written).map_err(Lack::Malformed)?;
        if let [Part::Symbol(symbol)] = parts.as_slice() {
            return self.symbol(symbol, director);
        }
        let mut filled = String::new();
        for part in &parts {
            match part {
                Part::Text(own) => filled.push_str(own),
                Part::Symbol(symbol) => filled.push_str(&text(&self.symbol(symbol, director)?)),
            }
        }
        Ok(filled.into())
    }

    fn symbol(&mut self, symbol: &Symbol, director: &mut Director<'_>) -> Result<Value, Lack> {
        match symbol {
            Symbol::Name(number) => Ok(self.names.entry(*number).or_insert_with(|| director.next_number()).to_string().into()),
            Symbol::Secret(number) => {
                let secret = self.secrets.get(number).ok_or_else(|| Lack::Malformed(format!("nothing says how secret {number} looks")))?;
                Ok(secret.as_str().into())
            }
            Symbol::Step(number, pointer) => {
                let told = self.answers.get(number).and_then(|answer| answer.pointer(pointer));
                told.cloned().ok_or_else(|| Lack::Answer(*number, pointer.clone()))
            }
            Symbol::Parameter(name, number) => {
                let values = director.session.given.get(name);
                let value = values.and_then(|values| values.get(number - 1).or_else(|| values.first()));
                value.map(|value| value.as_str().into()).ok_or_else(|| Lack::Parameter(name.clone()))
            }
        }
    }
}

fn location(name: &str) -> Result<Location, Lack> {
    let all = [Location::Path, Location::Query, Location::Header, Location::Cookie];
    all.into_iter().find(|location| location.name() == name).ok_or_else(|| Lack::Malformed(format!("no parameter travels in `{name}`")))
}

fn unhex(hex: &str) -> Result<Vec<u8>, Lack> {
    let wrong = || Lack::Malformed(format!("`{hex}` is not hexadecimal"));
    let pair = |at: usize| hex.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..hex.len()).step_by(2).map(|at| pair(at).ok_or_else(wrong)).collect()
}
