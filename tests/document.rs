//! The document is judged by itself: what is told of real ones is true, and nothing is sent for it.

use std::process::{Command, Output};

/// What `lockstep check` says of a document alone. Nobody listens at the target: had anything been sent, that would be told.
fn judged(spec: &str) -> (Option<i32>, String, String) {
    let arguments = ["check", spec, "--checks", "document/*", "--target", "http://127.0.0.1:9"];
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_lockstep")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (status.code(), text(stdout), text(stderr))
}

/// The ids of the checks with advice or violations.
fn told(out: &str) -> Vec<&str> {
    out.lines().filter_map(|line| line.trim_start().split_once(". ")?.1.split_once(" · ")).map(|(_, check)| check).collect()
}

/// A vendor's pack says in claims what its document leaves out, so nothing is left to be told.
#[test]
fn the_packs_leave_nothing_unsaid() {
    for vendor in specs::vendors() {
        let (code, out, error) = judged(&vendor);
        assert_eq!((code, error.as_str()), (Some(0), ""));
        assert_eq!(told(&out), Vec::<&str>::new(), "{out}");
        assert!(out.contains("nothing was sent") && !out.contains("never answered"), "{out}");
    }
}

/// A document that is careless in every way is told so, and no check of the family is idle.
#[test]
fn a_careless_document_is_told_of_everything() {
    let (code, out, _) = judged("fixtures/documents/careless.yaml");
    let mut expected: Vec<&str> = conformance::checks::all().map(|check| check.id).filter(|id| id.starts_with("document/")).collect();
    expected.sort_unstable();
    let mut all = told(&out);
    all.sort_unstable();
    all.dedup();
    assert_eq!((code, all), (Some(0), expected), "{out}");
}

/// The documents that vendors publish, each read by hand: one sends the secret in the query and documents no refusal at all.
#[test]
fn what_is_told_of_published_documents_is_true() {
    for (document, expected) in [
        ("fixtures/origin/nuon.yaml", &[][..]),
        ("fixtures/origin/spice.json", &[]),
        ("fixtures/origin/voximplant.yaml", &["document/no-secret-in-url", "document/refused-credentials-documented"]),
    ] {
        let (code, out, _) = judged(document);
        assert_eq!((code, told(&out)), (Some(0), expected.to_vec()), "{document}: {out}");
    }
}
