//! What a run has made is removed, even if the run is killed: `lockstep cleanup` reads what was written down before it was asked for.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

/// A process that ends with the test.
struct Ends(Child);

impl Drop for Ends {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-cleanup-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_lockstep"))
}

/// A mock of one vendor, and its address.
fn mock(vendor: &str) -> (Ends, String) {
    let started = program().args(["mock", vendor, "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn();
    let mut process = Ends(started.expect("it starts"));
    let mut lines = BufReader::new(process.0.stdout.take().expect("a pipe")).lines();
    let address = lines.find_map(|line| Some(line.ok()?.strip_prefix("listening on http://")?.to_owned()));
    (process, address.expect("it says where it listens"))
}

/// What it answers to a request of its admin, without its headers.
fn call(address: &str, method: &str, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    let headers = "host: localhost\r\nauthorization: Bearer test-admin\r\nx-nuon-org-id: test-org\r\ncontent-type: application/json\r\nconnection: close";
    write!(stream, "{method} {path} HTTP/1.1\r\n{headers}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 20"), "{answer}");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).expect("a body")
}

/// A target with what a run needs of it: client-named things with scopes that nobody can make, and things whose ids the server gives.
const TARGETS: [(&str, &[&str], &str); 2] = [
    ("spice", &["-H", "Authorization: Bearer test-admin", "--param", "appId=1"], "/v1/apps/1/secrets"),
    (
        "nuon",
        &["-H", "Authorization: Bearer test-admin", "-H", "X-Nuon-Org-ID: test-org", "--param", "app_id=first"],
        "/v1/apps/first/secrets",
    ),
];

/// A run in the background, slow enough to be caught in the middle, once it has made something.
fn caught(vendor: &str, address: &str, more: &[&str], folder: &Folder) -> (Ends, PathBuf) {
    let target = format!("http://{address}");
    let mut command = program();
    command.args(["check", vendor, "--target", &target, "--rate", "40/s"]).args(more).current_dir(&folder.0);
    let run = Ends(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts"));
    loop {
        let ledgers = fs::read_dir(folder.0.join(".lockstep")).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        let busy = |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| text.contains("\"gone\":false"));
        if let Some(ledger) = ledgers.into_iter().find(busy) {
            return (run, ledger);
        }
        std::thread::yield_now();
    }
}

