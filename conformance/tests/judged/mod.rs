//! A server, judged: what every test of whole runs needs.

use std::collections::BTreeMap;

use conformance::{Header, Interrupt, MAX_REQUESTS, Manners, Options, Phase, Report, Target, Watch, run};
use specs::contract::Contract;

/// A header of its name and its value.
pub(crate) fn header((name, value): &(String, String)) -> Header {
    format!("{name}: {value}").parse().expect("a well-formed header")
}

/// The options of a run of every phase.
pub(crate) fn options(url: &str, credentials: &[(String, String)], parameters: BTreeMap<String, Vec<String>>, seed: u64) -> Options {
    Options {
        target: Target::new(url, &[]).expect("a loopback URL"),
        headers: credentials.iter().map(header).collect(),
        identities: BTreeMap::new(),
        parameters,
        seed,
        shard: None,
        phases: Phase::ALL.to_vec(),
        checks: Vec::new(),
        max_requests: MAX_REQUESTS,
        // Whoever wants violations repeated asks for it.
        retrace: 0,
        manners: Manners::default(),
        interrupt: Interrupt::default(),
        watch: Watch::default(),
    }
}

/// What a run with these options finds.
pub(crate) async fn found(contract: &Contract, options: &Options) -> Report {
    run(contract, options).await.unwrap_or_else(|error| panic!("{}: {error}", contract.name))
}

/// The ids of the checks with findings, each with how many operations it was broken by: `secrecy/no-plaintext 3`.
pub(crate) fn told(report: &Report) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for finding in &report.findings {
        let mark = if finding.is_violation() { "" } else { " (advice)" };
        *counts.entry(format!("{}{mark}", finding.check)).or_default() += 1;
    }
    let unserved = report.unserved.iter().map(|operation| format!("not served: {operation}"));
    counts.into_iter().map(|(check, count)| format!("{check} {count}")).chain(unserved).collect()
}
