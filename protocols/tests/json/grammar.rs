//! What is JSON and what is not: a file a case, and serde_json as the judge of mutated texts.
//!
//! The name of a file says what becomes of it: `y` is JSON, `n` is not, `yi` and `ni` are left open by
//! RFC 8259 and are taken or refused by decision.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use thriftgate_metadata::Schema;
use thriftgate_protocols::json::{self, CallError, Faults, Selector, Target, Translation};
use thriftgate_protocols::style::{Limits, Style};

/// What a request comes to whose method nobody knows.
fn read(body: &[u8]) -> Result<(), Box<Faults>> {
    let schema = Schema::default();
    let translation = Translation { schema: &schema, style: Style::default(), limits: Limits::default() };
    let refuse = |_: Selector<'_>| Err::<Target<'static>, _>(());
    match json::call(json::text(body)?, &translation, refuse, &mut Vec::new()) {
        Ok(_) => unreachable!("no method is known"),
        Err(CallError::Refused(())) => Ok(()),
        Err(CallError::Fault(faults)) => Err(faults),
        Err(CallError::TooLarge) => unreachable!("nothing is written"),
    }
}

fn is_json(body: &[u8]) -> bool {
    read(body).is_ok_and(|()| true) || read(body).is_err_and(|faults| !faults.is_syntax())
}

/// The text as the arguments of a method that comes after them, and of one that was named before.
fn enveloped(body: &[u8]) -> [Vec<u8>; 2] {
    let parts: [[&[u8]; 3]; 2] = [
        [b"{\"arguments\":", body, b",\"method\":\"m\"}"],
        [b"{\"method\":\"m\",\"arguments\":", body, b"}"],
    ];
    parts.map(|parts| parts.concat())
}

#[test]
fn every_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/json/grammar");
    let mut count = 0;
    for entry in fs::read_dir(folder).expect("the folder of cases") {
        let path = entry.expect("a case").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let body = fs::read(&path).expect("a readable case");
        let is_yes = name.starts_with('y');
        let is_open = name.starts_with("yi_") || name.starts_with("ni_");
        assert!(is_yes || name.starts_with('n'), "{name}");
        assert_eq!(is_json(&body), is_yes || name == "ni_too_deep.json", "{name}: {:?}", read(&body));
        for body in enveloped(&body) {
            assert_eq!(read(&body).is_ok(), is_yes, "{name} as arguments: {:?}", read(&body));
        }
        if !is_open {
            let judged = serde_json::from_slice::<serde_json::Value>(&body);
            assert_eq!(judged.is_ok(), is_yes, "{name}: serde_json says {judged:?}");
        }
        count += 1;
    }
    assert!(count > 150, "only {count} cases were found");
}

#[test]
fn every_cut_is_refused() {
    let body =
        "{\"method\":\"m\",\"arguments\":{\"a\":[1,-2.5e3,true,null,\"x\\u00e9\\n\u{1d11e}\"],\"b\":{}}} "
            .as_bytes();
    assert!(read(body).is_ok());
    for end in 0..body.len() - 1 {
        let faults = read(&body[..end]).expect_err("a body that is cut");
        assert!(faults.is_syntax(), "cut at {end}: {faults}");
    }
}

#[test]
fn nothing_overflows_the_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        for depth in [129, 1_000, 100_000] {
            for closes in [0, depth] {
                let body = open.repeat(depth) + "1" + &close.repeat(closes);
                for body in enveloped(body.as_bytes()) {
                    assert!(read(&body).is_err());
                }
            }
        }
    }
}

#[test]
fn a_syntax_error_has_its_place() {
    for (body, line, column, words) in [
        ("", 1, 1, "ends too early"),
        ("{\"method\":\n  \"é\" \"x\"}", 2, 7, "a comma or }"),
        ("{\"method\":\"m\",\n\n\"arguments\":{\"a\":[1,}}}", 3, 21, "a value"),
        ("{\"method\":\"m\"}}", 1, 15, "characters after the end"),
        ("{\"a\":01}", 1, 7, "number"),
        ("{\"a\":\"\\ud800\"}", 1, 7, "surrogate"),
    ] {
        let faults = read(body.as_bytes()).expect_err(body);
        let message = faults.to_string();
        assert!(faults.is_syntax(), "{body}");
        assert_eq!(faults.all().len(), 1, "{body}");
        assert_eq!((faults.first().line, faults.first().column), (line, column), "{body}: {message}");
        assert!(message.contains(words), "{body}: {message}");
        assert!(message.contains(&format!("line {line} column {column}")), "{message}");
    }
}

fn document() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter("finite", |value| value.is_finite()).prop_map(|value| format!("{value:e}")),
        any::<String>().prop_map(|value| serde_json::to_string(&value).expect("a string")),
        "\"(\\\\u[0-9a-fA-F]{4}|\\\\[\"\\\\/bfnrt]|[a-z]){0,12}\"",
    ];
    scalar.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|values| format!("[{}]", values.join(" , "))),
            prop::collection::vec(("[a-z]{0,3}", inner), 0..6).prop_map(|members| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("\n\"{name}\" :{value}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

/// Whether serde_json takes the text; `None` where it has limits of its own.
fn judge(body: &[u8]) -> Option<bool> {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(_) => Some(true),
        Err(error) if error.to_string().contains("out of range") => None,
        Err(error) if error.to_string().contains("recursion") => None,
        Err(_) => Some(false),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn serde_json_agrees_on_documents(text in document()) {
        if let Some(verdict) = judge(text.as_bytes()) {
            prop_assert_eq!(is_json(text.as_bytes()), verdict);
        }
    }

    #[test]
    fn serde_json_agrees_on_mutations(
        text in document(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..3, prop::sample::select(
            b"{}[]\",:\\ \n\t0123456789-+.eEtfnul/u\x00\x1f\x7f\x80\xc3\xff".to_vec(),
        )), 1..4),
    ) {
        let mut body = text.into_bytes();
        for (at, what, byte) in edits {
            if body.is_empty() {
                break;
            }
            let at = at.index(body.len());
            match what {
                0 => body[at] = byte,
                1 => body.insert(at, byte),
                _ => drop(body.remove(at)),
            }
        }
        if let Some(verdict) = judge(&body) {
            prop_assert_eq!(is_json(&body), verdict, "{:?}", String::from_utf8_lossy(&body));
        }
    }

    #[test]
    fn nothing_panics(body in prop::collection::vec(any::<u8>(), 0..64)) {
        for body in [&body[..]].into_iter().chain(enveloped(&body).iter().map(Vec::as_slice)) {
            if let Some(verdict) = judge(body) {
                prop_assert_eq!(is_json(body), verdict);
            }
        }
    }
}
