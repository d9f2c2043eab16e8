//! The crate as the gateway uses it: case files of what is refused, the examples, and the JSON Schema.

mod examples;
mod refusals;
mod routes;
mod values;

use std::path::{Path, PathBuf};
use thriftgate_config::{Diagnostics, Settings};

/// The settings of a file of this crate, with the variables that cases and examples may use.
fn read(path: &str) -> Result<Settings, Diagnostics> {
    Settings::read(Path::new(path), &environment)
}

/// The settings of a text as if it were the file `etc/thriftgate.yaml`.
fn parse(text: &str) -> Result<Settings, Diagnostics> {
    Settings::parse(Path::new("etc/thriftgate.yaml"), text, &environment)
}

fn environment(name: &str) -> Option<String> {
    match name {
        "HOST" => Some("auth.internal".to_owned()),
        "TWO" => Some("2".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    }
}

/// The YAML files of a directory of this crate, sorted; paths are relative to the crate.
fn yaml_files(directory: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("the directory is part of the crate");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a readable entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(!files.is_empty(), "{directory} has no cases");
    files
}

/// Compares a committed file with what it should hold; with `UPDATE=1` in the environment it is written instead.
fn assert_committed(path: &Path, actual: &str) {
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, actual).expect("the file can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == actual,
        "{} is not what it should be; look at the change and take it over with\n  \
         UPDATE=1 cargo test -p thriftgate-config\nactual:\n{actual}\ncommitted:\n{committed}",
        path.display()
    );
}
