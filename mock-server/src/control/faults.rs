//! `faults`: which rules are in force, and others in their stead.

use serde_json::{Map, Value, json};
use specs::wire::Response;

use super::{Call, answer};
use crate::engine::Engine;
use crate::fault::{self, ArmedRule, Rule, RuleText};

const HINT: &str = "a rule is {\"fault\": NAME, \"value\": .., \"on\": OPERATION, \"sandbox\": NAME, \"next\": N, \"chance\": P}; all but the fault may be left out";

/// Tells which rules are in force in the sandbox.
pub(super) fn faults(call: &Call<'_>) -> Response {
    answer::told(200, &active(call))
}

/// Replaces the rules: of the sandbox that the path names, or of every sandbox that was given none of its own.
pub(super) fn put(call: &Call<'_>) -> Response {
    match read(call) {
        Ok(rules) => replace(call, &rules),
        Err(wrong) => answer::told(400, &wrong),
    }
}

/// Removes the rules, likewise.
pub(super) fn delete(call: &Call<'_>) -> Response {
    replace(call, &[])
}

fn replace(call: &Call<'_>, rules: &[Rule]) -> Response {
    for engine in &call.engines {
        let fitting = rules.iter().filter(|rule| fault::check(rule, std::iter::once(&*engine.contract)).is_ok());
        if !engine.switchboard().replace(call.sandbox, fitting.cloned().collect()) {
            return answer::refused(507, "too many sandboxes have faults of their own", "reset some of them");
        }
    }
    answer::told(200, &active(call))
}

/// The rules of a body, or what is wrong with the first that cannot be followed.
fn read(call: &Call<'_>) -> Result<Vec<Rule>, Value> {
    let items: Vec<Value> = serde_json::from_slice(&call.request.body).map_err(|error| {
        let wrong = format!("the body is no JSON array of rules (line {}, column {})", error.line(), error.column());
        json!({"error": wrong, "hint": HINT})
    })?;
    items.into_iter().enumerate().map(|(index, item)| rule(call, item).map_err(|wrong| refused(index, &wrong))).collect()
}

fn rule(call: &Call<'_>, item: Value) -> Result<Rule, String> {
    let text: RuleText = serde_json::from_value(item).map_err(|error| error.to_string())?;
    let rule = Rule::try_from(text).map_err(|error| error.to_string())?;
    let contracts = call.engines.iter().map(|engine| &*engine.contract);
    fault::check(&rule, contracts).map_err(|error| error.to_string())?;
    Ok(rule)
}

fn refused(index: usize, wrong: &str) -> Value {
    json!({"error": wrong, "hint": HINT, "at": format!("/{index}")})
}

fn active(call: &Call<'_>) -> Value {
    let told = |engine: &Engine| {
        let spec = engine.contract.name.clone();
        engine.switchboard().active(call.sandbox).into_iter().map(move |armed| shown(&spec, &armed)).collect::<Vec<_>>()
    };
    call.engines.iter().flat_map(|engine| told(engine)).collect()
}

/// A rule as it would be sent, with the API for which it is in force and with what is left of it.
fn shown(spec: &str, armed: &ArmedRule) -> Value {
    let mut shown = Map::from_iter([("spec".to_owned(), Value::from(spec))]);
    shown.extend(armed.rule.members());
    if let Some(left) = armed.left {
        shown.insert("left".to_owned(), left.into());
    }
    Value::Object(shown)
}
