//! Examples: what `--help` and the manual show below the options of each command. Every line of them is a command line that is understood.

pub(crate) const PROGRAM: &str = include_str!("examples/program.txt");
pub(crate) const MOCK: &str = include_str!("examples/mock.txt");
pub(crate) const CHECK: &str = include_str!("examples/check.txt");
pub(crate) const CLEANUP: &str = include_str!("examples/cleanup.txt");
pub(crate) const REPLAY: &str = include_str!("examples/replay.txt");
pub(crate) const REPORT: &str = include_str!("examples/report.txt");
pub(crate) const REPORT_MERGE: &str = include_str!("examples/report-merge.txt");
pub(crate) const SPECS: &str = include_str!("examples/specs.txt");
pub(crate) const SPECS_LIST: &str = include_str!("examples/specs-list.txt");
pub(crate) const SPECS_SHOW: &str = include_str!("examples/specs-show.txt");
pub(crate) const SPECS_LINT: &str = include_str!("examples/specs-lint.txt");
pub(crate) const CHECKS: &str = include_str!("examples/checks.txt");
pub(crate) const CHECKS_LIST: &str = include_str!("examples/checks-list.txt");
pub(crate) const CHECKS_SHOW: &str = include_str!("examples/checks-show.txt");
pub(crate) const COMPLETIONS: &str = include_str!("examples/completions.txt");
pub(crate) const MANUAL: &str = include_str!("examples/manual.txt");

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _};

    use crate::arguments::Arguments;

    /// The words of a command line, as a shell reads one in which nothing but single quotes is special.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for c in line.chars() {
            match c {
                '\'' => quoted = !quoted,
                ' ' if !quoted => words.push(std::mem::take(&mut word)),
                c => word.push(c),
            }
        }
        words.push(word);
        words.retain(|word| !word.is_empty());
        words
    }

    /// The examples of a command and of all below it: the command line stands before whatever is said of it.
    fn examples(command: &Command, found: &mut Vec<String>) {
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines = text.lines().filter_map(|line| line.strip_prefix("  ").filter(|line| line.starts_with("lockstep ")));
        let before = found.len();
        found.extend(lines.map(|line| line.split("  ").next().unwrap_or_default().to_owned()));
        assert!(found.len() > before, "`{}` shows no example", command.get_name());
        command.get_subcommands().for_each(|own| examples(own, found));
    }

    #[test]
    fn every_command_shows_examples_that_are_understood() {
        let mut found = Vec::new();
        examples(&Arguments::command(), &mut found);
        for line in found {
            let understood = Arguments::command().try_get_matches_from(words(&line));
            assert!(understood.is_ok(), "{line}: {}", understood.map(|_| ()).expect_err("it is not"));
        }
    }
}
