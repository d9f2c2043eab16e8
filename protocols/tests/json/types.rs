//! The table of types, both directions: a file a case, in `tests/cases/json/types`.
//!
//! A case names a method of `types.thrift` and perhaps a style, then has sections, each behind a line
//! `--- name`:
//!
//! - `request`: the arguments as a caller writes them
//! - `call`: the struct of the arguments that comes of it, in binary, as hexadecimal
//! - `result`: the struct of a result, in binary; without it the arguments come back, argument 1 as success
//! - `reply`: the result as JSON that comes of it, in every protocol if it is the arguments that come back
//! - `faults`: what is wrong with the request: `kind | path | expected | actual | suggestion`
//! - `mismatch`: what is wrong with the result: `kind | path | expected`, or the name of another error

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs;
use std::panic;
use std::path::Path;

use thriftgate_metadata::Schema;
use thriftgate_protocols::json::{
    self, CallError, Expected, FaultKind, Faults, ReplyError, Target, Translation,
};
use thriftgate_protocols::style::{EnumStyle, I64Style, Limits, MissingArguments, Style, UnknownFields};
use thriftgate_protocols::wire::Protocol;

use crate::schema;

const PROTOCOLS: [Protocol; 3] = [Protocol::Binary, Protocol::Compact, Protocol::Json];

struct Case {
    name: String,
    method: String,
    style: Style,
    sections: HashMap<String, String>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).expect("a readable case");
        let mut case = Self {
            name: path.file_name().expect("a name").to_string_lossy().into_owned(),
            method: String::new(),
            style: Style::default(),
            sections: HashMap::new(),
        };
        let mut parts = text.split("--- ");
        for line in parts.next().expect("a heading").lines() {
            match line.split_once(' ') {
                Some(("method", name)) => case.method = name.to_owned(),
                Some(("style", name)) => set_style(&mut case.style, name),
                _ => panic!("{}: {line}", case.name),
            }
        }
        for part in parts {
            let (name, body) = part.split_once('\n').expect("a section");
            assert!(
                ["request", "call", "result", "reply", "faults", "mismatch"].contains(&name),
                "{}: {name}",
                case.name
            );
            case.sections.insert(name.to_owned(), body.strip_suffix('\n').unwrap_or(body).to_owned());
        }
        case
    }

    fn section(&self, name: &str) -> Option<&str> {
        self.sections.get(name).map(String::as_str)
    }

    fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        let digits = self.section(name)?.split_whitespace();
        Some(digits.map(|byte| u8::from_str_radix(byte, 16).expect("hexadecimal")).collect())
    }
}

fn set_style(style: &mut Style, name: &str) {
    match name {
        "i64=string" => style.i64 = I64Style::String,
        "enums=number" => style.enums = EnumStyle::Number,
        "unknown_fields=ignore" => style.unknown_fields = UnknownFields::Ignore,
        "missing_arguments=refuse" => style.missing_arguments = MissingArguments::Refuse,
        _ => panic!("no style {name}"),
    }
}

struct Run<'s> {
    case: Case,
    translation: Translation<'s>,
}

impl<'s> Run<'s> {
    fn new(case: Case, schema: &'s Schema) -> Self {
        let translation = Translation { schema, style: case.style, limits: Limits::default() };
        Self { case, translation }
    }

