//! `lockstep replay`

use conformance::{End, Interrupt, LedgerFile, MAX_REQUESTS, Manners, Options, Plan, Replayed, Source, Target, replay};
use mock_server::MockServer;
use specs::contract::Contract;
use specs::{Profile, Spec};

use crate::arguments::ReplayOptions;
use crate::check::{complete, given, headers, identities, known, own_mock};
use crate::files::there;
use crate::interrupt::interruptible;
use crate::output::{Volume, print};
use crate::progress::Progress;
use crate::{cleanup, exit};

/// Performs a saved plan once more, and says what its check makes of it.
pub(crate) async fn replay_plan(options: ReplayOptions, volume: Volume) -> anyhow::Result<u8> {
    there(&options.plan, "a check saves the plans of its violations in .lockstep/plans/SPEC/")?;
    let plan = Plan::read(&options.plan)?;
    let source = plan.source()?;
    let contract = contract_of(source)?;
    known(&options.parameters, std::slice::from_ref(&contract))?;
    let (mut headers, mut parameters) = (headers(&options.headers)?, given(&options.parameters));
    let own = match &options.target {
        Some(_) => None,
        None => Some(own_mock(&contract, plan.seed, &options.faults).await?),
    };
    if let Some(server) = &own {
        complete(server, &contract, &mut headers, &mut parameters)?;
    }
    let url = own.as_ref().map_or_else(|| options.target.clone().unwrap_or_default(), MockServer::url);
    let progress = Progress::of(&contract.name, volume);
    let watch = progress.watch();
    let ledger = options.target.as_ref().map(|_| LedgerFile {
        path: cleanup::usual_ledger(&contract.name),
        source: source.clone(),
        keep: false,
        announce: watch.clone(),
    });
    let settings = Options {
        target: Target::new(&url, &options.allow_hosts).map_err(anyhow::Error::msg)?,
        headers,
        identities: identities(&options.identities, &contract, own.as_ref())?,
        parameters,
        seed: plan.seed,
        shard: None,
        phases: Vec::new(),
        checks: Vec::new(),
        max_requests: MAX_REQUESTS,
        retrace: 0,
        manners: Manners { ledger, rate: options.rate, ..Manners::default() },
        interrupt: Interrupt::default(),
        watch,
    };
    let replayed = interruptible(&settings.interrupt, Box::pin(replay(&contract, &settings, &plan))).await?;
    drop(progress);
    told(&replayed, volume)
}

/// The contract that a plan was made for.
fn contract_of(source: &Source) -> anyhow::Result<Contract> {
    let profile = if source.observed { Profile::Observed } else { Profile::Documented };
    Ok(Spec::find(&source.spec, source.overlay.clone())?.contract(profile)?)
}

/// Tells how it ended; the exit code.
fn told(replayed: &Replayed, volume: Volume) -> anyhow::Result<u8> {
    let told = replayed.render()?;
    if volume != Volume::Quiet || replayed.end != End::NoLonger {
        print(&told)?;
    }
    Ok(match replayed.end {
        End::NoLonger => exit::CONFORMING,
        End::StillViolated => exit::VIOLATED,
        End::CouldNotJudge => exit::COULD_NOT_JUDGE,
    })
}
