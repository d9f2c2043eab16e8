//! Reading a request's body, within its bounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt;

use super::errors::{Failure, Reason};
use crate::process::Process;

/// The bodies that the process holds at once.
#[derive(Debug)]
pub struct BodyBudget {
    limit: AtomicUsize,
    held: AtomicUsize,
}

impl BodyBudget {
    /// A budget of this many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit: AtomicUsize::new(limit), held: AtomicUsize::new(0) }
    }

    /// How many bytes are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    /// Changes it for what comes from now on.
    pub fn set_limit(&self, limit: usize) {
        self.limit.store(limit, Ordering::Relaxed);
    }
}

/// A body, counted against the budget until it is dropped.
#[derive(Debug)]
pub(super) struct HeldBody<'b> {
    pub(super) bytes: Bytes,
    _held: Held<'b>,
}

#[derive(Debug)]
struct Held<'b> {
    budget: &'b BodyBudget,
    bytes: usize,
}

impl Held<'_> {
    fn add(&mut self, bytes: usize) -> Result<(), Failure> {
        self.bytes += bytes;
        let before = self.budget.held.fetch_add(bytes, Ordering::AcqRel);
        if before + bytes > self.budget.limit() {
            return Err(Failure::new(Reason::Overloaded, "The gateway holds as many requests as it may"));
        }
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.budget.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// Bytes that are counted against the budget of a process for longer than their request lasts.
#[derive(Debug)]
pub(super) struct KeptBytes {
    process: Arc<Process>,
    bytes: usize,
}

impl KeptBytes {
    /// Counts them in, unless less than half of the budget would be left: what nobody waits for must not cost a caller
    /// its place.
    pub(super) fn new(process: &Arc<Process>, bytes: usize) -> Option<Self> {
        let before = process.bodies.held.fetch_add(bytes, Ordering::AcqRel);
        let kept = Self { process: process.clone(), bytes };
        (before + bytes <= process.bodies.limit() / 2).then_some(kept)
    }
}

impl Drop for KeptBytes {
    fn drop(&mut self) {
        self.process.bodies.held.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// Reads a body to its end: at most `limit` bytes after decoding, within `time`.
pub(super) async fn read<'b>(
    mut body: Body,
    limit: usize,
    time: Duration,
    budget: &'b BodyBudget,
) -> Result<HeldBody<'b>, Failure> {
    let too_large = || Failure::body_too_large(limit);
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large());
    }
    let mut held = Held { budget, bytes: 0 };
    let collect = async {
        let mut first = Bytes::new();
        let mut all: Vec<u8> = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                Failure::new(Reason::InvalidJson, "The body could not be read to its end")
                    .detail(error.to_string())
            })?;
            let Ok(chunk) = frame.into_data() else { continue };
            if held.bytes + chunk.len() > limit {
                return Err(too_large());
            }
            held.add(chunk.len())?;
            if first.is_empty() {
                first = chunk;
            } else {
                if all.is_empty() {
                    all.extend_from_slice(&first);
                }
                all.extend_from_slice(&chunk);
            }
        }
        Ok(if all.is_empty() { first } else { all.into() })
    };
    let bytes = match tokio::time::timeout(time, collect).await {
        Ok(collected) => collected?,
        Err(_) => {
            let message = format!("The body did not arrive within {} seconds", time.as_secs());
            return Err(Failure::new(Reason::RequestTimeout, message));
        }
    };
    Ok(HeldBody { bytes, _held: held })
}

/// Reads the beginning of a body: at most `limit` bytes, and no more than it takes until `suffices`, within `time`. What
/// cannot be read is missing.
pub(super) async fn read_start(
    mut body: Body,
    limit: usize,
    time: Duration,
    budget: &BodyBudget,
    suffices: impl Fn(&[u8]) -> bool,
) -> Vec<u8> {
    let mut held = Held { budget, bytes: 0 };
    let mut start = Vec::new();
    let collect = async {
        while let Some(Ok(frame)) = body.frame().await {
            let Ok(chunk) = frame.into_data() else { continue };
            let taken = chunk.len().min(limit - start.len());
            if held.add(taken).is_err() {
                return;
            }
            start.extend_from_slice(&chunk[..taken]);
            if start.len() == limit || suffices(&start) {
                return;
            }
        }
    };
    let _in_time = tokio::time::timeout(time, collect).await;
    start
}
