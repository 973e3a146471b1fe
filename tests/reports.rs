//! Reports in every format, as the tools that read them would: each holds to its own schema, and each says the same.

use std::path::PathBuf;
use std::process::{Command, Output};

use jsonschema::Validator;
use serde_json::Value;

/// A folder for the length of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-reports-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect("JSON")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn lockstep(arguments: &[&str], summary: Option<&str>) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(arguments).env_remove("GITHUB_STEP_SUMMARY").envs(summary.map(|path| ("GITHUB_STEP_SUMMARY", path)));
    let Output { status, stdout, stderr } = command.output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

fn schema(path: &str) -> Value {
    let text = std::fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)).expect("the schema");
    serde_json::from_str(&text).expect("JSON")
}

/// OASIS's own schema of SARIF 2.1.0 (oasis-tcs/sarif-spec), as it is but for a pattern with a stray bracket, of members that are never written.
fn sarif_schema() -> Value {
    let mut schema = schema("fixtures/sarif-2.1.0.schema.json");
    for owner in ["run", "toolComponent"] {
        let place = format!("/definitions/{owner}/properties/language");
        let language = schema.pointer_mut(&place).and_then(Value::as_object_mut).expect("an object");
        assert!(language.remove("pattern").is_some_and(|pattern| pattern.as_str().is_some_and(|pattern| pattern.ends_with("]?$"))));
    }
    schema
}

/// The same schema, allowing no member that it does not name: what is written must be what is published.
fn closed(schema: Value) -> Value {
    match schema {
        Value::Object(mut members) => {
            if members.contains_key("properties") && members.get("type").is_some_and(Value::is_string) {
                members.insert("additionalProperties".to_owned(), false.into());
            }
            Value::Object(members.into_iter().map(|(name, member)| (name, closed(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(closed).collect()),
        other => other,
    }
}

fn holds(validator: &Validator, instance: &Value) {
    let errors: Vec<String> = validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());
}

/// Runs that come to everything that there is: violations, advice, notes, snapshots, checks left out, operations that are not served.
const RUNS: &[&[&str]] = &[
    &["check", "spice"],
    &["check", "spice", "--fault", "leak-in-list", "--fault", "keep-deleted"],
    &["check", "voximplant", "--checks", "secrecy/*,schema/*"],
    &["check", "fixtures/documents/shared.yaml"],
    &["check", "fixtures/origin/voximplant.yaml", "--phases", "lifecycle"],
];

#[test]
fn every_report_holds_to_its_schema() {
    let folder = Folder::new("schemas");
    let json = jsonschema::validator_for(&closed(schema("conformance/schemas/report.schema.json"))).expect("a schema");
    let sarif = jsonschema::validator_for(&sarif_schema()).expect("a schema");
    for run in RUNS {
        let (json_path, sarif_path) = (format!("json={}", folder.at("r.json")), format!("sarif={}", folder.at("r.sarif")));
        let (code, out, error) = lockstep(&[run, &["--report", &json_path, "--report", &sarif_path][..]].concat(), None);
        assert!(code < 2, "{run:?}: {error}");
        let (report, log) = (folder.json("r.json"), folder.json("r.sarif"));
        holds(&json, &report);
        holds(&sarif, &log);
        assert_eq!(report["conforms"], code == 0, "{out}");
        let found = report["findings"].as_array().expect("findings").len() + report["unserved"].as_array().expect("operations").len();
        assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(found));
    }
}

#[test]
fn every_report_tells_the_same_defects() {
    let folder = Folder::new("same");
    let files = ["json", "junit", "sarif", "html"].map(|format| format!("--report={format}={}", folder.at(format)));
    let mut arguments = vec!["check", "spice", "--fault", "leak-in-list", "--report", "github"];
    arguments.extend(files.iter().map(String::as_str));
    let summary = folder.at("summary");
    std::fs::write(&summary, "what an earlier step wrote\n").expect("a file");
    let (code, out, error) = lockstep(&arguments, Some(&summary));
    assert_eq!((code, error.as_str()), (1, ""));
    let report = folder.json("json");
    let findings = report["findings"].as_array().expect("findings");
    assert!(!findings.is_empty());
    let (junit, html, summary) = (folder.read("junit"), folder.read("html"), folder.read("summary"));
    for finding in findings {
        let check = finding["check"].as_str().expect("an id");
        let operation = finding["operation"].as_str().expect("an operation");
        assert!(out.contains(&format!("::error title=spice%3A {check}::")), "{check}: {out}");
        assert!(junit.contains(&format!("<testcase name=\"{check}\"")) && junit.contains(operation), "{check}: {junit}");
        assert!(html.contains(&check.replace('/', "&#x2f;")), "{check}: {html}");
        assert!(summary.contains(check) && summary.starts_with("what an earlier step wrote"), "{check}: {summary}");
    }
    // One row per defect, however many operations show it.
    let checks: std::collections::BTreeSet<&str> = findings.iter().filter_map(|finding| finding["check"].as_str()).collect();
    assert!(findings.len() > checks.len());
    assert_eq!(out.lines().filter(|line| line.starts_with("::error ")).count(), checks.len(), "{out}");
    assert_eq!(junit.matches("<failure").count(), checks.len());
    assert_eq!(html.matches("class=\"kind violation\"").count(), checks.len());
}

/// Whoever waits for a long run learns before it that its report has no place.
#[test]
fn a_report_without_a_place_is_told_before_anything_is_sent() {
    let folder = Folder::new("places");
    let nowhere = format!("html={}", folder.at("no/such/folder/r.html"));
    let twice = format!("json={}", folder.at("r"));
    for (arguments, told) in [
        (vec!["--report", nowhere.as_str()], "no/such/folder"),
        (vec!["--report", &twice, "--report", &twice], "two reports go to"),
        (vec!["--report", "github=x"], "GITHUB_STEP_SUMMARY"),
        (vec!["--report", "htm=x"], "did you mean `html`?"),
        (vec!["--report", "html="], "FORMAT=PATH"),
    ] {
        // Nobody listens there: had anything been sent, that would be told.
        let (code, out, error) = lockstep(&[&["check", "spice", "--target", "http://127.0.0.1:9"], &arguments[..]].concat(), None);
        assert_eq!((code, out.as_str()), (2, ""), "{error}");
        assert!(error.contains(told) && error.lines().count() == 1, "{error}");
    }
    assert_eq!(std::fs::read_dir(&folder.0).expect("the folder").count(), 0, "a path that can be written is left as it was");
}
