//! What the IDL annotates as `sensitive` is in nothing that the gateway writes or tells operators, and neither are the secrets
//! of its configuration.

use std::fs;

use serde_json::{Value, json};
use thrift::protocol::TMessageType;
use thriftgate_tests::client::{Connection, exchange, get, post};

use super::Site;
use crate::native::{WIRES, message};
use crate::process::Process;

/// A number of a card, a pin, a password and what is in a safe, in every form and place that a caller may give them.
const SECRETS: [&str; 4] = ["4711081512345678", "90210", "hunter2-and-more", "gold-in-the-safe"];
/// What the configuration sends to backends over HTTP.
const TOKEN: &str = "token-of-the-billing-backend";
/// Of what may be told, to see that the search finds.
const PLAIN: &str = "nothing-secret";

fn arguments() -> Vec<Value> {
    let [number, pin, password, inside] = SECRETS;
    let card = json!({"holder": PLAIN, "number": number, "pin": pin.parse::<i32>().expect("a number")});
    let good = json!({
        "value": PLAIN, "card": card, "password": password, "cards": {"a": card}, "safe": {"inside": inside},
        "color": "RED",
    });
    let with = |path: &str, value: Value| {
        let mut wrong = good.clone();
        *wrong.pointer_mut(path).expect("a place") = value;
        wrong
    };
    vec![
        good.clone(),
        with("/password", json!({ "a": password })),
        with("/password", json!([password])),
        with("/color", json!(password)),
        with("/card/pin", json!(pin)),
        with("/card/pin", json!(format!("{pin}.5"))),
        with("/card/pin", json!(f64::from(90210_i32) * 1e9)),
        with("/card/number", json!(number.parse::<i64>().expect("a number"))),
        with("/card/number", json!([number])),
        with("/card", json!(number)),
        with("/cards", json!([[card, number]])),
        with("/cards", json!({"a": number})),
        with("/safe", json!(inside)),
        with("/safe/inside", json!([[inside]])),
        with("/safe", json!([inside])),
    ]
}

/// Bodies that are no JSON, cut behind each secret.
fn broken() -> Vec<String> {
    let whole = json!({"method": "pay", "arguments": arguments()[0]}).to_string();
    let end_of = |secret: &&str| whole.find(*secret).expect("it is there") + secret.len();
    let cut = |end: usize| [whole[..end].to_owned(), format!("{}\u{1}{}", &whole[..end], &whole[end..])];
    SECRETS.iter().map(end_of).flat_map(cut).collect()
}

#[test]
fn sensitive_arguments_and_secrets_are_nowhere() {
    let every = thriftgate_config::AccessField::ALL.iter().map(|field| field.name());
    let site = Site::new("");
    site.folder.write(
        "gateway.yaml",
        &format!(
            "idl: shop.thrift\nbackends:\n  main: {:?}\n  billing: {{address: \"http://127.0.0.1:9\", http: {{headers: \
             {{Authorization: Bearer {TOKEN}}}}}}}\nroutes: [{{path: /billing, backend: billing}}, \
             {{path: /, backend: main}}]\nreload: {{watch: false}}\ndrain: {{delay: 0s}}\n\
             logging: {{level: trace, format: json, access: {{fields: [{}], file: access.jsonl}}}}\n\
             audit: {{file: audit.jsonl, arguments: [\"*\"]}}\n",
            site.backend.address().to_string(),
            every.collect::<Vec<_>>().join(", "),
        ),
    );
    let log = site.folder.path().join("log");
    let process = Process::serve_logging(&site.path(), &log);
    let mut answers = Vec::new();
    for request in requests() {
        let mut connection = Connection::open(process.address());
        connection.send(&request);
        answers.push(String::from_utf8_lossy(&connection.reply().body).into_owned());
    }
    assert!(
        answers.iter().any(|answer| answer.contains("\"success\":")),
        "some calls are good: {answers:#?}"
    );
    let mut seen: Vec<(String, String)> =
        answers.into_iter().map(|text| ("an answer".to_owned(), text)).collect();
    for page in [
        "/metrics",
        "/config",
        "/backends",
        "/routes",
        "/version",
        "/healthz",
        "/readyz",
        "/reload",
        "/log-level",
    ] {
        seen.push((page.to_owned(), String::from_utf8_lossy(&get(process.admin(), page).body).into_owned()));
    }
    let reload = exchange(process.admin(), &post("/reload", &[], b""));
    seen.push(("a reload".to_owned(), reload.text()));
    process.signal("TERM");
    assert_eq!(process.end().0, Some(0));
    for name in ["access.jsonl", "audit.jsonl", "log"] {
        let text = fs::read_to_string(site.folder.path().join(name)).expect("a log");
        assert!(name == "log" || text.contains(PLAIN), "{name} has arguments");
        seen.push((name.to_owned(), text));
    }
    for secret in SECRETS.into_iter().chain([TOKEN]) {
        for (place, text) in &seen {
            // A number is one in whatever form.
            assert!(!text.contains(secret), "{secret} is in {place}:\n{text}");
        }
    }
}

/// Calls with secrets in them, by every door, good ones and bad ones.
fn requests() -> Vec<Vec<u8>> {
    let json_headers = [("Content-Type", "application/json")];
    let mut requests = Vec::new();
    for arguments in arguments() {
        let body = json!({"method": "pay", "arguments": arguments}).to_string();
        for path in ["/", "/Shop", "/billing"] {
            requests.push(post(path, &json_headers, body.as_bytes()));
        }
        for path in ["/Shop/pay", "/billing/pay"] {
            requests.push(post(path, &json_headers, arguments.to_string().as_bytes()));
        }
        requests.push(post("/", &[("Content-Type", "application/x-thrift")], body.as_bytes()));
    }
    requests.extend(broken().iter().map(|body| post("/", &json_headers, body.as_bytes())));
    for wire in WIRES {
        // The fields of a message have no names, so it is the argument that the IDL calls `value`; the whole is cut as well.
        let call = message(wire, TMessageType::Call, "pay", 1, Some(PLAIN));
        let headers = [("Content-Type", wire.content_type())];
        requests.push(post("/", &headers, &call));
        requests.push(post("/", &headers, &call[..call.len() - 3]));
    }
    requests
}
