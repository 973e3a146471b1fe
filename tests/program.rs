//! The program as its users meet it: what it prints, where, and with which exit code.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What a run of the program came to.
struct Run {
    code: i32,
    out: String,
    error: String,
}

fn lockstep(arguments: &[&str]) -> Run {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_lockstep")).args(arguments).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { code: status.code().expect("an exit code"), out: text(stdout), error: text(stderr) }
}

/// The program refuses: exit code 2, nothing on standard output, and these words in each line on the error stream.
fn refuses(arguments: &[&str], words: &[&str]) {
    let run = lockstep(arguments);
    assert_eq!((run.code, run.out.as_str()), (2, ""), "{arguments:?}: {}", run.error);
    assert_eq!(run.error.lines().count(), 1, "one clear line: {}", run.error);
    for word in ["error: "].iter().chain(words) {
        assert!(run.error.contains(word), "`{word}` is not in: {}", run.error);
    }
}

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string()
}

/// A file for the length of a test.
struct Scratch(PathBuf);

impl Scratch {
    fn folder(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("lockstep-program-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn holding(&self, name: &str, text: &str) -> String {
        std::fs::write(self.0.join(name), text).expect("a file");
        self.at(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Whoever looks after the machine's temporary files will find what could not be removed.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn wrong_words_are_told_with_the_right_ones() {
    refuses(&["check", "spise"], &["`spise`", "did you mean `spice`?"]);
    refuses(&["mock", "nowhere.yaml"], &["`nowhere.yaml` is neither a vendor"]);
    refuses(&["mock", "spice", "--fault", "leak-in-lst"], &["leak-in-lst", "did you mean `leak-in-list`?"]);
    refuses(&["mock", "spice", "--fault", "latency=fast"], &["`latency` does not take `fast`", "200ms"]);
    refuses(&["mock", "spice", "--fault", "reset-after,nxt=1"], &["did you mean `next`?"]);
    refuses(&["mock", "spice", "--fault", "reset-after,on=POST /nowhere"], &["no operation is called `POST /nowhere`"]);
    refuses(&["mock", "spice", "--token", "T=badrole"], &["nobody knows the role `badrole`", "reader"]);
    refuses(&["check", "spice", "--fault", "status=418"], &["no operation documents status 418", "404"]);
    refuses(&["check", "spice", "--checks", "secrecy/no-plaintxt"], &["secrecy/no-plaintxt", "secrecy/no-plaintext"]);
    refuses(&["checks", "show", "secrecy/no-plaintxt"], &["did you mean `secrecy/no-plaintext`?"]);
    refuses(&["check", "spice", "--phases", "lifecycl"], &["lifecycl", "lifecycle"]);
    refuses(&["check", "spice", "--report", "pdf=x"], &["pdf", "json"]);
    refuses(&["check", "--bogus"], &["--bogus"]);
    refuses(&["chek"], &["chek", "check"]);
}

#[test]
fn every_fault_is_described() {
    let run = lockstep(&["mock", "--list-faults"]);
    assert_eq!((run.code, run.error.as_str()), (0, ""));
    for words in ["disturbance  latency=TIME or TIME..TIME", "disturbance  reset-after", "secrecy      leak-in-list"] {
        assert!(run.out.contains(words), "{}", run.out);
    }
}

#[test]
fn wrong_headers_parameters_and_targets_are_told() {
    let target = "http://127.0.0.1:9";
    refuses(&["check", "spice", "--target", target, "-H", "Authorization Bearer t"], &["Name: value"]);
    refuses(&["check", "spice", "--target", target, "--param", "appId"], &["NAME=VALUE"]);
    refuses(&["check", "spice", "--target", target, "--param", "appid=1"], &["`appid`", "did you mean `appId`?"]);
    refuses(&["check", "spice", "--target", "not a url"], &["not a url"]);
    refuses(&["check", "spice", "--target", "http://example.com", "-H", "Authorization: Bearer t"], &["example.com", "--allow-host"]);
    refuses(&["check", "spice", "--target", "http://bob:hunter2@127.0.0.1:9"], &["user name", "-H"]);
    assert!(!lockstep(&["check", "spice", "--target", "http://bob:hunter2@127.0.0.1:9"]).error.contains("hunter2"));
    refuses(&["check", "spice", "--target", "http://127.0.0.1:9/#x"], &["fragment"]);
    refuses(&["check", "spice", "spice"], &["two specs", "`spice`"]);
    refuses(&["mock", "--overlay", "x.yaml"], &["--overlay"]);
    refuses(&["check", "spice", "--max-requests", "0"], &["nothing can be judged", "--max-requests"]);
    refuses(&["check", "spice", "--checks", "secrecy/guards-hold"], &["nothing can be judged"]);
    refuses(&["check", "spice", "--snapshots", "x", "--max-requests", "9"], &["--max-requests"]);
    refuses(&["check", "--target", target], &["one spec"]);
    refuses(&["check", "spice", "--target", target, "--fault", "leak-in-list"], &["--fault"]);
    refuses(&["check", "spice", "--update-snapshots"], &["--snapshots DIR"]);
    refuses(&["check", "--report", "json=out.json"], &["{spec}"]);
}

#[test]
fn an_unreachable_target_and_a_busy_port_are_told() {
    let busy = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = busy.local_addr().expect("an address").to_string();
    refuses(&["mock", "spice", "--listen", &address], &[&address, "another port"]);
    drop(busy);
    refuses(&["check", "spice", "--target", &format!("http://{address}"), "-H", "Authorization: Bearer t"], &[&address, "refused"]);
}

#[test]
fn wrong_documents_are_told_with_line_column_and_pointer() {
    let scratch = Scratch::folder("documents");
    let valid = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths:\n  /things:\n    get:\n      responses:\n        '200': {description: all}\n";
    let swagger = scratch.holding("swagger.yaml", "swagger: '2.0'\ninfo: {title: T, version: '1'}\npaths: {}\n");
    refuses(&["check", &swagger], &[&swagger, ":1:1", "OpenAPI 3"]);
    let later = scratch.holding("later.yaml", &valid.replace("3.1.0", "3.7.0"));
    refuses(&["check", &later], &[":1:", "3.7.0", "/openapi"]);
    let dangling = scratch.holding("dangling.yaml", &valid.replace("{description: all}", "{$ref: '#/components/responses/Gone'}"));
    refuses(&["check", &dangling], &[":7:", "/paths/~1things/get/responses/200", "#/components/responses/Gone"]);
    let unknown = scratch.holding("unknown.yaml", &format!("{valid}x-lockstep-resorces: {{}}\n"));
    refuses(&["check", &unknown], &[":8:", "x-lockstep-resorces", "x-lockstep-resources"]);
    let malformed = scratch.holding("malformed.yaml", "openapi: [3.1.0\n");
    refuses(&["check", &malformed], &[&malformed]);
    let empty = scratch.holding("empty.yaml", "");
    refuses(&["check", &empty], &[&empty]);
    let fine = scratch.holding("fine.yaml", valid);
    let overlay = "overlay: 1.0.0\ninfo: {title: O, version: '1'}\nactions:\n  - target: $.paths['/thongs']\n    update: {summary: x}\n";
    let astray = scratch.holding("overlay.yaml", overlay);
    // An overlay's target that selects nothing changes nothing, and is told.
    let told = lockstep(&["check", &fine, "--overlay", &astray]);
    assert_eq!((told.code, told.error.lines().count()), (0, 1), "{}", told.error);
    for word in ["note: ", &astray, ":4:", "$.paths['/thongs']", "selects nothing"] {
        assert!(told.error.contains(word), "`{word}` is not in: {}", told.error);
    }
    let lint = lockstep(&["specs", "lint", &dangling]);
    assert!(lint.code == 2 && lint.out.contains(":7:") && lint.error.is_empty(), "{}", lint.out);
    assert_eq!(lockstep(&["specs", "lint", &fine]).code, 0);
    // What lint prints is an overlay that can be used as it is.
    let vault = fixture("documents/vault.yaml");
    let draft = scratch.holding("draft.yaml", &lockstep(&["specs", "lint", &vault]).out);
    let run = lockstep(&["specs", "show", &vault, "--overlay", &draft]);
    assert!(run.code == 0 && run.out.contains("where this is known from"), "{}{}", run.out, run.error);
}

#[test]
fn claims_are_shown_with_grade_and_source() {
    for vendor in specs::vendors() {
        for profile in ["documented", "observed"] {
            let run = lockstep(&["specs", "show", &vendor, "--as", profile]);
            assert_eq!((run.code, run.error.as_str()), (0, ""));
            insta::with_settings!({snapshot_path => "../snapshots/claims", prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(format!("{vendor}.{profile}"), run.out);
            });
        }
    }
}

#[test]
fn the_catalogue_is_the_codes() {
    let run = lockstep(&["checks", "list"]);
    insta::with_settings!({snapshot_path => "../snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("checks", run.out);
    });
    for line in run.out.lines() {
        let id = line.split_whitespace().next().expect("an id");
        let shown = lockstep(&["checks", "show", id]);
        assert!(shown.code == 0 && shown.out.contains("source: ") && shown.out.contains("breaks"), "{}", shown.out);
    }
}

#[test]
fn a_document_of_the_users_own_needs_no_overlay() {
    for (file, advised) in [
        ("origin/nuon.yaml", 0),
        ("origin/spice.json", 0),
        ("origin/voximplant.yaml", 3),
        ("documents/vault.yaml", 0),
        ("documents/shared.yaml", 1),
        ("documents/boxes.yaml", 0),
        ("documents/split/openapi.yaml", 0),
    ] {
        let run = lockstep(&["check", &fixture(file)]);
        assert_eq!(run.code, 0, "{file}: {}{}", run.out, run.error);
        assert!(run.out.contains(&format!("0 checks violated, {advised} advised")), "{file}: {}", run.out);
    }
    // Parents are made where the document can make them.
    let run = lockstep(&["check", &fixture("documents/split/openapi.yaml")]);
    assert!(run.out.contains("8 of 8 operations answered"), "{}", run.out);
    // What nobody could put right again is left alone.
    let run = lockstep(&["check", &fixture("documents/shared.yaml")]);
    for operation in ["DELETE /secrets", "PUT /settings"] {
        assert!(run.out.contains(&format!("note: {operation} was not tried")), "{}", run.out);
    }
    // They say enough to see a leak.
    for (file, fault, check) in [
        ("origin/nuon.yaml", "leak-in-answer", "secrecy/no-plaintext"),
        ("origin/spice.json", "leak-in-list", "secrecy/no-plaintext"),
        ("origin/spice.json", "keep-deleted", "lifecycle/deleted-is-gone"),
        ("origin/voximplant.yaml", "leak-in-header", "secrecy/no-secret-in-headers"),
        ("documents/shared.yaml", "leak-in-list", "secrecy/no-plaintext"),
        ("documents/shared.yaml", "omit-newest", "list/contains-created"),
    ] {
        let run = lockstep(&["check", &fixture(file), "--fault", fault]);
        assert!(run.code == 1 && run.out.contains(&format!("violation · {check}")), "{file} {fault}: {}", run.out);
    }
}

#[test]
fn every_kind_of_credential_is_sent_withheld_and_kept_to_itself() {
    let scratch = Scratch::folder("schemes");
    let vault = std::fs::read_to_string(fixture("documents/vault.yaml")).expect("the document");
    for scheme in [
        "{type: apiKey, in: query, name: api_key}",
        "{type: apiKey, in: cookie, name: sid}",
        "{type: http, scheme: basic}",
        "{type: http, scheme: bearer}",
    ] {
        let document = scratch.holding("vault.yaml", &vault.replace("{type: apiKey, in: header, name: X-Api-Key}", scheme));
        let run = lockstep(&["check", &document]);
        assert_eq!(run.code, 0, "{scheme}: {}{}", run.out, run.error);
        let run = lockstep(&["check", &document, "--fault", "skip-authentication"]);
        assert!(run.code == 1 && run.out.contains("violation · auth/credentials-required"), "{scheme}: {}", run.out);
        assert!(!run.out.contains("test-admin"), "{scheme}: {}", run.out);
    }
}

#[test]
fn a_run_is_repeatable_and_reported_for_programs() {
    let scratch = Scratch::folder("report");
    let report = |name: &str, seed: &str| {
        let path = scratch.at(name);
        let run = lockstep(&["check", "spice", "--fault", "leak-in-list", "--seed", seed, "--report", &format!("json={path}")]);
        assert_eq!(run.code, 1);
        let text = std::fs::read_to_string(&path).expect("the report");
        let mut report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        // The mock's port and the time are all that may differ.
        let target = report["target"].as_str().expect("a URL").to_owned();
        report["summary"]["seconds"] = 0.into();
        report.to_string().replace(&target, "http://target")
    };
    let (first, second) = (report("one.json", "5"), report("two.json", "5"));
    assert_eq!(first, second);
    assert_ne!(first, report("three.json", "6"));
    let report: serde_json::Value = serde_json::from_str(&first).expect("JSON");
    let keys: Vec<&str> = report.as_object().expect("an object").keys().map(String::as_str).collect();
    // What other programs read since the first release; more may follow.
    assert_eq!(keys[..9], ["tool", "spec", "target", "seed", "summary", "checks", "findings", "snapshots", "left_behind"]);
    let finding = &report["findings"][0];
    for member in ["check", "level", "operation", "summary", "cite", "expected", "actual", "plan", "reproduce"] {
        assert!(finding.get(member).is_some(), "{member} is not in {finding}");
    }
    assert!(finding["reproduce"][0].as_str().is_some_and(|line| line.starts_with("curl ")), "{finding}");
    assert_eq!(report["spec"]["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn snapshots_are_written_compared_and_accepted() {
    let scratch = Scratch::folder("snapshots");
    let folder = scratch.at("shapes");
    let check = |more: &[&str]| lockstep(&[&["check", "nuon", "--snapshots", folder.as_str()], more].concat());
    let first = check(&["--update-snapshots"]);
    assert!(first.code == 0 && first.out.contains("5 written"), "{}", first.out);
    assert_eq!(check(&[]).code, 0);
    let list = Path::new(&folder).join("nuon/get_v1_apps_app_id_secrets.snap");
    let pending = list.with_extension("snap.new");
    let kept = std::fs::read_to_string(&list).expect("a snapshot");
    std::fs::write(&list, kept.replace("200 application/json", "203 application/json")).expect("written");
    let changed = check(&[]);
    assert!(changed.code == 1 && changed.out.contains("nuon/get_v1_apps_app_id_secrets") && pending.exists(), "{}", changed.out);
    assert!(changed.out.contains("203 application/json"), "{}", changed.out);
    assert_eq!(std::fs::read_to_string(&pending).expect("what was seen"), kept);
    let accepted = check(&["--update-snapshots"]);
    assert_eq!(accepted.code, 0, "{}", accepted.out);
    assert!(!pending.exists());
    assert_eq!(std::fs::read_to_string(&list).expect("a snapshot"), kept);
}

#[test]
fn a_certificate_that_cannot_be_served_is_told() {
    let scratch = Scratch::folder("tls");
    let made = || rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let (one, other) = (made(), made());
    let certificate = scratch.holding("one.crt", &one.cert.pem());
    let key = scratch.holding("one.key", &one.signing_key.serialize_pem());
    let foreign = scratch.holding("other.key", &other.signing_key.serialize_pem());
    let garbage = scratch.holding("garbage.pem", "-----BEGIN CERTIFICATE-----\n%%%\n");
    let absent = scratch.at("absent.pem");
    let mock = |certificate: &str, key: &str, words: &[&str]| {
        refuses(&["mock", "spice", "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key", key], words);
    };
    mock(&certificate, &foreign, &["one.crt", "other.key", "does not go with"]);
    mock(&absent, &key, &["cannot read", "absent.pem"]);
    mock(&certificate, &absent, &["cannot read", "absent.pem"]);
    mock(&garbage, &key, &["garbage.pem", "no certificate in PEM form"]);
    mock(&certificate, &certificate, &["one.crt", "no private key in PEM form"]);
    refuses(&["mock", "spice", "--tls-cert", &certificate], &["--tls-key"]);
    refuses(&["mock", "spice", "--tls", "--tls-cert", &certificate, "--tls-key", &key], &["--tls"]);
}
