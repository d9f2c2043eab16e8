//! HTTP/2 that is all frames and no calls: the connection ends, and other callers do not notice.

use thriftgate_tests::backend::Backend;
use thriftgate_tests::{Gateway, eventually};

use crate::frames::{CONTINUATION, GO_AWAY, HEADERS, Http2, PING, RESET, SETTINGS};

const CALL: &str = r#"{"method":"echoI32","arguments":{"value":1}}"#;
/// More than any client has a use for.
const MANY: u32 = 200_000;
const ENHANCE_YOUR_CALM: u32 = 11;

/// Sends some frames more of a flood; `false` where the gateway no longer takes it.
type Flood = fn(&mut Http2, u32) -> bool;

// Case 42.
#[test]
fn floods_end_the_connection() {
    let backend = Backend::echoing();
    let gateway = Gateway::start(&format!(
        "idl: everything.thrift\nlimits: {{reply_timeout: 500ms}}\nbackends: {{b: \"{}\"}}\n",
        backend.address()
    ));
    let floods: [(&str, Flood); 4] = [
        ("resets", |client, number| {
            let stream = 2 * number + 1;
            client.head(stream) && client.send(RESET, 0, stream, &8_u32.to_be_bytes())
        }),
        ("continuations", |client, number| match number {
            0 => client.send(HEADERS, 0, 1, &[0x83, 0x86, 0x84]),
            _ => client.send(CONTINUATION, 0, 1, b"\x00\x01x\x01y"),
        }),
        ("pings that nobody reads the answers of", |client, _| client.send_many(100, PING, 0, 0, &[0; 8])),
        ("settings that nobody reads the answers of", |client, _| client.send_many(100, SETTINGS, 0, 0, &[])),
    ];
    for (name, flood) in floods {
        let mut client = Http2::open(gateway.address(), &[]);
        let taken = (0..MANY).take_while(|number| flood(&mut client, *number)).count();
        // The end may have come as a reset, which takes what was told before it with it.
        let told = std::iter::from_fn(|| client.next()).find(|frame| frame.kind == GO_AWAY);
        if let Some(told) = told {
            let code = u32::from_be_bytes(told.payload[4..8].try_into().expect("four bytes"));
            assert_eq!(code, ENHANCE_YOUR_CALM, "{name}");
        }
        assert!(taken < MANY as usize, "{name}: all were taken");
        assert_eq!(gateway.post("/", CALL).success(), 1, "{name}");
        eventually("the connection ended", || {
            gateway.metrics().contains("thriftgate_client_connections 1\n")
        });
    }
    assert_eq!(backend.calls(), 4);
}
