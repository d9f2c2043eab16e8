//! Limits and codings of request and reply bodies.

use std::fs;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::{Connection, Reply, post};

use crate::process::Process;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A gateway with bodies of at most 64 KiB.
fn gateway(more: &str) -> (Gateway, Backend) {
    let backend = Backend::echoing();
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nbackends: {{backend: \"{}\"}}\nlimits: {{body: 64KiB{more}}}\n",
        backend.address()
    ));
    (gateway, backend)
}

/// A call of `echoString` whose body has exactly so many bytes.
fn call_of(size: usize) -> Vec<u8> {
    let (before, after) = (r#"{"method":"echoString","arguments":{"value":""#, r#""}}"#);
    format!("{before}{}{after}", "x".repeat(size - before.len() - after.len())).into_bytes()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let head = "POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut bytes = head.as_bytes().to_vec();
    for chunk in body.chunks(1000) {
        bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
        bytes.extend_from_slice(chunk);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"0\r\n\r\n");
    bytes
}

#[track_caller]
fn assert_too_large(reply: &Reply) {
    assert_eq!(reply.failure(), (413, "BODY_TOO_LARGE".into(), "no".into()));
    assert_eq!(reply.exception("type"), 7);
}

// Case 39.
#[test]
fn a_body_at_the_limit_and_over_it() {
    const LIMIT: usize = 64 * 1024;
    let (gateway, backend) = gateway("");
    let send = |bytes: &[u8]| thriftgate_tests::client::exchange(gateway.address(), bytes);
    for body in [call_of(LIMIT), call_of(LIMIT - 1)] {
        assert_eq!(send(&post("/", &[JSON], &body)).status, 200);
        assert_eq!(send(&chunked(&body)).status, 200);
    }
    let calls = backend.calls();
    assert_too_large(&send(&post("/", &[JSON], &call_of(LIMIT + 1))));
    assert_too_large(&send(&chunked(&call_of(LIMIT + 1))));
    // A length alone is enough: nothing of the body was sent.
    for length in ["65537", "1000000000000"] {
        let mut connection = Connection::open(gateway.address());
        let head = format!(
            "POST / HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.send(head.as_bytes());
        assert_too_large(&connection.reply());
    }
    assert_eq!(backend.calls(), calls);
}

#[test]
fn the_bodies_of_all_callers_together() {
    let (gateway, backend) = gateway(", bodies: 100KB");
    let body = call_of(60_000);
    let request = post("/", &[JSON], &body);
    // A caller that has sent most of its body holds it; where a probe came in between, it is the one refused.
    let end = Instant::now() + Duration::from_secs(10);
    let (mut slow, refused) = loop {
        let mut slow = Connection::open(gateway.address());
        slow.send(&request[..request.len() - 10]);
        let mut probes = (0..20).map(|_| gateway.post_with("/", &[JSON], &body));
        if let Some(refused) = probes.find(|reply| reply.status != 200) {
            break (slow, refused);
        }
        assert!(Instant::now() < end, "the slow body is not counted");
    };
    assert_eq!(refused.failure(), (503, "OVERLOADED".into(), "no".into()));
    assert_eq!(refused.header("retry-after"), Some("1"));
    slow.send(&request[request.len() - 10..]);
    assert_eq!(slow.reply().status, 200);
    assert_eq!(gateway.post_with("/", &[JSON], &body).status, 200);
    assert!(backend.calls() >= 2);
}

#[test]
fn a_call_that_is_too_large_for_the_backend() {
    let (gateway, backend) = gateway(", frame: 1KiB, reply: 600");
    let reply = gateway.call("echoString", json!({"value": "x".repeat(2000)}));
    assert_eq!(reply.failure(), (413, "BODY_TOO_LARGE".into(), "no".into()));
    assert_eq!(backend.calls(), 0);
    // Every control character is six bytes of JSON.
    let reply = gateway.call("echoString", json!({"value": "\u{1}".repeat(300)}));
    assert_eq!((reply.status, reply.exception("executed")), (502, json!("maybe")), "{}", reply.text());
    assert_eq!(gateway.call("echoString", json!({"value": "x".repeat(300)})).status, 200);
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(body).expect("a vector takes all");
    encoder.finish().expect("a vector takes all")
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(body).expect("a vector takes all");
    encoder.into_inner()
}

fn zstd(body: &[u8]) -> Vec<u8> {
    zstd::encode_all(body, 3).expect("a vector takes all")
}

type Coding = (&'static str, fn(&[u8]) -> Vec<u8>);
const CODINGS: [Coding; 3] = [("gzip", gzip), ("br", brotli), ("zstd", zstd)];

#[test]
fn request_bodies_in_a_coding() {
    const LIMIT: usize = 64 * 1024;
    let (gateway, backend) = gateway("");
    let send =
        |coding: &str, body: &[u8]| gateway.post_with("/", &[JSON, ("Content-Encoding", coding)], body);
    for (name, code) in CODINGS {
        assert_eq!(send(name, &code(&call_of(LIMIT))).status, 200, "{name}");
        assert_too_large(&send(name, &code(&call_of(LIMIT + 1))));
        let whole = code(&call_of(500));
        // Cut short, or nothing of the coding at all.
        for broken in [&whole[..whole.len() - 8], &call_of(500), b""] {
            let reply = send(name, broken);
            assert_eq!((reply.status, reply.exception("executed")), (400, json!("no")), "{name}");
        }
    }
    assert_eq!(send("identity", &call_of(100)).status, 200);
    let calls = backend.calls();
    for unknown in ["deflate", "compress", "gzip, gzip", "br, gzip", "rot13"] {
        let reply = send(unknown, &call_of(100));
        assert_eq!(reply.failure(), (415, "UNSUPPORTED_MEDIA_TYPE".into(), "no".into()), "{unknown}");
    }
    assert_eq!(backend.calls(), calls);
}

// Case 16.
#[test]
fn a_body_cut_at_every_byte() {
    let (gateway, backend) = gateway("");
    let call = json!({"method": "echoEverything", "arguments": {"value": {
        "scalars": {"aString": "\u{1f600}é\"", "aDouble": -1.5e-7, "aBool": true, "aColor": "RED", "aBinary": "AA=="},
        "strings": {"k": "v"}, "matrix": [[1, 2.5], []], "choice": {"number": -12},
    }}})
    .to_string();
    let mut connection = Connection::open(gateway.address());
    for end in 0..call.len() {
        connection.send(&post("/", &[JSON], &call.as_bytes()[..end]));
        let reply = connection.reply();
        assert_eq!(reply.failure(), (400, "INVALID_JSON".into(), "no".into()), "{end}: {}", reply.text());
    }
    // With the length of the whole, and then nothing more.
    let whole = post("/", &[JSON], call.as_bytes());
    for end in (whole.len() - call.len()..whole.len()).step_by(9) {
        let mut connection = Connection::open(gateway.address());
        connection.send(&whole[..end]);
        drop(connection);
    }
    assert_eq!(backend.calls(), 0);
    connection.send(&whole);
    assert_eq!(connection.reply().status, 200);
    assert_eq!(backend.calls(), 1);
}

// Case 40. The bombs go to a process of their own, whose memory can be told.
#[test]
fn bombs() {
    let backend = Backend::echoing();
    let process = Process::serve(&format!(
        "idl: IDL/everything.thrift\nbackends: {{backend: \"{}\"}}\n",
        backend.address()
    ));
    let peak = || peak_memory(&process);
    let warm = call_of(1 << 20);
    assert_eq!(process.post_with("/", &[JSON], &warm).status, 200);
    let before = peak();
    for (name, code) in CODINGS {
        let bomb = compressed_blanks(name, 256 << 20);
        assert!(bomb.len() < 2 << 20, "{name}: {}", bomb.len());
        assert_too_large(&process.post_with("/", &[JSON, ("Content-Encoding", name)], &bomb));
        let nested = code(&bomb);
        let coding = format!("{name}, {name}");
        let reply = process.post_with("/", &[JSON, ("Content-Encoding", &coding)], &nested);
        assert_eq!(reply.status, 415);
    }
    let grown = peak() - before;
    assert!(grown < 80 << 20, "{} MiB", grown >> 20);
    assert_eq!(backend.calls(), 1);
    assert_eq!(process.post_with("/", &[JSON], &warm).status, 200);
}

/// The most memory that a process ever had, in bytes.
fn peak_memory(process: &Process) -> usize {
    let status = fs::read_to_string(format!("/proc/{}/status", process.id())).expect("a live process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the peak of memory");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("a number") * 1024
}

#[test]
fn what_a_large_call_holds() {
    let backend = Backend::echoing();
    let process = Process::serve(&format!(
        "idl: IDL/everything.thrift\nbackends: {{backend: \"{}\"}}\n",
        backend.address()
    ));
    assert_eq!(process.post_with("/", &[JSON], &call_of(1000)).status, 200);
    let before = peak_memory(&process);
    let call = call_of(12 << 20);
    let reply = process.post_with("/", &[JSON], &call);
    assert_eq!(reply.status, 200);
    let grown = peak_memory(&process) - before;
    // Beside what the call holds, the allocator and the sockets keep some.
    let bound = 4 * (call.len() + reply.body.len()) + (4 << 20);
    assert!(grown <= bound, "{} MiB for {} MiB", grown >> 20, bound >> 20);
}

/// So many blanks in a coding, made piece by piece.
fn compressed_blanks(coding: &str, count: usize) -> Vec<u8> {
    let piece = [b' '; 64 * 1024];
    let mut blanks = std::iter::repeat_n(&piece[..], count / piece.len());
    match coding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            blanks.try_for_each(|piece| encoder.write_all(piece)).expect("a vector takes all");
            encoder.finish().expect("a vector takes all")
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 1, 22);
            blanks.try_for_each(|piece| encoder.write_all(piece)).expect("a vector takes all");
            encoder.into_inner()
        }
        _ => {
            let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("a level");
            blanks.try_for_each(|piece| encoder.write_all(piece)).expect("a vector takes all");
            encoder.finish().expect("a vector takes all")
        }
    }
}

