//! Which calls came to a backend, and how often.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::backend::{Backend, Call, Step};

/// How often each token came, to any backend.
#[derive(Debug)]
pub struct Ledger(Box<[AtomicU8]>);

impl Ledger {
    /// A ledger of the tokens below `tokens`.
    #[must_use]
    pub fn new(tokens: usize) -> Arc<Self> {
        Arc::new(Self((0..tokens).map(|_| AtomicU8::new(0)).collect()))
    }

    /// Notes that a call has come, whole.
    ///
    /// # Panics
    /// Where its first argument is no token.
    pub fn note(&self, call: &Call) {
        let token = usize::try_from(call.integer()).expect("a token");
        self.0[token].fetch_add(1, Ordering::SeqCst);
    }

    /// How often a token came.
    #[must_use]
    pub fn times(&self, token: usize) -> u8 {
        self.0[token].load(Ordering::SeqCst)
    }
}

/// A backend that notes every call and echoes it, as fast and as willingly as it is told.
pub struct Recording {
    /// The backend itself
    pub backend: Backend,
    mood: Arc<Mood>,
}

#[derive(Default)]
struct Mood {
    stalled: AtomicBool,
    sulking: AtomicBool,
    /// Microseconds that a call takes.
    pause: AtomicU64,
    now: AtomicUsize,
    most: AtomicUsize,
}

impl Recording {
    /// Starts one.
    #[must_use]
    pub fn start(ledger: &Arc<Ledger>) -> Self {
        let mood = Arc::<Mood>::default();
        let (ledger, minded) = (ledger.clone(), mood.clone());
        let backend = Backend::start(move |call| {
            ledger.note(call);
            minded.most.fetch_max(minded.now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            let pause = minded.pause.load(Ordering::SeqCst);
            if pause > 0 {
                sleep(Duration::from_micros(pause));
            }
            while minded.stalled.load(Ordering::SeqCst) {
                sleep(Duration::from_millis(1));
            }
            minded.now.fetch_sub(1, Ordering::SeqCst);
            if minded.sulking.load(Ordering::SeqCst) {
                vec![Step::Close]
            } else {
                vec![Step::Send(call.echo())]
            }
        });
        Self { backend, mood }
    }

    /// How long each call takes from now on.
    pub fn pause(&self, pause: Duration) {
        self.mood.pause.store(pause.as_micros().try_into().expect("a short time"), Ordering::SeqCst);
    }

    /// Whether it answers nothing from now on, though it accepts connections and reads calls. What it holds
    /// back is answered when that ends.
    pub fn stall(&self, stalled: bool) {
        self.mood.stalled.store(stalled, Ordering::SeqCst);
    }

    /// Whether it closes the connection in place of each answer from now on.
    pub fn sulk(&self, sulking: bool) {
        self.mood.sulking.store(sulking, Ordering::SeqCst);
    }

    /// The most calls that were under way at once.
    #[must_use]
    pub fn most_at_once(&self) -> usize {
        self.mood.most.load(Ordering::SeqCst)
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.stall(false);
    }
}
