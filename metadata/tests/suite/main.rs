//! Schemas from IDL: what is read, what is refused, and that both front ends agree.

mod cases;
mod dump;

mod robustness;
mod twice;

use std::path::Path;

/// The loader of these tests: files of the disk.
fn read(path: &Path) -> Result<Option<String>, String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
