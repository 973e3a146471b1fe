//! Names from outside never become paths of this machine: a sandbox, a control, an API is looked up in memory, and a state file is the one that
//! the user has named.

use std::fs;
use std::path::{Path, PathBuf};

use mock_server::MockServer;
use specs::{Profile, Spec};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What stands in a file that nobody has asked the server for.
const HUSH: &str = "kX93hd7Qw2ZpLm5T";

const SECRETS: &str = "/v1/apps/1/secrets";

/// A folder with a file that is nobody's business, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-mock-paths-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("inner")).expect("a folder");
        fs::write(path.join("canary"), HUSH).expect("a file");
        Self(path)
    }

    fn state(&self) -> PathBuf {
        self.0.join("inner/state")
    }

    /// The names of everything below it, in order.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = [&self.0, &self.0.join("inner")].into_iter().flat_map(|folder| listed(folder)).collect();
        names.sort();
        names
    }

    fn canary(&self) -> String {
        fs::read_to_string(self.0.join("canary")).expect("it is there")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is the system's to remove.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn listed(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

async fn lasting(file: &Path) -> MockServer {
    let contract = Spec::Vendor("spice".to_owned()).contract(Profile::Documented).expect("the pack is valid");
    MockServer::builder().contract(contract).state(file).start().await.expect("it starts")
}

/// The status and the text of an answer to a request whose target is any bytes.
async fn call(server: &MockServer, method: &str, target: &[u8], body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(server.address()).await.expect("a connection");
    let head = "host: localhost\r\nauthorization: Bearer test-admin\r\ncontent-type: application/json\r\nconnection: close";
    let rest = format!(" HTTP/1.1\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let request = [method.as_bytes(), b" ", target, rest.as_bytes()].concat();
    stream.write_all(&request).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    (answer.get(9..12).and_then(|status| status.parse().ok()).expect("a status"), answer)
}

/// What a sandbox could be called by somebody who thinks that it is a folder, and whether one can be called so.
fn names() -> Vec<(Vec<u8>, bool)> {
    let text = |name: &str| name.as_bytes().to_vec();
    vec![
        (text(".."), true),
        (text("."), true),
        (text("..%2f..%2fcanary"), true),
        (text("%2e%2e%2Fcanary"), true),
        (text("%2Fetc%2Fpasswd"), true),
        (text("..%5c..%5ccanary"), true),
        (text("nul%00"), true),
        (text("CON"), true),
        (text("state.lock"), true),
        (text("%ff%fe"), true),
        (vec![b'x'; 4_000], true),
        (text("../../canary"), false),
        (text("../inner/state"), false),
        (text("~/canary"), false),
        (vec![b'x'; 70_000], false),
        (b"\0".to_vec(), false),
        (b"a\nb".to_vec(), false),
    ]
}

#[tokio::test]
async fn a_sandbox_is_a_name_and_no_folder() {
    let folder = Folder::new("sandboxes");
    let mut server = lasting(&folder.state()).await;
    let at = |name: &[u8], rest: &str| [b"/~", name, rest.as_bytes()].concat();
    for (number, (name, can_be)) in names().into_iter().enumerate() {
        let shown = String::from_utf8_lossy(&name).into_owned();
        let (status, told) = call(&server, "POST", &at(&name, SECRETS), &format!("{{\"name\":\"KEY_{number}\",\"value\":\"v\"}}")).await;
        assert!(if can_be { status == 200 } else { (400..500).contains(&status) }, "{shown:.40}: {told}");
        assert!(!told.contains(HUSH), "{shown:.40}");
    }
    for life in ["as it was made", "after a restart"] {
        for (number, (name, _)) in names().into_iter().enumerate().filter(|(_, (_, can_be))| *can_be) {
            let (_, told) = call(&server, "GET", &at(&name, SECRETS), "").await;
            let own: Vec<&str> = told.match_indices("KEY_").map(|(at, _)| told[at..].split('"').next().unwrap_or_default()).collect();
            assert_eq!(own, [format!("KEY_{number}")], "{life}: its own secret and no other");
        }
        assert_eq!(folder.names(), ["canary", "inner", "state", "state.lock"], "{life}");
        server.stop().await;
        server = lasting(&folder.state()).await;
    }
    assert_eq!(folder.canary(), HUSH);
}

#[tokio::test]
async fn a_control_is_a_name_and_no_file() {
    let folder = Folder::new("controls");
    let server = lasting(&folder.state()).await;
    let above = folder.0.join("canary").display().to_string();
    let ways = [
        "../canary",
        "../../canary",
        "..%2fcanary",
        "%2e%2e%2f%2e%2e%2fcanary",
        "..%5ccanary",
        "page/../../canary",
        "state/../../canary",
        &above,
    ];
    for way in ways {
        for prefix in ["/_lockstep/", "/~one/_lockstep/", "/spice/_lockstep/", "/~/_lockstep/", "/", "//"] {
            for method in ["GET", "PUT", "DELETE"] {
                let (status, told) = call(&server, method, format!("{prefix}{way}").as_bytes(), "{}").await;
                assert!((400..500).contains(&status) && !told.contains(HUSH), "{method} {prefix}{way}: {told}");
            }
        }
    }
    assert_eq!(folder.canary(), HUSH);
    assert_eq!(folder.names(), ["canary", "inner", "state", "state.lock"]);
}

/// Whoever can write to the folder of a state file, and not to another file, cannot have the server write to that one.
#[cfg(unix)]
#[tokio::test]
async fn what_is_put_beside_a_state_file_is_not_followed() {
    let folder = Folder::new("links");
    for ending in ["lock", "new"] {
        std::os::unix::fs::symlink("../canary", folder.state().with_extension(ending)).expect("a link");
    }
    let server = lasting(&folder.state()).await;
    let (status, told) = call(&server, "POST", SECRETS.as_bytes(), "{\"name\":\"KEY\",\"value\":\"v\"}").await;
    assert_eq!(status, 200, "{told}");
    server.stop().await;
    assert_eq!(folder.canary(), HUSH);
    assert!(fs::symlink_metadata(folder.state()).is_ok_and(|state| state.is_file()), "it is a file of its own");
    let (status, _) = call(&lasting(&folder.state()).await, "GET", format!("{SECRETS}/KEY").as_bytes(), "").await;
    assert_eq!(status, 200);
}
