//! Violations are shrunk, saved and repeated: a plan tells still, no longer, or not at all, and never a value.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder to run in for the length of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-replay-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        let Output { status, stdout, stderr } = command.args(arguments).current_dir(&self.0).output().expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (status.code().expect("an exit code"), text(stdout), text(stderr))
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&fs::read_to_string(self.0.join(name)).expect("a file")).expect("JSON")
    }

    /// What a run finds at a mock with this fault.
    fn findings(&self, vendor: &str, fault: &str, more: &[&str]) -> Vec<Value> {
        let (code, _, error) = self.run(&[&["check", vendor, "--fault", fault, "--report", "json=report.json"], more].concat());
        assert_eq!((code, error.as_str()), (1, ""), "{vendor} {fault}");
        self.json("report.json")["findings"].as_array().expect("findings").clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn finding<'f>(findings: &'f [Value], check: &str) -> &'f Value {
    findings.iter().find(|own| own["check"] == check).unwrap_or_else(|| panic!("{check} is not among {findings:#?}"))
}

#[test]
fn a_violation_shrinks_to_what_it_takes_and_is_repeated() {
    for (vendor, fault, check, steps) in [
        ("spice", "keep-deleted", "lifecycle/deleted-is-gone", 3),
        ("bridgeport", "leak-in-list", "secrecy/no-plaintext", 2),
        ("nuon", "omit-newest", "list/contains-created", 2),
        ("voximplant", "leak-in-header", "secrecy/no-secret-in-headers", 2),
    ] {
        let folder = Folder::new(vendor);
        let findings = folder.findings(vendor, fault, &[]);
        let found = finding(&findings, check);
        assert_eq!(found["flaky"], false, "{vendor} {fault}: {found:#}");
        let plan = found["plan"].as_array().expect("steps");
        assert!(plan.len() <= steps && plan.len() == found["reproduce"].as_array().map_or(0, Vec::len), "{vendor} {fault}: {found:#}");
        let saved = found["saved"].as_str().expect("a file");
        let (code, out, error) = folder.run(&["replay", saved, "--fault", fault]);
        assert_eq!((code, error.as_str()), (1, ""), "{vendor} {fault}: {out}");
        assert!(out.contains("  1. ") && out.contains(&format!("still violated: {check}")), "{out}");
        let (code, out, error) = folder.run(&["replay", saved]);
        assert_eq!((code, error.as_str()), (0, ""), "{vendor} {fault}: {out}");
        assert!(out.contains(&format!("no longer violated: {check}")), "{out}");
        let (code, out, _) = folder.run(&["replay", saved, "-H", "Authorization: Bearer never-issued"]);
        assert!(code == 2 && out.contains("could not judge"), "{vendor} {fault}: {code} {out}");
    }
}

/// A list that is told wrong only now and then: the finding stays, and says so. Whether a run meets it depends on its seed.
#[test]
fn what_is_not_seen_again_is_flaky() {
    let folder = Folder::new("flaky");
    let reports = ["--report", "json=report.json", "--report", "junit=r.xml", "--report", "html=r.html", "--report", "sarif=r.sarif"];
    let found = (0..20).find_map(|seed| {
        let seed = seed.to_string();
        let (code, _, error) =
            folder.run(&[&["check", "spice", "--fault", "omit-newest,chance=0.02", "--seed", &seed], &reports[..]].concat());
        assert!(code < 2 && error.is_empty(), "{error}");
        let report = folder.json("report.json");
        let flaky = |own: &&Value| own["check"] == "list/contains-created" && own["flaky"] == true;
        report["findings"].as_array().expect("findings").iter().find(flaky).cloned()
    });
    let found = found.expect("one of twenty runs meets it once and not again");
    assert!(found["level"] == "must" && found["saved"].is_null(), "{found:#}");
    for report in ["r.xml", "r.html", "r.sarif"] {
        let text = fs::read_to_string(folder.0.join(report)).expect("a report");
        assert!(text.contains("it was not seen again when its requests were repeated"), "{report}");
    }
}

/// Also where a request holds what only the user can give: the file names it, and a replay asks for it again.
#[test]
fn what_the_user_gives_is_asked_for_again() {
    let folder = Folder::new("given");
    let findings = folder.findings("spice", "wrong-media-type", &[]);
    let found = findings.iter().find(|own| own["operation"] == "POST /api/oauth/token").expect("a finding about tokens");
    assert_eq!(found["flaky"], false, "{found:#}");
    let plan = fs::read_to_string(folder.0.join(found["saved"].as_str().expect("a file"))).expect("the plan");
    assert!(plan.contains("\"${param:client_secret:1}\"") && plan.contains("\"secrets\": {}"), "{plan}");
}

#[test]
fn a_run_without_violations_saves_nothing_and_takes_old_plans_away() {
    let folder = Folder::new("clean");
    folder.findings("spice", "keep-deleted", &[]);
    let plans = folder.0.join(".lockstep/plans/spice");
    assert!(fs::read_dir(&plans).expect("plans").count() > 0);
    let (code, _, error) = folder.run(&["check", "spice", "--checks", "lifecycle/*"]);
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(fs::read_dir(&plans).expect("the folder").count(), 0);
    let fresh = Folder::new("fresh");
    assert_eq!(fresh.run(&["check", "spice", "--checks", "document/*"]).0, 0);
    assert!(!fresh.0.join(".lockstep").exists());
}

#[test]
fn what_is_no_plan_is_told() {
    let folder = Folder::new("wrong");
    let step = r#"{"step": 1, "operation": "GET /nowhere", "validity": "valid"}"#;
    let plan = |version: u8, check: &str| {
        format!(
            r#"{{"lockstep": {version}, "source": {{"spec": "spice", "observed": false}}, "check": "{check}", "operation": "GET /nowhere", "seed": 0, "secrets": {{}}, "steps": [{step}]}}"#
        )
    };
    for (text, told) in [
        ("{".to_owned(), "this is no plan of a run"),
        (plan(9, "list/contains-created"), "version 1"),
        (plan(1, "list/contains-created").replace("\"seed\"", "\"sead\""), "sead"),
    ] {
        fs::write(folder.0.join("plan.json"), text).expect("a file");
        let (code, out, error) = folder.run(&["replay", "plan.json"]);
        assert_eq!((code, out.as_str()), (2, ""), "{error}");
        assert!(error.contains(told) && error.contains("plan.json"), "{error}");
    }
    for (check, told) in [("list/contains-created", "no operation GET /nowhere"), ("list/contains", "no check is called `list/contains`")] {
        fs::write(folder.0.join("plan.json"), plan(1, check)).expect("a file");
        let (code, out, _) = folder.run(&["replay", "plan.json"]);
        assert!(code == 2 && out.contains(told), "{out}");
    }
    assert_eq!(folder.run(&["replay", "nowhere.json"]).0, 2);
}
