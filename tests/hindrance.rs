//! Wrong credentials, a missing parameter, a wrong place: a run says just that, once. It neither passes nor floods.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A mock of every vendor that ends with the test, and a folder for what runs write.
struct Mock {
    process: Child,
    url: String,
    folder: PathBuf,
}

impl Mock {
    fn start(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("lockstep-hindrance-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        let mut process = command.args(["mock", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(process.stdout.take().expect("a pipe")).lines();
        let url = lines.find_map(|line| Some(line.ok()?.strip_prefix("listening on ")?.to_owned())).expect("it says where it listens");
        Self { process, url, folder }
    }

    /// Exit code 2, nothing on standard output, and one error that holds these words and stays short.
    fn hinders(&self, vendor: &str, base: &str, more: &[&str], words: &[&str]) {
        let target = format!("{}/{base}", self.url);
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        command.args(["check", vendor, "--target", &target]).args(more).current_dir(&self.folder);
        let output = command.output().expect("it starts");
        let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!((output.status.code(), out.as_ref()), (Some(2), ""), "{vendor}: {error}");
        let errors: Vec<&str> = error.lines().filter(|line| line.starts_with("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].len() < 800, "{vendor}: {error}");
        words.iter().for_each(|word| assert!(errors[0].contains(word), "{vendor}: `{word}` is not in: {error}"));
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

const ADMIN: [&str; 4] = ["-H", "Authorization: Bearer test-admin", "-H", "X-Nuon-Org-ID: test-org"];
const NOBODY: [&str; 4] = ["-H", "Authorization: Bearer nobody", "-H", "X-Nuon-Org-ID: test-org"];
const SCOPES: [(&str, &[&str]); 4] = [
    ("spice", &["--param", "appId=1"]),
    ("nuon", &["--param", "app_id=first"]),
    ("northflank", &["--param", "projectId=first", "--param", "teamId=first"]),
    ("bridgeport", &[]),
];

#[test]
fn wrong_credentials_are_told_even_where_something_is_public() {
    let mock = Mock::start("credentials");
    for (vendor, scope) in SCOPES {
        mock.hinders(vendor, vendor, &[&NOBODY, scope].concat(), &["401", "are the credentials right?"]);
    }
}

#[test]
fn a_missing_parameter_is_told_with_its_name() {
    let mock = Mock::start("parameters");
    for (vendor, name) in [("spice", "--param appId=..."), ("nuon", "--param app_id=..."), ("northflank", "--param projectId=...")] {
        mock.hinders(vendor, vendor, &ADMIN, &["secret was not tried", name]);
    }
}

#[test]
fn a_wrong_place_is_told() {
    let mock = Mock::start("place");
    for (vendor, scope) in SCOPES {
        mock.hinders(vendor, "nowhere", &[&ADMIN, scope].concat(), &["404", "base path"]);
    }
    // The API is there, and what the parameter names is not.
    mock.hinders("nuon", "nuon", &[&ADMIN[..], &["--param", "app_id=nowhere"]].concat(), &["404", "do the --param values exist?"]);
}

/// What could be made before it became clear that the rest cannot be judged is removed, and no ledger tells of it any more.
#[test]
fn a_hindered_run_leaves_nothing_behind() {
    let mock = Mock::start("left");
    let given = ["-H", "Authorization: Bearer test-admin", "--param", "owner=octo-org", "--param", "repo=first"];
    mock.hinders("github-actions", "github-actions", &given, &["environment-secret was not tried", "environment_name="]);
    let ledgers = std::fs::read_dir(mock.folder.join(".lockstep")).expect("the run has written a ledger").filter_map(Result::ok);
    let left: Vec<_> = ledgers.map(|entry| entry.file_name()).filter(|name| name.to_string_lossy().ends_with(".jsonl")).collect();
    assert!(left.is_empty(), "{left:?}");
}