fn cleanup(ledger: &std::path::Path, more: &[&str]) -> (i32, String) {
    let Output { status, stdout, stderr } = program().arg("cleanup").arg(ledger).args(more).output().expect("it starts");
    (status.code().expect("an exit code"), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

#[test]
fn a_killed_run_leaves_nothing_once_it_is_cleaned_up_after() {
    for (vendor, more, list) in TARGETS {
        let folder = Folder::new(&format!("killed-{vendor}"));
        let (_mock, address) = mock(vendor);
        let before = call(&address, "GET", list, "");
        let (mut run, ledger) = caught(vendor, &address, more, &folder);
        run.0.kill().expect("SIGKILL");
        run.0.wait().expect("it is dead");
        let text = fs::read_to_string(&ledger).expect("the ledger");
        assert!(!text.contains("test-admin"), "no credential is written down");
        assert_ne!(call(&address, "GET", list, ""), before, "{vendor}: something is left behind");
        let (code, told) = cleanup(&ledger, more);
        assert!(code == 0 && told.contains("nothing is left"), "{vendor}: {told}");
        assert_eq!(call(&address, "GET", list, ""), before, "{vendor}");
        assert!(!ledger.exists(), "the ledger has no use any more");
    }
}

/// Kills a run at a moment that differs from round to round, and cleans up after it; whatever the moment was, nothing is left.
fn nothing_is_left_after(kills: u64) {
    let (vendor, more, list) = TARGETS[0];
    let folder = Folder::new(&format!("moments-{kills}"));
    let (_mock, address) = mock(vendor);
    let before = call(&address, "GET", list, "");
    let target = format!("http://{address}");
    let mut found = 0;
    for round in 0..kills {
        let mut command = program();
        command.args(["check", vendor, "--target", &target, "--seed", &round.to_string()]).args(more).current_dir(&folder.0);
        let mut run = Ends(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts"));
        std::thread::sleep(std::time::Duration::from_millis(20 + round * 53 % 400));
        run.0.kill().expect("SIGKILL, or it has ended");
        run.0.wait().expect("it is dead");
        let ledgers = fs::read_dir(folder.0.join(".lockstep")).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
        for ledger in ledgers {
            found += 1;
            let (code, told) = cleanup(&ledger, more);
            assert!(code == 0 && told.contains("nothing is left"), "round {round}: {told}");
        }
        assert_eq!(call(&address, "GET", list, ""), before, "round {round}");
    }
    assert!(found > 0, "no run was caught in the middle");
}

#[test]
fn whenever_a_run_is_killed_nothing_is_left_once_it_is_cleaned_up_after() {
    nothing_is_left_after(12);
}

#[test]
#[ignore = "hundreds of kills take minutes; soak/run does it"]
fn nothing_is_left_after_hundreds_of_kills() {
    nothing_is_left_after(300);
}

#[test]
#[cfg(unix)]
fn a_run_that_is_told_to_end_tidies_up() {
    let (vendor, more, list) = TARGETS[0];
    let folder = Folder::new("terminated");
    let (_mock, address) = mock(vendor);
    let before = call(&address, "GET", list, "");
    let (mut run, ledger) = caught(vendor, &address, more, &folder);
    let told = Command::new("kill").args(["-TERM", &run.0.id().to_string()]).status().expect("kill");
    assert!(told.success());
    assert_eq!(run.0.wait().expect("it ends").code(), Some(2));
    let mut error = String::new();
    run.0.stderr.take().expect("a pipe").read_to_string(&mut error).expect("text");
    assert!(error.contains("the run was interrupted") && error.contains("ledger: .lockstep/spice-"), "{error}");
    assert_eq!(call(&address, "GET", list, ""), before);
    assert!(!ledger.exists());
}

/// The run died while its request was on the way: by its name the thing is found, whatever id it was given.
#[test]
fn what_was_never_answered_is_found_by_its_name() {
    let (vendor, more, list) = TARGETS[1];
    let folder = Folder::new("unanswered");
    let (_mock, address) = mock(vendor);
    let before = call(&address, "GET", list, "");
    call(&address, "POST", "/v1/apps/first/secret", r#"{"name":"lockstep_0_1","value":"x"}"#);
    let ledger = folder.0.join("ledger.jsonl");
    let thing = r#"{"resource":"secret","scope":[["app","id","first"]],"identity":null,"named":{"name":"lockstep_0_1"}}"#;
    let lines = [
        format!(r#"{{"event":"run","source":{{"spec":"nuon","observed":false}},"target":"http://{address}"}}"#),
        format!(r#"{{"event":"sending","number":1,"thing":{thing}}}"#),
        r#"{"event":"known","num"#.to_owned(),
    ];
    fs::write(&ledger, lines.join("\n")).expect("a file");
    let (code, told) = cleanup(&ledger, more);
    assert!(code == 0 && told.contains("removed  secret `lockstep_0_1`"), "{told}");
    assert_eq!(call(&address, "GET", list, ""), before);
}

#[test]
fn what_cannot_be_removed_is_listed_and_the_ledger_stays() {
    let (vendor, more, list) = TARGETS[0];
    let folder = Folder::new("refused");
    let (_mock, address) = mock(vendor);
    let (mut run, ledger) = caught(vendor, &address, more, &folder);
    run.0.kill().expect("SIGKILL");
    run.0.wait().expect("it is dead");
    let (code, told) = cleanup(&ledger, &["-H", "Authorization: Bearer wrong"]);
    assert!(code == 1 && told.contains("left     secret `lockstep_") && told.contains("the ledger stays"), "{told}");
    assert!(call(&address, "GET", list, "").contains("lockstep_") && ledger.exists());
    assert_eq!(cleanup(&ledger, more).0, 0);
    let (code, told) = cleanup(&ledger, more);
    assert!(code == 2 && told.contains(&ledger.display().to_string()), "{told}");
}
