//! FAULTS 87: a reader that has stopped, a disk that is full and a scraper that does not read slow no call down.

use std::fs;
use std::io::{PipeReader, Write};
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::json;
use thriftgate_tests::client::{Connection, exchange, get, post};
use thriftgate_tests::eventually;

use super::Site;
use super::samples::metrics;
use crate::process::{Process, command};

/// A call with this much to log. None takes long, whatever happens to the log.
#[track_caller]
fn call(connection: &mut Connection, size: usize) {
    let body = json!({"value": "x".repeat(size)}).to_string();
    let began = Instant::now();
    connection.send(&post("/Shop/get", &[("Content-Type", "application/json")], body.as_bytes()));
    assert_eq!(connection.reply().status, 200);
    // Whoever waited for a reader would wait for ever.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

fn sample(admin: SocketAddr, name: &str) -> f64 {
    metrics(&get(admin, "/metrics").text())[name].samples[0].1
}

/// A pipe that is full, and that nobody reads.
fn full_pipe() -> (PipeReader, Stdio) {
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    // What a pipe holds.
    writer.write_all(&[b'\n'; 1 << 16]).expect("a pipe takes this much");
    (reader, writer.into())
}

/// Nobody reads the access log, nor the log of the process: calls, reloads and the end go on.
#[test]
fn stopped_readers() {
    let site = Site::new("logging: {format: json, level: trace, access: {fields: [arguments]}}\n");
    let path = site.path();
    let (_log, stderr) = full_pipe();
    let arguments = ["serve", "--config", &path, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
    let mut process = Process::launch(&mut command(&arguments), stderr);
    let mut connection = Connection::open(process.address());
    eventually("lines of the access log are lost", || {
        for _ in 0..200 {
            call(&mut connection, 15_000);
        }
        sample(process.admin(), "thriftgate_access_lines_lost_total") > 0.0
    });
    // Each refusal is told at length: every word that is wrong is, in its line.
    let wrong =
        |word: &str| format!("logging:\n  access:\n    fields:\n{}", format!("    - {word}\n").repeat(3_000));
    eventually("lines of the log are lost", || {
        for word in ["x", "y"] {
            site.configure(&wrong(word));
            assert_eq!(exchange(process.admin(), &post("/reload", &[], b"")).status, 422);
        }
        sample(process.admin(), "thriftgate_log_lines_lost_total") > 0.0
    });
    site.configure("logging: {format: json, level: trace, access: {fields: [arguments]}}\n");
    assert_eq!(exchange(process.admin(), &post("/reload", &[], b"")).status, 200);
    call(&mut Connection::open(process.address()), 100);
    process.signal("TERM");
    let began = Instant::now();
    assert_eq!(process.wait(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[test]
fn full_disk() {
    let site = Site::new("logging: {format: json, access: {file: /dev/full}}\naudit: {file: /dev/full}\n");
    let log = site.folder.path().join("log");
    let process = Process::serve_logging(&site.path(), &log);
    let mut connection = Connection::open(process.address());
    for _ in 0..50 {
        call(&mut connection, 10);
    }
    for name in ["thriftgate_access_lines_lost_total", "thriftgate_audit_lines_lost_total"] {
        eventually(name, || sample(process.admin(), name) >= 50.0);
    }
    eventually("it is told", || {
        let text = fs::read_to_string(&log).expect("the log");
        text.contains("the access log cannot be written")
            && text.contains("lines of the access log were lost")
    });
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
}

/// Scrapers that ask and do not read hold up neither calls nor one that reads.
#[test]
fn slow_scrapers() {
    let site = Site::new("logging: {access: false}\n");
    let gateway = thriftgate_tests::Gateway::by_file(&site.folder.path().join("gateway.yaml"));
    let mut connection = Connection::open(gateway.address());
    call(&mut connection, 10);
    let scrape = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(2_000);
    let scrapers: Vec<std::thread::JoinHandle<_>> = (0..8)
        .map(|_| {
            let (admin, scrape) = (gateway.admin(), scrape.clone());
            std::thread::spawn(move || {
                let mut scraper = std::net::TcpStream::connect(admin).expect("it listens");
                scraper.set_write_timeout(Some(Duration::from_millis(300))).expect("a live socket");
                let _full = scraper.write_all(&scrape);
                scraper
            })
        })
        .collect();
    let scrapers: Vec<_> = scrapers.into_iter().map(|scraper| scraper.join().expect("it asked")).collect();
    for _ in 0..50 {
        call(&mut connection, 10);
    }
    assert!(gateway.metrics().contains("thriftgate_calls_total{"));
    drop(scrapers);
}
