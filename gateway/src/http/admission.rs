//! Who comes in: what is asked before a body is read, and how those are answered who may not.

use std::pin::pin;

use axum::body::Body;

use super::call::{CallRequest, unless_cut};
use super::errors::{Failure, Reason};
use super::negotiation::{self, Door, Language};
use super::reply::Answer;
use super::{body, native};
use crate::policy::Refused;
use crate::router::{Head, Router};
use crate::telemetry::CallRecord;

/// Of the body of a native client that may not come in, this much is read, in bytes: enough for the header of its message,
/// without which there is no answer that it understands.
const HEADER: usize = 4 * 1024;

impl<'c> CallRequest<'c> {
    /// The routes as they are for whoever calls, who is told to the record.
    pub(super) async fn identify(&self, record: &mut CallRecord<'c>) -> Result<&'c Router, Failure> {
        self.count_address(record)?;
        let policy = &self.snapshot.policy;
        if policy.is_open() {
            return Ok(&self.snapshot.router);
        }
        let caller = policy.authenticate(self.parts).await?;
        let group = policy.group(&caller);
        record.group = Some(group);
        record.caller = Some(caller);
        Ok(&group.router)
    }

    /// Answers a request of nobody who is known.
    pub(super) async fn refuse_unknown(
        &self,
        failure: Failure,
        body: Body,
        record: &mut CallRecord<'c>,
    ) -> Result<Answer, Failure> {
        record.route = self.snapshot.router.first(Head::of(self.parts));
        self.refuse(failure, body, record).await
    }

    /// Refuses a request of which nothing was read but its head. A native client is answered in its own protocol, for which
    /// the beginning of its message is read; whatever else it sends is left where it is.
    pub(super) async fn refuse(
        &self,
        failure: Failure,
        body: Body,
        record: &mut CallRecord<'c>,
    ) -> Result<Answer, Failure> {
        let legacy = record.route.is_some_and(|route| route.settings.legacy_first_byte);
        let door = match negotiation::door(&self.parts.headers, legacy) {
            Ok(Door::Said(Language::Human)) => {
                record.protocol = Some(Language::Human);
                return Err(failure);
            }
            Err(_) => return Err(failure),
            Ok(door) => door,
        };
        let process = &self.core.process;
        let time = self.snapshot.limits.body_timeout;
        let start = body::read_start(body, HEADER, time, &process.bodies, |start| is_header(door, start));
        let start = unless_cut(process, Reason::Unavailable, pin!(async { Ok(start.await) })).await?;
        record.received = start.len();
        let Ok((language, prefix)) = door.language(&start) else { return Err(failure) };
        let answer = match language {
            Language::Human if prefix.is_none() => return Err(failure),
            Language::Human => Answer::failure(&failure, record.request_id),
            Language::Thrift(protocol) => {
                let Ok(request) = native::Request::read(protocol, &start[prefix.map_or(0, |_| 1)..]) else {
                    return Err(failure);
                };
                request.refuse(&failure)
            }
        };
        record.protocol = Some(language);
        record.failed(&failure);
        Ok(answer.of_type(door.content_type(language)).behind(prefix))
    }
}

/// Whether the beginning of a body tells how its sender is to be answered.
fn is_header(door: Door, start: &[u8]) -> bool {
    match door.language(start) {
        Ok((Language::Human, _)) => true,
        Ok((Language::Thrift(protocol), prefix)) => {
            // The header of TJSON ends with a number, which may go on.
            !start.last().is_some_and(u8::is_ascii_digit)
                && native::Request::read(protocol, &start[prefix.map_or(0, |_| 1)..]).is_ok()
        }
        Err(_) => false,
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Missing => Self::new(Reason::Unauthenticated, "Credentials are missing"),
            Refused::Invalid(why) => {
                tracing::debug!(%why, "credentials are refused");
                Self::new(Reason::Unauthenticated, "The credentials are not valid").detail(why)
            }
        }
    }
}
