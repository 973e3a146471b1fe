//! State out and in again, and state that lasts.

#[expect(dead_code, reason = "each test file uses its part of the client")]
mod client;

use std::fs;
use std::path::{Path, PathBuf};

use client::Client;
use mock_server::MockServer;
use serde_json::{Value, json};
use specs::Profile::Documented;
use specs::Spec;

const SECRETS: &str = "/v1/apps/1/secrets";
const BRIDGEPORT: &str = "/api/environments/first/secrets";
const HUSH: &str = "kX93hd7Qw2ZpLm5T";

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("state")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn lasting(vendor: &str, file: &Path) -> Result<MockServer, String> {
    let contract = Spec::Vendor(vendor.to_owned()).contract(Documented).expect("the pack is valid");
    MockServer::builder().contract(contract).state(file).start().await.map_err(|error| error.to_string())
}

/// The caller of a vendor, at another server.
async fn at(vendor: &str, server: &MockServer) -> Client {
    Client::of(vendor, Documented).await.called_at(&server.url())
}

#[tokio::test]
async fn what_is_exported_is_imported_elsewhere_as_it_was() {
    let spice = Client::of("spice", Documented).await;
    let url = spice.server.url();
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": HUSH})).await;
    spice.call_with("POST", "/_lockstep/clock", json!({"advance": "1d"})).await;
    let exported = spice.call("GET", "/_lockstep/state").await;
    assert!(exported.status == 200 && exported.text.contains(HUSH), "the state has the values: that is what it is for");
    let two = spice.at("/~two");
    let imported = two.send(two.request("PUT", "/_lockstep/state").body(exported.text.clone())).await;
    assert_eq!((imported.status, imported.text.as_str()), (204, ""));
    assert_eq!(two.call("GET", &format!("{SECRETS}/KEY")).await.status, 200);
    assert_eq!(two.call("GET", "/_lockstep/state").await.json()["apis"]["spice"]["things"], exported.json()["apis"]["spice"]["things"]);
    // Both go on alike.
    let one = Client::of("spice", Documented).await.called_at(&url);
    let next = async |client: &Client| {
        client.call_with("POST", SECRETS, json!({"name": "NEXT", "value": "v"})).await;
        let state = client.call("GET", "/_lockstep/state").await.json()["apis"]["spice"].clone();
        (state["things"].clone(), state["clock"].clone(), state["chance"].clone())
    };
    assert_eq!(next(&two).await, next(&one).await);
}

#[tokio::test]
async fn a_bad_state_changes_nothing_and_is_told_with_its_place() {
    let spice = Client::of("spice", Documented).await;
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await;
    let good = spice.call("GET", "/_lockstep/state").await.json();
    let changed = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).expect(pointer) = value;
        bad.to_string()
    };
    let unknown = || {
        let mut bad = good.clone();
        bad["apis"]["spice"][HUSH] = json!(1);
        bad.to_string()
    };
    for (bad, place) in [
        (changed("/apis/spice/things/0/created", json!(HUSH)), "apis.spice.things[0].created: invalid type"),
        (changed("/apis/spice/things/3/resource", json!(HUSH)), "apis.spice.things[3].resource"),
        (changed("/apis/spice/things/3/sequence", json!(1)), "apis.spice.things[3].sequence"),
        (changed("/apis/spice/clock/now", json!(i64::MAX)), "apis.spice.clock"),
        (changed("/apis", json!({"nuon": good["apis"]["spice"]})), "not served here"),
        (changed("/version", json!(2)), "`version` must be 1"),
        (unknown(), "unknown field, expected"),
        (HUSH.to_owned(), "line 1"),
        (good.to_string()[..200].to_owned(), "EOF"),
    ] {
        let refused = spice.send(spice.request("PUT", "/_lockstep/state").body(bad)).await;
        assert!(refused.status == 400 && refused.text.contains(place), "{place}: {}", refused.text);
        assert!(!refused.text.contains(HUSH), "{}", refused.text);
        assert_eq!(spice.call("GET", "/_lockstep/state").await.json(), good);
    }
}

