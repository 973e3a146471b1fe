//! `lockstep mock`

use anyhow::Context as _;
use mock_server::{Fault, MockServer};
use specs::contract::Contract;

use crate::arguments::{self, MockOptions};
use crate::exit;

/// Serves until it is interrupted.
pub(crate) async fn run(options: MockOptions) -> anyhow::Result<u8> {
    if options.list_faults {
        list_faults();
        return Ok(exit::CONFORMING);
    }
    let mut builder = MockServer::builder().listen(options.listen).seed(options.seed);
    let mut contracts = Vec::new();
    for spec in options.spec.find()? {
        let contract = spec.contract(options.spec.profile.into())?;
        builder = builder.contract(contract.clone());
        contracts.push(contract);
    }
    for text in &options.tokens {
        let (token, role) = arguments::token(text)?;
        builder = builder.token(token, role);
    }
    for fault in options.faults {
        builder = builder.fault(fault);
    }
    let server = builder.start().await?;
    banner(&server, &contracts);
    tokio::select! {
        stopped = server.wait() => stopped.context("the server stopped")?,
        interrupted = tokio::signal::ctrl_c() => interrupted.context("cannot wait for an interrupt")?,
    }
    Ok(exit::CONFORMING)
}

#[expect(clippy::print_stdout, reason = "the banner is what a person starts the mock to see")]
fn banner(server: &MockServer, contracts: &[Contract]) {
    for contract in contracts {
        let url = server.url_of(&contract.name);
        println!("{:<12} {} {} · {} operations · {url}", contract.name, contract.title, contract.version, contract.endpoints.len());
        if let Some(world) = server.world(&contract.name) {
            let tokens: Vec<&str> = world.callers.iter().map(|caller| caller.token.as_str()).collect();
            println!("{:<12} tokens: {}", "", tokens.join(", "));
            if let Some(line) = example(contract, world, &url) {
                println!("{:<12} try: {line}", "");
            }
        }
    }
    println!("listening on {}", server.url());
}

/// A curl line that works: the first list of secrets.
fn example(contract: &Contract, world: &mock_server::World, url: &str) -> Option<String> {
    use specs::claims::Verb;
    use specs::contract::Location;
    let lists = |endpoint: &&specs::contract::Endpoint| endpoint.verb == Verb::List && !endpoint.is_public();
    let secret = |endpoint: &&specs::contract::Endpoint| endpoint.resource.as_deref() == Some("secret");
    let endpoint = contract.endpoints.iter().filter(lists).find(secret).or_else(|| contract.endpoints.iter().find(lists))?;
    let value = |name: &str| world.parameters.get(name).and_then(|values| values.first()).map(plain);
    let path = endpoint.operation.template.fill(|name| value(name).unwrap_or_else(|| "1".to_owned()).into());
    let given = endpoint.operation.parameters.iter().filter(|parameter| parameter.location == Location::Query);
    let query: Vec<String> = given.filter_map(|parameter| Some(format!("{}={}", parameter.name, value(&parameter.name)?))).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let caller = world.callers.first()?;
    let tenant = contract.schemes.iter().filter_map(|scheme| {
        let holds = contract.access().holds.as_ref()?.value.get(&scheme.name)?;
        let header = scheme.kind.header().filter(|_| *holds == specs::claims::Holds::Tenant)?;
        Some(format!(" -H '{header}: {}'", caller.tenants.first()?))
    });
    let tenant: String = tenant.collect();
    let method = &endpoint.operation.method;
    Some(format!("curl -X {method} -H 'Authorization: Bearer {}'{tenant} '{url}{path}{query}'", caller.token))
}

fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[expect(clippy::print_stdout, reason = "the list is what the option is for")]
fn list_faults() {
    for fault in Fault::ALL {
        println!("{:<20} {:<10} {}", fault.name(), fault.family(), fault.about());
    }
}
