//! Lines of a log on their way out.
//!
//! Whoever logs appends to a buffer; a thread of the log's own takes the buffers and writes them out. A reader or a disk
//! that does not keep up therefore costs lines, which are counted, and never time of a call.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::Thread;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;

/// A buffer that holds this much takes no further line until it is written, in bytes.
const FULL: usize = 1 << 20;
/// A buffer that holds this much is written at once, in bytes.
const PLENTY: usize = FULL / 4;
/// How often the buffers are written.
const INTERVAL: Duration = Duration::from_millis(100);
/// How often at most the log of the process says that lines are lost.
const TELL: Duration = Duration::from_secs(10);
/// How long the end waits for what is left to be written: a reader that has stopped must not keep the process.
const CLOSE: Duration = Duration::from_millis(500);

/// The lines of one log.
#[derive(Debug)]
pub(super) struct Lines {
    shared: Arc<Shared>,
    writer: Thread,
    /// Disconnected when the writer has ended.
    ended: Mutex<Receiver<()>>,
}

#[derive(Debug)]
struct Shared {
    buffers: Box<[Mutex<Vec<u8>>]>,
    /// Counted at once: the writer may be held up for ever.
    lost: Counter,
    closing: AtomicBool,
}

impl Lines {
    /// Lines of the log called `name`, such as `audit log`, from this many cores to `output`. Those that are lost are
    /// counted.
    ///
    /// # Panics
    /// Where the system gives no thread.
    pub(super) fn new(
        name: &'static str,
        cores: usize,
        output: impl Write + Send + 'static,
        lost: Counter,
    ) -> Self {
        let buffers = (0..cores).map(|_| Mutex::default()).collect();
        let losses = Losses { log: name, known: lost.get(), told: None };
        let shared = Arc::new(Shared { buffers, lost, closing: AtomicBool::new(false) });
        let (running, ended) = channel();
        let source = shared.clone();
        let run = move || source.write_out(output, losses, running);
        let writer = std::thread::Builder::new().name(name.replace(' ', "-")).spawn(run);
        let writer = writer.expect("the system gives a thread for a log").thread().clone();
        Self { shared, writer, ended: Mutex::new(ended) }
    }

    /// Lets `write` append a line to the buffer of this core, or counts it as lost.
    pub(super) fn append(&self, core: usize, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) {
        let mut buffer = lock(&self.shared.buffers[core]);
        let before = buffer.len();
        if before >= FULL {
            self.shared.lost.inc();
            return;
        }
        write(&mut buffer).expect("writing to a vector cannot fail");
        let is_plenty = before < PLENTY && buffer.len() >= PLENTY;
        drop(buffer);
        if is_plenty {
            self.writer.unpark();
        }
    }

    /// Has what is there written at once.
    pub(super) fn hurry(&self) {
        self.writer.unpark();
    }

    /// Writes what is left and ends the writer, unless that takes too long. Later lines are lost.
    pub(super) fn close(&self) {
        self.shared.closing.store(true, Ordering::Release);
        self.writer.unpark();
        let _ended = lock(&self.ended).recv_timeout(CLOSE) == Err(RecvTimeoutError::Disconnected);
    }
}

impl Shared {
    /// What the writer does. It is seen to have ended when it drops `running`.
    fn write_out(&self, mut output: impl Write, mut losses: Losses, running: Sender<()>) {
        // What was written is handed back empty, so that buffers grow once.
        let mut spare = Vec::new();
        loop {
            let is_last = self.closing.load(Ordering::Acquire);
            self.drain(&mut spare, &mut output, &mut losses);
            losses.tell(self.lost.get(), is_last);
            if is_last {
                break;
            }
            std::thread::park_timeout(INTERVAL);
        }
        drop(running);
    }

    fn drain(&self, lines: &mut Vec<u8>, output: &mut impl Write, losses: &mut Losses) {
        for buffer in &self.buffers {
            std::mem::swap(lines, &mut *lock(buffer));
            if !lines.is_empty()
                && let Err(error) = output.write_all(lines).and_then(|()| output.flush())
            {
                self.lost.inc_by(lines.iter().filter(|byte| **byte == b'\n').count() as u64);
                losses.failed(&error);
            }
            lines.clear();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The lines that nobody will read.
struct Losses {
    log: &'static str,
    /// As many as are told of already.
    known: u64,
    told: Option<Instant>,
}

impl Losses {
    fn is_quiet(&self) -> bool {
        self.told.is_none_or(|told| told.elapsed() >= TELL)
    }

    fn failed(&self, error: &io::Error) {
        if self.is_quiet() {
            tracing::warn!(%error, "the {} cannot be written", self.log);
        }
    }

    /// Tells of those beyond what is known.
    fn tell(&mut self, lost: u64, is_last: bool) {
        if lost > self.known && (is_last || self.is_quiet()) {
            tracing::warn!(lost = lost - self.known, "lines of the {} were lost", self.log);
            self.known = lost;
            self.told = Some(Instant::now());
        }
    }
}
