//! IDL from files.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use thriftgate_config::{Annotated, IdlSource};
use thriftgate_metadata::{Builder, ProgramId, Schema, ServiceId};

use crate::reload::Files;
use crate::snapshot::SnapshotError;

/// The IDL of all sources.
#[derive(Debug)]
pub struct Idl {
    /// Everything that they say
    pub schema: Schema,
    /// The programs that each source names, without those that they include
    pub sources: Vec<Vec<ProgramId>>,
    /// What is dubious, as text
    pub warnings: Vec<String>,
}

impl Idl {
    /// The services of the files that the sources name; one that is only included is not called by itself.
    pub fn services(&self) -> impl Iterator<Item = ServiceId> + '_ {
        let named: BTreeSet<ProgramId> = self.sources.iter().flatten().copied().collect();
        self.schema.services().filter(move |(_, service)| named.contains(&service.program)).map(|(id, _)| id)
    }
}

/// Reads the sources and all that they include.
///
/// # Errors
/// Everything that is wrong with them.
pub fn load(sources: &[IdlSource]) -> Result<Idl, SnapshotError> {
    load_noting(sources, &mut Files::default())
}

/// Like [`load`], and notes each file and directory that is looked at.
///
/// # Errors
/// As [`load`].
pub fn load_noting(sources: &[IdlSource], looked_at: &mut Files) -> Result<Idl, SnapshotError> {
    let looked_at = RefCell::new(looked_at);
    let mut builder = Builder::new(Vec::new(), |path| {
        looked_at.borrow_mut().note(path);
        read(path)
    });
    builder.check_annotations(|annotation| {
        let set = Annotated::default().set(&annotation.name, &annotation.value);
        set.map_err(|error| error.to_string())
    });
    let mut errors = Vec::new();
    let mut programs = Vec::new();
    for source in sources {
        builder.search(source.include.clone());
        looked_at.borrow_mut().note(&source.path);
        match files(&source.path) {
            Ok((json, thrift)) => {
                let mut of_source = if json.is_empty() { Vec::new() } else { builder.gen_json(&json) };
                of_source.extend(thrift.iter().map(|file| builder.thrift(file)));
                programs.push(of_source);
            }
            Err(message) => {
                let message = format!("the IDL {} {message}", source.path.display());
                errors.push(crate::snapshot::at(source.origin.as_ref(), message, None));
            }
        }
    }
    let loaded = match builder.finish() {
        Ok(loaded) if errors.is_empty() => loaded,
        Ok(_) => return Err(SnapshotError(errors)),
        Err(diagnostics) => {
            errors.extend(diagnostics.iter().map(ToString::to_string));
            return Err(SnapshotError(errors));
        }
    };
    let warnings = loaded.warnings.iter().map(ToString::to_string).collect();
    Ok(Idl { schema: loaded.schema, sources: programs, warnings })
}

/// The files of a source, gen-json output and `.thrift`, each in the order of their names: itself, or what the
/// directory holds.
fn files(path: &Path) -> Result<(Vec<PathBuf>, Vec<PathBuf>), String> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => "does not exist".to_owned(),
        _ => format!("cannot be read: {error}"),
    };
    let mut files = Vec::new();
    if fs::metadata(path).map_err(failed)?.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if is_idl(&file) {
                files.push(file);
            }
        }
        if files.is_empty() {
            return Err("is a directory without .thrift or .json files".into());
        }
        files.sort();
    } else {
        files.push(path.to_owned());
    }
    Ok(files.into_iter().partition(|file| has_extension(file, "json")))
}

/// Whether a file of a directory is taken for IDL.
pub(crate) fn is_idl(path: &Path) -> bool {
    has_extension(path, "json") || has_extension(path, "thrift")
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}

/// The text of a file, `None` where there is none.
fn read(path: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
