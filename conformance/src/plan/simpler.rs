//! Simpler plans: fewer steps first, then smaller inputs.

use std::collections::BTreeSet;

use serde_json::Value;
use specs::contract::Contract;

use super::Plan;
use super::form::Form;
use super::step::{Body, Step};
use super::symbols::{Part, Symbol, mapped, parts};
use crate::case::Validity;

/// The length of the secrets that a run writes as a rule.
const USUAL: usize = 24;

/// A text longer than this is tried shorter.
const SHORT: usize = 8;

impl Plan {
    /// The plan without some steps, nor those that give back what one of them was told. None if nothing would be left of its end.
    pub(super) fn without(&self, dropped: &[usize]) -> Option<Self> {
        let mut gone: BTreeSet<usize> = dropped.iter().map(|place| self.steps[*place].number).collect();
        for step in &self.steps {
            if step.refers_to().iter().any(|number| gone.contains(number)) {
                gone.insert(step.number);
            }
        }
        let steps: Vec<Step> = self.steps.iter().filter(|step| !gone.contains(&step.number)).cloned().collect();
        let ends_alike = steps.last().map(|step| step.number) == self.steps.last().map(|step| step.number);
        ends_alike.then(|| Self { steps, ..self.clone() })
    }

    /// The plan up to so many steps.
    pub(super) fn first(&self, count: usize) -> Self {
        Self { steps: self.steps[..count].to_vec(), ..self.clone() }
    }

    /// The plan with its steps, names and secrets numbered from one, and without the secrets that no step has.
    pub(super) fn renumbered(mut self) -> Self {
        let steps: Vec<usize> = self.steps.iter().map(|step| step.number).collect();
        let symbols: Vec<Symbol> = self.steps.iter().flat_map(Step::symbols).collect();
        let names = in_order(symbols.iter().filter_map(|symbol| if let Symbol::Name(number) = symbol { Some(*number) } else { None }));
        let secrets = in_order(symbols.iter().filter_map(|symbol| if let Symbol::Secret(number) = symbol { Some(*number) } else { None }));
        for step in &mut self.steps {
            step.number = place(&steps, step.number);
            step.rewrite(&|symbol| match symbol {
                Symbol::Step(number, pointer) => Symbol::Step(place(&steps, *number), pointer.clone()),
                Symbol::Name(number) => Symbol::Name(place(&names, *number)),
                Symbol::Secret(number) => Symbol::Secret(place(&secrets, *number)),
                Symbol::Parameter(..) => symbol.clone(),
            });
        }
        let kept = self.secrets.into_iter().filter(|(number, _)| secrets.contains(number));
        self.secrets = kept.map(|(number, form)| (place(&secrets, number), form)).collect();
        self
    }

    /// Every plan that is simpler in one input, the boldest first.
    pub(super) fn simpler(&self, contract: &Contract) -> Vec<Self> {
        let usual = Form::usual(USUAL);
        let plainer = self.secrets.iter().filter(|(_, form)| **form != usual).map(|(number, _)| {
            let mut plan = self.clone();
            plan.secrets.insert(*number, usual.clone());
            plan
        });
        let inputs = self.steps.iter().enumerate().flat_map(|(place, step)| {
            step.simpler(contract).into_iter().map(move |step| {
                let mut plan = self.clone();
                plan.steps[place] = step;
                plan
            })
        });
        inputs.chain(plainer).collect()
    }
}

impl Step {
    /// The numbers of the steps whose answers this one gives back.
    fn refers_to(&self) -> Vec<usize> {
        self.symbols().into_iter().filter_map(|symbol| if let Symbol::Step(number, _) = symbol { Some(number) } else { None }).collect()
    }

    fn symbols(&self) -> Vec<Symbol> {
        let mut found = Vec::new();
        let mut own = self.clone();
        own.rewrite_texts(&mut |text| {
            let parts = parts(text).unwrap_or_default();
            found.extend(parts.into_iter().filter_map(|part| if let Part::Symbol(symbol) = part { Some(symbol) } else { None }));
            text.to_owned()
        });
        found
    }

    fn rewrite(&mut self, change: &impl Fn(&Symbol) -> Symbol) {
        self.rewrite_texts(&mut |text| {
            let Ok(parts) = parts(text) else { return text.to_owned() };
            let written = |part: Part| match part {
                Part::Text(text) => super::symbols::plain(&text),
                Part::Symbol(symbol) => change(&symbol).written(),
            };
            parts.into_iter().map(written).collect()
        });
    }

