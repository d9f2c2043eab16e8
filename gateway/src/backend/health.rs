//! Active health checks: each endpoint of a backend is asked from time to time whether it is well.
//!
//! A check has a connection of its own, so that it neither waits for calls nor takes a connection from them. An
//! endpoint is taken to be well until so many checks in a row say otherwise.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use http::HeaderMap;
use thriftgate_config::{HealthCheck, HealthMethod, HealthProbe};
use thriftgate_protocols::framing::Framing;
use thriftgate_protocols::message::{ApplicationException, read_header};
use thriftgate_protocols::wire::{
    BinaryReader, BinaryWriter, CompactReader, CompactWriter, Dialect, JsonReader, JsonWriter, MessageHeader,
    MessageKind, Protocol, Reader, WireError, WireType, Writer,
};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::connection::Connection;
use super::endpoint::Endpoint;
use super::error::BackendError;
use super::upkeep::jittered;
use super::{Backend, CallContext, Carrier, Outgoing};

/// The number of every call: a connection carries one.
const SEQUENCE_ID: i32 = 1;

/// Why a check says that an endpoint is not well.
#[derive(Debug)]
enum Ailment {
    /// It took too long
    Timeout,
    /// No connection, or no whole reply
    Backend(BackendError),
    /// The reply is malformed
    Malformed(WireError),
    /// The reply is to another call, or is none
    NoReply,
    /// The server could not call the method
    Exception(ApplicationException),
}

impl fmt::Display for Ailment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Timeout => f.write_str("the check was not done in its time"),
            Self::Backend(error) => error.fmt(f),
            Self::Malformed(error) => write!(f, "the reply is malformed: {error}"),
            Self::NoReply => f.write_str("what came is no reply to the call"),
            Self::Exception(ApplicationException { kind, message })
                if *kind == ApplicationException::UNKNOWN_METHOD =>
            {
                write!(f, "the server has no such method as the check calls: {message}")
            }
            Self::Exception(ApplicationException { kind, message }) => {
                write!(f, "the server answered a TApplicationException of kind {kind}: {message}")
            }
        }
    }
}

impl From<BackendError> for Ailment {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl From<WireError> for Ailment {
    fn from(error: WireError) -> Self {
        Self::Malformed(error)
    }
}

/// What the checks of one endpoint have found so far.
#[derive(Debug)]
struct Record {
    endpoint: Weak<Endpoint>,
    healthy: bool,
    /// Checks in a row that said otherwise.
    contrary: usize,
}

impl Record {
    fn new(endpoint: &Arc<Endpoint>) -> Self {
        Self { endpoint: Arc::downgrade(endpoint), healthy: true, contrary: 0 }
    }

    /// Takes over the outcome of a check. Tells whether the endpoint is now what it was not before.
    fn note(&mut self, well: bool, check: &HealthCheck) -> bool {
        if well == self.healthy {
            self.contrary = 0;
            return false;
        }
        self.contrary += 1;
        let enough = if well { check.healthy_after } else { check.unhealthy_after };
        if self.contrary < enough {
            return false;
        }
        (self.healthy, self.contrary) = (well, 0);
        true
    }
}

/// Checks the endpoints of a backend for as long as it exists.
pub(super) async fn watch(backend: Weak<Backend>, check: HealthCheck) {
    let mut records: Vec<Record> = Vec::new();
    while let Some(backend) = backend.upgrade() {
        records.retain(|record| record.endpoint.strong_count() > 0);
        let mut checks = JoinSet::new();
        for endpoint in backend.members() {
            let index = records.iter().position(|record| record.endpoint.as_ptr() == Arc::as_ptr(&endpoint));
            let index = index.unwrap_or_else(|| {
                records.push(Record::new(&endpoint));
                records.len() - 1
            });
            let (backend, check) = (backend.clone(), check.clone());
            checks.spawn(async move {
                let outcome = backend.examine(&endpoint, &check).await;
                (index, endpoint, outcome)
            });
        }
        let name = backend.name.clone();
        drop(backend);
        while let Some(checked) = checks.join_next().await {
            let Ok((index, endpoint, outcome)) = checked else { continue };
            let changed = records[index].note(outcome.is_ok(), &check);
            conclude(&name, &endpoint, &outcome, changed);
        }
        tokio::time::sleep(jittered(check.interval)).await;
    }
}

/// Marks an endpoint as what the checks have found, and logs what is new.
fn conclude(backend: &str, endpoint: &Endpoint, outcome: &Result<(), Ailment>, changed: bool) {
    match outcome {
        Ok(()) if changed => {
            endpoint.mark(true);
            tracing::info!(backend, %endpoint, "an endpoint is well again");
        }
        Ok(()) => {}
        Err(ailment) if changed => {
            endpoint.mark(false);
            tracing::warn!(backend, %endpoint, error = %ailment, "an endpoint is not well: it gets no calls");
        }
        Err(ailment) => tracing::debug!(backend, %endpoint, error = %ailment, "a health check failed"),
    }
}

impl Backend {
    /// Does one check.
    async fn examine(&self, endpoint: &Endpoint, check: &HealthCheck) -> Result<(), Ailment> {
        let deadline = Instant::now() + check.timeout;
        let examined = timeout_at(deadline, async {
            match &check.probe {
                HealthProbe::Tcp => Ok(endpoint.probe().await?),
                HealthProbe::Call(method) => self.ask(endpoint, method, deadline).await,
            }
        });
        examined.await.unwrap_or(Err(Ailment::Timeout))
    }

