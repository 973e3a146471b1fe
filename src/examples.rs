//! Examples: what `--help` and the manual show below the options of each command. Every line of them is a command line that is understood.

pub(crate) const PROGRAM: &str = "\
Examples:
  lockstep mock spice                           serve one vendor's API, statefully
  lockstep check spice --target http://127.0.0.1:8080 -H 'Authorization: Bearer TOKEN'
                                                hold a server to what that API promises
  lockstep check                                hold the mock itself to every pack: nothing else is needed

Exit codes: 0 conforms or done, 1 violations or snapshots that differ, 2 could not judge.";

pub(crate) const MOCK: &str = "\
Examples:
  lockstep mock                                 all vendors, each below /<vendor>/
  lockstep mock nuon --listen 127.0.0.1:0       one vendor, at the root of a free port
  lockstep mock openapi.yaml --overlay mine.yaml
                                                a document of your own, and what it leaves unsaid
  lockstep mock spice --fault 'reset-after,on=POST *,next=1'
                                                the next create is carried out, and its acknowledgement lost
  lockstep mock spice --state secrets.json      what was acknowledged is there again after a restart
  lockstep mock --list-faults                   what else can go wrong";

pub(crate) const CHECK: &str = "\
Examples:
  lockstep check                                every pack against the mock
  lockstep check openapi.yaml --target http://127.0.0.1:8080 -H 'X-API-Key: KEY'
  lockstep check spice --target https://localhost:8443 -H 'Authorization: Bearer TOKEN' --param appId=1 --param appId=2
                                                the second value serves to look for one scope's secrets in another
  lockstep check spice --checks 'secrecy/*' --phases coverage,lifecycle
  lockstep check spice --fault leak-in-list     see what a finding looks like
  lockstep check --report 'html=report-{spec}.html' --report github
  lockstep check --shard 2/5 --report 'json=part-2-{spec}.json'
                                                one of five jobs; `lockstep report merge` makes one verdict of them

Exit codes: 0 conforms, 1 violations or snapshots that differ, 2 could not judge.";

pub(crate) const CLEANUP: &str = "\
Examples:
  lockstep cleanup .lockstep/spice-20260101T120000-4711.jsonl -H 'Authorization: Bearer TOKEN'

Exit codes: 0 nothing is left, 1 something could not be removed, 2 could not try.";

pub(crate) const REPLAY: &str = "\
Examples:
  lockstep replay .lockstep/plans/spice/lifecycle-deleted-is-gone-1.json --target http://127.0.0.1:8080
  lockstep replay .lockstep/plans/spice/secrecy-no-plaintext-1.json --fault leak-in-list

Exit codes: 0 the check holds now, 1 it is still violated, 2 could not judge.";

pub(crate) const REPORT: &str = "\
Examples:
  lockstep report merge part-1-spice.json part-2-spice.json";

pub(crate) const REPORT_MERGE: &str = "\
Examples:
  lockstep report merge part-1-spice.json part-2-spice.json part-3-spice.json --report html=report.html
  lockstep report merge report.json --report junit=report.xml
                                                a whole run, in one more format

Exit codes: 0 conforms, 1 violations or snapshots that differ, 2 a part is missing, or the parts are not of one run.";

pub(crate) const SPECS: &str = "\
Examples:
  lockstep specs list
  lockstep specs show nuon
  lockstep specs lint openapi.yaml";

pub(crate) const SPECS_LIST: &str = "\
Examples:
  lockstep specs list";

pub(crate) const SPECS_SHOW: &str = "\
Examples:
  lockstep specs show nuon                      what the mock promises, and where that is known from
  lockstep specs show nuon --as observed        the real server's deviations laid over it
  lockstep specs show openapi.yaml --overlay mine.yaml";

pub(crate) const SPECS_LINT: &str = "\
Examples:
  lockstep specs lint openapi.yaml              its faults; if there are none, an overlay with all that it leaves open";

pub(crate) const CHECKS: &str = "\
Examples:
  lockstep checks list
  lockstep checks show secrecy/no-plaintext";

pub(crate) const CHECKS_LIST: &str = "\
Examples:
  lockstep checks list";

pub(crate) const CHECKS_SHOW: &str = "\
Examples:
  lockstep checks show secrecy/no-plaintext     its sentence, its source, what passes it and what breaks it";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  lockstep completions bash                     for ~/.local/share/bash-completion/completions/lockstep
  lockstep completions zsh                      for a file _lockstep in a folder of $fpath
  lockstep completions fish                     for ~/.config/fish/completions/lockstep.fish";

pub(crate) const MANUAL: &str = "\
Examples:
  lockstep manual target/man                    then: man target/man/lockstep-check.1";

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
