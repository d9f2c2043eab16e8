//! Calls of native clients: a Thrift message in, a Thrift message out.
//!
//! Once the header of the client's message could be read, whatever happens is told in a message of its own
//! protocol, under its sequence id and the bare name of its method, with status 200.

use std::borrow::Cow;

use http::StatusCode;
use thriftgate_metadata::{Schema, Type};
use thriftgate_protocols::injection::Injected;
use thriftgate_protocols::message::{ApplicationException, read_header, split_name};
use thriftgate_protocols::style::Limits;
use thriftgate_protocols::transcode::{Source, TranscodeError, TranscodeErrorKind, Transcoding};
use thriftgate_protocols::wire::{
    BinaryWriter, CompactWriter, JsonWriter, MessageHeader, MessageKind, Protocol, WireErrorKind, WireType,
    Writer,
};

use super::errors::{Failure, Reason};
use super::reply::Answer;
use super::sandbox;
use crate::backend::{Backend, CallContext, Outgoing};
use crate::router::{Candidates, Destination, Match, Method};
use crate::snapshot::Snapshot;
use crate::telemetry::Outcome;

/// What a native client is answered.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) outcome: Outcome,
    /// What the status would be in the human-readable protocol.
    pub(super) status: StatusCode,
    /// A message in the client's protocol; empty for a oneway call.
    pub(super) body: Vec<u8>,
}

/// A call that is ready to be made.
#[derive(Debug)]
pub(super) struct Call<'s> {
    method: &'s Method,
    pub(super) destination: &'s Destination,
    message: Outgoing,
    sequence_id: i32,
    /// What was filled in of its arguments.
    injected: Option<Injected<'s>>,
}

/// The call that a reply has to be the one to.
struct Answered<'s> {
    method: &'s Method,
    backend: &'s Backend,
    sequence_id: i32,
}

/// The client's message.
#[derive(Debug)]
pub(super) struct Request<'b> {
    pub(super) source: Source<'b>,
    header: MessageHeader<'b>,
}

impl<'b> Request<'b> {
    /// Reads the message's header.
    pub(super) fn read(protocol: Protocol, bytes: &'b [u8]) -> Result<Self, Failure> {
        let header = read_header(protocol, bytes).map_err(|error| {
            Failure::new(Reason::InvalidJson, format!("The body is no Thrift message: {error}"))
        })?;
        Ok(Self { source: Source { dialect: protocol.into(), bytes }, header })
    }

    /// The method that it calls.
    pub(super) fn method<'s>(&self, candidates: &Candidates<'s, '_>) -> Result<Match<'s>, Failure> {
        if !matches!(self.header.kind, MessageKind::Call | MessageKind::Oneway) {
            return Err(Failure::new(
                Reason::InvalidArgument,
                "The message is a reply, where a call is expected",
            )
            .kind(ApplicationException::INVALID_MESSAGE_TYPE));
        }
        let (service, name) = split_name(&self.header.name);
        candidates.method(service, name)
    }

