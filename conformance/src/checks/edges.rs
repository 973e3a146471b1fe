//! More stories than the two that each check shows: what it passes over, what it only advises against, and where it begins to bite.
//!
//! A story begins with `= CHECK VERDICT: why`. The verdict is that on its last exchange, on its race, or on the worst operation of its
//! document: `passes`, `breaks`, `advises` where what is broken is founded on too little to condemn, or `silent` where the check says
//! nothing. A line `~ words` stands in what is told of it: what should have come, what came, or where it is written. Whatever it says, no
//! value is told.

use super::story::judge;
use super::{Judgement, all};

const STORIES: [&str; 5] = [
    include_str!("edges/one_answer.txt"),
    include_str!("edges/what_came_before.txt"),
    include_str!("edges/values.txt"),
    include_str!("edges/races.txt"),
    include_str!("edges/documents.txt"),
];

fn word(judgement: &Judgement) -> &'static str {
    match judgement {
        Judgement::NotApplicable => "silent",
        Judgement::Passed => "passes",
        Judgement::Broken(broken) if broken.grade.condemns() => "breaks",
        Judgement::Broken(_) => "advises",
    }
}

/// Of a document's operations that counts of which the most is said.
fn weight(judgement: &Judgement) -> usize {
    ["silent", "passes", "advises", "breaks"].iter().position(|own| *own == word(judgement)).unwrap_or_default()
}

/// What is told of a broken sentence: what should have come, what came, and where the promise is written.
fn told_words(judgement: &Judgement) -> String {
    let Judgement::Broken(broken) = judgement else { return String::new() };
    [broken.expected.as_str(), &broken.actual, broken.cite.as_deref().unwrap_or_default()].join("\n")
}

#[test]
fn every_story_ends_as_it_says() {
    let mut wrong = Vec::new();
    for story in STORIES.iter().flat_map(|file| format!("\n{file}").split("\n= ").skip(1).map(str::to_owned).collect::<Vec<_>>()) {
        let (title, lines) = story.split_once('\n').expect("a title and a story");
        let (id, verdict) = title.split_once(':').and_then(|(head, _)| head.split_once(' ')).expect("a check and a verdict");
        let check = all().find(|check| check.id == id).unwrap_or_else(|| panic!("no check is called {id}"));
        let (words, lines): (Vec<&str>, Vec<&str>) = lines.trim_end().lines().partition(|line| line.starts_with("~ "));
        let judgements = judge(check, &lines.join("\n"));
        let told = if id.starts_with("document/") { judgements.iter().max_by_key(|own| weight(own)) } else { judgements.last() };
        let last = told.expect("an exchange, or an operation");
        if word(last) != verdict || words.iter().any(|words| !told_words(last).contains(&words[2..])) {
            wrong.push(format!("{title}\n  {last:?}"));
        }
        // The lines of a race are in clear until they are shown.
        let clear = id == "concurrency/linearizable";
        assert!(clear || !format!("{judgements:?}").contains("hush-"), "{title}: a value is told");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
