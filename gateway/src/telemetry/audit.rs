//! The audit log: who called what, when, and what came of it, one JSON line a call in a file of its own.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use prometheus_client::metrics::counter::Counter;
use thriftgate_config::Settings;

use super::lines::Lines;
use crate::snapshot::at;

/// Who may read the file: its owner and its group.
const MODE: u32 = 0o640;

/// The audit log of the process, which a reload may give another file, or none.
#[derive(Debug)]
pub struct AuditLog {
    is_on: AtomicBool,
    cores: usize,
    lost: Counter,
    file: Arc<Mutex<Option<File>>>,
    /// Made when there is a file for the first time.
    lines: OnceLock<Lines>,
}

impl AuditLog {
    /// A log from this many cores that has no file yet. Lines that are lost are counted.
    #[must_use]
    pub fn new(cores: usize, lost: Counter) -> Self {
        Self { is_on: AtomicBool::new(false), cores, lost, file: Arc::default(), lines: OnceLock::new() }
    }

    /// Whether calls are written at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Writes to this file from now on; `None` writes nothing. Lines under way may go to the one or the other.
    pub(crate) fn write_to(&self, file: Option<File>) {
        let is_on = file.is_some();
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
        if is_on {
            let output = CurrentFile { file: self.file.clone(), is_torn: false };
            self.lines.get_or_init(|| Lines::new("audit log", self.cores, output, self.lost.clone()));
        }
        self.is_on.store(is_on, Ordering::Relaxed);
    }

    /// Lets `write` append a line, where calls are written.
    pub(super) fn append(&self, core: usize, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
        if self.is_on()
            && let Some(lines) = self.lines.get()
        {
            lines.append(core, write);
        }
    }

    /// Writes what is left. Later lines are lost.
    pub fn close(&self) {
        if let Some(lines) = self.lines.get() {
            lines.close();
        }
    }
}

/// Opens the file that the settings name, if they do, and makes it where there is none.
///
/// # Errors
/// Where it cannot be appended to, as the text that an operator reads.
pub(crate) fn open(settings: &Settings) -> Result<Option<File>, String> {
    let Some(audit) = &settings.audit else { return Ok(None) };
    let opened = OpenOptions::new().append(true).create(true).mode(MODE).open(&audit.file);
    opened.map(Some).map_err(|error| {
        let message = format!("the audit log {} cannot be opened: {error}", audit.file.display());
        at(settings.places.of("audit.file"), message, None)
    })
}

/// The file that is written to now.
#[derive(Debug)]
struct CurrentFile {
    file: Arc<Mutex<Option<File>>>,
    /// Whether the last write failed, and may have left half a line.
    is_torn: bool,
}

impl Write for CurrentFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = &mut *file else { return Ok(()) };
        let end_of_torn: &[u8] = if self.is_torn { b"\n" } else { b"" };
        let written = file.write_all(end_of_torn).and_then(|()| file.write_all(bytes));
        self.is_torn = written.is_err();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