    /// Translates the message for a backend of its method, with what is filled in of the arguments.
    pub(super) fn translate<'s>(
        &self,
        snapshot: &Snapshot,
        method: &'s Method,
        destination: &'s Destination,
        injected: Option<Injected<'s>>,
    ) -> Result<Call<'s>, Failure> {
        let backend = &*destination.backend;
        let function = &snapshot.schema[method.function];
        let sequence_id = backend.next_sequence_id();
        let limits = Limits { depth: snapshot.limits.depth, output: snapshot.limits.frame };
        let transcoding = Transcoding { schema: &snapshot.schema, limits };
        let kind = if method.oneway { MessageKind::Oneway } else { MessageKind::Call };
        let header = MessageHeader { name: Cow::Borrowed(&destination.wire_name), kind, sequence_id };
        let mut message = Outgoing::default();
        let (arguments, dialect, buffer) = (function.arguments, backend.dialect(), message.buffer());
        let written = match &injected {
            None => transcoding.message(arguments, self.source, dialect, &header, buffer).map(drop),
            Some(injected) => {
                transcoding.injected_call(arguments, injected, self.source, dialect, &header, buffer)
            }
        };
        written.map_err(|error| wrong_call(&error, transcoding.limits.output))?;
        Ok(Call { method, destination, message, sequence_id, injected })
    }

    /// The message of the same call for another backend, and its number there; `None` where it cannot be had, as
    /// when it is too large in that protocol.
    pub(super) fn translate_again(
        &self,
        snapshot: &Snapshot,
        call: &Call<'_>,
        to: &Destination,
    ) -> Option<(Outgoing, i32)> {
        if to.is_called_like(call.destination) {
            return Some((call.message.clone(), call.sequence_id));
        }
        let again = self.translate(snapshot, call.method, to, call.injected.clone()).ok()?;
        Some((again.message, again.sequence_id))
    }

    /// Makes the call.
    pub(super) async fn invoke(
        &self,
        snapshot: &Snapshot,
        call: Call<'_>,
        context: &CallContext<'_>,
    ) -> Result<Reply, Failure> {
        let Call { method, destination, message, sequence_id, .. } = call;
        let backend = &*destination.backend;
        let limits = Limits { depth: snapshot.limits.depth, output: snapshot.limits.reply };
        let transcoding = Transcoding { schema: &snapshot.schema, limits };
        let handed_over = Reply { outcome: Outcome::Success, status: StatusCode::ACCEPTED, body: Vec::new() };
        if let Some(sandbox) = &method.sandbox {
            let answer = Box::pin(sandbox.answer(context)).await?;
            if method.oneway {
                return Ok(handed_over);
            }
            let call = Answered { method, backend, sequence_id: sandbox::SEQUENCE_ID };
            return self.translate_reply(&transcoding, &call, answer);
        }
        if method.oneway {
            backend.hand_over(context, message).await?;
            return Ok(handed_over);
        }
        let reply = backend.exchange(context, message).await?;
        let answered = Answered { method, backend, sequence_id };
        let answer = self.translate_reply(&transcoding, &answered, reply.bytes());
        match &answer {
            Ok(_) => reply.accept(),
            Err(failure) if failure.is_answer() => reply.accept_exception(),
            Err(_) => {}
        }
        answer
    }
}

