//! What bodies are coded in: requests are decoded, and replies compressed where their route wants that. Both are rare, so that
//! a call pays for neither unless it asks for it.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http::{HeaderMap, header};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::SizeAbove;
use tower_http::decompression::RequestDecompressionLayer;

/// Replies up to this many bytes are not worth compressing.
const SMALL: u64 = 1024;

/// Answers a request whose body is coded by what `answer` makes of it decoded. What is in no coding that is read here is left as
/// it is, and is refused where the other headers are looked at.
pub(super) async fn decoded<F>(request: Request, answer: impl FnMut(Request) -> F) -> Response
where
    F: Future<Output = Response>,
{
    let mut answer = answer;
    let inner = service_fn(move |request: Request<_>| {
        let answered = answer(request.map(Body::new));
        async move { Ok::<_, Infallible>(answered.await) }
    });
    let layer = RequestDecompressionLayer::new().pass_through_unaccepted(true);
    match layer.layer(inner).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

/// Compresses a reply that is worth it, for a caller whose headers accept that.
pub(super) async fn compressed(headers: &HeaderMap, response: Response) -> Response {
    let mut request = Request::new(Body::empty());
    for value in headers.get_all(header::ACCEPT_ENCODING) {
        request.headers_mut().append(header::ACCEPT_ENCODING, value.clone());
    }
    let mut response = Some(response);
    let inner = service_fn(move |_: Request| {
        ready(Ok::<_, Infallible>(response.take().expect("one request has one response")))
    });
    let layer = CompressionLayer::new().compress_when(SizeAbove::new(SMALL));
    match layer.layer(inner).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}
