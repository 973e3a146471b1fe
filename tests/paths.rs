//! Names that somebody else has chosen never lead out of the folders that the user has named: those of files, of operations, of reports.
//!
//! References between documents have their tests in `specs/tests/files.rs`, the mock's sandboxes and state files in `mock-server/tests/paths.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A document in which everything that has a name is called by a path.
const CLIMBER: &str = r#"
openapi: 3.1.0
info: {title: ../../../title, version: ../../1, description: ../../description}
servers: [{url: 'http://127.0.0.1/../../base', description: ../../server}]
tags: [{name: ../../tag}]
paths:
  /../../up/things: &up
    get:
      operationId: ../../../operation
      tags: [../../tag]
      responses: {'200': {description: all, content: {application/json: {schema: {$ref: '#/components/schemas/...'}}}}}
  /..%2f..%2Fup: {get: {operationId: /absolute, responses: {'200': {description: all}}}}
  '/..\..\up': {get: {operationId: '..\..\operation', responses: {'200': {description: all}}}}
  '/a"b': {get: {operationId: "nul\0", responses: {'200': {description: all}}}}
  /LONG: {get: {operationId: LONG, responses: {'200': {description: all}}}}
  /LONG/2: {get: {operationId: LONG2, responses: {'200': {description: all}}}}
  /boxes:
    post:
      operationId: ../../../create
      tags: [../../tag]
      requestBody: {required: true, content: {application/json: {schema: {$ref: '#/components/schemas/...'}}}}
      responses: {'201': {description: made, content: {application/json: {schema: {$ref: '#/components/schemas/...'}}}}, '400': {description: bad}, '409': {description: twice}}
  /boxes/{name}:
    parameters: [{name: name, in: path, required: true, schema: {type: string}}]
    get: {operationId: ../../../read, responses: {'200': {description: it, content: {application/json: {schema: {$ref: '#/components/schemas/...'}}}}, '404': {description: none}}}
    delete: {operationId: ../../../delete, responses: {'204': {description: gone}, '404': {description: none}}}
components:
  schemas: {...: {type: object, required: [name], properties: {name: {type: string, minLength: 1, maxLength: 40}}}}
"#;