#[test]
fn compressed_replies() {
    let backend = Backend::start(|call| vec![Step::Send(call.echo())]);
    let gateway = Gateway::start(&format!(
        "
idl: everything.thrift
backends: {{backend: \"{}\"}}
routes: [{{path: /plain}}, {{path: /, compression: true}}]
",
        backend.address()
    ));
    let large = call_of(20_000);
    let call = |path: &str, accepted: &str, body: &[u8]| {
        gateway.post_with(path, &[JSON, ("Accept-Encoding", accepted)], body)
    };
    let plain = call("/", "identity", &large);
    assert_eq!(plain.header("content-encoding"), None);
    let decode = |coding: &str, body: &[u8]| {
        let mut decoded = Vec::new();
        match coding {
            "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut decoded),
            "br" => brotli::Decompressor::new(body, 4096).read_to_end(&mut decoded),
            _ => zstd::Decoder::new(body).and_then(|mut decoder| decoder.read_to_end(&mut decoded)),
        }
        .expect("what it claims to be");
        decoded
    };
    for (name, _) in CODINGS {
        let reply = call("/", name, &large);
        assert_eq!(reply.header("content-encoding"), Some(name));
        assert!(reply.header("vary").is_some_and(|vary| vary.eq_ignore_ascii_case("accept-encoding")));
        assert!(reply.body.len() < 2000);
        assert_eq!(decode(name, &reply.body), plain.body, "{name}");
    }
    // Small, or not to be compressed.
    assert_eq!(call("/", "gzip", &call_of(500)).header("content-encoding"), None);
    assert_eq!(call("/plain", "gzip", &large).header("content-encoding"), None);
    assert_eq!(call("/", "gzip;q=0", &large).header("content-encoding"), None);
    assert_eq!(call("/", "rot13", &large).header("content-encoding"), None);
}
