//! What stands before every request of the public listener: its id, what its body is coded in, and the barrier for panics.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use hyper::body::Incoming;

use super::errors::{Failure, Reason};
use super::reply::Answer;
use super::{Peer, call, coding};
use crate::process::Core;
use crate::telemetry::panic_text;

/// The header of the request's id, taken from the caller or made here, and given back.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A caller's id that is longer, in bytes, is replaced by one of ours: every log line would carry it.
const LONGEST_ID: usize = 128;

/// The public listener of one core.
#[derive(Debug)]
pub struct Front {
    core: Arc<Core>,
    /// Tells the processes and cores apart whose ids meet in one log.
    prefix: u32,
    next: AtomicU64,
}

impl Front {
    /// What answers on this core.
    #[must_use]
    pub fn new(core: Arc<Core>) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of the hash serve")]
        let prefix = RandomState::new().hash_one(std::process::id()) as u32;
        Self { core, prefix, next: AtomicU64::new(0) }
    }

    /// Answers a request that came from `peer`, whatever it asks for. A panic is answered as a fault of the gateway.
    pub async fn answer(&self, peer: Peer, mut request: Request<Incoming>) -> Response {
        let id = self.identify(request.headers_mut());
        let answered = async {
            let request = request.map(Body::new);
            if request.headers().contains_key(header::CONTENT_ENCODING) {
                let answer = |request| call::handle(&self.core, peer, request);
                Box::pin(coding::decoded(request, answer)).await
            } else {
                // On the heap, so that it is not moved again and again: it holds everything that a call needs on its way.
                Box::pin(call::handle(&self.core, peer, request)).await
            }
        };
        let answered = AssertUnwindSafe(answered).catch_unwind().await;
        let mut response = answered.unwrap_or_else(|panic| answer_panic(&*panic));
        response.headers_mut().insert(REQUEST_ID, id);
        response
    }

    /// The id of a request: its own, unless that is empty, too long or not of visible ASCII, else a new one, which it has
    /// from now on.
    fn identify(&self, headers: &mut HeaderMap) -> HeaderValue {
        let fits = |id: &&HeaderValue| {
            (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
        };
        if let Some(id) = headers.get(REQUEST_ID).filter(fits) {
            return id.clone();
        }
        let id = self.next_id();
        headers.insert(REQUEST_ID, id.clone());
        id
    }

    /// The prefix, and a number, in hexadecimal digits.
    fn next_id(&self) -> HeaderValue {
        let (mut text, mut start) = ([0; 25], 25);
        let mut put = |byte| {
            start -= 1;
            text[start] = byte;
        };
        let mut number = self.next.fetch_add(1, Ordering::Relaxed);
        loop {
            put(digit(number));
            number >>= 4;
            if number == 0 {
                break;
            }
        }
        put(b'-');
        (0..8).for_each(|place| put(digit(u64::from(self.prefix >> (4 * place)))));
        HeaderValue::from_bytes(&text[start..]).expect("hexadecimal digits are a header's value")
    }
}

/// The id of a request that has come past here.
pub(super) fn request_id(headers: &HeaderMap) -> &str {
    headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default()
}

/// The hexadecimal digit of the lowest four bits.
fn digit(number: u64) -> u8 {
    b"0123456789abcdef"[(number % 16) as usize]
}

/// Turns a panic into the reply of a fault of the gateway, on a connection that carries no further call.
#[cold]
fn answer_panic(panic: &(dyn Any + Send)) -> Response {
    tracing::error!(panic = panic_text(panic), "a call panicked");
    let failure = Failure::new(Reason::Internal, "The gateway failed to handle the call");
    let mut response = Answer::failure(&failure, "").into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}
