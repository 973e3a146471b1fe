//! Shards: a run over several machines comes to what one machine would have come to, or to no verdict at all.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

/// A folder for the length of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("shards-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn lockstep(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        let Output { status, stdout, stderr } = command.args(arguments).current_dir(&self.0).output().expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (status.code(), text(stdout), text(stderr))
    }

    fn json(&self, name: &str) -> Value {
        let text = std::fs::read_to_string(self.0.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        serde_json::from_str(&text).expect("JSON")
    }

    /// A part of a run that sends nothing: the document alone is judged.
    fn part(&self, file: &str, more: &[&str]) {
        let report = format!("json={file}");
        let arguments = [&["check", "nuon", "--checks", "document/*", "--report", report.as_str()], more].concat();
        let (code, out, error) = self.lockstep(&arguments);
        assert_eq!(code, Some(0), "{out}{error}");
        let part = more.iter().position(|word| *word == "--shard").map(|place| format!(" shard {} ", more[place + 1]));
        assert!(part.is_none_or(|part| out.contains(&part)), "nobody is to take a part for the whole: {out}");
    }

    fn refuses(&self, files: &[&str], words: &[&str]) {
        let (code, out, error) = self.lockstep(&[&["report", "merge"], files].concat());
        assert_eq!((code, out.as_str(), error.lines().count()), (Some(2), "", 1), "{error}");
        assert!(words.iter().all(|word| error.contains(word)), "{words:?}: {error}");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whoever looks after the target folder will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a report says, without what differs from run to run.
fn told(report: &Value) -> (BTreeSet<String>, Vec<String>, Value) {
    let texts = |list: &str, members: &[&str]| -> Vec<String> {
        let items = report[list].as_array().expect(list).iter();
        items.map(|item| members.iter().map(|member| item[*member].to_string()).collect::<Vec<_>>().join(" ")).collect()
    };
    let findings = texts("findings", &["level", "check", "operation", "exempted"]).into_iter().collect();
    (findings, texts("checks", &["id", "status"]), serde_json::json!([report["conforms"], report["unserved"], report["snapshots"]]))
}

#[test]
fn five_parts_come_to_what_the_whole_comes_to() {
    let folder = Folder::new("whole");
    let accept = ["check", "bridgeport", "--snapshots", "shapes", "--update-snapshots"];
    assert_eq!(folder.lockstep(&accept).0, Some(0));
    let snapshot = folder.0.join("shapes/bridgeport/get_api_secrets_id_value.snap");
    let text = std::fs::read_to_string(&snapshot).expect("a snapshot");
    std::fs::write(&snapshot, text.replace("200 application/json", "203 application/json")).expect("written");
    let check = ["check", "bridgeport", "--snapshots", "shapes", "--fault", "skip-authentication", "--fault", "leak-in-error"];
    assert_eq!(folder.lockstep(&[&check[..], &["--report", "json=whole.json"]].concat()).0, Some(1));
    let files: Vec<String> = (1..=5).map(|number| format!("part-{number}.json")).collect();
    let mut asked = Vec::new();
    for (file, number) in files.iter().zip(1..) {
        let (report, shard) = (format!("json={file}"), format!("{number}/5"));
        let (code, out, error) = folder.lockstep(&[&check[..], &["--report", &report, "--shard", &shard]].concat());
        assert!(code.is_some_and(|code| code < 2), "{out}{error}");
        asked.push(folder.json(file)["summary"]["requests"].as_u64().expect("a count"));
    }
    assert!(asked.iter().filter(|count| **count > 0).count() > 1, "one part did everything: {asked:?}");
    let mut arguments =
        vec!["report", "merge", "--report", "json=merged.json", "--report", "html=merged.html", "--report", "junit=merged.xml"];
    arguments.extend(["--report", "sarif=merged.sarif", "--report", "markdown=merged.md"]);
    arguments.extend(files.iter().rev().map(String::as_str));
    let (code, out, error) = folder.lockstep(&arguments);
    assert_eq!((code, error.as_str()), (Some(1), ""), "{out}");
    let (whole, merged) = (folder.json("whole.json"), folder.json("merged.json"));
    assert!(told(&merged) == told(&whole), "merged: {merged:#}\nwhole: {whole:#}");
    assert!(!whole["snapshots"]["changed"].as_array().expect("names").is_empty());
    assert_eq!(merged["summary"]["requests"].as_u64(), Some(asked.iter().sum()));
    for file in ["merged.html", "merged.xml", "merged.sarif", "merged.md"] {
        let text = std::fs::read_to_string(folder.0.join(file)).expect(file);
        assert!(text.contains("auth/credentials-required") || text.contains("auth&#x2f;credentials-required"), "{file}");
    }
}

#[test]
fn parts_that_do_not_make_a_whole_make_no_verdict() {
    let folder = Folder::new("refused");
    for number in 1..=3 {
        folder.part(&format!("{number}.json"), &["--shard", &format!("{number}/3")]);
    }
    assert_eq!(folder.lockstep(&["report", "merge", "3.json", "1.json", "2.json"]).0, Some(0));
    folder.refuses(&["1.json", "3.json"], &["shard 2/3 is missing for `nuon`"]);
    folder.refuses(&["2.json"], &["shard 1/3, shard 3/3 are missing"]);
    folder.refuses(&["1.json", "2.json", "3.json", "2.json"], &["shard 2/3 of `nuon` is there twice"]);
    folder.part("seed.json", &["--shard", "2/3", "--seed", "7"]);
    folder.refuses(&["1.json", "seed.json", "3.json"], &["1.json and seed.json", "seed 0", "other 7"]);
    folder.part("other.json", &["--shard", "2/4"]);
    folder.refuses(&["1.json", "other.json", "3.json"], &["shard 1/3", "shard 2/4"]);
    folder.part("phases.json", &["--shard", "2/3", "--phases", "coverage"]);
    folder.refuses(&["1.json", "phases.json", "3.json"], &["phases"]);
    folder.part("whole.json", &[]);
    folder.refuses(&["1.json", "2.json", "3.json", "whole.json"], &["a whole run"]);
    let older = folder.json("2.json").to_string().replace("\"version\":\"0.1.0\"", "\"version\":\"0.0.9\"");
    std::fs::write(folder.0.join("older.json"), older).expect("a file");
    folder.refuses(&["1.json", "older.json", "3.json"], &["older.json", "lockstep 0.0.9"]);
    std::fs::write(folder.0.join("foreign.json"), "{\"results\": []}").expect("a file");
    folder.refuses(&["foreign.json"], &["foreign.json", "no report of lockstep's"]);
    folder.refuses(&["nowhere.json"], &["there is no file nowhere.json", "--report json=FILE"]);
    let (code, _, error) = folder.lockstep(&["check", "nuon", "--shard", "0/3"]);
    assert!(code == Some(2) && error.contains("NUMBER/OF"), "{error}");
}

/// A whole run's JSON is a report like any other: the formats that were not thought of can be made from it.
#[test]
fn a_whole_run_can_be_told_in_another_format_later() {
    let folder = Folder::new("later");
    folder.part("whole.json", &["--report", "sarif=before.sarif"]);
    let (code, out, _) =
        folder.lockstep(&["report", "merge", "whole.json", "--report", "sarif=after.sarif", "--report", "json=after.json"]);
    assert!(code == Some(0) && out.contains("nuon         conforms"), "{out}");
    assert_eq!(folder.json("after.sarif"), folder.json("before.sarif"));
    assert_eq!(folder.json("after.json"), folder.json("whole.json"));
}
