//! The program's manners: how much it tells, to whom, in which colours, and what a shell and `man` learn of it.

use std::path::PathBuf;
use std::process::{Command, Output};

struct Run {
    code: Option<i32>,
    out: String,
    error: String,
}

fn lockstep(arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
    command.args(arguments).env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").envs(variables.iter().copied());
    let Output { status, stdout, stderr } = command.output().expect("it starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    Run { code: status.code(), out: text(stdout), error: text(stderr) }
}

#[test]
fn quiet_tells_what_is_wrong_and_nothing_else() {
    let right = lockstep(&["check", "nuon", "--phases", "coverage", "--quiet"], &[]);
    assert_eq!((right.code, right.out.as_str(), right.error.as_str()), (Some(0), "", ""));
    let wrong = lockstep(&["-q", "check", "nuon", "--phases", "coverage", "--fault", "leak-in-list"], &[]);
    assert!(wrong.code == Some(1) && wrong.out.contains("violation · secrecy/no-plaintext"), "{}", wrong.out);
    let both = lockstep(&["check", "nuon", "--quiet", "--verbose"], &[]);
    assert!(both.code == Some(2) && both.error.contains("--verbose"), "{}", both.error);
}

/// An API whose every request is a query with the key and the secret in it.
#[test]
fn verbose_tells_each_request_and_no_value() {
    let run = lockstep(&["check", "voximplant", "--phases", "coverage", "--verbose"], &[]);
    assert_eq!(run.code, Some(0), "{}", run.error);
    assert!(run.error.starts_with("== coverage\n") && run.error.ends_with("== cleaning up\n"), "{}", run.error);
    let requests: Vec<&str> = run.error.lines().filter(|line| !line.starts_with("== ")).collect();
    assert!(run.out.contains(&format!("{} requests in", requests.len())), "{}", run.out);
    for line in requests {
        let words: Vec<&str> = line.split(' ').collect();
        let [status, _, path] = words.as_slice() else { panic!("{line}") };
        assert!(status.parse::<u16>().is_ok() && path.starts_with('/') && !path.contains('?'), "{line}");
    }
}

#[test]
fn colours_are_for_terminals_and_for_who_asks_for_them() {
    let arguments = ["check", "nuon", "--phases", "coverage", "--fault", "leak-in-list"];
    let plain = lockstep(&arguments, &[]);
    let forced = lockstep(&arguments, &[("CLICOLOR_FORCE", "1")]);
    let refused = lockstep(&arguments, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
    assert!(!plain.out.contains('\u{1b}') && !refused.out.contains('\u{1b}'));
    assert!(forced.out.contains("\u{1b}[31mviolation · secrecy/no-plaintext"), "{}", forced.out);
    // Nobody watches a line move in a log.
    assert_eq!((plain.error.as_str(), forced.error.as_str()), ("", ""));
}

#[test]
fn shells_and_man_know_every_command() {
    let help = lockstep(&["--help"], &[]).out;
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(commands.len() >= 8, "{help}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = lockstep(&["completions", shell], &[]);
        assert_eq!(script.code, Some(0));
        assert!(commands.iter().all(|name| script.out.contains(*name)), "{shell}");
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("manual-{}", std::process::id()));
    let run = lockstep(&["manual", &folder.display().to_string()], &[]);
    assert_eq!(run.code, Some(0), "{}", run.error);
    for name in commands {
        let page = std::fs::read_to_string(folder.join(format!("lockstep-{name}.1"))).expect("a page");
        assert!(page.contains("Examples:"), "{name}");
    }
    std::fs::remove_dir_all(&folder).expect("the manual");
}

#[test]
fn a_mock_tells_its_requests_as_its_journal_does() {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpStream;
    use std::process::Stdio;

    let mut mock = Command::new(env!("CARGO_BIN_EXE_lockstep"))
        .args(["mock", "spice", "--listen", "127.0.0.1:0", "--exit-with-stdin", "--verbose"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = BufReader::new(mock.stdout.take().expect("a stream")).lines();
    let ready = lines.map_while(Result::ok).find_map(|line| line.strip_prefix("listening on http://").map(str::to_owned)).expect("ready");
    let mut socket = TcpStream::connect(&ready).expect("it listens");
    let request =
        "GET /v1/apps/1/secrets/hush?key=hush HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer hush\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).expect("sent");
    socket.read_to_end(&mut Vec::new()).expect("answered");
    drop(mock.stdin.take());
    let mut told = String::new();
    mock.stderr.take().expect("a stream").read_to_string(&mut told).expect("text");
    mock.wait().expect("it ends");
    assert_eq!(told, "401 GET /v1/apps/1/secrets/*** · GET /v1/apps/{appId}/secrets/{secretName}\n");
}