    /// Calls a method without arguments.
    async fn ask(
        &self,
        endpoint: &Endpoint,
        method: &HealthMethod,
        deadline: Instant,
    ) -> Result<(), Ailment> {
        let service = method.service.rsplit('.').next().unwrap_or_default();
        let name = match self.settings().multiplexed {
            true => format!("{service}:{}", method.method),
            false => method.method.clone(),
        };
        let mut message = Outgoing::default();
        write_call(self.dialect(), &name, message.buffer());
        match self.carrier {
            Carrier::Sockets(wire) => {
                let stream = endpoint.pool.connector.connect().await?;
                let mut connection = Connection::new(stream, Duration::ZERO);
                connection.send(message.on(wire.transport)).await?;
                let framing = Framing::new(wire.transport, wire.protocol, wire.limits);
                let reception = connection.receive(framing).await?;
                judge(self.protocol(), &connection.bytes()[reception.body])
            }
            Carrier::Http => {
                let headers = HeaderMap::new();
                let context = CallContext {
                    core: self.care_core(),
                    deadline: deadline.into_std(),
                    headers: &headers,
                    hurried: false,
                    idempotent: false,
                    attempt_timeout: None,
                    retries: None,
                    trace: None,
                };
                let (_, reply) = endpoint.http().exchange(&context, message.share()).await?;
                judge(self.protocol(), &reply)
            }
        }
    }
}

/// A message that calls a method without arguments.
fn write_call(dialect: Dialect, name: &str, out: &mut Vec<u8>) {
    fn write(mut writer: impl Writer, name: &str) {
        let header = MessageHeader { name: name.into(), kind: MessageKind::Call, sequence_id: SEQUENCE_ID };
        writer.message_begin(&header);
        writer.struct_begin();
        writer.struct_end();
        writer.message_end();
    }
    match dialect.protocol {
        Protocol::Binary => write(BinaryWriter::of(dialect, out), name),
        Protocol::Compact => write(CompactWriter::of(dialect, out), name),
        Protocol::Json => write(JsonWriter::new(out), name),
    }
}

/// Whether a message says that the server is well: whatever it replied, it called the method.
fn judge(protocol: Protocol, message: &[u8]) -> Result<(), Ailment> {
    /// Nesting of what a reply may hold.
    const DEPTH: usize = 64;
    fn pass_over<'a>(mut reader: impl Reader<'a>) -> Result<(), WireError> {
        reader.message_begin()?;
        reader.skip(WireType::Struct)?;
        reader.message_end()
    }
    let header = read_header(protocol, message)?;
    if header.sequence_id != SEQUENCE_ID {
        return Err(Ailment::NoReply);
    }
    match header.kind {
        MessageKind::Reply => match protocol {
            Protocol::Binary => Ok(pass_over(BinaryReader::new(message, DEPTH))?),
            Protocol::Compact => Ok(pass_over(CompactReader::new(message, DEPTH))?),
            Protocol::Json => Ok(pass_over(JsonReader::new(message, DEPTH))?),
        },
        MessageKind::Exception => {
            Err(Ailment::Exception(ApplicationException::read_message(protocol, message, DEPTH)?))
        }
        MessageKind::Call | MessageKind::Oneway => Err(Ailment::NoReply),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_checks_in_a_row_change_the_state() {
        let check =
            HealthCheck { healthy_after: 2, unhealthy_after: 3, ..HealthCheck::new(HealthProbe::Tcp) };
        let mut record = Record { endpoint: Weak::new(), healthy: true, contrary: 0 };
        let mut states = String::new();
        for outcome in "--+---+-++-++".chars() {
            record.note(outcome == '+', &check);
            states.push(if record.healthy { '+' } else { '-' });
        }
        assert_eq!(states, "+++++----++++");
    }

    #[test]
    fn any_reply_is_well_and_no_exception_of_the_server() {
        let reply = |protocol, kind, sequence_id| {
            let mut out = Vec::new();
            let header = MessageHeader { name: "ping".into(), kind, sequence_id };
            ApplicationException { kind: ApplicationException::UNKNOWN_METHOD, message: "ping?".into() }
                .write_message(protocol, &header, &mut out);
            out
        };
        for protocol in [Protocol::Binary, Protocol::Compact, Protocol::Json] {
            // A result whose fields 1 and 2 are set is as good as any other.
            judge(protocol, &reply(protocol, MessageKind::Reply, SEQUENCE_ID)).expect("well");
            let error = judge(protocol, &reply(protocol, MessageKind::Exception, SEQUENCE_ID));
            let text = error.expect_err("unwell").to_string();
            assert_eq!(text, "the server has no such method as the check calls: ping?");
            for (kind, id) in [(MessageKind::Reply, SEQUENCE_ID + 1), (MessageKind::Call, SEQUENCE_ID)] {
                assert!(matches!(judge(protocol, &reply(protocol, kind, id)), Err(Ailment::NoReply)));
            }
            let whole = reply(protocol, MessageKind::Reply, SEQUENCE_ID);
            assert!(judge(protocol, &whole[..whole.len() - 1]).is_err());
        }
    }

    #[test]
    fn a_call_has_no_arguments() {
        for protocol in [Protocol::Binary, Protocol::Compact, Protocol::Json] {
            let mut out = Vec::new();
            write_call(protocol.into(), "Users:ping", &mut out);
            let header = read_header(protocol, &out).expect("a message");
            assert_eq!((&*header.name, header.kind), ("Users:ping", MessageKind::Call));
        }
    }
}
