//! A collector of traces: OTLP over HTTP, as protobuf.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1 as otlp;
use prost::Message;

use crate::waiting::eventually;

/// A running collector. Dropped, it is stopped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// The status of the answers.
    status: AtomicU16,
    spans: Mutex<Vec<Span>>,
    /// The header sections of the requests.
    heads: Mutex<Vec<String>>,
    stopped: AtomicBool,
}

/// A span that arrived.
#[derive(Clone, Debug)]
pub struct Span {
    /// The `service.name` of who sent it
    pub service: String,
    /// What it holds
    pub span: otlp::Span,
}

impl Span {
    /// An attribute, as text; that of a list is its first.
    #[must_use]
    pub fn attribute(&self, key: &str) -> Option<String> {
        find(&self.span.attributes, key)
    }

    /// The number of the trace, in hexadecimal.
    #[must_use]
    pub fn trace(&self) -> String {
        hex(&self.span.trace_id)
    }

    /// Whether it was sent as a server's.
    #[must_use]
    pub fn is_server(&self) -> bool {
        self.span.kind() == otlp::span::SpanKind::Server
    }

    /// Whether its parent is the other.
    #[must_use]
    pub fn is_under(&self, parent: &Self) -> bool {
        self.span.parent_span_id == parent.span.span_id && self.span.trace_id == parent.span.trace_id
    }

    /// Whether it tells of an error.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.span.status.as_ref().is_some_and(|status| status.code() == otlp::status::StatusCode::Error)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn find(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    text(found.value.as_ref()?)
}

fn text(value: &AnyValue) -> Option<String> {
    match value.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        Value::BoolValue(value) => Some(value.to_string()),
        Value::ArrayValue(list) => text(list.values.first()?),
        other => panic!("an attribute that is not sent: {other:?}"),
    }
}

impl Collector {
    /// Takes what it is sent.
    ///
    /// # Panics
    /// Where the system gives no port.
    #[must_use]
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let shared = Arc::new(Shared {
            status: AtomicU16::new(200),
            spans: Mutex::default(),
            heads: Mutex::default(),
            stopped: AtomicBool::new(false),
        });
        let collector = Self { address: listener.local_addr().expect("its address"), shared: shared.clone() };
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let shared = shared.clone();
                thread::spawn(move || shared.serve(stream));
            }
        });
        collector
    }

    /// What a configuration names it by.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers with this status from now on.
    pub fn answer(&self, status: u16) {
        self.shared.status.store(status, Ordering::SeqCst);
    }

    /// The spans that arrived so far.
    ///
    /// # Panics
    /// Where a thread of the collector panicked.
    #[must_use]
    pub fn spans(&self) -> Vec<Span> {
        self.shared.spans.lock().expect("nobody panicked").clone()
    }

    /// The header sections of the requests so far.
    ///
    /// # Panics
    /// Where a thread of the collector panicked.
    #[must_use]
    pub fn heads(&self) -> Vec<String> {
        self.shared.heads.lock().expect("nobody panicked").clone()
    }

    /// Waits until so many spans have arrived.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> Vec<Span> {
        eventually("the spans arrive", || self.spans().len() >= count);
        self.spans()
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if stream.read_exact(&mut byte).is_err() {
                return;
            }
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).expect("a header section of text");
        let lower = head.to_ascii_lowercase();
        assert!(lower.starts_with("post /v1/traces http/1.1\r\n"), "{head}");
        assert!(lower.contains("content-type: application/x-protobuf\r\n"), "{head}");
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let length = length.expect("a length").parse().expect("a number");
        let mut body = vec![0; length];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        self.heads.lock().expect("nobody panicked").push(head);
        let status = self.status.load(Ordering::SeqCst);
        if status == 200 {
            self.keep(&body);
        }
        let answer = format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
        let _gone = stream.write_all(answer.as_bytes());
    }

    fn keep(&self, body: &[u8]) {
        let request = ExportTraceServiceRequest::decode(body).expect("a request of OTLP");
        let mut spans = self.spans.lock().expect("nobody panicked");
        for of_resource in request.resource_spans {
            let resource = of_resource.resource.expect("who sends");
            let service = find(&resource.attributes, "service.name").expect("its name");
            let all = of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
            spans.extend(all.map(|span| Span { service: service.clone(), span }));
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        let _woken = TcpStream::connect(self.address);
    }
}
