//! The pages for people hold: their sessions are performed, their excerpts are the code's, and what is generated is fresh.

mod pages;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pages::{blocks, file, perform, root};

#[test]
fn the_three_stories_are_true() {
    perform("README.md");
}

#[test]
fn a_pack_is_made_as_the_page_says() {
    perform("docs/packs.md");
}

#[test]
fn a_report_is_read_as_the_page_says() {
    perform("docs/reports.md");
}

fn pages() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("docs")).expect("the pages");
    entries.map(|entry| format!("docs/{}", entry.expect("a page").file_name().to_string_lossy())).collect()
}

#[test]
fn no_link_leads_nowhere() {
    for name in pages().into_iter().chain(["README.md".to_owned(), "recipes/README.md".to_owned()]) {
        let folder = root().join(&name).parent().expect("a folder").to_path_buf();
        for link in file(&name).split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link.to_owned()) {
            let path = link.split('#').next().unwrap_or_default();
            assert!(path.is_empty() || path.starts_with("https://") || folder.join(path).exists(), "{name} links to {link}");
        }
    }
}

/// Quoted code is the code: a block `rust excerpt PATH` stands in that file, line by line.
#[test]
fn excerpts_stand_in_the_files_that_they_name() {
    let mut excerpts = 0;
    for name in pages() {
        for block in blocks(&file(&name)) {
            let Some((_, path)) = block.info.split_once(" excerpt ") else { continue };
            assert!(file(path).contains(&block.text), "{name} quotes what does not stand in {path}:\n{}", block.text);
            excerpts += 1;
        }
    }
    assert!(excerpts > 3, "the pages quote code");
}

/// Compares a page that is generated with what is generated now; SNAPSHOTS=overwrite accepts it.
fn fresh(name: &str, page: String) {
    snapbox::assert_data_eq!(page, snapbox::Data::read_from(&root().join(name), Some(snapbox::data::DataFormat::Text)).raw());
}

#[test]
fn the_catalogue_of_checks_is_fresh() {
    let mut page = String::from(
        "# The checks\n\nGenerated from the code (`SNAPSHOTS=overwrite cargo test --test documents`); `lockstep checks show ID` shows one with an exchange that passes it and one that breaks it.\n\
         A check of level *must* is violated, one of level *should* gives advice; a *must* that rests on a guess gives advice too. [How a check is written](checks.md).\n",
    );
    let mut family = "";
    for check in conformance::checks::all() {
        if check.family() != family {
            family = check.family();
            let _ = write!(page, "\n## {family}\n\n| check | level | it says | source |\n|---|---|---|---|\n");
        }
        let cell = |text: &str| text.replace('|', "\\|");
        let _ = writeln!(page, "| `{}` | {} | {} | {} |", check.id, check.level.name(), cell(check.sentence), cell(check.cite));
    }
    fresh("docs/check-catalogue.md", page);
}

#[test]
fn the_vocabulary_of_claims_is_fresh() {
    use specs::claims::{AccessPromises, FieldPromises, OperationPromises, ResourcePromises, WirePromises};
    let mut page = String::from(
        "# The vocabulary of claims\n\nGenerated from the code (`SNAPSHOTS=overwrite cargo test --test documents`). An overlay says these of a document; [how a pack is made](packs.md) shows it.\n\n\
         Each claim is `{value: …, grade: …, cite: …}`. The grade says how it is known: `documented` (the document or the vendor's page says so), `observed` (seen on the real server, or demanded by its\n\
         clients), `derived` (follows from the document's structure and HTTP's own rules), `guessed` (from a name or a habit), `chosen` (nobody says; the mock must decide). The runner condemns on the first\n\
         three, advises on guesses, and never judges what was chosen. `lockstep specs show SPEC` shows every claim of a contract; a key that is none of these is an error with its place and a near name.\n",
    );
    for (title, place, keys) in [
        ("Of a resource", "The members of `x-lockstep-resources`, one for each resource", ResourcePromises::KEYS),
        ("Of a field", "The members of `fields` in a resource's block, one for each field", FieldPromises::KEYS),
        ("Of an operation", "`x-lockstep-operation` of an operation", OperationPromises::KEYS),
        ("Of access", "`x-lockstep-access` of the document", AccessPromises::KEYS),
        ("Of the wire", "`x-lockstep-wire` of the document", WirePromises::KEYS),
    ] {
        let _ = write!(page, "\n## {title}\n\n{place}.\n\n| key | what it says | packs that say it |\n|---|---|---|\n");
        for (key, about) in keys {
            let _ = writeln!(page, "| `{key}` | {} | {} |", about.trim().replace('|', "\\|"), said_by(key));
        }
    }
    fresh("docs/claims.md", page);
}

/// The packs whose overlays have a key: each is an example of how it is written.
fn said_by(key: &str) -> String {
    let says = |vendor: &String| {
        let overlay = |name: &str| std::fs::read_to_string(root().join(format!("specs/vendors/{vendor}/{name}"))).unwrap_or_default();
        let text = overlay("overlay.yaml") + &overlay("observed.yaml");
        text.split(|c: char| c.is_whitespace() || c == '{' || c == ',').any(|word| word.strip_suffix(':') == Some(key))
    };
    let packs: Vec<String> = specs::vendors().into_iter().filter(says).collect();
    packs.join(", ")
}

/// The picture's arrows are the crates' own.
#[test]
fn the_picture_shows_the_arrows_that_there_are() {
    let page = file("docs/architecture.md");
    let picture = blocks(&page).into_iter().find(|block| block.info == "mermaid").expect("a picture").text;
    let mut drawn: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in picture.lines().filter_map(|line| line.trim().split_once(" --> ")) {
        drawn.entry(from).or_default().push(to);
    }
    for (name, folder) in [("lockstep", "."), ("mock-server", "mock-server"), ("conformance", "conformance"), ("specs", "specs")] {
        let manifest = file(&format!("{folder}/Cargo.toml"));
        let own = manifest.split("[package]").nth(1).expect("a package");
        let needed = own.split("[dev-dependencies]").next().unwrap_or_default();
        let needs = |other: &&str| needed.lines().any(|line| line.starts_with(&format!("{other}.workspace")));
        let mut needs: Vec<&str> = ["conformance", "mock-server", "specs"].into_iter().filter(needs).collect();
        let mut drawn = drawn.get(name).cloned().unwrap_or_default();
        needs.sort_unstable();
        drawn.sort_unstable();
        assert_eq!(drawn, needs, "{name}");
    }
}
