//! Arguments that are filled in: from JSON and from each protocol to each, and refused where they are sent.

use std::borrow::Cow;

use thriftgate_metadata::{Schema, Value};
use thriftgate_protocols::injection::{Injected, Injection};
use thriftgate_protocols::json::{self, CallError, Expected, FaultKind, Target, Translation};
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::transcode::{Source, TranscodeError, TranscodeErrorKind, Transcoding};
use thriftgate_protocols::wire::{MessageHeader, MessageKind, Protocol};

use crate::schema;

const IDL: &str = r#"
enum Level { LOW = 1, HIGH = 5 }
struct Account { 1: uuid id, 2: optional bool active, 3: optional double share }
struct Context {
  1: optional string user, 2: optional string note, 3: list<string> roles, 4: i64 tenant, 5: i32 attempts = 3,
  6: optional Account account
}
struct Origin { 1: required string place, 2: optional i8 zone, 3: optional i16 gate }
struct Order {
  1: optional string what, 2: optional Context context, 3: optional Level level = Level.LOW,
  4: optional Context preset = {"note": "as ever", "tenant": 1}, 5: optional Origin origin
}
service Shop { Order place(1: Order order) }
"#;
const PROTOCOLS: [Protocol; 3] = [Protocol::Binary, Protocol::Compact, Protocol::Json];
const METHOD: &str = "place";

/// Paths by name, and their values.
fn fills() -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::String(text.into());
    vec![
        ("order.context.user", text("ann")),
        ("order.context.roles", Value::List([text("admin"), text("")].into())),
        ("order.context.tenant", Value::Int(1 << 40)),
        ("order.context.account.id", Value::Uuid([7; 16])),
        ("order.context.account.active", Value::Bool(true)),
        ("order.context.account.share", Value::Double(0.5)),
        ("order.level", Value::Int(5)),
    ]
}

/// The result that has everything of [`fills`], and these members of the order and the context.
fn filled(order: &str, context: &str, rest: &str) -> String {
    let account = r#"{"id":"07070707-0707-0707-0707-070707070707","active":true,"share":0.5}"#;
    let context = format!(
        r#"{{"user":"ann",{context}"roles":["admin",""],"tenant":1099511627776,"attempts":3,"account":{account}}}"#
    );
    format!(r#"{{{order}"context":{context},"level":"HIGH"{rest}}}"#)
}

fn injection(schema: &Schema, fills: &[(&str, Value)]) -> Injection {
    let mut injection = Injection::default();
    for (path, _) in fills {
        let mut structure = &schema[schema[schema::function(schema, METHOD)].arguments];
        let mut positions = Vec::new();
        for name in path.split('.') {
            let (position, field) = structure.field_by_name(name).expect("the field of a path");
            positions.push(position);
            if let thriftgate_metadata::Type::Struct(id) = field.ty {
                structure = &schema[id];
            }
        }
        injection.add(&positions);
    }
    injection
}

struct Setup {
    schema: Schema,
    injection: Injection,
    values: Vec<Value>,
    limits: Limits,
}

impl Setup {
    fn new(fills: Vec<(&str, Value)>) -> Self {
        let schema = schema::parse(IDL);
        let injection = injection(&schema, &fills);
        let values = fills.into_iter().map(|(_, value)| value).collect();
        Self { schema, injection, values, limits: Limits::default() }
    }

    fn injected(&self) -> Injected<'_> {
        Injected::new(&self.injection, &self.values[..])
    }

    fn target<'t>(&self, protocol: Protocol, injected: Option<Injected<'t>>) -> Target<'t> {
        Target {
            function: schema::function(&self.schema, METHOD),
            dialect: protocol.into(),
            name: Cow::Borrowed(METHOD),
            sequence_id: 7,
            style: Style::default(),
            injected,
        }
    }

    fn translation(&self) -> Translation<'_> {
        Translation { schema: &self.schema, style: Style::default(), limits: self.limits }
    }

    /// The arguments alone.
    fn arguments(
        &self,
        text: &str,
        protocol: Protocol,
        injected: Option<Injected<'_>>,
    ) -> Result<Vec<u8>, CallError<std::convert::Infallible>> {
        let target = self.target(protocol, injected);
        let mut message = Vec::new();
        json::arguments(text, &self.translation(), &target, &mut message).map(|()| message)
    }

    /// The same in both orders of the envelope.
    fn calls(&self, arguments: &str, protocol: Protocol) -> Vec<Result<Vec<u8>, CallError<()>>> {
        let target = self.target(protocol, Some(self.injected()));
        let texts = [
            format!("{{\"method\":\"place\",\"arguments\":{arguments}}}"),
            format!("{{\"arguments\":{arguments},\"method\":\"place\"}}"),
        ];
        let call = |text: &String| {
            let mut message = Vec::new();
            json::call(text, &self.translation(), |_| Ok(target.clone()), &mut message).map(|_| message)
        };
        texts.iter().map(call).collect()
    }

    /// What a backend understands: the only argument, in JSON.
    fn understood(&self, message: &[u8], protocol: Protocol) -> String {
        let expected = Expected {
            function: schema::function(&self.schema, METHOD),
            dialect: protocol.into(),
            name: METHOD,
            sequence_id: 7,
            method: METHOD,
        };
        let reply = schema::returned(message, protocol, METHOD.len());
        let mut text = Vec::new();
        json::reply(&reply, &self.translation(), &expected, &mut text).expect("a reply");
        let text = String::from_utf8(text).expect("text");
        let result = text.strip_prefix("{\"method\":\"place\",\"result\":{\"success\":").expect("a result");
        result.strip_suffix("}}").expect("its end").to_owned()
    }

    fn transcode(
        &self,
        message: &[u8],
        from: Protocol,
        to: Protocol,
    ) -> Result<Vec<u8>, Box<TranscodeError>> {
        let transcoding = Transcoding { schema: &self.schema, limits: self.limits };
        let arguments = self.schema[schema::function(&self.schema, METHOD)].arguments;
        let source = Source { dialect: from.into(), bytes: message };
        let header = MessageHeader { name: METHOD.into(), kind: MessageKind::Call, sequence_id: 7 };
        let mut output = b"head".to_vec();
        let made =
            transcoding.injected_call(arguments, &self.injected(), source, to.into(), &header, &mut output);
        match made {
            Ok(()) => Ok(output.split_off(4)),
            Err(error) => {
                assert_eq!(output, b"head");
                Err(error)
            }
        }
    }
}

