//! Pages: what a reader is told to type is typed, what it is told to write is written, and what it is told to see is compared.

use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A fenced block of a page.
pub(crate) struct Block {
    /// What stands behind the fence: `console`, `yaml file larder.yaml`.
    pub(crate) info: String,
    pub(crate) text: String,
}

/// A file of the repository.
pub(crate) fn file(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The fenced blocks of a page.
pub(crate) fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), open.as_mut()) {
            (Some(info), None) => open = Some(Block { info: info.to_owned(), text: String::new() }),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    blocks
}

/// One command of a session, with what it prints.
struct Typed {
    command: String,
    printed: String,
}

fn typed(text: &str) -> Vec<Typed> {
    let mut typed: Vec<Typed> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), line.strip_prefix("> "), typed.last_mut()) {
            (Some(command), ..) => typed.push(Typed { command: command.to_owned(), printed: String::new() }),
            (None, Some(more), Some(last)) if last.command.ends_with('\\') => {
                last.command.push('\n');
                last.command.push_str(more);
            }
            (None, _, Some(last)) => {
                last.printed.push_str(line);
                last.printed.push('\n');
            }
            (None, _, None) => panic!("a session begins with a command: {line}"),
        }
    }
    typed
}

/// Performs a page from its beginning to its end, in an empty folder, by one shell. Ports are free ones; a mock that goes to the background is
/// waited for until it listens.
pub(crate) fn perform(name: &str) {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pages-{}-{}", std::process::id(), name.replace('/', "-")));
    std::fs::create_dir_all(&folder).expect("a folder");
    let ports: Vec<(String, String)> = ["4010", "8080"].map(|port| (format!("127.0.0.1:{port}"), free())).into();
    let (mut script, mut expected) = (String::from("code=0\n"), Vec::new());
    for block in blocks(&file(name)) {
        if let Some(path) = block.info.split_once(" file ").map(|(_, path)| path) {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            let _ = write!(script, "cat > '{}' <<'END_OF_FILE'\n{}END_OF_FILE\n", path.display(), block.text);
        }
        for typed in if block.info == "console" { typed(&block.text) } else { Vec::new() } {
            script.push_str(&step(&typed.command, expected.len(), &ports));
            expected.push(typed);
        }
    }
    script.push_str("kill $(jobs -p) 2>/dev/null\ntrue\n");
    let bin = Path::new(env!("CARGO_BIN_EXE_lockstep")).parent().expect("a folder").display().to_string();
    let path = format!("{bin}:{}", std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(&folder).env("PATH", path).env_remove("GITHUB_STEP_SUMMARY");
    let ended = shell.output().expect("bash");
    assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
    for (number, typed) in expected.iter().enumerate() {
        let printed = std::fs::read_to_string(folder.join(format!(".printed-{number}"))).unwrap_or_default();
        let whole = |printed: &str| settled(&format!("$ {}\n{}\n", typed.command, printed.trim_end()));
        snapbox::assert_data_eq!(whole(&printed), whole(&typed.printed));
    }
    std::fs::remove_dir_all(&folder).expect("the folder");
}

/// A command as the shell performs it, with the exit code of the one before at hand.
fn step(command: &str, number: usize, ports: &[(String, String)]) -> String {
    let given = command.contains("--listen");
    let command = ports.iter().fold(command.to_owned(), |command, (said, own)| command.replace(said, own));
    match command.strip_suffix(" &") {
        Some(mock) => {
            let listen = if given { String::new() } else { format!(" --listen {}", ports[0].1) };
            format!(
                "{mock}{listen} > .printed-{number} 2>&1 &\nuntil grep -q '^listening' .printed-{number} || ! kill -0 $!; do sleep 0.05; done\n"
            )
        }
        None => format!("(exit $code)\n{{ {command}\n}} > .printed-{number} 2>&1; code=$?\n"),
    }
}

fn free() -> String {
    TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").to_string()
}

/// A text without what differs from run to run, or with each thing that is added to the runner: times, ports, and how many requests there were.
fn settled(text: &str) -> String {
    let mut settled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.').unwrap_or(from.len());
        let (number, after) = from.split_at(end);
        let counted =
            [" request", " s\n", " s ", " s·", " passed", " unexercised", " claims", " min"].iter().any(|unit| after.starts_with(unit));
        settled.push_str(before);
        let numbered = ["127.0.0.1:", "lockstep_0_", "secret"].iter().any(|name| settled.ends_with(name));
        settled.push_str(if counted || numbered { "N" } else { number });
        rest = after;
    }
    // snapbox takes a backslash for a part of a path.
    (settled + rest).replace('\\', "/")
}
