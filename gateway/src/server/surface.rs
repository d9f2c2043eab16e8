//! What answers on a listener.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::Request;
use hyper::body::Incoming;
use tower::ServiceExt;

use crate::http::{Front, Peer};

/// What answers on a listener. Calls go past axum's router, whose boxes cost a call more than its translation.
#[derive(Clone)]
pub(super) enum Surface {
    Public(Arc<Front>),
    Admin(Router),
}

impl Surface {
    /// Answers a request of `peer`.
    pub(super) fn answer(
        &self,
        peer: Peer,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response> + Send + use<> {
        let surface = self.clone();
        async move {
            match surface {
                Self::Public(front) => front.answer(peer, request).await,
                Self::Admin(router) => Box::pin(router.oneshot(request.map(Body::new))).await.into_response(),
            }
        }
    }
}