/// A folder with a way up: what climbs out of `inner` is still found.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-paths-{}-{name}", std::process::id()));
        fs::create_dir_all(path.join("a/b/inner")).expect("a folder");
        Self(path)
    }

    fn inner(&self) -> PathBuf {
        self.0.join("a/b/inner")
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.inner().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Every file, with `/` before what is not in the inner folder.
    fn files(&self) -> BTreeSet<String> {
        let inner = self.inner();
        below(&self.0).iter().map(|path| path.strip_prefix(&inner).unwrap_or(path).display().to_string()).collect()
    }

    /// Runs the program in the inner folder: its exit code and what it told.
    fn lockstep(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        let output = command.args(arguments).current_dir(self.inner()).env_remove("GITHUB_STEP_SUMMARY").output().expect("it starts");
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().expect("an exit code"), told)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

fn fixture(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/documents").join(name)).expect("the fixture")
}

#[test]
fn what_a_document_calls_its_operations_leads_nowhere() {
    let folder = Folder::new("operations");
    folder.put("climber.yaml", &CLIMBER.replace("LONG", &"long".repeat(100)));
    let arguments = ["check", "climber.yaml", "--fault", "keep-deleted", "--report", "json={spec}.json", "--snapshots", "s"];
    let (code, told) = folder.lockstep(&[&arguments[..], &["--update-snapshots"]].concat());
    assert_eq!(code, 1, "{told}");
    let long = format!("get_{}", &"long".repeat(100)[..196]);
    let stems = [
        "get_up_things",
        "get_2f_2Fup",
        "get_up",
        "get_a_b",
        &long,
        &format!("{long}-2"),
        "post_boxes",
        "get_boxes_name",
        "delete_boxes_name",
    ];
    let snapshots: BTreeSet<String> = stems.iter().map(|stem| format!("s/climber/{stem}.snap")).collect();
    let files = folder.files();
    let (plans, others): (Vec<_>, Vec<_>) = files.iter().partition(|name| name.starts_with(".lockstep/plans/climber/"));
    assert!(plans.iter().any(|name| name.contains("deleted-is-gone")), "{files:?}");
    let expected: BTreeSet<String> = ["climber.yaml", "climber.json"].map(str::to_owned).into_iter().chain(snapshots).collect();
    assert_eq!(others.into_iter().cloned().collect::<BTreeSet<_>>(), expected);
    // What was written is read again, whatever stands in it.
    let (_, told) = folder.lockstep(&arguments);
    assert!(told.contains("9 snapshots, 0 changed"), "{told}");
}

#[test]
fn a_document_whose_name_is_a_way_up_is_called_otherwise() {
    let folder = Folder::new("names");
    for name in ["...yaml", "..yaml", r"a\..\b.yaml"] {
        folder.put(name, &fixture("boxes.yaml"));
        for kept in ["kept.snap", ".lockstep/kept.json", ".lockstep/plans/kept.json", "../kept.snap"] {
            folder.put(kept, "whose");
        }
        let before = folder.files();
        let file = format!("./{name}");
        let arguments =
            ["check", &file, "--fault", "keep-deleted", "--report", "json={spec}/r.json", "--snapshots", "s", "--update-snapshots"];
        let (code, told) = folder.lockstep(&arguments);
        assert!(code == 2 && told.contains("cannot write the report to spec/r.json"), "{name}: {told}");
        folder.put("spec/r.json", "");
        let (code, told) = folder.lockstep(&arguments);
        assert_eq!(code, 1, "{name}: {told}");
        let after = folder.files();
        assert_eq!(before.difference(&after).collect::<Vec<_>>(), Vec::<&String>::new(), "{name}: gone");
        let ours = ["s/spec/", ".lockstep/plans/spec/", "spec/r.json"];
        let strays: Vec<&String> = after.difference(&before).filter(|path| !ours.iter().any(|own| path.starts_with(own))).collect();
        assert!(strays.is_empty() && after.len() > before.len() + 8, "{name}: {strays:?}");
        for own in ["s", ".lockstep", "spec"] {
            fs::remove_dir_all(folder.inner().join(own)).expect("it is there");
        }
    }
}

#[test]
fn the_name_in_a_report_that_is_merged_leads_nowhere() {
    let folder = Folder::new("merge");
    folder.put("boxes.yaml", &fixture("boxes.yaml"));
    let (code, told) = folder.lockstep(&["check", "boxes.yaml", "--report", "json=part.json"]);
    assert_eq!(code, 0, "{told}");
    let part: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(folder.inner().join("part.json")).expect("it is there")).expect("JSON");
    let absolute = folder.0.join("absolute").display().to_string();
    let before = folder.files();
    for name in ["../up", "..", ".", "", &absolute, r"..\up", "nul\0", "C:up", "line\nfeed"] {
        let mut wrong = part.clone();
        wrong["spec"]["name"] = name.into();
        folder.put("part.json", &wrong.to_string());
        for report in ["json={spec}.json", "html={spec}", "markdown=up/{spec}/r.md"] {
            let (code, told) = folder.lockstep(&["report", "merge", "part.json", "--report", report]);
            assert!(code == 2 && told.contains("no spec can be called"), "{name:?}, {report}: {code} {told}");
            assert_eq!(told.lines().count(), 1, "one clear line: {told}");
        }
        assert_eq!(folder.files(), before, "{name:?}");
    }
    folder.put("part.json", &part.to_string());
    let (code, told) = folder.lockstep(&["report", "merge", "part.json", "--report", "markdown={spec}.md"]);
    assert!(code == 0 && folder.inner().join("boxes.md").exists(), "{told}");
}

/// A mock, which ends with the test.
struct Mock(Child);

impl Mock {
    fn start(document: &Path) -> (Self, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        let mut child =
            command.arg("mock").arg(document).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let url = lines.find_map(|line| line.expect("text").strip_prefix("listening on ").map(str::to_owned));
        (Self(child), url.expect("it was ready"))
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Whoever can write to the folder in which a ledger is made cannot have another file written to, and without a ledger nothing is made.
#[cfg(unix)]
#[test]
fn a_ledger_is_a_new_file_and_follows_no_link() {
    let folder = Folder::new("ledger");
    folder.put("boxes.yaml", &fixture("boxes.yaml"));
    folder.put("../victim", "whose");
    let (_mock, url) = Mock::start(&folder.inner().join("boxes.yaml"));
    let check = |ledger| folder.lockstep(&["check", "boxes.yaml", "--target", &url, "--ledger", ledger, "-H", "x-api-key: test-admin"]);
    for (link, to) in [("link", "../victim"), ("dangling", "../nothing")] {
        std::os::unix::fs::symlink(to, folder.inner().join(link)).expect("a link");
        let (code, told) = check(link);
        assert!(code == 2 && told.contains(&format!("cannot write down in {link}")) && told.contains("File exists"), "{code}: {told}");
    }
    assert_eq!(fs::read_to_string(folder.inner().join("../victim")).expect("it is there"), "whose");
    assert!(!folder.inner().join("../nothing").exists());
    let (code, told) = check("ledger");
    assert!(code == 0 && folder.inner().join("ledger").exists(), "{code}: {told}");
}
