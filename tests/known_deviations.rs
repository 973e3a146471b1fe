//! `lockstep.toml`: settings that the command line overrides, and deviations that are known, with reasons and last days.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// A working folder for the length of a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-deviations-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).expect("text")
    }

    /// The exit code, standard output and the error stream of a check in this folder.
    fn check(&self, arguments: &[&str]) -> (i32, String, String) {
        let output =
            Command::new(env!("CARGO_BIN_EXE_lockstep")).arg("check").args(arguments).current_dir(&self.0).output().expect("it starts");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        (output.status.code().expect("an exit code"), text(output.stdout), text(output.stderr))
    }

    /// One clear line that tells all of this, before anything is sent.
    fn refuses(&self, settings: &str, words: &[&str]) {
        self.write("lockstep.toml", settings);
        let (code, out, error) = self.check(&["spice"]);
        assert_eq!((code, out.as_str(), error.lines().count()), (2, "", 1), "{settings}: {error}");
        words.iter().for_each(|word| assert!(error.contains(word), "`{word}` is not in: {error}"));
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn settings_are_the_command_lines_and_the_command_line_wins() {
    let folder = Folder::new("settings");
    folder.write(
        "lockstep.toml",
        "[check]\nspecs = [\"spice\"]\nseed = 7\nchecks = [\"list/*\"]\nfault = \"leak-in-list\"\nreport = [\"json=r.json\"]\n",
    );
    assert_eq!(folder.check(&[]).0, 0, "no check of lists sees a leak");
    let report: Value = serde_json::from_str(&folder.read("r.json")).expect("JSON");
    assert_eq!((&report["seed"], &report["spec"]["name"]), (&Value::from(7), &Value::from("spice")));
    let (code, out, error) = folder.check(&["--checks", "secrecy/*", "--seed", "3"]);
    assert!(code == 1 && out.contains("secrecy/no-plaintext"), "{out}{error}");
    let report: Value = serde_json::from_str(&folder.read("r.json")).expect("JSON");
    assert_eq!(report["seed"], 3);
    folder.write("other.toml", "[check]\nspecs = [\"nuon\"]\nphases = [\"lifecycle\"]\n");
    let (code, out, _) = folder.check(&["--config", "other.toml"]);
    assert!(code == 0 && out.starts_with("nuon "), "{out}");
    folder.write("lockstep.toml", "[check]\nupdate-snapshots = true\nsnapshots = \"shapes\"\n");
    assert_eq!(folder.check(&["nuon"]).0, 0);
    assert!(folder.0.join("shapes/nuon").is_dir());
}

#[test]
fn nothing_unknown_passes() {
    let folder = Folder::new("unknown");
    folder.refuses("[check]\nsede = 1\n", &["lockstep.toml:2:1", "`sede`", "did you mean `seed`?"]);
    folder.refuses("[chek]\n", &["lockstep.toml:1:2", "`check`"]);
    folder.refuses("[check]\nseed = \"many\"\n", &["lockstep.toml", "many", "--seed"]);
    folder.refuses("[check]\nseed = 1.5\n", &["lockstep.toml:2:8", "`seed`"]);
    folder.refuses("[check]\nupdate-snapshots = 1\n", &["lockstep.toml:2:20", "true or false"]);
    folder.refuses("[check\n", &["lockstep.toml:1:"]);
    folder.refuses("[[exempt]]\ncheck = \"list/*\"\nreasn = \"x\"\n", &["lockstep.toml:3:1", "did you mean `reason`?"]);
    folder.refuses("[[exempt]]\ncheck = \"list/contains-craeted\"\nreason = \"x\"\n", &["list/contains-created"]);
    folder.refuses("[[exempt]]\ncheck = \"list/*\"\n", &["lockstep.toml:1:1", "`reason`"]);
    folder.refuses("[[exempt]]\ncheck = \"list/*\"\nreason = \" \"\n", &["`reason`"]);
    folder.refuses("[[exempt]]\nreason = \"x\"\n", &["`check`"]);
    folder.refuses("[[exempt]]\ncheck = \"list/*\"\nreason = \"x\"\nexpires = \"soon\"\n", &["lockstep.toml:4:11", "2027-01-31"]);
    let (code, _, error) = folder.check(&["--config", "nowhere.toml"]);
    assert!(code == 2 && error.contains("nowhere.toml"), "{error}");
}

#[test]
fn a_known_deviation_is_told_apart_until_it_is_mended_or_its_day_is_over() {
    let folder = Folder::new("exempt");
    let faulty = ["spice", "--fault", "leak-in-list", "--report", "json=r.json", "--report", "sarif=r.sarif"];
    let entry = |more: &str| format!("[[exempt]]\ncheck = \"secrecy/*\"\nreason = \"lists are repaired in the next release\"\n{more}");
    folder.write("lockstep.toml", &entry("expires = 2999-12-31\n"));
    let (code, out, error) = folder.check(&faulty);
    assert_eq!(code, 0, "{out}{error}");
    assert!(out.contains("exempted  secrecy/no-plaintext") && out.contains("lists are repaired in the next release"), "{out}");
    let report: Value = serde_json::from_str(&folder.read("r.json")).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    assert!(!findings.is_empty() && findings.iter().all(|finding| finding["exempted"].is_string()), "they are not dropped");
    assert_eq!(report["exempted"].as_array().map(Vec::len), Some(findings.len()));
    assert!(report["summary"]["checks"]["exempted"].as_u64() > Some(0) && report["summary"]["checks"]["violated"] == 0);
    let log: Value = serde_json::from_str(&folder.read("r.sarif")).expect("JSON");
    assert_eq!(log["runs"][0]["results"][0]["suppressions"][0]["justification"], "lists are repaired in the next release");
    // Mended, it is needed no more; where its checks or its spec were left out, nobody can tell.
    let (code, out, _) = folder.check(&["spice"]);
    assert!(code == 1 && out.contains("lockstep.toml:1:1: this exemption covers nothing any more"), "{out}");
    assert_eq!(folder.check(&["spice", "--checks", "list/*"]).0, 0);
    assert_eq!(folder.check(&["spice", "--phases", "lifecycle"]).0, 0);
    folder.write("lockstep.toml", &entry("spec = \"nuon\"\n"));
    assert_eq!(folder.check(&["spice"]).0, 0);
    // Another operation, another spec, a day that is over: none of them covers it.
    for more in ["operation = \"GET /v1/nowhere\"\n", "spec = \"nuon\"\n", "expires = \"2001-01-31\"\n"] {
        folder.write("lockstep.toml", &entry(more));
        let (code, out, _) = folder.check(&faulty);
        assert!(code == 1 && out.contains("violation · secrecy/no-plaintext"), "{more}: {out}");
        assert_eq!(out.contains("is expired"), more.starts_with("expires"), "{out}");
    }
}

#[test]
fn a_baseline_holds_every_violation_once_its_reasons_are_given() {
    let folder = Folder::new("baseline");
    let faulty = ["spice", "--fault", "leak-in-list", "--fault", "keep-deleted"];
    let (code, out, error) = folder.check(&[&faulty, &["--write-baseline", "lockstep.toml"][..]].concat());
    assert_eq!(code, 1, "the verdict stays: {out}{error}");
    let baseline = folder.read("lockstep.toml");
    assert!(baseline.contains("check = \"secrecy/no-plaintext\"") && baseline.contains("# expected "), "{baseline}");
    let (code, _, error) = folder.check(&faulty);
    assert!(code == 2 && error.contains("`reason`"), "{error}");
    folder.write("lockstep.toml", &baseline.replace("reason = \"\"", "reason = \"it has always been so\""));
    let (code, out, _) = folder.check(&faulty);
    assert!(code == 0 && out.contains("spice        conforms"), "{out}");
    let (code, out, error) = folder.check(&["spice", "--write-baseline", "lockstep.toml"]);
    assert!(code == 2 && out.is_empty() && error.contains("is there already"), "{error}");
}
