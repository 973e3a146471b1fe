//! `lockstep check`

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::bail;
use conformance::units::{counted, lasted};
use conformance::{
    Format, Header, Identity, Interrupt, MAX_REQUESTS, Manners, Options, Phase, RETRACE, Report, SnapshotMode, Status, Target,
    parameter_names, run,
};
use mock_server::{MockServer, Rule};
use specs::Spec;
use specs::contract::Contract;

use crate::arguments::{CheckOptions, identity, told_apart};
use crate::cleanup::{FOLDER, source};
use crate::exemptions::{self, Exemptions};
use crate::interrupt::interruptible;
use crate::output::{Volume, print, unsupported};
use crate::progress::Progress;
use crate::settings::Settings;
use crate::{cleanup, exit, reports};

/// Checks every spec, against the target or against a mock of its own, and gives the worst verdict.
pub(crate) async fn check(options: CheckOptions, volume: Volume) -> anyhow::Result<u8> {
    let began = Instant::now();
    let specs = options.spec.find()?;
    options.consistent(specs.len())?;
    told_apart(&specs)?;
    reports::can_be_written(&options.reports, &specs.iter().map(Spec::name).collect::<Vec<_>>())?;
    options.write_baseline.iter().try_for_each(|path| exemptions::can_be_written(path))?;
    let settings = Settings::find(options.config.as_deref())?;
    let mut exemptions = settings.as_ref().map(Exemptions::read).transpose()?.unwrap_or_default();
    let mut done = Vec::new();
    let contracts = specs::contracts(&specs, options.spec.profile.into()).into_iter().collect::<Result<Vec<_>, _>>()?;
    specs.iter().zip(&contracts).for_each(|(spec, contract)| unsupported(spec, contract, volume));
    known(&options.parameters, &contracts)?;
    for (spec, contract) in specs.iter().zip(contracts) {
        let mut report = match &options.target {
            Some(url) => {
                let target = Target::new(url, &options.allow_hosts).map_err(anyhow::Error::msg)?;
                judge(&contract, &options, target, None, Some(spec), volume).await?
            }
            None => judge_own_mock(&contract, &options, volume).await?,
        };
        if let Some(folder) = &options.snapshots {
            let mode = if options.update_snapshots { SnapshotMode::Update } else { SnapshotMode::Compare };
            report.compare(folder, mode)?;
        }
        exemptions.apply(&mut report, options.phases.is_empty() && options.shard.is_none());
        tell(&mut report, &options, spec, volume)?;
        done.push(report);
    }
    if volume != Volume::Quiet || !done.iter().all(Report::conforms) {
        print(&summary(&done, began.elapsed()))?;
    }
    options.write_baseline.iter().try_for_each(|path| exemptions::write(path, &done))?;
    let complaints = exemptions.complaints();
    complaints.iter().try_for_each(|complaint| print(&format!("{complaint}\n")))?;
    let conforming = complaints.is_empty() && done.iter().all(Report::conforms);
    Ok(if conforming { exit::CONFORMING } else { exit::VIOLATED })
}

/// Tells what was found: on the terminal, in plans, in reports.
fn tell(report: &mut Report, options: &CheckOptions, spec: &Spec, volume: Volume) -> anyhow::Result<()> {
    report.save_plans(&Path::new(FOLDER).join("plans"), &source(options, spec)?)?;
    let told = report.render(Format::Terminal)?;
    if volume != Volume::Quiet || !report.conforms() {
        print(&told)?;
    }
    reports::write(&options.reports, report)
}

/// Starts the mock for one spec and checks it: the whole product on one line.
async fn judge_own_mock(contract: &Contract, options: &CheckOptions, volume: Volume) -> anyhow::Result<Report> {
    let server = own_mock(contract, options.seed, &options.faults).await?;
    let target = Target::new(&server.url(), &[]).map_err(anyhow::Error::msg)?;
    let mut report = judge(contract, options, target, Some(&server), None, volume).await?;
    // What is left on a mock ends with it.
    report.left_behind.clear();
    Ok(report)
}

async fn judge(
    contract: &Contract,
    options: &CheckOptions,
    target: Target,
    own: Option<&MockServer>,
    lasting: Option<&Spec>,
    volume: Volume,
) -> anyhow::Result<Report> {
    let progress = Progress::of(&contract.name, volume);
    let watch = progress.watch();
    let ledger = lasting.map(|spec| cleanup::ledger(options, spec, &watch)).transpose()?;
    let (mut headers, mut parameters) = (headers(&options.headers)?, given(&options.parameters));
    if let Some(server) = own {
        complete(server, contract, &mut headers, &mut parameters)?;
    }
    let identities = identities(&options.identities, contract, own)?;
    let phases = if options.phases.is_empty() { Phase::ALL.to_vec() } else { options.phases.clone() };
    let options = Options {
        target,
        headers,
        identities,
        parameters,
        seed: options.seed,
        shard: options.shard,
        phases,
        checks: options.checks.clone(),
        max_requests: options.max_requests,
        retrace: RETRACE,
        manners: Manners { ledger, max_creates: options.max_creates, rate: options.rate, workers: options.workers },
        interrupt: Interrupt::default(),
        watch,
    };
    interruptible(&options.interrupt, Box::pin(run(contract, &options))).await
}

