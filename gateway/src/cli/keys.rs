//! `thriftgate keys`: makes API keys, lists what is known of them, revokes them.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use serde_json::Value;
use thriftgate_config::Settings;
use thriftgate_metadata::nearest;

use super::{Error, complain, print, source};
use crate::policy::key_file::{self, KeyEntry};

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a key and print it: it is shown only this once
    New(New),
    /// Print what is known of the keys
    List,
    /// Revoke a key: from the next reload on it is not taken any more
    Revoke {
        /// The id of the key, as `list` prints it
        id: String,
    },
}

#[derive(Debug, Args)]
struct New {
    /// Who is given the key, as logs and limits know them; several keys of one caller count as one
    #[arg(long, value_name = "NAME")]
    caller: String,
    /// The group of the caller
    #[arg(long, value_name = "GROUP")]
    group: String,
    /// What the key is for
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// When it ends: after a time such as 90d, or at one such as 2027-01-31 or 2027-01-31T12:00:00Z [default: never]
    #[arg(long, value_name = "WHEN", value_parser = parse_end)]
    expires: Option<SystemTime>,
    /// What arguments can be filled with, as `attribute.NAME`
    #[arg(long = "attribute", value_name = "NAME=VALUE", value_parser = parse_attribute)]
    attributes: Vec<(String, String)>,
}

/// Where the keys are.
#[derive(Debug, Args)]
struct Place {
    /// The key file [default: the one that the configuration names]
    #[arg(long, value_name = "FILE", global = true)]
    file: Option<PathBuf>,
    /// The configuration, which names the key file and the groups [default: ./thriftgate.yaml]
    #[arg(long, env = "THRIFTGATE_CONFIG", value_name = "FILE", global = true)]
    config: Option<PathBuf>,
}

impl Place {
    /// The key file, and the names of the groups where the configuration tells them.
    fn find(&self) -> Result<(PathBuf, Option<Vec<String>>), Error> {
        if let (Some(file), None) = (&self.file, &self.config) {
            return Ok((file.clone(), None));
        }
        let path = self.config.clone().unwrap_or_else(|| source::DEFAULT_FILE.into());
        if self.config.is_none() && !path.exists() {
            let name = source::DEFAULT_FILE;
            return Err(Error(format!(
                "error: there is no {name} here; name the key file by --file, or a configuration by --config"
            )));
        }
        let settings = Settings::read(&path, &|name| std::env::var(name).ok())?;
        let groups = settings.groups.into_iter().map(|group| group.name).collect();
        let named = settings.authentication.keys.map(|keys| keys.file);
        let file = self.file.clone().or(named).ok_or_else(|| {
            let path = path.display();
            Error(format!(
                "error: {path} names no key file\n  help: add `authentication: {{keys: {{file: keys.yaml}}}}`"
            ))
        })?;
        Ok((file, Some(groups)))
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Error> {
    let (file, groups) = arguments.place.find()?;
    match &arguments.verb {
        Verb::New(new) => make(new, &file, groups.as_deref()),
        Verb::List => list(&file),
        Verb::Revoke { id } => revoke(id, &file),
    }
}

fn make(new: &New, file: &Path, groups: Option<&[String]>) -> Result<(), Error> {
    let New { caller, group, label, expires, attributes } = new;
    if caller.is_empty() {
        return Err(Error("error: a caller has a name".into()));
    }
    if let Some(groups) = groups.filter(|groups| !groups.contains(group)) {
        let near = nearest(group, groups.iter().map(String::as_str));
        let help = near.map(|near| format!("\n  help: did you mean `{near}`?")).unwrap_or_default();
        return Err(Error(format!("error: the configuration has no group `{group}`{help}")));
    }
    let key = key_file::new_key();
    let id = key_file::change(file, |entries| {
        let mut id = key_file::new_id();
        while entries.iter().any(|entry| entry.id == id) {
            id = key_file::new_id();
        }
        let attributes = attributes.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        entries.push(KeyEntry {
            id: id.clone(),
            sha256: key_file::hash_of(key.as_bytes()),
            label: label.clone(),
            caller: caller.clone(),
            group: group.clone(),
            created: Some(SystemTime::now()),
            expires: *expires,
            revoked: None,
            attributes: attributes.collect(),
        });
        Ok(id)
    })?;
    complain(&format!("the key {id} of {caller} is in {}; it is shown only now:", file.display()));
    print(&key)
}

fn list(file: &Path) -> Result<(), Error> {
    let now = SystemTime::now();
    let mut rows = vec![["ID", "CALLER", "GROUP", "STATE", "CREATED", "EXPIRES", "LABEL"].map(str::to_owned)];
    for entry in key_file::read(file)? {
        let state = match &entry {
            KeyEntry { revoked: Some(revoked), .. } => format!("revoked {}", day(Some(*revoked))),
            entry if entry.is_over(now) => "expired".to_owned(),
            _ => "good".to_owned(),
        };
        let (created, expires) = (day(entry.created), day(entry.expires));
        rows.push([
            entry.id,
            entry.caller,
            entry.group,
            state,
            created,
            expires,
            entry.label.unwrap_or_default(),
        ]);
    }
    let widths: [usize; 7] = std::array::from_fn(|column| {
        rows.iter().map(|row| row[column].chars().count()).max().unwrap_or_default()
    });
    let line = |row: &[String; 7]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    print(&rows.iter().map(line).collect::<Vec<_>>().join("\n"))
}

fn day(time: Option<SystemTime>) -> String {
    let text = time.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    text.and_then(|text| Some(text.split_once('T')?.0.to_owned())).unwrap_or_else(|| "-".into())
}

fn revoke(id: &str, file: &Path) -> Result<(), Error> {
    if !file.exists() {
        return Err(Error(format!("error: there is no key file {}", file.display())));
    }
    let before = key_file::change(file, |entries| {
        let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
        let Some(entry) = entries.iter_mut().find(|entry| entry.id == id) else {
            let near = nearest(id, ids.iter().map(String::as_str));
            let help = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(format!("there is no key `{id}`{help}"));
        };
        let before = entry.revoked;
        entry.revoked.get_or_insert_with(SystemTime::now);
        Ok(before)
    })?;
    match before {
        Some(_) => print(&format!("the key {id} was revoked already")),
        None => print(&format!("the key {id} is revoked")),
    }
}

fn parse_end(text: &str) -> Result<SystemTime, String> {
    let after = |duration: Duration| SystemTime::now().checked_add(duration);
    let at = || {
        humantime::parse_rfc3339_weak(text)
            .or_else(|_| humantime::parse_rfc3339_weak(&format!("{text} 00:00:00")))
            .ok()
    };
    let end = humantime::parse_duration(text).ok().and_then(after).or_else(at);
    end.ok_or_else(|| "write a time such as 90d, or a day such as 2027-01-31".into())
}

fn parse_attribute(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE".into()),
    }
}
