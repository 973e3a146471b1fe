//! What is given to build servers, performed as they would: the action's steps, the template's scripts, the pods' commands, the image's files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use specs::document::Document;

const PROGRAM: &str = env!("CARGO_BIN_EXE_lockstep");

/// The machine of a job, for the length of a test.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pipelines-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { folder }
    }

    /// Runs a script as a step's shell does.
    fn run(&self, shell: &[&str], script: &str, variables: &BTreeMap<String, String>) -> (Option<i32>, String) {
        let place = |name: &str| self.folder.join(name);
        let bin = Path::new(PROGRAM).parent().expect("a folder").display().to_string();
        let mut command = Command::new(shell[0]);
        command.args(&shell[1..]).arg(script).current_dir(&self.folder);
        command.env("PATH", format!("{bin}:{}", std::env::var("PATH").unwrap_or_default())).env("RUNNER_TEMP", &self.folder);
        for (variable, file) in [("GITHUB_OUTPUT", "output"), ("GITHUB_ENV", "env"), ("GITHUB_STEP_SUMMARY", "summary")] {
            command.env(variable, place(file));
        }
        // What the mock writes goes to a file, so that nothing waits for a stream that it holds open.
        let Output { status, stdout, stderr } = command.envs(variables).output().expect("it starts");
        (status.code(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Whoever looks after the target folder will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn file(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn yaml(name: &str, text: &str) -> Value {
    Document::parse(name, text).unwrap_or_else(|error| panic!("{error}")).value
}

/// The action's steps, performed with these inputs; what each step wrote, and how the job ended.
fn act(machine: &Machine, inputs: &[(&str, &str)]) -> (Option<i32>, String) {
    let action = yaml("action.yml", &file("action.yml"));
    let given = |name: &str| inputs.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
    let input = |name: &str| given(name).unwrap_or_else(|| action["inputs"][name]["default"].as_str().expect(name).to_owned());
    let value = |expression: &str| match expression.split_once('.') {
        Some(("inputs", name)) => input(name),
        _ if expression == "steps.program.outputs.path" => PROGRAM.to_owned(),
        _ => panic!("the test does not know {expression}"),
    };
    let (mut code, mut told) = (Some(0), String::new());
    for step in action["runs"]["steps"].as_array().expect("steps") {
        let wanted = match step["if"].as_str() {
            None => true,
            Some("inputs.command == 'mock'") => input("command") == "mock",
            Some("inputs.command == 'check'") => input("command") == "check",
            // These use other actions.
            Some(_) => false,
        };
        let Some(script) = step["run"].as_str().filter(|_| wanted && code == Some(0)) else { continue };
        assert_eq!(step["shell"], "bash", "a composite action's step names its shell");
        assert!(!script.contains("${{"), "an expression in a script lets an input write code: {script}");
        let variables = step["env"].as_object().into_iter().flatten();
        let inner = |text: &str| text.trim_start_matches("${{").trim_end_matches("}}").trim().to_owned();
        let variables = variables.map(|(name, text)| (name.clone(), value(&inner(text.as_str().expect("text"))))).collect();
        let (ended, text) = machine.run(&["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c"], script, &variables);
        (code, told) = (ended, told + &text);
    }
    (code, told)
}

#[test]
fn the_action_checks_annotates_and_leaves_reports() {
    let machine = Machine::new("check");
    let (code, told) =
        act(&machine, &[("program", PROGRAM), ("specs", "nuon"), ("arguments", "--fault\nleak-in-list\n--phases\ncoverage\n")]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("::error title=nuon%3A secrecy/no-plaintext::"), "{told}");
    assert!(machine.read("summary").contains("### nuon does not conform"));
    assert_eq!(machine.read("output"), format!("path={PROGRAM}\n"));
    for name in ["nuon.json", "nuon.xml", "nuon.sarif", "nuon.html"] {
        assert!(machine.read(&format!("lockstep-reports/{name}")).contains("secrecy"), "{name}");
    }
    let (code, told) = act(&machine, &[("program", PROGRAM), ("specs", "nuon"), ("arguments", "--checks\ndocument/*")]);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn an_input_writes_no_code() {
    let machine = Machine::new("hostile");
    let (code, told) = act(&machine, &[("program", PROGRAM), ("specs", "nuon; touch owned $(touch owned) `touch owned`")]);
    assert!(code == Some(2) && told.contains("neither a vendor"), "{told}");
    assert!(!machine.folder.join("owned").exists());
}

#[test]
fn the_action_serves_a_mock_to_the_steps_that_follow() {
    let machine = Machine::new("mock");
    let (code, told) = act(&machine, &[("program", PROGRAM), ("command", "mock"), ("specs", "spice\nnuon")]);
    assert_eq!(code, Some(0), "{told}");
    let url = machine.read("output").lines().find_map(|line| line.strip_prefix("url=").map(str::to_owned)).expect("a URL");
    let set = machine.read("env");
    let process = set.strip_prefix(&format!("LOCKSTEP_URL={url}\nLOCKSTEP_PID=")).expect("a process").trim();
    let list = format!("curl -sf -H 'Authorization: Bearer test-admin' {url}/spice/v1/apps/1/secrets");
    let (code, told) = machine.run(&["bash", "-c"], &list, &BTreeMap::new());
    // The job's end is the mock's; here the machine goes on.
    let ended = machine.run(&["bash", "-c"], &format!("kill {process}"), &BTreeMap::new());
    assert_eq!((code, ended.0), (Some(0), Some(0)), "{told}{}", ended.1);
    let machine = Machine::new("mock-fails");
    let (code, told) = act(&machine, &[("program", PROGRAM), ("command", "mock"), ("specs", "spise")]);
    assert!(code == Some(2) && told.contains("did you mean `spice`?"), "{told}");
}

#[test]
fn gitlabs_jobs_come_to_one_verdict() {
    let template = yaml("gitlab.yml", &file("ci/gitlab.yml"));
    let script = |job: &str| {
        let lines = template[job]["script"].as_array().expect("a script").iter();
        lines.map(|line| line.as_str().expect("text").to_owned()).collect::<Vec<_>>().join("\n")
    };
    let machine = Machine::new("gitlab");
    let shell = ["sh", "-ec"];
    let verdict = |arguments: &str| {
        for index in 1..=2 {
            let variables = [("LOCKSTEP_ARGUMENTS", arguments), ("CI_NODE_INDEX", &index.to_string()), ("CI_NODE_TOTAL", "2")];
            let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let (code, told) = machine.run(&shell, &script("lockstep"), &variables);
            assert_eq!(code, Some(0), "{told}");
        }
        machine.run(&shell, &script("lockstep:verdict"), &BTreeMap::new())
    };
    let (code, told) = verdict("spice --phases coverage");
    assert_eq!(code, Some(0), "{told}");
    let (code, told) = verdict("spice --phases coverage --fault leak-in-list");
    assert!(code == Some(1) && told.contains("violation · secrecy/no-plaintext"), "{told}");
    assert!(machine.read("lockstep-reports/spice.xml").contains("<failure"));
}

#[test]
fn pods_come_to_one_verdict() {
    let text = file("ci/kubernetes.yaml");
    let jobs: Vec<Value> = text.split("\n---\n").map(|text| yaml("kubernetes.yaml", text)).collect();
    let [job, verdict] = jobs.as_slice() else { panic!("two jobs") };
    let machine = Machine::new("pods");
    std::fs::create_dir_all(machine.folder.join("reports")).expect("a folder");
    // The one difference from a pod: the volume is mounted below the machine's folder.
    let script = |job: &Value| {
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(container["command"], serde_json::json!(["sh", "-c"]));
        container["args"][0].as_str().expect("a script").replace("/reports", &machine.folder.join("reports").display().to_string())
    };
    let mock = machine.run(
        &["bash", "-c"],
        "lockstep mock spice --listen 127.0.0.1:0 > mock.log 2>&1 & echo $! > mock.pid; until grep -q listening mock.log || ! kill -0 $!; do sleep 0.1; done",
        &BTreeMap::new(),
    );
    assert_eq!(mock.0, Some(0));
    let target = machine.read("mock.log").lines().find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).expect("a URL");
    let mut codes = Vec::new();
    for index in ["0", "1"] {
        let variables = [
            ("JOB_COMPLETION_INDEX", index),
            ("SHARDS", "2"),
            ("TARGET", &target),
            ("SPEC", "spice"),
            ("PARAM", "appId=1"),
            ("HEADER", "Authorization: Bearer test-admin"),
        ];
        let variables: BTreeMap<_, _> = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        // A whole part takes its time; this one phase is as good.
        let script = script(job).replace("lockstep check", "lockstep check --phases coverage");
        codes.push(machine.run(&["sh", "-c"], &script, &variables));
    }
    let merged = machine.run(&["sh", "-c"], &script(verdict), &[("SHARDS".to_owned(), "2".to_owned())].into());
    let _ = machine.run(&["sh", "-c"], "kill $(cat mock.pid)", &BTreeMap::new());
    assert!(codes.iter().all(|(code, _)| *code == Some(0)), "{codes:?}");
    assert_eq!(merged.0, Some(0), "{}", merged.1);
    assert!(machine.folder.join("reports/spice.html").exists());
}

#[test]
fn the_image_is_made_of_what_is_there_and_has_no_rights() {
    let recipe = file("Dockerfile");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copied = recipe.lines().filter_map(|line| line.strip_prefix("COPY ")).filter(|line| !line.starts_with("--from"));
    for source in copied.flat_map(|line| line.split(' ').rev().skip(1)) {
        assert!(root.join(source).exists(), "{source} is not there");
    }
    let manifest = file("Cargo.toml");
    let version = recipe.lines().find_map(|line| line.strip_prefix("FROM rust:")?.strip_suffix("-alpine AS build")).expect("a version");
    assert!(manifest.contains(&format!("rust-version = \"{version}\"")), "the image builds with {version}");
    assert!(recipe.contains("\nUSER 65532\n") && recipe.contains("/_lockstep/ready"));
    let command = recipe.lines().find_map(|line| line.strip_prefix("CMD ")).expect("a command");
    assert_eq!(command, r#"["mock", "--listen", "0.0.0.0:4010"]"#);
}
