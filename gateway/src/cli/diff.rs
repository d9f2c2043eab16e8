//! `thriftgate diff`: what breaks those who still have the old IDL.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use thriftgate_config::{IdlSource, Settings};
use thriftgate_metadata::{Change, Diff, Effect, ServiceId, diff_services};

use super::{Error, complain, print};
use crate::idl::{self, Idl};

/// The exit code for IDL that cannot be compared, so that 1 always means a change that breaks somebody.
const UNREADABLE: u8 = 2;

/// Arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The IDL that clients have: a .thrift file, gen-json output, a directory of either, or a configuration file
    /// (.yaml or .yml) that names its IDL
    old: PathBuf,
    /// The IDL that they will meet
    new: PathBuf,
    /// A directory in which includes of both are searched, after that of the including file
    #[arg(short = 'I', long, value_name = "DIRECTORY")]
    include: Vec<PathBuf>,
    /// How the changes are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A paragraph for each change, the worst first
    Text,
    /// One object, for programs
    Json,
}

/// Exit code 0 where nothing breaks, 1 where something does, 2 where the IDL cannot be read.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match compare(arguments) {
        Ok(diff) if diff.count(Effect::Breaking) == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(Error(message)) => {
            complain(&message);
            ExitCode::from(UNREADABLE)
        }
    }
}

fn compare(arguments: &Arguments) -> Result<Diff, Error> {
    let (old, new) = (load(&arguments.old, &arguments.include)?, load(&arguments.new, &arguments.include)?);
    let services = |idl: &Idl| idl.services().collect::<Vec<ServiceId>>();
    let diff = diff_services((&old.schema, &services(&old)), (&new.schema, &services(&new)));
    match arguments.format {
        Format::Text => print(&diff.to_string())?,
        Format::Json => print(&document(&diff).to_string())?,
    }
    Ok(diff)
}

fn load(path: &Path, include: &[PathBuf]) -> Result<Idl, Error> {
    let is_configuration = path.extension().is_some_and(|found| found == "yaml" || found == "yml");
    let sources = if is_configuration {
        Settings::read(path, &|name| std::env::var(name).ok())?.idl
    } else {
        vec![IdlSource { path: path.to_owned(), include: include.to_vec(), origin: None }]
    };
    Ok(idl::load(&sources)?)
}

/// The changes, and how many there are of each effect.
fn document(diff: &Diff) -> Value {
    let change = |change: &Change| {
        let mut object = json!(change);
        object["effect"] = json!(change.effect());
        object["message"] = format!("{}: {}", change.place, change.kind.title()).into();
        object
    };
    json!({
        "breaking": diff.count(Effect::Breaking),
        "risky": diff.count(Effect::Risky),
        "compatible": diff.count(Effect::Compatible),
        "changes": diff.iter().map(change).collect::<Vec<_>>(),
    })
}