impl Request<'_> {
    /// Translates the backend's reply into the client's protocol.
    fn translate_reply(
        &self,
        transcoding: &Transcoding<'_>,
        call: &Answered<'_>,
        bytes: &[u8],
    ) -> Result<Reply, Failure> {
        let Answered { method, backend, sequence_id } = *call;
        let source = Source { dialect: backend.dialect(), bytes };
        let header = read_header(backend.protocol(), bytes).map_err(|error| {
            Failure::new(Reason::BackendMismatch, CONTRADICTION).detail(error.to_string())
        })?;
        let (_, name) = split_name(&header.name);
        if header.sequence_id != sequence_id || *name != *method.name {
            let message = "The backend's reply is not the one to this call";
            return Err(Failure::new(Reason::BackendError, message));
        }
        let mut body = Vec::new();
        let first = match header.kind {
            MessageKind::Reply => {
                let result = transcoding.schema[method.function].result;
                transcoding
                    .message(result, source, self.source.dialect, &self.header(MessageKind::Reply), &mut body)
                    .map_err(|error| wrong_reply(&error))?
            }
            MessageKind::Exception => {
                let exception =
                    ApplicationException::read_message(backend.protocol(), bytes, transcoding.limits.depth);
                let exception = exception.map_err(|error| {
                    Failure::new(Reason::BackendMismatch, CONTRADICTION).detail(error.to_string())
                })?;
                return Err(Failure::application(exception, backend.passes_messages()));
            }
            MessageKind::Call | MessageKind::Oneway => {
                return Err(Failure::new(
                    Reason::BackendError,
                    "The backend sent a call in place of a reply",
                ));
            }
        };
        let (outcome, status) = match first {
            Some(position) if method.is_success(position) => (Outcome::Success, StatusCode::OK),
            Some(position) => (Outcome::Declared { position }, method.statuses[position]),
            None => {
                self.complete(transcoding, method, &mut body)?;
                (Outcome::Success, StatusCode::OK)
            }
        };
        Ok(Reply { outcome, status, body })
    }

    /// Completes a result in which nothing is set: right for a void method, an empty container for a method
    /// that returns one, since a server in Go cannot send a nil one, and an error for every other.
    fn complete(
        &self,
        transcoding: &Transcoding<'_>,
        method: &Method,
        body: &mut Vec<u8>,
    ) -> Result<(), Failure> {
        let schema = transcoding.schema;
        let result = &schema[schema[method.function].result];
        match result.field_by_id(0).map(|(_, success)| success.ty) {
            None => Ok(()),
            Some(container @ (Type::List(_) | Type::Set(_) | Type::Map(_))) => {
                body.clear();
                let header = self.header(MessageKind::Reply);
                match self.source.dialect.protocol {
                    Protocol::Binary => write_empty(BinaryWriter::new(body), &header, schema, container),
                    Protocol::Compact => write_empty(CompactWriter::new(body), &header, schema, container),
                    Protocol::Json => write_empty(JsonWriter::new(body), &header, schema, container),
                }
                Ok(())
            }
            Some(_) => Err(Failure::missing_result()),
        }
    }

    /// The header of an answer.
    fn header(&self, kind: MessageKind) -> MessageHeader<'_> {
        let (_, name) = split_name(&self.header.name);
        MessageHeader { name: Cow::Borrowed(name), kind, sequence_id: self.header.sequence_id }
    }

    /// The answer that tells a failure. Who sends a oneway message waits for none.
    pub(super) fn refuse(&self, failure: &Failure) -> Answer {
        let body = match self.header.kind {
            MessageKind::Oneway => Vec::new(),
            _ => self.exception(failure),
        };
        Answer::native(Outcome::Exception(failure.reason()), failure.status(), body)
            .retry_after(failure.retry_after())
    }

    fn exception(&self, failure: &Failure) -> Vec<u8> {
        let (kind, message) = failure.exception();
        let exception = ApplicationException { kind, message: message.to_owned() };
        let mut body = Vec::new();
        exception.write_message(
            self.source.dialect.protocol,
            &self.header(MessageKind::Exception),
            &mut body,
        );
        body
    }
}

/// What the caller is told of a reply that is not what the IDL says.
const CONTRADICTION: &str = "The backend's reply contradicts the IDL";

/// The message of a result whose success is an empty container.
fn write_empty(mut writer: impl Writer, header: &MessageHeader<'_>, schema: &Schema, container: Type) {
    writer.message_begin(header);
    writer.struct_begin();
    writer.field_begin(WireType::of(container), 0);
    match container {
        Type::Map(id) => {
            let (key, value) = schema.map(id);
            let mark = writer.map_begin(WireType::of(key), WireType::of(value));
            writer.map_end(mark, 0);
        }
        Type::List(id) | Type::Set(id) => {
            let element = WireType::of(schema.element(id));
            let mark = writer.list_begin(WireType::of(container), element);
            writer.list_end(mark, 0);
        }
        _ => unreachable!("only containers are empty"),
    }
    writer.field_end();
    writer.struct_end();
    writer.message_end();
}

/// The failure of a call whose arguments are wrong.
#[cold]
fn wrong_call(error: &TranscodeError, limit: usize) -> Failure {
    match error.kind {
        TranscodeErrorKind::TooLarge { .. } => Failure::too_large_for_backend(limit),
        TranscodeErrorKind::Wire(_) => Failure::new(Reason::InvalidJson, error.to_string()),
        _ => Failure::new(Reason::InvalidArgument, error.to_string()),
    }
}

/// The failure of a call whose reply is wrong.
#[cold]
fn wrong_reply(error: &TranscodeError) -> Failure {
    let failure = match error.kind {
        TranscodeErrorKind::TooLarge { .. } => Failure::oversized_reply(),
        TranscodeErrorKind::Wire(wire) if wire.kind == WireErrorKind::TrailingBytes => {
            Failure::new(Reason::BackendError, "The backend's reply is longer than its message")
        }
        _ => Failure::new(Reason::BackendMismatch, CONTRADICTION),
    };
    failure.detail(error.to_string())
}
