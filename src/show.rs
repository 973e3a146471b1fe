//! `lockstep specs`

use std::io::{self, Write};

use specs::claims::Grade;
use specs::contract::{Contract, Endpoint, Resource};
use specs::document::Warning;
use specs::{Profile, Spec, SpecError, vendors};

use crate::arguments::SpecsCommand;
use crate::exit;
use crate::output::done;

/// Lists packs, shows contracts, finds faults in documents.
pub(crate) fn specs(command: &SpecsCommand) -> anyhow::Result<u8> {
    let mut out = io::stdout().lock();
    let (written, code) = match command {
        SpecsCommand::List => {
            let contracts = vendors().into_iter().map(|vendor| Spec::Vendor(vendor).contract(Profile::Documented));
            (list(&mut out, &contracts.collect::<Result<Vec<_>, _>>()?), exit::CONFORMING)
        }
        SpecsCommand::Show { spec, overlay, profile } => {
            let contract = Spec::find(spec, overlay.clone())?.contract((*profile).into())?;
            (show(&mut out, &contract), exit::CONFORMING)
        }
        SpecsCommand::Lint { file, overlay } => {
            let spec = Spec::File { path: file.clone(), overlay: overlay.clone() };
            match spec.contract(Profile::Documented) {
                Ok(contract) => (lint(&mut out, &file.display().to_string(), &contract), exit::CONFORMING),
                Err(error @ SpecError::Faults(_)) => (writeln!(out, "{error}"), exit::COULD_NOT_JUDGE),
                Err(error) => return Err(error.into()),
            }
        }
    };
    done(written).map(|()| code)
}

fn list(out: &mut impl Write, contracts: &[Contract]) -> io::Result<()> {
    for contract in contracts {
        let (operations, claims) = (contract.endpoints.len(), contract.claims.list().len());
        writeln!(out, "{:<12} {} {} · {operations} operations · {claims} claims", contract.name, contract.title, contract.version)?;
    }
    Ok(())
}

/// What a document says by itself, and an overlay that says the rest.
fn lint(out: &mut impl Write, file: &str, contract: &Contract) -> io::Result<()> {
    let claims = contract.claims.list();
    let of = |grade: Grade| format!("{} {grade}", claims.iter().filter(|claim| claim.grade == grade).count());
    let grades = [Grade::Documented, Grade::Observed, Grade::Derived, Grade::Guessed, Grade::Chosen].map(of).join(", ");
    writeln!(out, "# {file}: no faults; {} operations, {} resources", contract.endpoints.len(), contract.resources.len())?;
    writeln!(out, "# {} claims: {grades}", claims.len())?;
    if contract.resources.values().all(|resource| resource.secret().is_empty()) {
        writeln!(
            out,
            "# no member is known to be secret; `writeOnly: true` or `format: password` says so, or `secret` of a resource in an overlay"
        )?;
    }
    for Warning { message, place, count } in &contract.warnings {
        let more = if *count > 1 { format!(" (and at {} more)", count - 1) } else { String::new() };
        writeln!(out, "# {place}: {message}{more}")?;
    }
    some(out, contract.resources.values(), |resource| of_resource(contract, resource))?;
    let apart = contract.endpoints.iter().filter(|endpoint| endpoint.resource.is_none());
    some(out, apart, |endpoint| {
        format!("{}: belongs to no resource; the mock answers with an example or a made-up value", endpoint.name())
    })?;
    match contract.claims.draft(&contract.title) {
        None => writeln!(out, "# the document says all that is to be known"),
        Some(overlay) => {
            writeln!(
                out,
                "# What nobody says, as it is now; put right what is wrong, say how it is known, and use it with --overlay FILE:\n{overlay}"
            )
        }
    }
}

/// So many lines of a kind are read by a person at once.
const MOST_LINES: usize = 25;

/// A line for each of the first ones, and how many there are beside them.
fn some<T>(out: &mut impl Write, all: impl Iterator<Item = T>, line: impl Fn(T) -> String) -> io::Result<()> {
    let mut rest = 0;
    for (index, one) in all.enumerate() {
        if index < MOST_LINES {
            writeln!(out, "# {}", line(one))?;
        } else {
            rest += 1;
        }
    }
    if rest > 0 { writeln!(out, "# ... and {rest} more like these; `lockstep specs show FILE` names each") } else { Ok(()) }
}

/// What was made out of a resource, in one line.
fn of_resource(contract: &Contract, resource: &Resource) -> String {
    let own = |endpoint: &&Endpoint| endpoint.resource.as_ref() == Some(&resource.name);
    let mut verbs: Vec<&str> = contract.endpoints.iter().filter(own).map(|endpoint| endpoint.verb.name()).collect();
    verbs.dedup();
    let secret: Vec<String> = resource.secret().iter().map(ToString::to_string).collect();
    let secret = if secret.is_empty() { String::new() } else { format!("; secret is {}", secret.join(", ")) };
    let verbs = if verbs.is_empty() { "it encloses others".to_owned() } else { verbs.join(", ") };
    format!("resource `{}`, named by `{}`: {verbs}{secret}", resource.name, resource.identity().field)
}

/// A contract as text: operations first, then every claim by what it is said of.
fn show(out: &mut impl Write, contract: &Contract) -> io::Result<()> {
    writeln!(out, "{} · {} {}\n", contract.name, contract.title, contract.version)?;
    for endpoint in &contract.endpoints {
        let resource = endpoint.resource.as_deref().unwrap_or("-");
        writeln!(out, "{:<12} {resource:<12} {}", endpoint.verb.name(), endpoint.name())?;
    }
    let mut subject = String::new();
    for claim in contract.claims.list() {
        if claim.subject != subject {
            writeln!(out, "\n{}", claim.subject)?;
            subject.clone_from(&claim.subject);
        }
        writeln!(out, "  {:<22} {:<10} {}", claim.key, claim.grade, claim.value)?;
        writeln!(out, "  {:<33} {}", "", claim.cite)?;
    }
    Ok(())
}
