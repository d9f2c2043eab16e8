//! The logs that have a line for each call: the access log, and the audit log.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwapOption;
use prometheus_client::metrics::counter::Counter;
use thriftgate_config::Settings;

use super::lines::Lines;
use crate::snapshot::at;

/// Who may read a file that is made: its owner and its group.
const MODE: u32 = 0o640;

/// A log of calls, which a reload may give another file, or none.
#[derive(Debug)]
pub struct CallLog {
    name: &'static str,
    cores: usize,
    lost: Counter,
    is_on: AtomicBool,
    file: Arc<ArcSwapOption<File>>,
    /// Made when there is a file for the first time.
    lines: OnceLock<Lines>,
}

impl CallLog {
    /// A log of this name, such as `audit log`, from this many cores, that has no file yet. Lines that are lost are counted.
    #[must_use]
    pub fn new(name: &'static str, cores: usize, lost: Counter) -> Self {
        let (is_on, file) = (AtomicBool::new(false), Arc::default());
        Self { name, cores, lost, is_on, file, lines: OnceLock::new() }
    }

    /// Whether calls are written at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.is_on.load(Ordering::Relaxed)
    }

    /// Writes to this file from now on; `None` writes nothing. Lines under way may go to the one or the other.
    pub(crate) fn write_to(&self, file: Option<File>) {
        let is_on = file.is_some();
        self.file.store(file.map(Arc::new));
        if is_on {
            let output = CurrentFile { file: self.file.clone(), is_torn: false };
            self.lines.get_or_init(|| Lines::new(self.name, self.cores, output, self.lost.clone()));
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

    /// Writes what is left, unless that takes too long. Later lines are lost.
    pub fn close(&self) {
        if let Some(lines) = self.lines.get() {
            lines.close();
        }
    }
}

/// The files of the logs of calls; `None` where none is written.
#[derive(Debug)]
pub(crate) struct LogFiles {
    pub(crate) access: Option<File>,
    pub(crate) audit: Option<File>,
}

impl LogFiles {
    /// Opens the files that the settings name, and makes them where there are none.
    ///
    /// # Errors
    /// Where one cannot be appended to, as the text that an operator reads.
    pub(crate) fn open(settings: &Settings) -> Result<Self, String> {
        let open = |name, key, path: &Path| {
            let opened = OpenOptions::new().append(true).create(true).mode(MODE).open(path);
            opened.map_err(|error| {
                let message = format!("the {name} {} cannot be opened: {error}", path.display());
                at(settings.places.of(key), message, None)
            })
        };
        let access = settings.logging.access.as_ref().map(|access| match &access.file {
            Some(path) => open("access log", "logging.access.file", path),
            None => standard_output().map_err(|error| format!("error: standard output: {error}")),
        });
        let audit = settings.audit.as_ref().map(|audit| open("audit log", "audit.file", &audit.file));
        Ok(Self { access: access.transpose()?, audit: audit.transpose()? })
    }
}

/// Standard output without the buffer and the lock of the process's own: a reader that has stopped blocks who writes there,
/// and nobody else.
fn standard_output() -> io::Result<File> {
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

/// The file that is written to now.
#[derive(Debug)]
struct CurrentFile {
    file: Arc<ArcSwapOption<File>>,
    /// Whether the last write failed, and may have left half a line.
    is_torn: bool,
}

impl Write for CurrentFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(file) = self.file.load_full() else { return Ok(()) };
        let end_of_torn: &[u8] = if self.is_torn { b"\n" } else { b"" };
        let written = (&*file).write_all(end_of_torn).and_then(|()| (&*file).write_all(bytes));
        self.is_torn = written.is_err();
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