    /// Rewrites every text of the step.
    fn rewrite_texts(&mut self, rewrite: &mut impl FnMut(&str) -> String) {
        let mut value = |value: &mut Value| {
            let rewritten: Result<Value, std::convert::Infallible> = mapped(value, &mut |text| Ok(rewrite(text).into()));
            let Ok(rewritten) = rewritten;
            *value = rewritten;
        };
        self.parameters.iter_mut().for_each(|given| value(&mut given.value));
        match &mut self.body {
            Some(Body::Value(body)) => value(body),
            Some(Body::Raw { pieces, .. }) => {
                for piece in pieces {
                    if let super::step::Piece::Text(text) = piece {
                        *text = rewrite(text);
                    }
                }
            }
            None => {}
        }
    }

    /// Every step that is simpler in one input: without what is optional, with less in what is left.
    fn simpler(&self, contract: &Contract) -> Vec<Self> {
        // What is wrong in one place alone stays as it is: less of it may be right, or wrong in another way.
        if matches!(self.validity, Validity::Broken(_)) {
            return Vec::new();
        }
        let Some(endpoint) = contract.endpoints.iter().find(|endpoint| endpoint.name() == self.operation) else { return Vec::new() };
        let mut simpler = Vec::new();
        for (place, given) in self.parameters.iter().enumerate() {
            let required = endpoint.operation.parameters.iter().any(|own| own.name == given.name && own.required);
            let mut step = self.clone();
            step.parameters.remove(place);
            simpler.extend((!required).then_some(step));
            simpler.extend(smaller(&given.value).into_iter().map(|value| {
                let mut step = self.clone();
                step.parameters[place].value = value;
                step
            }));
        }
        if let Some(Body::Value(body)) = &self.body {
            simpler.extend(smaller(body).into_iter().map(|body| Self { body: Some(Body::Value(body)), ..self.clone() }));
        }
        simpler
    }
}

/// Numbers as they come first, each once.
fn in_order(numbers: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    numbers.filter(|number| seen.insert(*number)).collect()
}

/// The place of a number, from one.
fn place(numbers: &[usize], number: usize) -> usize {
    numbers.iter().position(|own| *own == number).map_or(number, |place| place + 1)
}

/// Every value that is smaller in one place. Whether the document still allows it is seen before it is sent.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(members) => {
            let mut found = Vec::new();
            for (name, member) in members {
                let mut fewer = members.clone();
                fewer.shift_remove(name);
                found.push(Value::Object(fewer));
                for member in smaller(member) {
                    let mut changed = members.clone();
                    changed.insert(name.clone(), member);
                    found.push(Value::Object(changed));
                }
            }
            found
        }
        Value::Array(items) if items.len() > 1 => vec![Value::Array(items[..1].to_vec()), Value::Array(items[..items.len() / 2].to_vec())],
        Value::String(text) if text.chars().count() > SHORT && !text.contains("${") => {
            let first = |count: usize| Value::from(text.chars().take(count).collect::<String>());
            vec![first(1), first(text.chars().count() / 2)]
        }
        Value::Number(number) if !matches!(number.as_i64(), Some(-1..=1)) => vec![0.into(), 1.into()],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> Plan {
        let step = |number: usize, value: &str| json!({"step": number, "operation": "GET /a", "validity": "valid", "parameters": [{"in": "query", "name": "q", "value": value}]});
        let steps = [step(1, "${secret-2}"), step(2, "${step-1:/id}"), step(3, "x"), step(4, "${name-1} ${step-3:/id}")];
        let plan = json!({"lockstep": 1, "check": "a/b", "operation": "GET /a", "seed": 0, "secrets": {"1": {"like": []}, "2": {"like": []}}, "steps": steps});
        serde_json::from_value(plan).expect("a plan")
    }

    #[test]
    fn what_gives_back_an_answer_goes_with_it() {
        let numbers = |plan: &Plan| plan.steps.iter().map(|step| step.number).collect::<Vec<_>>();
        let fewer = plan().without(&[0]).expect("the end is left");
        assert_eq!(numbers(&fewer), [3, 4]);
        assert!(plan().without(&[2]).is_none());
        let renumbered = fewer.renumbered();
        assert_eq!(numbers(&renumbered), [1, 2]);
        assert_eq!(renumbered.steps[1].parameters[0].value, "${name-1} ${step-1:/id}");
        assert!(renumbered.secrets.is_empty());
    }

    #[test]
    fn values_become_smaller_one_place_at_a_time() {
        let smaller = smaller(&json!({"a": "0123456789", "b": [1, 2, 3, 4]}));
        assert!(smaller.contains(&json!({"b": [1, 2, 3, 4]})) && smaller.contains(&json!({"a": "0", "b": [1, 2, 3, 4]})));
        assert!(smaller.contains(&json!({"a": "0123456789", "b": [1]})));
        assert_eq!(super::smaller(&json!("${secret-1} and more")), Vec::<Value>::new());
    }
}
