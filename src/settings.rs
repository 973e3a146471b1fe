//! Settings: `lockstep.toml` says what the command line of `check` would, and which deviations are known.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow, bail};
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, CommandFactory as _, FromArgMatches as _};
use toml::de::{DeTable, DeValue};

use crate::arguments::Arguments;

/// The file that is read if it is there.
const USUAL: &str = "lockstep.toml";

/// A settings file, read into memory.
pub(crate) struct Settings {
    path: PathBuf,
    text: String,
}

impl Settings {
    /// The file that is named, else the usual one if it is there.
    pub(crate) fn find(named: Option<&Path>) -> anyhow::Result<Option<Self>> {
        let path = named.unwrap_or(Path::new(USUAL));
        if named.is_none() && !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Some(Self { path: path.to_owned(), text }))
    }

    /// Its tables. Nothing unknown passes.
    pub(crate) fn tables(&self) -> anyhow::Result<DeTable<'_>> {
        let parsed = DeTable::parse(&self.text);
        let table =
            parsed.map_err(|error| anyhow!("{}: {}", self.place(error.span().map_or(0, |span| span.start)), one_line(error.message())))?;
        let table = table.into_inner();
        for key in table.keys() {
            self.known(key.get_ref(), key.span().start, &["check", "exempt"])?;
        }
        Ok(table)
    }

    /// An unknown key is an error with its place and a near name.
    pub(crate) fn known(&self, key: &str, at: usize, names: &[&str]) -> anyhow::Result<()> {
        if names.contains(&key) {
            return Ok(());
        }
        let near = specs::document::nearest(key, names.iter().copied()).map(|near| format!("; did you mean `{near}`?"));
        bail!("{}: nothing is called `{key}` here{} (there are {})", self.place(at), near.unwrap_or_default(), names.join(", "))
    }

    /// File, line and column of a byte.
    pub(crate) fn place(&self, at: usize) -> String {
        let before = &self.text[..at.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        format!("{}:{line}:{column}", self.path.display())
    }
}

/// The command line's arguments, completed by the settings file: what the command line says wins.
pub(crate) fn arguments() -> Result<anyhow::Result<Arguments>, clap::Error> {
    let own: Vec<OsString> = std::env::args_os().collect();
    let matches = Arguments::command().try_get_matches_from(&own)?;
    let Some(("check", check)) = matches.subcommand() else { return Arguments::from_arg_matches(&matches).map(Ok) };
    Ok(completed(&own, check))
}

fn completed(own: &[OsString], check: &ArgMatches) -> anyhow::Result<Arguments> {
    let words = match Settings::find(check.get_one::<PathBuf>("config").map(PathBuf::as_path))? {
        Some(settings) => settings.words(check).map(|words| (settings.path, words))?,
        None => (PathBuf::new(), Vec::new()),
    };
    let (path, words) = words;
    let parsed = Arguments::command().try_get_matches_from(own.iter().cloned().chain(words));
    let parsed = parsed.and_then(|matches| Arguments::from_arg_matches(&matches));
    parsed.map_err(|error| anyhow!("{}: {}", path.display(), crate::one_line(&error.to_string())))
}

impl Settings {
    /// The words of a command line that says the same, but for what the real one says itself.
    fn words(&self, said: &ArgMatches) -> anyhow::Result<Vec<OsString>> {
        let tables = self.tables()?;
        let Some((key, value)) = tables.get_key_value("check") else { return Ok(Vec::new()) };
        let DeValue::Table(check) = value.get_ref() else { bail!("{}: `check` is a table: [check]", self.place(key.span().start)) };
        let command = Arguments::command();
        let options: Vec<&Arg> = command.find_subcommand("check").into_iter().flat_map(clap::Command::get_arguments).collect();
        let known: Vec<(&str, &Arg)> = options.into_iter().filter_map(|arg| Some((name(arg)?, arg))).collect();
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        let mut words = Vec::new();
        for (key, value) in check {
            self.known(key.get_ref(), key.span().start, &names)?;
            let (_, arg) = known.iter().find(|(name, _)| name == key.get_ref()).context("it is known")?;
            if said.value_source(arg.get_id().as_str()) != Some(ValueSource::CommandLine) {
                words.extend(self.said(arg, key.get_ref(), value.get_ref(), value.span().start)?);
            }
        }
        Ok(words)
    }

    fn said(&self, arg: &Arg, key: &str, value: &DeValue<'_>, at: usize) -> anyhow::Result<Vec<OsString>> {
        let text = |value: &DeValue<'_>| match value {
            DeValue::String(text) => Ok(text.to_string()),
            DeValue::Integer(number) => Ok(number.to_string()),
            _ => bail!("{}: `{key}` takes text, a number, or a list of texts", self.place(at)),
        };
        let word = |text: String| OsString::from(if arg.is_positional() { text } else { format!("--{key}={text}") });
        match value {
            DeValue::Boolean(wanted) if !arg.get_action().takes_values() => {
                Ok(wanted.then(|| OsString::from(format!("--{key}"))).into_iter().collect())
            }
            _ if !arg.get_action().takes_values() => bail!("{}: `{key}` is true or false", self.place(at)),
            DeValue::Array(items) => items.iter().map(|item| text(item.get_ref()).map(word)).collect(),
            single => Ok(vec![word(text(single)?)]),
        }
    }
}

/// The name of an option in the file: what it is called on the command line.
fn name(arg: &Arg) -> Option<&str> {
    let name = if arg.is_positional() { arg.get_id().as_str() } else { arg.get_long()? };
    (!matches!(name, "config" | "help" | "write-baseline")).then_some(name)
}

fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}
