//! `lockstep mock`

use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use mock_server::{Builder, MockServer, ReceivedRequest};
use specs::claims::{Missing, Verb};
use specs::contract::{Contract, Endpoint, Location};
use specs::{Spec, SpecError};
use tempfile::NamedTempFile;
use tokio::sync::oneshot;

use crate::arguments::{self, MockOptions};
use crate::catalogue;
use crate::exit;
use crate::output::{Volume, tell, unsupported};

/// Serves until it is interrupted.
pub(crate) async fn run(options: MockOptions, volume: Volume) -> anyhow::Result<u8> {
    if options.list_faults {
        return catalogue::faults();
    }
    let contracts = contracts(&options, volume)?;
    let exit_with_stdin = options.exit_with_stdin;
    let server = configured(options, &contracts, volume)?.start().await?;
    let certificate = server.certificate().map(kept).transpose().context("cannot write the certificate")?;
    let shown: &[Arc<Contract>] = if volume == Volume::Quiet { &[] } else { &contracts };
    match banner(&mut io::stdout().lock(), &server, shown, certificate.as_ref().map(NamedTempFile::path)) {
        // Whoever reads has read enough: `lockstep mock | head -1`.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written.context("cannot write the banner")?,
    }
    tokio::select! {
        interrupted = interrupted() => interrupted.context("cannot wait for an interrupt")?,
        () = input_ends(exit_with_stdin) => {}
    }
    server.stop().await;
    Ok(exit::CONFORMING)
}

/// What is to be served.
fn contracts(options: &MockOptions, volume: Volume) -> anyhow::Result<Vec<Arc<Contract>>> {
    let specs = options.spec.find()?;
    arguments::told_apart(&specs)?;
    let read = specs::contracts(&specs, options.spec.profile.into());
    let told = |(spec, contract): (&Spec, Result<Contract, SpecError>)| {
        let contract = contract?;
        unsupported(spec, &contract, volume);
        Ok(Arc::new(contract))
    };
    specs.iter().zip(read).map(told).collect()
}

/// A server as the command line wants it.
fn configured(options: MockOptions, contracts: &[Arc<Contract>], volume: Volume) -> anyhow::Result<Builder> {
    let builder = MockServer::builder().listen(options.listen).seed(options.seed);
    let mut builder = contracts.iter().cloned().fold(builder, Builder::contract);
    for text in &options.tokens {
        let (token, role) = arguments::token(text)?;
        builder = builder.token(token, role);
    }
    if let Some(token) = &options.control_token {
        builder = builder.control_token(token);
    }
    if let Some(tls) = options.tls() {
        builder = builder.tls(tls);
    }
    for fault in options.faults {
        builder = builder.fault(fault);
    }
    if let Some(file) = options.state {
        builder = builder.state(file);
    }
    if options.rate_limits {
        builder = builder.rate_limits();
    }
    if volume == Volume::Verbose {
        builder = builder.on_request(told);
    }
    Ok(builder)
}

/// A line for a request, as the journal has it: without a value.
fn told(request: &ReceivedRequest) {
    let sandbox = if request.sandbox.is_empty() { String::new() } else { format!(" ~{}", request.sandbox) };
    let operation = request.operation.as_deref().unwrap_or("no operation");
    tell(&format!("{} {} {}{sandbox} · {operation}", request.status, request.method, request.path));
}

/// Waits until the process is interrupted or told to end.
async fn interrupted() -> io::Result<()> {
    #[cfg(unix)]
    {
        let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = told.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// Waits until whoever holds the other end of the standard input closes it or dies; forever where that is not asked for.
///
/// A thread of its own reads, because a read from the standard input cannot be called off: it ends with the process.
async fn input_ends(asked: bool) {
    let (ended, end) = oneshot::channel();
    if asked {
        std::thread::spawn(move || {
            // An input that cannot be read has ended as well, and a receiver that is gone waits no more.
            let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
            let _ = ended.send(());
        });
        let _ = end.await;
    } else {
        std::future::pending::<()>().await;
    }
}

/// The certificate in a file of its own, which goes when the mock does.
fn kept(certificate: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("lockstep-").suffix(".pem").tempfile()?;
    file.write_all(certificate.as_bytes())?;
    Ok(file)
}

fn banner(out: &mut impl Write, server: &MockServer, contracts: &[Arc<Contract>], certificate: Option<&Path>) -> io::Result<()> {
    for contract in contracts {
        let url = server.url_of(&contract.name);
        writeln!(out, "{:<12} {} {} · {} operations · {url}", contract.name, contract.title, contract.version, contract.endpoints.len())?;
        if let Some(world) = server.world(&contract.name) {
            let tokens: Vec<&str> = world.callers.iter().map(|caller| caller.token.as_str()).collect();
            writeln!(out, "{:<12} tokens: {}", "", tokens.join(", "))?;
            if let Some(line) = example(server, contract, &url, certificate) {
                writeln!(out, "{:<12} try: {line}", "")?;
            }
        }
    }
    if let Some(path) = certificate {
        writeln!(out, "certificate: {}", path.display())?;
    }
    writeln!(out, "listening on {}", server.url())?;
    out.flush()
}

/// A curl line that works: the first list of secrets, or who is calling where an empty list is refused.
fn example(server: &MockServer, contract: &Contract, url: &str, certificate: Option<&Path>) -> Option<String> {
    let refuses = |endpoint: &Endpoint| endpoint.promises.empty_list.as_ref().is_some_and(|claim| claim.value == Missing::Reject);
    let lists = |endpoint: &&Endpoint| endpoint.verb == Verb::List && !endpoint.is_public() && !refuses(endpoint);
    let asks = |endpoint: &&Endpoint| endpoint.verb == Verb::WhoAmI;
    let secret = |endpoint: &&Endpoint| endpoint.resource.as_deref() == Some("secret");
    let mut all = contract.endpoints.iter();
    let endpoint = all.clone().filter(lists).find(secret).or_else(|| all.clone().find(lists)).or_else(|| all.find(asks))?;
    let parameters = server.parameters(&contract.name);
    let value = |name: &str| parameters.get(name).and_then(|values| values.first());
    let path = endpoint.operation.template.fill(|name| value(name).map_or_else(|| "1".to_owned(), Clone::clone).into());
    let given = endpoint.operation.parameters.iter().filter(|parameter| parameter.location == Location::Query);
    let needed = given.filter_map(|parameter| Some((parameter.name.clone(), value(&parameter.name)?.clone())));
    let query: Vec<String> = needed.chain(server.keys(&contract.name)).map(|(name, value)| format!("{name}={value}")).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let headers: Vec<String> = server.credentials(&contract.name).iter().map(|(name, value)| format!(" -H '{name}: {value}'")).collect();
    let headers = headers.concat();
    let method = &endpoint.operation.method;
    let trust = certificate.map(|path| format!(" --cacert '{}'", path.display())).unwrap_or_default();
    Some(format!("curl -X {method}{trust}{headers} '{url}{path}{query}'"))
}
