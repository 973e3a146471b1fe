//! The curl lines of a finding, pasted into a shell one after the other, do what the run did: the same statuses, in fresh ids and other values.

use std::path::PathBuf;
use std::process::{Command, Output};

use mock_server::{MockServer, Rule};
use serde_json::Value;
use specs::{Profile, Spec};

/// What a shell needs: credentials, and a curl that tells statuses on the error stream.
struct Shell {
    home: PathBuf,
    variables: Vec<(String, String)>,
}

impl Shell {
    fn new(name: &str, variables: Vec<(String, String)>) -> Self {
        let home = std::env::temp_dir().join(format!("lockstep-reproduce-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&home).expect("a folder");
        std::fs::write(home.join(".curlrc"), "write-out = \"%{stderr}%{http_code}\\n\"\n").expect("a file");
        Self { home, variables }
    }

    /// Runs lines as they are; the statuses that came, and everything that was printed.
    fn paste(&self, lines: &[&str]) -> (Vec<String>, String) {
        let mut command = Command::new("sh");
        command.arg("-c").arg(lines.join("\n")).env("CURL_HOME", &self.home).env("HOME", &self.home).envs(self.variables.clone());
        let Output { stdout, stderr, .. } = command.output().expect("a shell");
        let told = String::from_utf8_lossy(&stderr).lines().map(str::to_owned).collect();
        (told, String::from_utf8_lossy(&stdout).into_owned())
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("text")).collect()
}

/// What a run finds at a mock with this fault, and the mock, put back to its beginning.
async fn found(vendor: &str, fault: &str, shell: &Shell) -> (MockServer, Value) {
    let contract = Spec::Vendor(vendor.to_owned()).contract(Profile::Documented).expect("the pack is valid");
    let rule: Rule = fault.parse().expect("a fault");
    let server = MockServer::builder().contract(contract).fault(rule).start().await.expect("a free port");
    let report = shell.home.join("report.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command
        .args(["check", vendor, "--phases", "lifecycle", "--target", &server.url(), "--report", &format!("json={}", report.display())])
        .current_dir(&shell.home);
    for (name, values) in server.parameters(vendor) {
        command.args(values.iter().flat_map(|value| ["--param".to_owned(), format!("{name}={value}")]));
    }
    for (name, value) in server.credentials(vendor) {
        command.arg("-H").arg(format!("{name}: {value}"));
    }
    let output = tokio::task::spawn_blocking(move || command.output().expect("it starts")).await.expect("it ends");
    assert_eq!(output.status.code(), Some(1), "{vendor} {fault}: {}", String::from_utf8_lossy(&output.stderr));
    let report = std::fs::read_to_string(report).expect("the report");
    (server, serde_json::from_str(&report).expect("JSON"))
}

/// The status with which a step of a plan ended: `GET /a -> 200`.
fn status(step: &str) -> &str {
    step.rsplit(' ').next().expect("a status")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pasted_lines_see_what_the_run_saw() {
    for (vendor, fault) in [
        ("spice", "leak-in-list"),
        ("northflank", "keep-deleted"),
        ("bridgeport", "leak-in-answer"),
        ("nuon", "keep-deleted"),
        ("voximplant", "leak-in-list"),
    ] {
        let shell = Shell::new(vendor, Vec::new());
        let (server, report) = found(vendor, fault, &shell).await;
        let variables = server.credentials(vendor).into_iter().map(|(name, value)| (name.to_uppercase().replace('-', "_"), value));
        let shell = Shell { variables: variables.collect(), home: shell.home.clone() };
        let findings: Vec<&Value> = report["findings"].as_array().expect("findings").iter().filter(|own| own["level"] == "must").collect();
        assert!(!findings.is_empty(), "{vendor}: {report:#}");
        for finding in findings {
            let lines = texts(&finding["reproduce"]);
            let expected: Vec<&str> = texts(&finding["plan"]).into_iter().map(status).collect();
            let reset = format!("curl -sS -X POST {}/_lockstep/reset", server.url());
            let (statuses, printed) = shell.paste(&[&[reset.as_str()], &lines[..]].concat());
            assert_eq!(statuses[1..], expected, "{vendor} {fault}: {finding:#}\n{printed}");
            if finding["check"] == "secrecy/no-plaintext" {
                assert!(printed.contains("secret"), "{vendor} {fault}: {finding:#}\n{printed}");
            }
        }
    }
}
