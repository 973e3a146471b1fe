//! The arrows between the crates, and what no source file may say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// By crate of the workspace: the crates of the workspace that it is built with; tests apart.
fn arrows() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo).args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(root()).output().expect("cargo");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let own: Vec<String> = packages.iter().map(name).collect();
    let needs = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies").iter();
        let mut names: Vec<String> =
            dependencies.filter(|dependency| dependency["kind"] != "dev").map(name).filter(|name| own.contains(name)).collect();
        names.sort();
        names
    };
    packages.iter().map(|package| (name(package), needs(package))).collect()
}

#[test]
fn no_arrow_leads_from_the_runner_to_the_mock_or_in_a_circle() {
    let strings = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let expected = BTreeMap::from([
        ("lockstep".to_owned(), strings(&["conformance", "mock-server", "specs"])),
        ("mock-server".to_owned(), strings(&["specs"])),
        ("conformance".to_owned(), strings(&["specs"])),
        ("specs".to_owned(), strings(&[])),
    ]);
    assert_eq!(arrows(), expected);
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Code outside tests: what stands before the tests at a file's foot, without comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).expect("a source file");
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n").to_lowercase()
}

#[test]
fn vendors_are_data_and_files_are_small() {
    let mut files = Vec::new();
    ["src", "specs/src", "mock-server/src", "conformance/src"].iter().for_each(|folder| sources(&root().join(folder), &mut files));
    assert!(files.len() > 80, "the tree has moved");
    for path in files {
        let code = code(&path);
        for vendor in ["nuon", "spice", "voximplant", "northflank", "bridgeport", "vault-kv", "hashicorp"] {
            assert!(!code.contains(vendor), "{} names {vendor}", path.display());
        }
        let lines = std::fs::read_to_string(&path).expect("a source file").lines().count();
        assert!(lines <= 400, "{} has {lines} lines: a second idea is in it", path.display());
    }
}

#[test]
fn specs_is_pure() {
    let manifest = std::fs::read_to_string(root().join("specs/Cargo.toml")).expect("a manifest");
    let built_with = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    for crate_name in ["axum", "reqwest", "tokio", "rand", "jiff"] {
        assert!(!built_with.lines().any(|line| line.starts_with(crate_name)), "specs is built with {crate_name}");
    }
}