    fn target(&self, protocol: Protocol) -> Target<'_> {
        let function = schema::function(self.translation.schema, &self.case.method);
        Target {
            function,
            dialect: protocol.into(),
            name: Cow::Borrowed(&self.case.method),
            sequence_id: 7,
            style: self.case.style,
            injected: None,
        }
    }

    fn call(&self, arguments: &str, protocol: Protocol) -> Result<Vec<u8>, CallError<()>> {
        let target = self.target(protocol);
        let method = &self.case.method;
        let mut messages = Vec::new();
        for text in [
            format!("{{\"method\":\"{method}\",\"arguments\":{arguments}}}"),
            format!("{{ \"arguments\" : {arguments} , \"method\":\"{method}\" }}"),
        ] {
            let mut out = b"head".to_vec();
            let made = json::call(&text, &self.translation, |_| Ok(target.clone()), &mut out);
            assert_eq!(&out[..4], b"head");
            match made {
                Ok(made) => assert_eq!(made, target),
                Err(error) => {
                    assert_eq!(out, b"head", "{}: the output after an error", self.case.name);
                    return Err(error);
                }
            }
            messages.push(out.split_off(4));
        }
        let mut alone = Vec::new();
        json::arguments(arguments, &self.translation, &target, &mut alone).expect("the arguments alone");
        assert!(messages.iter().all(|message| *message == alone), "{}: all forms alike", self.case.name);
        Ok(alone)
    }

    fn reply(&self, message: &[u8], protocol: Protocol) -> Result<String, ReplyError> {
        let target = self.target(protocol);
        let name = &self.case.method;
        let expected = Expected {
            function: target.function,
            dialect: protocol.into(),
            name,
            sequence_id: 7,
            method: name,
        };
        let mut out = Vec::new();
        json::reply(message, &self.translation, &expected, &mut out)?;
        let text = String::from_utf8(out).expect("a reply in UTF-8");
        serde_json::from_str::<serde_json::Value>(&text).expect("a reply in JSON");
        let head = format!("{{\"method\":\"{name}\",\"result\":");
        Ok(text.strip_prefix(&head).and_then(|rest| rest.strip_suffix('}')).expect("an envelope").to_owned())
    }

    fn run(&self) {
        let Case { name, .. } = &self.case;
        if let Some(request) = self.case.section("request") {
            match self.case.section("faults") {
                Some(faults) => self.check_faults(request, faults),
                None => self.check_call(request),
            }
        }
        if let Some(result) = self.case.bytes("result") {
            let message = [header(&self.case.method, 2), result].concat();
            match (self.reply(&message, Protocol::Binary), self.case.section("mismatch")) {
                (Ok(reply), None) => assert_eq!(Some(&*reply), self.case.section("reply"), "{name}"),
                (Err(error), Some(mismatch)) => assert_eq!(describe_error(&error), mismatch, "{name}"),
                (reply, _) => panic!("{name}: {reply:?}"),
            }
        }
    }

    fn check_call(&self, request: &str) {
        let Case { name, .. } = &self.case;
        let call = self.case.bytes("call").expect("a call");
        for protocol in PROTOCOLS {
            let message = self.call(request, protocol).unwrap_or_else(|error| panic!("{name}: {error:?}"));
            if protocol == Protocol::Binary {
                assert_eq!(message, [header(&self.case.method, 1), call.clone()].concat(), "{name}");
            }
            if let Some(reply) = self.case.section("reply") {
                let message = schema::returned(&message, protocol, self.case.method.len());
                let back = self.reply(&message, protocol);
                assert_eq!(back.as_deref(), Ok(reply), "{name} in {protocol:?}");
            }
        }
    }

    fn check_faults(&self, request: &str, expected: &str) {
        let Case { name, .. } = &self.case;
        for protocol in PROTOCOLS {
            match self.call(request, protocol) {
                Err(CallError::Fault(faults)) => {
                    assert_eq!(describe(&faults), expected, "{name} in {protocol:?}");
                    let message = faults.to_string();
                    assert!(message.len() > 10 && message.len() < 200, "{name}: {message}");
                }
                result => panic!("{name} in {protocol:?}: {result:?}"),
            }
        }
    }
}

/// The header of a binary message: kind 1 is a call, 2 a reply.
fn header(method: &str, kind: u8) -> Vec<u8> {
    let length = u32::try_from(method.len()).expect("a short name");
    [&[0x80, 1, 0, kind][..], &length.to_be_bytes(), method.as_bytes(), &7u32.to_be_bytes()].concat()
}

fn describe(faults: &Faults) -> String {
    let lines = faults.all().iter().map(|fault| {
        let kind = match fault.kind {
            FaultKind::Syntax(_) => "Syntax".to_owned(),
            kind => format!("{kind:?}"),
        };
        let expected = fault.expected.as_deref().unwrap_or("-");
        let actual = fault.actual.map_or("-", |kind| kind.as_str());
        let suggestion = fault.suggestion.as_deref().unwrap_or("-");
        format!("{kind} | {} | {expected} | {actual} | {suggestion}", fault.path)
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn describe_error(error: &ReplyError) -> String {
    match error {
        ReplyError::Mismatch(mismatch) => {
            format!("{:?} | {} | {}", mismatch.kind, mismatch.path, mismatch.expected)
        }
        error => format!("{error:?}"),
    }
}

#[test]
fn every_case() {
    let schema = schema::types();
    let folder = schema::cases().join("types");
    let mut count = 0;
    let mut failed = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of cases") {
        let path = entry.expect("a case").path();
        // The panic of each case is printed as it comes, and none hides the others.
        if panic::catch_unwind(|| Run::new(Case::read(&path), &schema).run()).is_err() {
            failed.push(path);
        }
        count += 1;
    }
    assert!(failed.is_empty(), "failed: {failed:#?}");
    assert!(count > 300, "only {count} cases were found");
}
