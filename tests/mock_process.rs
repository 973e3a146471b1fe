//! `lockstep mock` as a process: it says when it is ready, serves, and keeps to itself what it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// A mock that ends with the test.
struct Mock {
    process: Child,
    banner: String,
    address: String,
}

impl Mock {
    fn start(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lockstep"));
        command.arg("mock").args(arguments).args(["--listen", "127.0.0.1:0"]);
        let process = command
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut mock = Self { process, banner: String::new(), address: String::new() };
        let mut lines = BufReader::new(mock.process.stdout.take().expect("a pipe"));
        while mock.address.is_empty() {
            let mut line = String::new();
            assert_ne!(lines.read_line(&mut line).expect("text"), 0, "it ended before it was ready: {}", mock.banner);
            mock.banner.push_str(&line);
            let address = line.strip_prefix("listening on ").and_then(|url| url.split_once("://")).map(|(_, address)| address);
            address.unwrap_or_default().trim().clone_into(&mut mock.address);
        }
        mock.process.stdout = Some(lines.into_inner());
        mock
    }

    /// The status line and all that follows it.
    fn call(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    fn post(&self, path: &str, body: &str) -> String {
        let head = "host: localhost\r\nauthorization: Bearer test-admin\r\ncontent-type: application/json\r\nconnection: close";
        self.call(&format!("POST {path} HTTP/1.1\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    }

    /// Ends it, and gives everything that it ever printed.
    fn printed(mut self) -> String {
        self.process.kill().expect("it can be ended");
        let mut printed = std::mem::take(&mut self.banner);
        self.process.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("text");
        self.process.stderr.take().expect("a pipe").read_to_string(&mut printed).expect("text");
        printed
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_banner_names_what_is_served_and_a_line_that_works() {
    let mock = Mock::start(&[]);
    for vendor in specs::vendors() {
        assert!(mock.banner.contains(&format!("/{vendor}")), "{}", mock.banner);
    }
    let tried = mock.banner.lines().filter(|line| line.contains("try: curl")).count();
    assert_eq!(tried, specs::vendors().len(), "{}", mock.banner);
    for line in mock.banner.lines().filter_map(|line| line.split_once("try: ")).map(|(_, line)| line) {
        let answer = Command::new("sh").args(["-c", &format!("{line} -s -o /dev/null -w '%{{http_code}}'")]).output().expect("curl");
        assert_eq!(String::from_utf8_lossy(&answer.stdout), "200", "{line}");
    }
}

#[test]
fn no_value_is_ever_printed() {
    let value = "kX93hd7Qw2ZpLm5T";
    let mock = Mock::start(&["spice"]);
    let path = "/v1/apps/1/secrets";
    let stored = mock.post(path, &format!("{{\"name\":\"KEY\",\"value\":\"{value}\"}}"));
    assert!(stored.starts_with("HTTP/1.1 200") && !stored.contains(value), "it is stored, and masked");
    for body in [
        format!("{{\"name\":\"1 bad\",\"value\":\"{value}\"}}"),
        format!("{{\"name\":\"KEY\",\"value\":[\"{value}\"]}}"),
        format!("{{\"name\":\"KEY\",\"value\":\"{value}"),
    ] {
        let refused = mock.post(path, &body);
        assert!(refused.starts_with("HTTP/1.1 400") && !refused.contains(value), "it is refused without an echo");
    }
    // Not even where the fault is to tell it on the wire.
    let leaky = Mock::start(&["spice", "--fault", "leak-in-list", "--fault", "leak-in-error"]);
    leaky.post(path, &format!("{{\"name\":\"KEY\",\"value\":\"{value}\"}}"));
    assert!(leaky.post(path, &format!("{{\"name\":\"1\",\"value\":\"{value}\"}}")).contains(value), "the fault bites");
    for printed in [mock.printed(), leaky.printed()] {
        assert!(printed.contains("listening on") && !printed.contains(value));
    }
}

#[test]
fn it_ends_with_the_input_of_whoever_started_it() {
    let mut mock = Mock::start(&["nuon", "--exit-with-stdin"]);
    assert!(mock.call("GET /_lockstep/health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
    drop(mock.process.stdin.take().expect("a pipe"));
    assert_eq!(mock.process.wait().expect("it ends").code(), Some(0));
}

/// The line of every vendor in the banner, a create, a refusal and a route that is not there: as the bytes that came back.
fn transcript(mock: &Mock) -> Vec<String> {
    let tried: Vec<String> =
        mock.banner.lines().filter_map(|line| line.split_once("try: curl -X ")).map(|(_, line)| line.to_owned()).collect();
    let mut answers = Vec::new();
    for line in &tried {
        let (method, rest) = line.split_once(' ').expect("a method");
        let (headers, url) = rest.rsplit_once(" '").expect("a URL");
        let headers = headers.replace("-H '", "").replace("' ", "\r\n").replace('\'', "\r\n");
        let path = url.trim_end_matches('\'').splitn(4, '/').nth(3).expect("a path");
        for wanted in [method, "PUT"] {
            answers.push(mock.call(&format!("{wanted} /{path} HTTP/1.1\r\nhost: localhost\r\n{headers}connection: close\r\n\r\n")));
        }
    }
    let head = "host: localhost\r\nauthorization: Bearer test-admin\r\nx-nuon-org-id: test-org\r\ncontent-type: application/json\r\nconnection: close";
    let body = "{\"name\":\"key\",\"value\":\"v\"}";
    let create = format!("POST /nuon/v1/apps/first/secrets HTTP/1.1\r\n{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    answers.extend([mock.call(&create), mock.call(&create)]);
    for _ in 0..2 {
        answers.push(mock.post("/spice/v1/apps/1/secrets", "{\"name\":\"KEY\",\"value\":\"v\"}"));
        answers.push(mock.post("/~other/spice/v1/apps/1/secrets", "{\"name\":\"KEY\"}"));
        answers.push(mock.post("/spice/nowhere", "{}"));
    }
    answers
}

#[test]
fn the_same_seed_and_requests_give_the_same_bytes_in_two_processes() {
    let [one, two, other] = ["7", "7", "8"].map(|seed| transcript(&Mock::start(&["--seed", seed])));
    assert_eq!(one.len(), 2 * specs::vendors().len() + 8);
    assert!(one.iter().filter(|answer| answer.starts_with("HTTP/1.1 200")).count() >= 7, "{one:?}");
    assert_eq!(one, two);
    assert_ne!(one, other, "a seed decides something");
}

#[cfg(unix)]
#[test]
fn a_certificate_is_made_for_https_and_goes_with_the_mock() {
    let mut mock = Mock::start(&["spice", "--tls"]);
    let path = mock.banner.lines().find_map(|line| line.strip_prefix("certificate: ")).expect("its path").to_owned();
    let line = mock.banner.lines().find_map(|line| line.split_once("try: ")).map(|(_, line)| line).expect("a line to try");
    assert!(mock.banner.contains("listening on https://127.0.0.1:") && line.contains(&path), "{}", mock.banner);
    let answer = Command::new("sh").args(["-c", &format!("{line} -s -o /dev/null -w '%{{http_code}}'")]).output().expect("curl");
    assert_eq!(String::from_utf8_lossy(&answer.stdout), "200", "{line}");
    assert!(!std::fs::read_to_string(&path).expect("it is there").contains("KEY"), "no key is written");
    let told = Command::new("kill").arg(mock.process.id().to_string()).status().expect("kill");
    assert!(told.success());
    assert_eq!(mock.process.wait().expect("it ends").code(), Some(0));
    assert!(!std::path::Path::new(&path).exists());
}
