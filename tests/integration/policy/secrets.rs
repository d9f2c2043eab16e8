//! Secrets stay secret: what callers show who they are with is in nothing that the gateway writes or answers.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use thriftgate_tests::client::{Reply, exchange, get, post};
use thriftgate_tests::collector::Collector;
use thriftgate_tests::eventually;

use super::{Door, Site, entry, key};
use crate::process::{command, run};

const SECRET: &str = "the-shared-secret-of-all-tokens-is-long-enough";
/// What the collector of traces asks for.
const COLLECTORS: &str = "the-secret-of-the-collector";
const BASIC: &str = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ";

fn token(caller: &str, secret: &str) -> String {
    let end = SystemTime::now() + Duration::from_secs(600);
    let expires = end.duration_since(SystemTime::UNIX_EPOCH).expect("it is later").as_secs();
    let claims =
        json!({"iss": "idp", "aud": "gateway", "sub": caller, "exp": expires, "mail": "ada@claims.example"});
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(secret.as_bytes()),
    )
    .expect("a token")
}

/// A running `serve`, whose output is in files: nobody has to keep up with its access log. Dropped, it is killed.
struct Running {
    child: Child,
    output: PathBuf,
}

impl Running {
    fn serve(config: &str, folder: &Path) -> Self {
        let output = folder.join("output");
        let file = |path: &Path| fs::File::create(path).expect("a file for what it writes");
        let arguments = ["serve", "--config", config, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"];
        let mut command = command(&arguments);
        let child = command.stdout(file(&output)).stderr(file(&folder.join("log"))).spawn();
        Self { child: child.expect("the command runs"), output }
    }

    fn output(&self) -> String {
        fs::read_to_string(&self.output).expect("its output is text")
    }

    /// The address that it announces behind this.
    fn address(&self, what: &str) -> SocketAddr {
        let mut found = None;
        eventually(what, || {
            let output = self.output();
            let mut whole = output.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            found = whole.find_map(|line| line.strip_prefix(what)?.parse().ok());
            found.is_some()
        });
        found.expect("it was found")
    }

    /// Ends it, and returns its access log.
    fn end(mut self) -> Vec<String> {
        let sent = Command::new("kill").args(["-s", "TERM", &self.child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
        assert!(self.child.wait().expect("it ends").success());
        self.output().lines().filter(|line| line.starts_with('{')).map(str::to_owned).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// An answer as a client could keep it, head and body.
fn text(reply: &Reply) -> String {
    let headers: String = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!("{}\n{headers}\n{}", reply.status, String::from_utf8_lossy(&reply.body))
}

/// What was written, printed or answered, each with the place where it was.
type Seen = Vec<(&'static str, String)>;

/// Calls by every door, with good credentials and bad; then everything that was written, printed or answered is searched.
#[test]
fn secrets_are_nowhere() {
    let collector = Collector::start();
    let site = site(&collector);
    let config = site.folder.path().join("gateway.yaml").display().to_string();
    let process = Running::serve(&config, site.folder.path());
    let (address, admin) = (process.address("listening http://"), process.address("admin http://"));
    let tokens = [token("ada", SECRET), token("ada", "another-secret")];
    let keys = ["good", "revoked", "unknown"].map(key);
    let credentials: Vec<(&str, String)> = keys
        .iter()
        .map(|key| ("X-API-Key", key.clone()))
        .chain(keys.iter().chain(&tokens).map(|shown| ("Authorization", format!("Bearer {shown}"))))
        .chain([("Authorization", BASIC.to_owned()), ("X-API-Key", format!("{} ", keys[2]))])
        .collect();
    let mut seen = answers(address, &credentials, &keys[0]);
    let calls = seen.len();
    assert!(seen.iter().any(|(_, text)| text.starts_with("200\n")), "some calls are good");
    let audit = site.folder.path().join("audit.jsonl");
    let lines = || fs::read_to_string(&audit).unwrap_or_default().lines().count();
    eventually("all calls are in the audit log", || lines() == calls);
    for page in [
        "/metrics",
        "/config",
        "/backends",
        "/routes",
        "/version",
        "/log-level",
        "/reload",
        "/healthz",
        "/readyz",
    ] {
        seen.push(("an admin page", text(&get(admin, page))));
    }
    seen.push(("a reload", text(&exchange(admin, &post("/reload", &[], b"")))));
    seen.extend(commands(&config));
    let access = process.end();
    assert_eq!(access.len(), calls, "every call is in the access log");
    seen.push(("the access log", access.join("\n")));
    seen.push(("the audit log", fs::read_to_string(&audit).expect("the audit log")));
    let log = fs::read_to_string(site.folder.path().join("log")).expect("the log");
    assert!(log.contains("TRACE") || log.contains("DEBUG"), "it is the most that the log says: {log}");
    seen.push(("the log", log));
    let spans = collector.spans();
    assert!(spans.len() >= calls, "every call has a span");
    seen.push(("a span", format!("{spans:?}")));
    for secret in secrets(&tokens, &keys) {
        for (place, text) in &seen {
            assert!(!text.contains(&secret), "{secret} is in {place}:\n{text}");
        }
    }
}

/// A gateway that knows keys and tokens, and writes as much as it can.
fn site(collector: &Collector) -> Site {
    let entries = [
        entry("good", "acme", "partners", ", attributes: {tenant: attribute-of-acme}"),
        entry("revoked", "acme", "partners", ", revoked: 2020-01-01T00:00:00Z"),
    ];
    let site = Site::new(&entries, "");
    site.folder.write("secret", SECRET);
    site.folder.write(
        "gateway.yaml",
        &format!(
            "idl: vendor.thrift\nbackends: {{main: \"{}\"}}\nreload: {{watch: false}}\ndrain: {{delay: 0s}}\n\
             logging: {{level: trace, format: json}}\n\
             authentication:\n  keys: {{file: keys.yaml}}\n  jwt:\n    - {{issuer: idp, audience: [gateway], \
             algorithms: [HS256], secret_file: secret, caller: sub, default_group: partners}}\n\
             groups: {{partners: {{deny: [\"Vault.*\"]}}}}\n\
             audit: {{file: audit.jsonl, arguments: [\"*\"]}}\n\
             tracing: {{otlp: {:?}, sample: 1, headers: {{Authorization: Bearer {COLLECTORS}}}}}\n",
            site.backend.address(),
            collector.url()
        ),
    );
    site
}

/// The answers to calls by every door, over the wrong verb, with a broken body, and with two credentials.
fn answers(address: SocketAddr, credentials: &[(&str, String)], good_key: &str) -> Seen {
    let mut requests = Vec::new();
    for (service, method) in [("Users", "get"), ("Vault", "wipe"), ("Nothing", "here")] {
        for door in Door::all(service, method) {
            requests.extend(credentials.iter().map(|(name, value)| door.request(&[(name, value)])));
        }
    }
    for (name, value) in credentials {
        requests.push(format!("GET / HTTP/1.1\r\nHost: gateway\r\n{name}: {value}\r\n\r\n").into_bytes());
        let headers = [("Content-Type", "application/json"), (*name, &**value)];
        requests.push(post("/", &headers, b"{\"method"));
        requests.push(post("/", &[headers[0], headers[1], ("X-API-Key", good_key)], b"{}"));
    }
    requests.iter().map(|request| ("an answer", text(&exchange(address, request)))).collect()
}

/// What the verbs of the command print.
fn commands(config: &str) -> Seen {
    let verbs = [
        &["check", "--config", config][..],
        &["routes", "--config", config],
        &["routes", "--config", config, "--format", "json"],
        &["explain", "--config", config, "POST", "/Users/get"],
        &["keys", "list", "--config", config],
    ];
    let printed = verbs.map(|arguments| {
        let output = run(arguments);
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    });
    printed.into_iter().map(|text| ("a command", text)).collect()
}

/// What must be nowhere: secrets, whatever proves that one was known, and what callers' credentials say of them.
fn secrets(tokens: &[String; 2], keys: &[String; 3]) -> Vec<String> {
    let part = |token: &str, index| token.split('.').nth(index).expect("three parts").to_owned();
    let mut secrets = vec![
        SECRET.to_owned(),
        URL_SAFE_NO_PAD.encode(SECRET),
        COLLECTORS.to_owned(),
        BASIC[6..].to_owned(),
        part(&tokens[0], 1),
        part(&tokens[0], 2),
        part(&tokens[1], 2),
        "ada@claims.example".to_owned(),
        "attribute-of-acme".to_owned(),
    ];
    secrets.extend(keys.iter().cloned());
    secrets
}
