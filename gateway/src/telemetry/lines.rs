//! Lines of a log on their way out.
//!
//! A call appends its line to the buffer of its core; a thread of the log's own takes the buffers and writes them out. A
//! reader or a disk that does not keep up therefore costs lines, which are counted, and never time of a call.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;

/// A buffer that holds this much takes no further line until it is written, in bytes.
const FULL: usize = 1 << 20;
/// How often the buffers are written.
const INTERVAL: Duration = Duration::from_millis(100);
/// How often at most the log of the process says that lines are lost.
const TELL: Duration = Duration::from_secs(10);

/// The lines of one log.
#[derive(Debug)]
pub(super) struct Lines {
    shared: Arc<Shared>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    buffers: Box<[Mutex<Vec<u8>>]>,
    lost: AtomicU64,
    closing: AtomicBool,
}

impl Lines {
    /// Lines of the log called `name`, such as `audit log`, from this many cores to `output`. Those that are lost are counted.
    ///
    /// # Panics
    /// Where the system gives no thread.
    pub(super) fn new(
        name: &'static str,
        cores: usize,
        mut output: impl Write + Send + 'static,
        lost: Counter,
    ) -> Self {
        let buffers = (0..cores).map(|_| Mutex::default()).collect();
        let shared = Arc::new(Shared { buffers, lost: AtomicU64::new(0), closing: AtomicBool::new(false) });
        let source = shared.clone();
        let run = move || {
            let mut losses = Losses { log: name, counter: lost, untold: 0, told: None };
            loop {
                let is_last = source.closing.load(Ordering::Acquire);
                source.drain(&mut output, &mut losses);
                losses.tell(is_last);
                if is_last {
                    return;
                }
                std::thread::park_timeout(INTERVAL);
            }
        };
        let writer = std::thread::Builder::new().name(name.replace(' ', "-")).spawn(run);
        Self { shared, writer: Mutex::new(Some(writer.expect("the system gives a thread for a log"))) }
    }

    /// Lets `write` append a line to the buffer of this core, or counts it as lost.
    pub(super) fn append(&self, core: usize, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
        let mut buffer = self.shared.buffers[core].lock().unwrap_or_else(PoisonError::into_inner);
        if buffer.len() < FULL {
            write(&mut buffer).expect("writing to a vector cannot fail");
        } else {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Writes what is left and ends the writer. Later lines are lost.
    pub(super) fn close(&self) {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            self.shared.closing.store(true, Ordering::Release);
            writer.thread().unpark();
            let _panicked = writer.join();
        }
    }
}

impl Shared {
    fn drain(&self, output: &mut impl Write, losses: &mut Losses) {
        for buffer in &self.buffers {
            let lines = std::mem::take(&mut *buffer.lock().unwrap_or_else(PoisonError::into_inner));
            if !lines.is_empty()
                && let Err(error) = output.write_all(&lines).and_then(|()| output.flush())
            {
                losses.add(lines.iter().filter(|byte| **byte == b'\n').count() as u64);
                losses.failed(&error);
            }
        }
        losses.add(self.lost.swap(0, Ordering::Relaxed));
    }
}

/// The lines that nobody will read.
struct Losses {
    log: &'static str,
    counter: Counter,
    untold: u64,
    told: Option<Instant>,
}

impl Losses {
    fn add(&mut self, lines: u64) {
        self.counter.inc_by(lines);
        self.untold += lines;
    }

    fn is_quiet(&self) -> bool {
        self.told.is_none_or(|told| told.elapsed() >= TELL)
    }

    fn failed(&self, error: &io::Error) {
        if self.is_quiet() {
            tracing::warn!(%error, "the {} cannot be written", self.log);
        }
    }

    fn tell(&mut self, is_last: bool) {
        if self.untold > 0 && (is_last || self.is_quiet()) {
            tracing::warn!(lost = self.untold, "lines of the {} were lost", self.log);
            self.untold = 0;
            self.told = Some(Instant::now());
        }
    }
}
