//! No output of the mock holds a value that was ever sent: not what it prints, not its journal, its page's data, its metrics or its refusals.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};

/// A mock of every vendor that logs all that it can, with leaking faults.
struct Mock {
    process: Child,
    printed: String,
    address: String,
    sent: Vec<String>,
}

impl Mock {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        command.args(["mock", "--listen", "127.0.0.1:0"]);
        for fault in ["leak-in-list", "leak-in-answer", "leak-in-error", "leak-in-header"] {
            command.args(["--fault", fault]);
        }
        command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut mock =
            Self { process: command.spawn().expect("it starts"), printed: String::new(), address: String::new(), sent: Vec::new() };
        let mut lines = BufReader::new(mock.process.stdout.take().expect("a pipe"));
        while mock.address.is_empty() {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).expect("text"), 0, "it ended before it was ready");
            mock.printed.push_str(&line);
            line.strip_prefix("listening on http://").unwrap_or_default().trim().clone_into(&mut mock.address);
        }
        mock.process.stdout = Some(lines.into_inner());
        mock
    }

    /// A value that was never sent before.
    fn canary(&mut self) -> String {
        let canary = format!("kX93hd7Qw2Z{:04}pLm5T", self.sent.len());
        self.sent.push(canary.clone());
        canary
    }

    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.write_all(bytes).expect("sent");
        let mut answer = Vec::new();
        // A connection that is broken off has said what it had to say.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn send(&self, method: &str, target: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        self.raw(
            format!(
                "{method} {target} HTTP/1.1\r\nhost: localhost\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .as_bytes(),
        )
    }

    /// Ends it, and gives everything that it ever printed.
    fn printed(mut self) -> (String, Vec<String>) {
        self.process.kill().expect("it can be ended");
        let mut printed = std::mem::take(&mut self.printed);
        self.process.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("text");
        self.process.stderr.take().expect("a pipe").read_to_string(&mut printed).expect("text");
        (printed, std::mem::take(&mut self.sent))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

const OWNER: &str = "authorization: Bearer test-admin\r\n";
const JSON: &str = "content-type: application/json\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

/// Where each vendor takes a secret: the path, and the body with a hole.
const PLACES: [(&str, &str); 4] = [
    ("/nuon/v1/apps/first/secrets", r#"{"name":"key","value":"HOLE"}"#),
    ("/spice/v1/apps/1/secrets", r#"{"name":"KEY","value":"HOLE"}"#),
    (
        "/northflank/v1/projects/first/secrets",
        r#"{"name":"key","secretType":"environment","priority":1,"secrets":{"variables":{"A":"HOLE"}}}"#,
    ),
    ("/bridgeport/api/environments/first/secrets", r#"{"key":"KEY","value":"HOLE"}"#),
];

/// Sends a value to every place where a client could put one.
fn send_everywhere(mock: &mut Mock) {
    for (path, body) in PLACES {
        for wrong in [body.to_owned(), body.replace(r#""HOLE""#, r#"["HOLE"]"#), body.replace(r#""HOLE""#, r#""HOLE"#), "HOLE".to_owned()] {
            let canary = mock.canary();
            mock.send("POST", path, &format!("{OWNER}{JSON}"), &wrong.replace("HOLE", &canary));
        }
        for (method, target) in [
            ("GET", "PATH/HOLE"),
            ("DELETE", "PATH/HOLE"),
            ("GET", "PATH/HOLE/value"),
            ("GET", "PATH?HOLE=1"),
            ("GET", "PATH?limit=HOLE"),
            ("PUT", "/HOLE"),
        ] {
            let canary = mock.canary();
            mock.send(method, &target.replace("PATH", path).replace("HOLE", &canary), OWNER, "");
        }
        for header in [
            "authorization: Bearer HOLE",
            "authorization: HOLE",
            "cookie: session=HOLE",
            "x-api-key: HOLE",
            "content-type: HOLE/x",
            "idempotency-key: HOLE",
            "prefer: code=HOLE",
            "x-nuon-org-id: HOLE",
            "HOLE: 1",
        ] {
            let canary = mock.canary();
            mock.send("POST", path, &format!("{OWNER}{}\r\n", header.replace("HOLE", &canary)), body);
        }
        let canary = mock.canary();
        mock.send(&canary, path, OWNER, "");
        let canary = mock.canary();
        mock.send("POST", path, &format!("{OWNER}{FORM}"), &format!("name={canary}&value={canary}"));
    }
    send_to_the_odd_ones(mock);
}

fn send_to_the_odd_ones(mock: &mut Mock) {
    let path = "/voximplant/platform_api";
    let canary = mock.canary();
    mock.send("GET", &format!("{path}/AddSecret?application_id=1&secret_name=KEY&secret_value={canary}"), OWNER, "");
    let canary = mock.canary();
    mock.send(
        "POST",
        &format!("{path}/?cmd=AddSecret"),
        &format!("{OWNER}{FORM}"),
        &format!("application_id=1&secret_name=K&secret_value={canary}"),
    );
    let canary = mock.canary();
    let part = |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let body = part("cmd", "AddSecret") + &part("secret_name", "K2") + &part("secret_value", &canary) + "--b--\r\n";
    mock.send("POST", path, &format!("{OWNER}content-type: multipart/form-data; boundary=b\r\n"), &body);
    let canary = mock.canary();
    mock.send("GET", &format!("{path}/?cmd={canary}"), OWNER, "");
    let canary = mock.canary();
    mock.send(
        "POST",
        "/spice/api/oauth/token",
        FORM,
        &format!("grant_type=client_credentials&client_id=test-client&client_secret={canary}"),
    );
    for control in ["state", "clock", "faults"] {
        let canary = mock.canary();
        let method = if control == "clock" { "POST" } else { "PUT" };
        mock.send(method, &format!("/_lockstep/{control}"), JSON, &format!("{{\"advance\":\"{canary}\",\"lockstep\":\"{canary}\"}}"));
    }
    let canary = mock.canary();
    mock.raw(format!("GET /{canary} HTTP/9.9\r\n{canary}\r\n\r\n").as_bytes());
}

/// The forms in which a value could be found.
fn forms(value: &str) -> Vec<String> {
    let hex = value.bytes().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    // What stands in the middle of something that was encoded whole begins at any of three places, and loses its ends.
    let shifted = (0..3).flat_map(|shift| {
        let text = format!("{}{value}", "x".repeat(shift));
        [BASE64_STANDARD_NO_PAD.encode(&text), BASE64_URL_SAFE_NO_PAD.encode(&text)].map(|code| code[4..code.len() - 4].to_owned())
    });
    shifted.chain([value.to_owned(), hex.to_uppercase(), hex, value.to_lowercase(), value.to_uppercase()]).collect()
}

#[test]
fn no_output_holds_a_value_that_was_sent() {
    let mut mock = Mock::start();
    send_everywhere(&mut mock);
    // The faults leak on the wire, or this would prove little.
    let canary = mock.canary();
    mock.send("POST", PLACES[1].0, &format!("{OWNER}{JSON}"), &PLACES[1].1.replace("HOLE", &canary));
    assert!(mock.send("GET", PLACES[1].0, OWNER, "").contains(&canary), "the fault bites");
    let controls = ["requests", "things", "sandboxes", "metrics", "health", "ready", "clock", "faults", "catalogue", "", "none"];
    let mut outputs: Vec<(String, String)> = Vec::new();
    for control in controls {
        for prefix in ["", "/spice", "/nuon", "/northflank", "/bridgeport", "/voximplant"] {
            let target = format!("{prefix}/_lockstep/{control}");
            outputs.push((target.clone(), mock.send("GET", &target, "", "")));
        }
    }
    for target in ["/_lockstep/requests?hush=1", "/_lockstep/clock"] {
        outputs.push((target.to_owned(), mock.send("PATCH", target, "", "")));
    }
    assert!(
        outputs.iter().any(|(target, output)| target == "/_lockstep/requests" && output.contains("\"count\":")),
        "the journal was read"
    );
    let (printed, sent) = mock.printed();
    assert!(printed.contains("listening on") && sent.len() > 80, "{} values were sent", sent.len());
    outputs.push(("what it prints".to_owned(), printed));
    for (place, output) in &outputs {
        for value in &sent {
            let found = forms(value).into_iter().find(|form| output.contains(form));
            assert!(found.is_none(), "{place} holds {value} as {found:?}");
        }
    }
}
