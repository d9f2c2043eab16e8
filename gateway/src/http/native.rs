//! Calls of native clients: a Thrift message in, a Thrift message out.
//!
//! Once the header of the client's message could be read, whatever happens is told in a message of its own
//! protocol, under its sequence id and the bare name of its method, with status 200.

use std::borrow::Cow;

use http::StatusCode;
use thriftgate_metadata::{Schema, Type};
use thriftgate_protocols::message::{ApplicationException, read_header, split_name};
use thriftgate_protocols::style::Limits;
use thriftgate_protocols::transcode::{Source, TranscodeError, TranscodeErrorKind, Transcoding};
use thriftgate_protocols::wire::{
    BinaryWriter, CompactWriter, JsonWriter, MessageHeader, MessageKind, Protocol, WireErrorKind, WireType,
    Writer,
};

use super::errors::{Failure, Reason};
use crate::backend::{CallContext, Outgoing};
use crate::router::{Method, Route, Selection};
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

/// The client's message.
#[derive(Debug)]
pub(super) struct Request<'b> {
    source: Source<'b>,
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
    pub(super) fn method<'s>(
        &self,
        route: &'s Route,
        selection: Selection<'s>,
    ) -> Result<&'s Method, Failure> {
        if !matches!(self.header.kind, MessageKind::Call | MessageKind::Oneway) {
            return Err(Failure::new(
                Reason::InvalidArgument,
                "The message is a reply, where a call is expected",
            )
            .kind(ApplicationException::INVALID_MESSAGE_TYPE));
        }
        let (service, name) = split_name(&self.header.name);
        match selection {
            Selection::Body => route.method(service, name),
            Selection::Service(selected) => route.select_method(Some(selected), service, name),
            Selection::Method(method) if *method.name == *name => Ok(method),
            Selection::Method(method) => {
                let message = format!("The path names the method {}, the message another", method.name);
                Err(Failure::new(Reason::InvalidArgument, message))
            }
        }
    }

    /// Makes the call.
    pub(super) async fn call(
        &self,
        snapshot: &Snapshot,
        method: &Method,
        context: &CallContext<'_>,
    ) -> Result<Reply, Failure> {
        let backend = &*method.backend;
        let function = &snapshot.schema[method.function];
        let (depth, sequence_id) = (snapshot.limits.depth, backend.next_sequence_id());
        let transcoding =
            Transcoding { schema: &snapshot.schema, limits: Limits { depth, output: snapshot.limits.frame } };
        let kind = if method.oneway { MessageKind::Oneway } else { MessageKind::Call };
        let header = MessageHeader { name: Cow::Borrowed(&method.wire_name), kind, sequence_id };
        let mut message = Outgoing::default();
        transcoding
            .message(function.arguments, self.source, backend.dialect(), &header, message.buffer())
            .map_err(|error| wrong_call(&error, transcoding.limits.output))?;
        if method.oneway {
            backend.hand_over(context, message).await?;
            return Ok(Reply { outcome: Outcome::Success, status: StatusCode::ACCEPTED, body: Vec::new() });
        }
        let reply = backend.exchange(context, message).await?;
        let transcoding =
            Transcoding { limits: Limits { depth, output: snapshot.limits.reply }, ..transcoding };
        let answer = self.translate_reply(&transcoding, method, sequence_id, reply.bytes());
        if answer.as_ref().err().is_none_or(Failure::is_answer) {
            reply.accept();
        }
        answer
    }
}

impl Request<'_> {
    /// Translates the backend's reply into the client's protocol.
    fn translate_reply(
        &self,
        transcoding: &Transcoding<'_>,
        method: &Method,
        sequence_id: i32,
        bytes: &[u8],
    ) -> Result<Reply, Failure> {
        let backend = &*method.backend;
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
            Some(position) => (Outcome::Declared, method.statuses[position]),
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

    /// The message that tells a failure.
    pub(super) fn exception(&self, failure: &Failure) -> Vec<u8> {
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
        TranscodeErrorKind::TooLarge { .. } => {
            Failure::new(Reason::BackendError, "The reply is over the limit")
        }
        TranscodeErrorKind::Wire(wire) if wire.kind == WireErrorKind::TrailingBytes => {
            Failure::new(Reason::BackendError, "The backend's reply is longer than its message")
        }
        _ => Failure::new(Reason::BackendMismatch, CONTRADICTION),
    };
    failure.detail(error.to_string())
}
