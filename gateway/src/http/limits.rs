//! How often and how much callers call: what is counted when, and what they are told of it.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::call::CallRequest;
use super::errors::Failure;
use crate::policy::{CallPermit, Standing};
use crate::router::Method;
use crate::telemetry::CallRecord;

/// How much is left of the limit that is nearest.
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// What that limit is.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Bytes that the value of the first takes at most: a name of a few letters and two numbers.
const LONGEST: usize = 48;

impl<'c> CallRequest<'c> {
    /// Counts a request of its address, whoever sends it.
    pub(super) fn count_address(&self, record: &mut CallRecord<'c>) -> Result<(), Failure> {
        let limits = &self.snapshot.policy.limits;
        note(record.client.and_then(|client| limits.address(client.ip())), record)
    }

    /// Counts a call of its caller, before its body is read.
    pub(super) fn count_caller(
        &self,
        record: &mut CallRecord<'c>,
    ) -> Result<Option<CallPermit<'c>>, Failure> {
        let limits = &self.snapshot.policy.limits;
        let Some(caller) = record.caller.as_deref() else { return Ok(None) };
        let permit = limits.begin(caller).map_err(|too_many| Failure::too_many_calls(too_many.0))?;
        note(limits.caller(caller), record)?;
        Ok(permit)
    }

    /// Counts a call of its method by its caller, and of its group.
    pub(super) fn count_method(&self, method: &Method, record: &mut CallRecord<'c>) -> Result<(), Failure> {
        let limits = &self.snapshot.policy.limits;
        let of_method = record.caller.as_deref().and_then(|caller| limits.method(caller, method));
        note(of_method, record)?;
        let of_group = record.caller.as_deref().and_then(|caller| limits.group(caller));
        note(of_group, record)
    }
}

/// Keeps the standing with the nearest limit for the answer; a call that is over it is refused.
fn note<'c>(standing: Option<Standing<'c>>, record: &mut CallRecord<'c>) -> Result<(), Failure> {
    let Some(standing) = standing else { return Ok(()) };
    record.standing = Some(standing.or_nearer(record.standing));
    if standing.decision.allowed { Ok(()) } else { Err(Failure::rate_limited(&standing)) }
}

/// Tells a caller how it stands, in the structured fields of draft-ietf-httpapi-ratelimit-headers.
pub(super) fn tell(standing: &Standing<'_>, headers: &mut HeaderMap) {
    let (mut text, mut length, mut number) = ([0; LONGEST], 0, itoa::Buffer::new());
    let mut put = |part: &str| {
        text[length..length + part.len()].copy_from_slice(part.as_bytes());
        length += part.len();
    };
    put("\"");
    put(standing.limit.scope.name());
    put("\";r=");
    put(number.format(standing.decision.remaining));
    put(";t=");
    put(number.format(standing.seconds()));
    let value = HeaderValue::from_bytes(&text[..length]);
    headers.insert(LIMIT, value.expect("a name in quotes and numbers are a header's value"));
    headers.insert(POLICY, standing.limit.policy.clone());
}