#[test]
fn filled_in_whatever_is_sent() {
    let setup = Setup::new(fills());
    let cases = [
        ("{}", filled("", "", "")),
        (r#"{"order":null}"#, filled("", "", "")),
        (r#"{"order":{}}"#, filled("", "", "")),
        (r#"{"order":{"what":"tea"}}"#, filled(r#""what":"tea","#, "", "")),
        (r#"{"order":{"context":null,"what":"tea"}}"#, filled(r#""what":"tea","#, "", "")),
        (r#"{"order":{"context":{"note":"n"}}}"#, filled("", r#""note":"n","#, "")),
        (r#"{"order":{"context":{"note":"n","account":{}}}}"#, filled("", r#""note":"n","#, "")),
        (r#"{"order":{"origin":{"place":"here"}}}"#, filled("", "", r#","origin":{"place":"here"}"#)),
    ];
    for (sent, wanted) in &cases {
        for protocol in PROTOCOLS {
            let alone = setup.arguments(sent, protocol, Some(setup.injected())).expect("a call");
            assert_eq!(setup.understood(&alone, protocol), *wanted, "{sent} in {protocol:?}");
            for call in setup.calls(sent, protocol) {
                assert_eq!(call.expect("a call"), alone, "{sent} in {protocol:?}");
            }
            let plain = setup.arguments(sent, protocol, None).expect("a call");
            for to in PROTOCOLS {
                let made = setup.transcode(&plain, protocol, to).expect("a call");
                // What the IDL says of defaults is the business of whoever reads a struct that was not sent.
                let understood = setup.understood(&made, to).replace(r#""attempts":3,"#, "");
                assert_eq!(
                    understood,
                    wanted.replace(r#""attempts":3,"#, ""),
                    "{sent}: {protocol:?} to {to:?}"
                );
            }
        }
    }
    let nothing = setup.arguments("", Protocol::Binary, Some(setup.injected())).expect("a call");
    assert_eq!(setup.understood(&nothing, Protocol::Binary), filled("", "", ""));
    for call in setup.calls("null", Protocol::Compact) {
        assert_eq!(setup.understood(&call.expect("a call"), Protocol::Compact), filled("", "", ""));
    }
}

#[test]
fn a_default_of_what_is_filled_in() {
    let setup = Setup::new(vec![("order.preset.tenant", Value::Int(9))]);
    let call = setup.arguments("{}", Protocol::Binary, Some(setup.injected())).expect("a call");
    let wanted = r#"{"preset":{"note":"as ever","tenant":9,"attempts":3}}"#;
    assert_eq!(setup.understood(&call, Protocol::Binary), wanted);
}

#[test]
fn refused_where_it_is_sent() {
    let setup = Setup::new(fills());
    let cases: [(&str, &[(FaultKind, &str)]); 7] = [
        (r#"{"order":{"level":"LOW"}}"#, &[(FaultKind::FilledIn, "arguments.order.level")]),
        (r#"{"order":{"level":null}}"#, &[(FaultKind::FilledIn, "arguments.order.level")]),
        (r#"{"order":{"\u006cevel":5}}"#, &[(FaultKind::FilledIn, "arguments.order.level")]),
        (
            r#"{"order":{"context":{"user":"eve","account":{"id":7},"tenant":null},"what":1}}"#,
            &[
                (FaultKind::FilledIn, "arguments.order.context.user"),
                (FaultKind::FilledIn, "arguments.order.context.account.id"),
                (FaultKind::FilledIn, "arguments.order.context.tenant"),
                (FaultKind::WrongType, "arguments.order.what"),
            ],
        ),
        (r#"{"order":{"context":[]}}"#, &[(FaultKind::WrongType, "arguments.order.context")]),
        (
            r#"{"order":{"context":{},"context":{"user":"eve"}}}"#,
            &[(FaultKind::DuplicateField, "arguments.order.context")],
        ),
        (r#"{"order":{"origin":{}}}"#, &[(FaultKind::Missing, "arguments.order.origin.place")]),
    ];
    for (sent, wanted) in cases {
        for protocol in PROTOCOLS {
            let alone = setup.arguments(sent, protocol, Some(setup.injected()));
            let Err(CallError::Fault(faults)) = alone else { panic!("{sent} is not refused: {alone:?}") };
            let found: Vec<_> = faults.all().iter().map(|fault| (fault.kind, fault.path.as_str())).collect();
            assert_eq!(found, wanted, "{sent}");
            for call in setup.calls(sent, protocol) {
                let Err(CallError::Fault(found)) = call else { panic!("{sent} is not refused") };
                let found: Vec<_> =
                    found.all().iter().map(|fault| (fault.kind, fault.path.as_str())).collect();
                assert_eq!(found, wanted, "{sent}");
            }
        }
    }
    let faults = setup.arguments(cases[0].0, Protocol::Binary, Some(setup.injected())).expect_err("a fault");
    assert_eq!(faults.to_string(), "arguments.order.level is filled in by the gateway");
}

#[test]
fn refused_in_every_protocol() {
    let setup = Setup::new(fills());
    let cases = [
        (r#"{"order":{"level":"LOW"}}"#, "arguments.order.level"),
        (r#"{"order":{"context":{"user":"eve"}}}"#, "arguments.order.context.user"),
        (r#"{"order":{"context":{"account":{"active":false}}}}"#, "arguments.order.context.account.active"),
    ];
    for (sent, path) in cases {
        for from in PROTOCOLS {
            let plain = setup.arguments(sent, from, None).expect("a call");
            for to in PROTOCOLS {
                let error = setup.transcode(&plain, from, to).expect_err(sent);
                assert_eq!(
                    (error.kind, &*error.path),
                    (TranscodeErrorKind::FilledIn, path),
                    "{from:?} to {to:?}"
                );
                assert_eq!(error.to_string(), format!("{path} is filled in by the gateway"));
            }
        }
    }
}

/// A struct that has to be made cannot be where something else of it is required.
#[test]
fn what_is_made_has_to_be_whole() {
    let setup =
        Setup::new(vec![("order.origin.zone", Value::Int(-3)), ("order.origin.gate", Value::Int(300))]);
    let plain = |sent| setup.arguments(sent, Protocol::Compact, None).expect("a call");
    let sent = r#"{"order":{"origin":{"place":"here"}}}"#;
    let made = setup.transcode(&plain(sent), Protocol::Compact, Protocol::Compact).expect("a call");
    let wanted = r#"{"origin":{"place":"here","zone":-3,"gate":300}}"#;
    assert_eq!(setup.understood(&made, Protocol::Compact), wanted);
    for sent in ["{}", r#"{"order":{}}"#] {
        let error = setup.transcode(&plain(sent), Protocol::Compact, Protocol::Binary).expect_err(sent);
        assert_eq!((error.kind, &*error.path), (TranscodeErrorKind::Missing, "arguments.order.origin.place"));
        let refused = setup.arguments(sent, Protocol::Binary, Some(setup.injected()));
        let Err(CallError::Fault(faults)) = refused else { panic!("{sent} is not refused") };
        let first = faults.first();
        assert_eq!((first.kind, first.path.as_str()), (FaultKind::Missing, "arguments.order.origin.place"));
    }
}

#[test]
fn what_is_made_counts_as_depth_and_output() {
    let mut setup = Setup::new(vec![("order.context.account.share", Value::Double(1.0))]);
    for (depth, is_deep) in [(4, false), (3, true), (2, true)] {
        setup.limits.depth = depth;
        for sent in ["{}", r#"{"order":{}}"#] {
            let made = setup.arguments(sent, Protocol::Binary, Some(setup.injected()));
            match made {
                Ok(_) => assert!(!is_deep, "{sent} at {depth}"),
                Err(CallError::Fault(faults)) => {
                    assert_eq!((faults.first().kind, is_deep), (FaultKind::Depth, true), "{sent} at {depth}");
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    let mut setup = Setup::new(vec![("order.context.user", Value::String("x".repeat(100).into()))]);
    setup.limits.output = 100;
    let made = setup.arguments("{}", Protocol::Compact, Some(setup.injected()));
    assert_eq!(made, Err(CallError::TooLarge));
    let plain = setup.arguments("{}", Protocol::Compact, None).expect("a call");
    let error = setup.transcode(&plain, Protocol::Compact, Protocol::Compact).expect_err("too large");
    assert_eq!(error.kind, TranscodeErrorKind::TooLarge { limit: 100 });
}