#[tokio::test]
async fn a_restart_goes_on_as_if_nothing_had_happened() {
    let folder = Folder::new("restart");
    let mut told = Vec::new();
    for run in 0..2 {
        let file = folder.0.join(format!("state-{run}"));
        let mut server = lasting("bridgeport", &file).await.expect("it starts");
        let mut answers = Vec::new();
        for step in 0..8 {
            // The first run is one server's, the second one's every step is another's.
            if run == 1 && step > 0 {
                server.stop().await;
                server = lasting("bridgeport", &file).await.expect("it starts again");
            }
            let client = at("bridgeport", &server).await;
            let body = json!({"key": format!("KEY_{}", step / 2), "value": HUSH}).to_string();
            let request = client.request("POST", BRIDGEPORT).header("idempotency-key", format!("k{}", step / 2));
            let answer = client.send(request.header("content-type", "application/json").body(body)).await;
            assert_eq!(answer.header("idempotent-replayed").is_some(), step % 2 == 1);
            answers.push((answer.status, answer.text));
            let id = client.call("GET", BRIDGEPORT).await.json()["secrets"][0]["id"].as_str().unwrap_or_default().to_owned();
            let revealed = client.call("GET", &format!("/api/secrets/{id}/value")).await;
            assert_eq!(revealed.told("/value"), (200, json!(HUSH)));
            answers.push((revealed.status, revealed.text));
        }
        told.push(answers);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn issued_tokens_clocks_sandboxes_and_resets_last() {
    let folder = Folder::new("tokens");
    let server = lasting("spice", &folder.file()).await.expect("it starts");
    let spice = at("spice", &server).await;
    let form = "grant_type=client_credentials&client_id=test-client&client_secret=test-client-secret";
    let ask = spice.request("POST", "/api/oauth/token").header("content-type", "application/x-www-form-urlencoded").body(form);
    let token = spice.send(ask).await.json()["access_token"].as_str().expect("a token").to_owned();
    spice.call_with("POST", "/_lockstep/clock", json!({"advance": "10m"})).await;
    spice.call_with("POST", &format!("/~one{SECRETS}"), json!({"name": "ONE", "value": "v"})).await;
    spice.call_with("POST", &format!("/~two{SECRETS}"), json!({"name": "TWO", "value": "v"})).await;
    spice.call("DELETE", &format!("/~two{SECRETS}/TWO")).await;
    spice.call_with("POST", &format!("/~three{SECRETS}"), json!({"name": "THREE", "value": "v"})).await;
    assert_eq!(spice.call("POST", "/~three/_lockstep/reset").await.status, 204);
    let now = spice.call("GET", "/_lockstep/clock").await.text;
    server.stop().await;
    let server = lasting("spice", &folder.file()).await.expect("it starts again");
    let spice = at("spice", &server).await.with_token(&token);
    assert_eq!(spice.call("GET", "/_lockstep/clock").await.text, now);
    assert_eq!(spice.call("GET", SECRETS).await.status, 200);
    for (path, status) in [("/~one", 200), ("/~two", 404), ("/~three", 404)] {
        let spice = at("spice", &server).await;
        let name = path.trim_start_matches("/~").to_uppercase();
        assert_eq!(spice.call("GET", &format!("{path}{SECRETS}/{name}")).await.status, status, "{path}");
    }
    spice.call_with("POST", "/_lockstep/clock", json!({"advance": "50m"})).await;
    assert_eq!(spice.call("GET", SECRETS).await.status, 401);
}

#[tokio::test]
async fn many_sandboxes_write_at_once_and_all_of_it_lasts() {
    let folder = Folder::new("many");
    let server = lasting("spice", &folder.file()).await.expect("it starts");
    let spice = std::sync::Arc::new(at("spice", &server).await);
    let writers = (0..10).map(|sandbox| {
        let spice = std::sync::Arc::clone(&spice);
        tokio::spawn(async move {
            for number in 0..10 {
                let body = json!({"name": format!("KEY_{number}"), "value": "v"});
                assert_eq!(spice.call_with("POST", &format!("/~s{sandbox}{SECRETS}"), body).await.status, 200);
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("it wrote");
    }
    server.stop().await;
    let server = lasting("spice", &folder.file()).await.expect("it starts again");
    let spice = at("spice", &server).await;
    for sandbox in 0..10 {
        let listed = spice.call("GET", &format!("/~s{sandbox}{SECRETS}")).await.json();
        assert_eq!(listed["secrets"].as_array().or_else(|| listed.as_array()).map(Vec::len), Some(10), "{listed}");
    }
}

#[tokio::test]
async fn a_long_file_is_begun_anew_and_nothing_is_lost() {
    let folder = Folder::new("long");
    let server = lasting("spice", &folder.file()).await.expect("it starts");
    let spice = at("spice", &server).await;
    let value = "v".repeat(60_000);
    for number in 0..60 {
        let body = json!({"name": "KEY", "value": format!("{value}{number}")});
        assert_eq!(spice.call_with("POST", SECRETS, body).await.status, 200);
    }
    let length = fs::metadata(folder.file()).expect("a file").len();
    assert!(length < 2_500_000, "sixty times sixty thousand, and it has {length}");
    let state = spice.call("GET", "/_lockstep/state").await.json()["apis"].clone();
    server.stop().await;
    let server = lasting("spice", &folder.file()).await.expect("it starts again");
    assert_eq!(at("spice", &server).await.call("GET", "/_lockstep/state").await.json()["apis"], state);
}

#[tokio::test]
async fn a_bad_file_is_refused_and_left_as_it_is() {
    let folder = Folder::new("bad");
    let file = folder.file();
    let server = lasting("spice", &file).await.expect("it starts");
    let spice = at("spice", &server).await;
    for number in 0..3 {
        spice.call_with("POST", SECRETS, json!({"name": format!("KEY_{number}"), "value": HUSH})).await;
    }
    let busy = lasting("spice", &file).await.expect_err("another one has it");
    assert!(busy.contains("in use by another mock"), "{busy}");
    server.stop().await;
    let good = fs::read_to_string(&file).expect("text");
    let lines: Vec<&str> = good.lines().collect();
    assert!(lines.len() >= 5, "a header, a snapshot and three changes");
    let without = |place: usize| {
        let mut lines = lines.clone();
        lines.remove(place);
        lines.join("\n") + "\n"
    };
    for (text, reason) in [
        ("{\"some\": \"json\"}\n".to_owned(), "none that this version has written"),
        (good.replacen("\"version\":1", "\"version\":2", 1), "none that this version has written"),
        (good[..lines[0].len() + 20].to_owned(), "line 2: the snapshot is not whole"),
        (lines[0].to_owned() + "\n", "line 2: the snapshot is not whole"),
        (good.replacen("KEY_0", "KEY_9", 1), "line 3: its checksum is wrong"),
        (without(2), "line 3: its checksum is wrong"),
    ] {
        fs::write(&file, &text).expect("written");
        let refused = lasting("spice", &file).await.expect_err(reason);
        assert!(refused.contains(reason) && !refused.contains(HUSH) && !refused.contains('\n'), "{reason}: {refused}");
        assert_eq!(fs::read_to_string(&file).expect("text"), text, "it is as it was");
    }
    fs::write(&file, &good).expect("written");
    let foreign = lasting("nuon", &file).await.expect_err("another API");
    assert!(foreign.contains("holds the state of `spice`, which is not served"), "{foreign}");
    assert_eq!(fs::read_to_string(&file).expect("text"), good);
    let no_file = lasting("spice", &folder.0).await.expect_err("a folder");
    assert!(no_file.contains("is a directory"), "{no_file}");
    let nowhere = lasting("spice", &folder.0.join("none/state")).await.expect_err("no folder");
    assert!(nowhere.contains("No such file"), "{nowhere}");
}

#[tokio::test]
async fn a_change_that_was_cut_off_was_never_acknowledged_and_is_dropped() {
    let folder = Folder::new("torn");
    let file = folder.file();
    let server = lasting("spice", &file).await.expect("it starts");
    let spice = at("spice", &server).await;
    spice.call_with("POST", SECRETS, json!({"name": "KEY", "value": "v"})).await;
    let before = fs::read(&file).expect("bytes");
    spice.call_with("POST", SECRETS, json!({"name": "LATE", "value": "v"})).await;
    let after = fs::read(&file).expect("bytes");
    server.stop().await;
    for length in [before.len() + 1, before.len() + 17, after.len() - 1] {
        fs::write(&file, &after[..length]).expect("written");
        let server = lasting("spice", &file).await.expect("it starts all the same");
        let spice = at("spice", &server).await;
        assert_eq!(spice.call("GET", &format!("{SECRETS}/KEY")).await.status, 200, "{length}");
        assert_eq!(spice.call("GET", &format!("{SECRETS}/LATE")).await.status, 404, "{length}");
        server.stop().await;
    }
}

#[cfg(unix)]
#[tokio::test]
async fn nobody_else_reads_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("mode");
    let _server = lasting("spice", &folder.file()).await.expect("it starts");
    assert_eq!(fs::metadata(folder.file()).expect("a file").permissions().mode() & 0o777, 0o600);
}