/// A mock of one spec.
pub(crate) async fn own_mock(contract: &Contract, seed: u64, faults: &[Rule]) -> anyhow::Result<MockServer> {
    let builder = MockServer::builder().contract(contract.clone()).seed(seed);
    Ok(faults.iter().fold(builder, |builder, fault| builder.fault(fault.clone())).start().await?)
}

/// What the user did not give, as the mock's own world has it.
pub(crate) fn complete(
    server: &MockServer,
    contract: &Contract,
    headers: &mut Vec<Header>,
    parameters: &mut BTreeMap<String, Vec<String>>,
) -> anyhow::Result<()> {
    let given: Vec<_> = headers.iter().map(|header| header.name.clone()).collect();
    headers.extend(own_headers(server, contract)?.into_iter().filter(|own| !given.contains(&own.name)));
    for (name, values) in server.parameters(&contract.name) {
        parameters.entry(name).or_insert(values);
    }
    Ok(())
}

/// The owner's credentials in the mock's own world.
fn own_headers(server: &MockServer, contract: &Contract) -> anyhow::Result<Vec<Header>> {
    let credentials = server.credentials(&contract.name);
    credentials.iter().map(|(name, value)| format!("{name}: {value}").parse().map_err(anyhow::Error::msg)).collect()
}

pub(crate) fn headers(texts: &[String]) -> anyhow::Result<Vec<Header>> {
    texts.iter().map(|text| text.parse()).collect::<Result<_, _>>().map_err(anyhow::Error::msg)
}

/// The other callers that the user has named; at the mock's own world, those that it has.
pub(crate) fn identities(
    texts: &[String],
    contract: &Contract,
    own: Option<&MockServer>,
) -> anyhow::Result<BTreeMap<Identity, Vec<Header>>> {
    let mut identities: BTreeMap<Identity, Vec<Header>> = BTreeMap::new();
    for text in texts {
        let (identity, header) = identity(text)?;
        identities.entry(identity).or_default().push(header);
    }
    for identity in Identity::ALL {
        let headers = own.and_then(|server| server.credentials_of(&contract.name, identity.name()));
        if let Some(headers) = headers.filter(|_| !identities.contains_key(&identity)) {
            let read = |(name, value): &(String, String)| format!("{name}: {value}").parse().map_err(anyhow::Error::msg);
            identities.insert(identity, headers.iter().map(read).collect::<anyhow::Result<_>>()?);
        }
    }
    Ok(identities)
}

pub(crate) fn given(parameters: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut given: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in parameters {
        given.entry(name.clone()).or_default().push(value.clone());
    }
    given
}

/// A value for what no document has is a mistake, and is told before anything is sent.
pub(crate) fn known(parameters: &[(String, String)], contracts: &[Contract]) -> anyhow::Result<()> {
    let names: BTreeSet<String> = contracts.iter().flat_map(parameter_names).collect();
    match parameters.iter().find(|(name, _)| !names.contains(name)) {
        Some((name, _)) => {
            let near = specs::document::nearest(name, names.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
            bail!("--param {name}: nothing in the document is called `{name}`{}", near.unwrap_or_default())
        }
        None => Ok(()),
    }
}

/// One line for everything, which a person reads first.
pub(crate) fn summary(reports: &[Report], took: Duration) -> String {
    let count = |status| reports.iter().map(|report| report.count(status)).sum::<usize>();
    let conforming = reports.iter().filter(|report| report.conforms()).count();
    let requests: usize = reports.iter().map(|report| report.requests).sum();
    let changed: usize = reports.iter().filter_map(|report| report.snapshots.as_ref()).map(|snapshots| snapshots.changed.len()).sum();
    let compared: usize = reports.iter().filter_map(|report| report.snapshots.as_ref()).map(|snapshots| snapshots.compared).sum();
    let snapshots = if compared == 0 { String::new() } else { format!(" · {compared} snapshots, {changed} changed") };
    format!(
        "\n{conforming} of {} conform · {} checks violated, {} advised, {} passed{snapshots} · {} in {}\n",
        reports.len(),
        count(Status::Violated),
        count(Status::Advised),
        count(Status::Passed),
        counted(requests, "request"),
        lasted(took.as_secs_f64())
    )
}

impl CheckOptions {
    /// Options that contradict each other are told before anything is sent.
    fn consistent(&self, specs: usize) -> anyhow::Result<()> {
        if self.update_snapshots && self.snapshots.is_none() {
            bail!("--update-snapshots needs --snapshots DIR");
        }
        if self.snapshots.is_some() && !self.phases.is_empty() {
            bail!("--snapshots compares whole runs; leave out --phases");
        }
        if self.snapshots.is_some() && self.max_creates.is_some() {
            bail!("--snapshots compares whole runs; leave out --max-creates");
        }
        if self.ledger.is_some() && self.target.is_none() {
            bail!("--ledger is for a target; the mock that a check without one starts ends with the run");
        }
        if self.snapshots.is_some() && self.max_requests != MAX_REQUESTS {
            bail!("--snapshots compares whole runs; leave out --max-requests");
        }
        if self.shard.is_some() && self.update_snapshots {
            bail!("--update-snapshots accepts whole runs; leave out --shard");
        }
        if self.target.is_some() && !self.faults.is_empty() {
            bail!("--fault is for the mock that a check without --target starts");
        }
        if self.target.is_some() && specs != 1 {
            bail!("a target is checked against one spec; name it, `lockstep check SPEC --target URL`");
        }
        Ok(())
    }
}
