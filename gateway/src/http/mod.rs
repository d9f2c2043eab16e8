//! The HTTP side: the layers around every request, and what answers it.

mod admin;
mod admission;
mod audit;
mod body;
mod call;
mod cors;
mod entry;
mod errors;
mod explanation;
mod host;
mod human;
mod limits;
mod mirror;
mod native;
mod negotiation;
mod reply;
mod security_headers;

pub use admin::router as admin_router;
pub use body::BodyBudget;
pub(crate) use errors::Failure;
pub use errors::Reason;
pub use explanation::{Explained, Explanation, Refusal, explain};
pub(crate) use human::{arguments, invoke};
pub use negotiation::Language;

use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::response::Response;
use http::{HeaderName, HeaderValue, Request};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::decompression::RequestDecompressionLayer;
use tower_http::map_request_body::MapRequestBodyLayer;
use tower_http::request_id::{MakeRequestId, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};

use crate::process::Core;
use crate::telemetry::panic_text;
use reply::Answer;

/// The header of the request's id, taken from the caller or made here, and given back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A caller's id that is longer, in bytes, is replaced by one of ours: every log line would carry it.
const LONGEST_ID: usize = 128;

/// Who is at the other end of a connection; `None` on a Unix socket.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub Option<SocketAddr>);

/// Marks a request that came over TLS.
#[derive(Clone, Copy, Debug)]
pub struct Secure;

/// Everything that the public listener answers.
pub fn router(core: Arc<Core>) -> Router {
    let ids = RequestIds { prefix: process_prefix(), next: Arc::default() };
    let layers = ServiceBuilder::new()
        .map_request(forget_unfit_id)
        .layer(SetRequestIdLayer::new(REQUEST_ID, ids))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(CompressionLayer::new().compress_when(SizeAbove::new(1024).and(is_compressible)))
        .layer(CatchPanicLayer::custom(answer_panic))
        // What is in no coding that is read here passes, and is refused where the other headers are.
        .layer(RequestDecompressionLayer::new().pass_through_unaccepted(true))
        .layer(MapRequestBodyLayer::new(axum::body::Body::new));
    Router::new().fallback(call::handle).with_state(core).layer(layers)
}

/// Takes out an id that is empty, too long, or not of visible ASCII.
fn forget_unfit_id(mut request: Request<axum::body::Body>) -> Request<axum::body::Body> {
    let fits = |id: &HeaderValue| {
        (1..=LONGEST_ID).contains(&id.len()) && id.as_bytes().iter().all(u8::is_ascii_graphic)
    };
    if request.headers().get(REQUEST_ID).is_some_and(|id| !fits(id)) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

fn is_compressible(
    _: http::StatusCode,
    _: http::Version,
    _: &http::HeaderMap,
    extensions: &http::Extensions,
) -> bool {
    extensions.get::<reply::Compressible>().is_some()
}

/// Turns a panic into the reply of a fault of the gateway, on a connection that carries no further call.
#[expect(clippy::needless_pass_by_value, reason = "the layer asks for this signature")]
fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    tracing::error!(panic = panic_text(&*panic), "a call panicked");
    let failure = Failure::new(Reason::Internal, "The gateway failed to handle the call");
    let mut response = Answer::failure(&failure, "").into_response(false);
    security_headers::add(response.headers_mut());
    response.headers_mut().insert(http::header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Makes request ids: a prefix of the process, and a number.
#[derive(Clone, Debug)]
struct RequestIds {
    prefix: u32,
    next: Arc<AtomicU64>,
}

/// Tells the processes and cores apart whose ids meet in one log.
fn process_prefix() -> u32 {
    use std::hash::{BuildHasher, RandomState};
    #[expect(clippy::cast_possible_truncation, reason = "any 32 bits of the hash serve")]
    let prefix = RandomState::new().hash_one(std::process::id()) as u32;
    prefix
}

impl MakeRequestId for RequestIds {
    fn make_request_id<B>(&mut self, _: &Request<B>) -> Option<RequestId> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:08x}-{number:x}", self.prefix);
        Some(RequestId::new(HeaderValue::try_from(id).expect("hexadecimal digits are a header's value")))
    }
}
