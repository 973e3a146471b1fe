//! Replaying: a fresh mock for each exchange and profile, its steps in order, every difference told.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use mock_server::MockServer;
use serde_json::Value;
use specs::{Profile, Spec};

use crate::expect::{self, Captures};
use crate::file::{self, ExchangeFile, Expected, ProfileName, Recorded, Sent};
use crate::socket::{Answer, chunks, exchange};

/// Replays a file: what differs, each line with the file, the exchange and the step.
pub(crate) async fn replay_file(vendor: &str, path: &Path) -> Vec<String> {
    let name = format!("{vendor}/{}", path.file_name().and_then(|name| name.to_str()).unwrap_or_default());
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    match file::read(&name, &text) {
        Ok(file) => replay(vendor, &name, &file).await,
        Err(error) => vec![error],
    }
}

/// Replays what was read of a file.
pub(crate) async fn replay(vendor: &str, name: &str, file: &ExchangeFile) -> Vec<String> {
    let mut told = Vec::new();
    for profile in [ProfileName::Documented, ProfileName::Observed] {
        let contract = Spec::Vendor(vendor.to_owned()).contract(profile.profile()).expect("the packs are valid");
        for recorded in file.exchanges.iter().filter(|recorded| recorded.profiles.contains(&profile)) {
            let server = MockServer::start(contract.clone()).await.expect("a free port");
            let differences = Replay { vendor, server, captures: Captures::default() }.run(recorded).await;
            let place = format!("{name} ({}): `{}` ({})", word(profile.profile()), recorded.shows, recorded.grade);
            told.extend(differences.into_iter().map(|difference| format!("{place} {difference}")));
        }
    }
    told
}

const fn word(profile: Profile) -> &'static str {
    match profile {
        Profile::Documented => "documented",
        Profile::Observed => "observed",
    }
}

struct Replay<'r> {
    vendor: &'r str,
    server: MockServer,
    captures: Captures,
}

impl Replay<'_> {
    async fn run(mut self, recorded: &Recorded) -> Vec<String> {
        let mut differences = Vec::new();
        for (index, step) in recorded.steps.iter().enumerate() {
            for turn in 1..=step.repeat {
                self.captures.bind("turn", &turn.to_string());
                let found = match self.send(&step.request).await {
                    Ok(answer) => self.compare(&step.response, &answer),
                    Err(error) => vec![error],
                };
                differences.extend(found.into_iter().map(|difference| format!("step {}: {difference}", index + 1)));
            }
        }
        let unused = self.captures.unused().into_iter().map(|name| format!("`{name}` is captured and never used"));
        differences.extend(unused.collect::<Vec<_>>());
        differences
    }

    async fn send(&mut self, sent: &Sent) -> Result<Answer, String> {
        let body = self.body(sent)?;
        let mut headers = vec![("host".to_owned(), self.server.address().to_string()), ("connection".to_owned(), "close".to_owned())];
        headers.extend(self.credentials(&sent.caller)?);
        if sent.json.is_some() {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        match &body {
            Some(_) if sent.chunked => headers.push(("transfer-encoding".to_owned(), "chunked".to_owned())),
            Some(body) => headers.push(("content-length".to_owned(), body.len().to_string())),
            None => {}
        }
        for (name, value) in &sent.headers {
            headers.retain(|(own, _)| !own.eq_ignore_ascii_case(name));
            if let Some(value) = value {
                headers.push((name.clone(), self.captures.fill(value)?));
            }
        }
        let (method, target) = sent.call.split_once(' ').ok_or("a call is a method and a target")?;
        let mut head = format!("{method} {} HTTP/1.1\r\n", self.captures.fill(target)?);
        headers.iter().for_each(|(name, value)| head.extend([name.as_str(), ": ", value, "\r\n"]));
        head.push_str("\r\n");
        let body = body.unwrap_or_default();
        exchange(self.server.address(), &head, &if sent.chunked { chunks(&body) } else { body }).await
    }

    fn body(&mut self, sent: &Sent) -> Result<Option<Vec<u8>>, String> {
        if let Some(json) = &sent.json {
            return Ok(Some(self.captures.fill_json(json)?.to_string().into_bytes()));
        }
        if let Some(text) = &sent.text {
            return Ok(Some(self.captures.fill(text)?.into_bytes()));
        }
        let decode = |text: &String| BASE64_STANDARD.decode(text).map_err(|error| format!("base64: {error}"));
        sent.base64.as_ref().map(decode).transpose()
    }

    fn credentials(&self, caller: &str) -> Result<Vec<(String, String)>, String> {
        if caller == "none" {
            return Ok(Vec::new());
        }
        self.server.credentials_of(self.vendor, caller).ok_or_else(|| format!("the world knows no caller `{caller}`"))
    }

    fn compare(&mut self, expected: &Expected, answer: &Answer) -> Vec<String> {
        let mut differences = Vec::new();
        if answer.status != expected.status {
            differences.push(format!("expected {}, found {}: {}", expected.status, answer.status, answer.text()));
        }
        for (name, value) in &expected.headers {
            let difference = match (value, answer.header(name)) {
                (Some(value), Some(found)) => expect::text(value, found, &mut self.captures),
                (Some(_), None) => Some("is missing".to_owned()),
                (None, Some(found)) => Some(format!("expected to be absent, found `{found}`")),
                (None, None) => None,
            };
            differences.extend(difference.map(|difference| format!("header {name}: {difference}")));
        }
        if let Some(text) = &expected.text {
            differences.extend(expect::text(text, &answer.text(), &mut self.captures).map(|difference| format!("body: {difference}")));
        }
        if let Some(json) = &expected.json {
            match serde_json::from_slice::<Value>(&answer.body) {
                Ok(actual) => expect::json(json, &actual, "", &mut self.captures, &mut differences),
                Err(_) => differences.push(format!("body: expected JSON, found `{}`", answer.text())),
            }
        }
        for text in &expected.without {
            let text = match self.captures.fill(text) {
                Ok(text) => text,
                Err(error) => {
                    differences.push(error);
                    continue;
                }
            };
            let told = answer.text().contains(&text) || answer.headers.iter().any(|(_, value)| value.contains(&text));
            differences.extend(told.then(|| format!("tells `{text}`")));
        }
        differences
    }
}
