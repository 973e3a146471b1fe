//! A server that nobody generated, from a document without an overlay: a right one is accused of nothing, a wrong one of what is wrong.

mod judged;
mod vault;

use conformance::{Report, run};
use judged::{found, options, told};
use vault::{Defect, Running, contract, credentials, parameters, start};

async fn judged_vault(defect: Defect, seed: u64) -> (Report, Running) {
    let server = start(defect).await;
    let report = found(&contract(), &options(&server.url, &credentials(), parameters(), seed)).await;
    (report, server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_server_is_accused_of_nothing() {
    for seed in 0..8 {
        let (report, _server) = judged_vault(Defect::Nothing, seed).await;
        assert_eq!(told(&report), Vec::<String>::new(), "seed {seed}:\n{report}");
        assert!(report.left_behind.is_empty() && report.operations.1.is_empty(), "{report}");
    }
    let (report, server) = judged_vault(Defect::Forgets, 0).await;
    assert_eq!((told(&report), server.seen()), (Vec::new(), Vec::new()), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_server_is_accused_of_what_is_wrong() {
    let defects = [
        (Defect::ShowsValueInRead, "secrecy/no-plaintext"),
        (Defect::ShowsTailInList, "secrecy/no-plaintext"),
        (Defect::EchoesBody, "secrecy/no-echo-in-errors"),
        (Defect::TellsInHeader, "secrecy/no-secret-in-headers"),
        (Defect::ReadsDeleted, "lifecycle/deleted-is-gone"),
        (Defect::DeletesForAnybody, "auth/credentials-required"),
        (Defect::ReplacesOnConflict, "conflict/refused-changes-nothing"),
        (Defect::PatchForgets, "lifecycle/shows-what-was-written"),
        (Defect::FailsOnArray, "status/no-server-error"),
        (Defect::LosesLastPage, "list/contains-created"),
        (Defect::TimeAsNumber, "schema/success-fits"),
        (Defect::RepeatsEntry, "list/names-each-once"),
        (Defect::CountsOneMore, "list/total-exists"),
        (Defect::SharesProjects, "isolation/scopes-apart"),
        (Defect::KeepsDeleted, "lifecycle/deleted-is-gone"),
        (Defect::IgnoresPatch, "lifecycle/shows-what-was-written"),
        (Defect::TakesDuplicate, "conflict/duplicate-refused"),
        (Defect::TakesEmptyValue, "input/invalid-refused"),
        (Defect::MakesWith200, "status/success-documented"),
        (Defect::CallsItText, "http/media-type-documented"),
    ];
    for (defect, check) in defects {
        let (report, _server) = judged_vault(defect, 0).await;
        let accused = report.findings.iter().any(|finding| finding.check == check && finding.is_violation());
        assert!(accused, "{defect:?} is not told as {check}:\n{report}");
    }
    let (report, _server) = judged_vault(Defect::FoldsNames, 0).await;
    assert!(!report.conforms(), "{report}");
    // The document does not say for sure that deleting what is not there is refused.
    let (report, _server) = judged_vault(Defect::DeletesNothing, 0).await;
    assert!(report.conforms() && told(&report) == ["lifecycle/delete-removes-once (advice) 1"], "{report}");
}

/// A target that breaks off a connection cannot be judged; what the run had made is removed all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_broken_off_tidies_up() {
    let server = start(Defect::BreaksOff).await;
    let error = run(&contract(), &options(&server.url, &credentials(), parameters(), 0)).await.expect_err("it breaks off").to_string();
    assert!(error.contains("does not answer") && !error.contains("left behind"), "{error}");
    assert!(server.seen().len() > 20);
    assert_eq!(server.names(), Vec::<String>::new());
}

/// So is what an interrupted run had made, wherever it was: what was about to be asked for and never was is not sought.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_interrupted_tidies_up() {
    let contract = contract();
    for heard in [2, 10, 20, 30, 40, 50] {
        let server = start(Defect::Nothing).await;
        let options = options(&server.url, &credentials(), parameters(), 0);
        let watched = async {
            while server.seen().len() < heard {
                tokio::task::yield_now().await;
            }
            options.interrupt.set();
            std::future::pending::<()>().await;
        };
        let ended = tokio::select! {
            ended = run(&contract, &options) => ended,
            () = watched => unreachable!("it waits for the run"),
        };
        let error = ended.expect_err("it was interrupted").to_string();
        assert_eq!(error, "the run was interrupted", "after {heard} values");
        assert_eq!(server.names(), Vec::<String>::new(), "after {heard} values");
    }
}

/// What was made by a request that was answered with a failure is found and removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_failing_server_has_made_is_removed() {
    let (report, server) = judged_vault(Defect::MakesAndFails, 0).await;
    assert!(report.findings.iter().any(|finding| finding.check == "status/no-server-error"), "{report}");
    assert_eq!((report.left_behind.clone(), server.names()), (Vec::new(), Vec::<String>::new()));
}

/// A target that asks to come again is asked again, and not accused of being busy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_server_is_asked_again() {
    let (calm, _server) = judged_vault(Defect::Nothing, 0).await;
    let (busy, server) = judged_vault(Defect::Busy, 0).await;
    assert_eq!(told(&busy), Vec::<String>::new(), "{busy}");
    assert_eq!((busy.requests, server.names()), (calm.requests, Vec::new()));
}

/// The budget of creates ends the run, and what was made is removed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_more_is_asked_for_than_is_allowed() {
    let server = start(Defect::Nothing).await;
    let mut options = options(&server.url, &credentials(), parameters(), 0);
    options.manners.max_creates = Some(7);
    let report = run(&contract(), &options).await.expect("a report");
    assert!(!report.complete && report.notes.iter().any(|note| note.contains("asking for 7 things")), "{report}");
    let asked: usize = report.coverage.iter().filter(|own| own.operation.starts_with("POST")).map(|own| own.requests).sum();
    assert!(asked <= 8, "seven creates, and perhaps a POST under another method's name: {asked}");
    assert_eq!(server.names(), Vec::<String>::new());
}

/// A server that tells everything it hears, whatever the runner makes of it: nothing that the runner shows repeats a value.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_value_is_ever_shown() {
    for defect in [Defect::ShowsValueInRead, Defect::EchoesBody, Defect::TellsInHeader, Defect::ShowsTailInList, Defect::TellsInNames] {
        let (mut report, server) = judged_vault(defect, 3).await;
        let folder = std::env::temp_dir().join(format!("lockstep-shown-{}-{defect:?}", std::process::id()));
        report.compare(&folder, conformance::SnapshotMode::Update).expect("a folder that can be written");
        let snapshots: Vec<String> = std::fs::read_dir(folder.join("vault"))
            .expect("the snapshots")
            .map(|entry| std::fs::read_to_string(entry.expect("an entry").path()).expect("text"))
            .collect();
        std::fs::remove_dir_all(&folder).expect("a folder that can be removed");
        let shown = format!("{report}\n{report:?}\n{}\n{}", report.json(), snapshots.join("\n"));
        // One-letter values come from the bounds of the schema; nobody can tell whether they were repeated.
        let values: Vec<String> = server.seen().into_iter().filter(|value| value.chars().count() >= 8).collect();
        assert!(values.len() > 10 && !report.conforms());
        let lower = shown.to_lowercase();
        let repeated = values.iter().filter(|value| lower.contains(&value.to_lowercase())).count();
        assert_eq!(repeated, 0, "{defect:?}: {repeated} of {} values are shown", values.len());
        assert!(!lower.contains(&vault::KEY.to_lowercase()), "{defect:?}: the caller's key is shown");
    }
}
