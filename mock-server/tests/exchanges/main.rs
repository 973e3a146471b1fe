//! Recorded exchanges: every file in `fixtures/exchanges/` is replayed against a fresh mock, over a socket, byte by byte as it is written there.

mod bites;
mod expect;
mod file;
mod replay;
mod socket;

use std::path::{Path, PathBuf};

use specs::vendors;

/// Where the files are: a folder for each vendor, a file for each topic.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/exchanges")
}

/// Replays every file of a vendor and tells everything that differs.
async fn replay_all(vendor: &str) {
    let files = file::files_in(&folder().join(vendor));
    assert!(!files.is_empty(), "{vendor} has no exchanges");
    let mut told = Vec::new();
    for path in files {
        told.extend(replay::replay_file(vendor, &path).await);
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[tokio::test]
async fn what_is_recorded_of_nuon_holds() {
    replay_all("nuon").await;
}

#[tokio::test]
async fn what_is_recorded_of_spice_holds() {
    replay_all("spice").await;
}

#[tokio::test]
async fn what_is_recorded_of_bridgeport_holds() {
    replay_all("bridgeport").await;
}

#[tokio::test]
async fn what_is_recorded_of_northflank_holds() {
    replay_all("northflank").await;
}

#[tokio::test]
async fn what_is_recorded_of_voximplant_holds() {
    replay_all("voximplant").await;
}

#[tokio::test]
async fn what_is_recorded_of_github_actions_holds() {
    replay_all("github-actions").await;
}

#[tokio::test]
async fn what_is_recorded_of_onepassword_connect_holds() {
    replay_all("onepassword-connect").await;
}

#[tokio::test]
async fn what_is_recorded_of_vault_kv_holds() {
    replay_all("vault-kv").await;
}

#[test]
fn every_folder_is_a_vendors() {
    for entry in std::fs::read_dir(folder()).expect("the exchanges") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        assert!(path.is_file() || vendors().contains(&name), "{name} is no vendor");
    }
}
