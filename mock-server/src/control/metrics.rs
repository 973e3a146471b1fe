//! `metrics`: counts in Prometheus's text format 0.0.4.

use std::fmt::Write as _;

use http::{HeaderValue, header};
use specs::wire::Response;

use super::Call;
use crate::engine::Engine;
use crate::sandbox::hold;

/// What a server counts, for a machine that asks again and again.
pub(super) fn metrics(call: &Call<'_>) -> Response {
    let mut text = Exposition::default();
    text.family("lockstep_up", "gauge", "Whether the server is up.");
    text.sample("lockstep_up", &[], 1);
    text.family("lockstep_requests_total", "counter", "Requests answered, by API, operation and class of status.");
    for engine in &call.engines {
        requests(&mut text, engine);
    }
    let sums: Vec<(&str, [u64; 3])> = call.engines.iter().map(|engine| (engine.contract.name.as_str(), sums(engine))).collect();
    let gauges = [
        ("lockstep_sandboxes", "Sandboxes in use, by API."),
        ("lockstep_things", "Things stored in all sandboxes, by API."),
        ("lockstep_journal_entries", "Requests kept in the journals of all sandboxes, by API."),
    ];
    for (index, (name, help)) in gauges.into_iter().enumerate() {
        text.family(name, "gauge", help);
        sums.iter().for_each(|(api, sums)| text.sample(name, &[("api", api)], sums[index]));
    }
    let mut response = Response::new(200);
    response.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response.body = text.0.into();
    response
}

fn requests(text: &mut Exposition, engine: &Engine) {
    for (operation, class, count) in engine.tally.counts() {
        let operation = operation.and_then(|index| engine.contract.endpoints.get(index)).map(specs::contract::Endpoint::name);
        let status = format!("{class}xx");
        let labels = [("api", engine.contract.name.as_str()), ("operation", operation.as_deref().unwrap_or("none")), ("status", &status)];
        text.sample("lockstep_requests_total", &labels, count);
    }
}

/// How many sandboxes, things and entries of journals there are.
fn sums(engine: &Engine) -> [u64; 3] {
    let mut sums = [0; 3];
    for state in engine.sandboxes.names().iter().filter_map(|name| engine.sandboxes.known(name)) {
        let state = hold(&state);
        let counts = [1, state.store.count(), state.journal.len()];
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += u64::try_from(count).unwrap_or(u64::MAX));
    }
    sums
}

/// Prometheus's text format, as far as counters and gauges need it.
#[derive(Default)]
struct Exposition(String);

impl Exposition {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: u64) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }
}

/// Backslash, quote and line feed have a meaning in a label.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut text = Exposition::default();
        text.sample("a", &[("b", "c\\d\"e\nf")], 1);
        assert_eq!(text.0, "a{b=\"c\\\\d\\\"e\\nf\"} 1\n");
    }
}
