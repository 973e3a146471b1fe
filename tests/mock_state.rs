//! `lockstep mock --state`: what was acknowledged survives a kill at any moment, a full disk loses nothing, and a bad file is refused.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often a mock is killed in the middle of writing.
const KILLS: u64 = 24;

/// How many clients write at the same time, each in a sandbox of its own.
const WRITERS: usize = 3;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-process-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to remove.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A mock with a state file; it ends with the test.
struct Mock {
    process: Child,
    address: String,
}

impl Mock {
    fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let ready = lines.find_map(|line| line.expect("text").strip_prefix("listening on http://").map(str::to_owned));
        Self { process, address: ready.expect("it was ready") }
    }

    fn with(state: &Path) -> Self {
        Self::start(mock(state))
    }

    fn kill(mut self) {
        self.process.kill().expect("it can be killed");
        self.process.wait().expect("it ends");
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn mock(state: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(["mock", "spice", "--listen", "127.0.0.1:0", "--state"]).arg(state);
    command
}

/// The status of an answer; none if there was no whole one.
fn call(address: &str, method: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = "host: localhost\r\nauthorization: Bearer test-admin\r\ncontent-type: application/json\r\nconnection: close";
    let request = format!("{method} {path} HTTP/1.1\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let status = answer.get(9..12)?.parse().ok()?;
    answer.contains("\r\n\r\n").then_some((status, answer))
}

fn create(address: &str, sandbox: usize, name: &str) -> Option<u16> {
    let body = format!("{{\"name\":\"{name}\",\"value\":\"v\"}}");
    call(address, "POST", &format!("/~w{sandbox}/v1/apps/1/secrets"), &body).map(|(status, _)| status)
}

fn read(address: &str, sandbox: usize, name: &str) -> Option<u16> {
    call(address, "GET", &format!("/~w{sandbox}/v1/apps/1/secrets/{name}"), "").map(|(status, _)| status)
}

#[test]
fn what_was_acknowledged_survives_every_kill() {
    survives("kill", KILLS);
}

#[test]
#[ignore = "hundreds of kills take minutes; soak/run does it"]
fn what_was_acknowledged_survives_hundreds_of_kills() {
    survives("kills", 500);
}

fn survives(name: &str, kills: u64) {
    let folder = Folder::new(name);
    let state = folder.0.join("state");
    let acknowledged: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
    for round in 0..kills {
        let mock = Mock::with(&state);
        let writers: Vec<_> = (0..WRITERS)
            .map(|sandbox| {
                let (address, acknowledged) = (mock.address.clone(), Arc::clone(&acknowledged));
                std::thread::spawn(move || {
                    for number in 0.. {
                        let name = format!("KEY_{round}_{number}");
                        match create(&address, sandbox, &name) {
                            Some(200) => acknowledged.lock().expect("whole").push((sandbox, name)),
                            Some(status) => panic!("it answered {status}"),
                            None => return,
                        }
                    }
                })
            })
            .collect();
        // The moment differs from round to round; whichever it is, nothing may be lost.
        std::thread::sleep(Duration::from_millis(7 + round * 37 % 60));
        mock.kill();
        writers.into_iter().for_each(|writer| writer.join().expect("it only saw answers or their end"));
    }
    let mock = Mock::with(&state);
    let acknowledged = acknowledged.lock().expect("whole");
    assert!(acknowledged.len() > 24, "they wrote: {}", acknowledged.len());
    for (sandbox, name) in acknowledged.iter() {
        assert_eq!(read(&mock.address, *sandbox, name), Some(200), "{name} was acknowledged and is lost");
    }
}

#[cfg(unix)]
#[test]
fn a_full_disk_loses_nothing_and_acknowledges_nothing() {
    let folder = Folder::new("full");
    let state = folder.0.join("state");
    // A limit on the size of files is what a test can have of a full disk.
    let mut limited = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f 32; exec \"$0\" mock spice --listen 127.0.0.1:0 --state \"$1\"";
    limited.args(["-c", script, env!("CARGO_BIN_EXE_lockstep")]).arg(&state);
    let mock = Mock::start(limited);
    let refused = (0..200).map(|number| format!("KEY_{number}")).find(|name| {
        let status = create(&mock.address, 0, name);
        assert!(matches!(status, Some(200 | 507)), "{status:?}");
        status == Some(507)
    });
    let refused = refused.expect("the file is full at last");
    assert_eq!(read(&mock.address, 0, &refused), Some(404), "what was refused is not there");
    assert_eq!(read(&mock.address, 0, "KEY_0"), Some(200), "what was acknowledged is");
    let (status, answer) = call(&mock.address, "GET", "/_lockstep/ready", "").expect("an answer");
    assert!(status == 503 && answer.contains("could not be written"), "{answer}");
    let (status, answer) = call(&mock.address, "POST", "/~w0/v1/apps/1/secrets", "{\"name\":\"X\",\"value\":\"v\"}").expect("an answer");
    assert!(status == 507 && answer.contains("nothing was changed"), "{answer}");
    mock.kill();
    let mock = Mock::with(&state);
    assert_eq!(read(&mock.address, 0, "KEY_0"), Some(200));
    assert_eq!(read(&mock.address, 0, &refused), Some(404));
    assert_eq!(create(&mock.address, 0, &refused), Some(200), "there is room again");
}

/// What a mock says that does not start.
fn complaint(state: &Path) -> String {
    let output = mock(state).output().expect("it ends");
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stdout.is_empty(), "nothing is half-started");
    String::from_utf8(output.stderr).expect("text")
}

#[test]
fn a_bad_state_file_is_one_clear_line_and_exit_code_two() {
    let folder = Folder::new("bad");
    let state = folder.0.join("state");
    let running = Mock::with(&state);
    create(&running.address, 0, "KEY");
    let told = complaint(&state);
    assert!(told.contains("in use by another mock") && told.lines().count() == 1, "{told}");
    assert_eq!(read(&running.address, 0, "KEY"), Some(200), "the one that runs is not disturbed");
    running.kill();
    std::fs::write(&state, "not ours").expect("written");
    for (path, reason) in [(state.clone(), "none that this version has written"), (folder.0.clone(), "is a directory")] {
        let told = complaint(&path);
        assert!(told.contains(reason) && told.lines().count() == 1, "{told}");
    }
    assert_eq!(std::fs::read_to_string(&state).expect("text"), "not ours");
}
