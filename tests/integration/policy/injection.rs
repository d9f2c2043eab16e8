//! Arguments that a group fills in: they reach the backend over every door, and no caller sets them.

use std::borrow::Cow;

use serde_json::{Value, json};
use thriftgate::snapshot::Snapshot;
use thriftgate::telemetry::Metrics;
use thriftgate_config::Settings;
use thriftgate_metadata::{Builder, FunctionId, Schema};
use thriftgate_protocols::json::{self, CallError, Expected, Target, Translation};
use thriftgate_protocols::message::ApplicationException;
use thriftgate_protocols::style::{Limits, Style};
use thriftgate_protocols::wire::Protocol;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Dialect, Step};
use thriftgate_tests::client::{Reply, post};

use super::{Site, entry, key, send};

const IDL: &str = r#"
struct Context { 1: optional string user, 2: optional string note, 3: optional i64 tenant, 4: list<string> roles }
struct Order { 1: optional string what, 2: optional Context context }
union Way { 1: Context context }
service Shop {
  Order place(1: Order order), string get(1: string value), string choose(1: Way way, 2: list<Context> all)
}
"#;
/// Who calls, its tenant and its roles.
const GROUPS: &str = "groups:
  partners:
    arguments:
      order.context.user: caller
      order.context.tenant: attribute.tenant
      order.context.roles: attribute.roles
  others: {}
";
const CONTENT_TYPES: [(Protocol, &str); 3] = [
    (Protocol::Binary, "application/vnd.apache.thrift.binary"),
    (Protocol::Compact, "application/vnd.apache.thrift.compact"),
    (Protocol::Json, "application/vnd.apache.thrift.json"),
];

/// A way to call `place`.
#[derive(Clone, Copy, Debug)]
enum Door {
    Envelope { path: &'static str, turned: bool },
    Arguments { path: &'static str },
    Native { path: &'static str, name: &'static str, protocol: Protocol, content_type: &'static str },
}

impl Door {
    fn all() -> Vec<Self> {
        let mut doors = Vec::new();
        for path in ["/", "/Shop"] {
            doors.extend([false, true].map(|turned| Self::Envelope { path, turned }));
        }
        doors.extend(["/place", "/Shop/place", "/vendor.Shop/place"].map(|path| Self::Arguments { path }));
        for (protocol, own) in CONTENT_TYPES {
            for content_type in [own, "application/x-thrift"] {
                for (path, name) in
                    [("/", "place"), ("/", "Shop:place"), ("/Shop", "place"), ("/Shop/place", "place")]
                {
                    doors.push(Self::Native { path, name, protocol, content_type });
                }
            }
        }
        doors
    }

    fn call(self, gateway: &Gateway, method: &Method, key_name: &str, arguments: &Value) -> Answer {
        let key = key(key_name);
        let request = |path: &str, content_type: &str, body: &[u8]| {
            send(gateway, &post(path, &[("Content-Type", content_type), ("X-API-Key", &key)], body))
        };
        let (path, body) = match self {
            Self::Envelope { path, turned: false } => {
                (path, format!("{{\"method\":\"place\",\"arguments\":{arguments}}}"))
            }
            Self::Envelope { path, turned: true } => {
                (path, format!("{{\"arguments\":{arguments},\"method\":\"place\"}}"))
            }
            Self::Arguments { path } => (path, arguments.to_string()),
            Self::Native { path, name, protocol, content_type } => {
                let message = method.message(name, protocol, arguments);
                return method.answer(protocol, &request(path, content_type, &message));
            }
        };
        Answer::human(&request(path, "application/json", body.as_bytes()))
    }
}

/// What a caller gets: a result, or the status and the text of a refusal.
#[derive(PartialEq, Debug)]
enum Answer {
    Success(Value),
    Refused { status: u16, message: String },
}

impl Answer {
    fn human(reply: &Reply) -> Self {
        if reply.status == 200 {
            return Self::Success(reply.success());
        }
        assert_eq!(reply.failure().2, "no");
        let message = reply.exception("message").as_str().expect("a text").to_owned();
        Self::Refused { status: reply.status, message }
    }
}

/// `place`, as a native client knows it.
struct Method {
    schema: Schema,
    function: FunctionId,
}

impl Method {
    fn new() -> Self {
        let mut builder = Builder::new(Vec::new(), |_| Ok(Some(IDL.to_owned())));
        builder.thrift("vendor.thrift");
        let schema = builder.finish().expect("the IDL is right").schema;
        let (function, _) = schema.functions().next().expect("a method");
        Self { schema, function }
    }

    fn translation(&self) -> Translation<'_> {
        Translation { schema: &self.schema, style: Style::default(), limits: Limits::default() }
    }

    fn message(&self, name: &str, protocol: Protocol, arguments: &Value) -> Vec<u8> {
        let target = Target {
            function: self.function,
            dialect: protocol.into(),
            name: Cow::Borrowed(name),
            sequence_id: 7,
            style: Style::default(),
            injected: None,
        };
        let mut message = Vec::new();
        let made: Result<(), CallError<_>> =
            json::arguments(&arguments.to_string(), &self.translation(), &target, &mut message);
        made.expect("arguments of the method");
        message
    }

    fn answer(&self, protocol: Protocol, reply: &Reply) -> Answer {
        assert_eq!(reply.status, 200);
        if reply.header("thrift-outcome") == Some("exception") {
            let exception =
                ApplicationException::read_message(protocol, &reply.body, 64).expect("an exception");
            let status = reply.header("thrift-status").and_then(|status| status.parse().ok());
            return Answer::Refused { status: status.expect("a status"), message: exception.message };
        }
        let expected = Expected {
            function: self.function,
            dialect: protocol.into(),
            name: "place",
            sequence_id: 7,
            method: "place",
        };
        let mut text = Vec::new();
        json::reply(&reply.body, &self.translation(), &expected, &mut text).expect("a reply");
        let value: Value = serde_json::from_slice(&text).expect("JSON");
        Answer::Success(value["result"]["success"].clone())
    }
}

/// Keys of callers of whom this is known.
fn site(backend: Backend, groups: &str) -> Site {
    let entries = [
        entry("ann", "ann", "partners", ", attributes: {tenant: 42, roles: [buyer, \"\"]}"),
        entry("bob", "bob", "partners", ", attributes: {tenant: \"43\", roles: clerk}"),
        entry("tom", "tom", "partners", ", attributes: {roles: clerk}"),
        entry("una", "una", "partners", ", attributes: {tenant: many, roles: clerk}"),
        entry("eve", "eve", "others", ""),
    ];
    let mut site = Site::new(&entries, groups);
    site.backend = backend;
    site.configure(groups);
    site.folder.write("vendor.thrift", IDL);
    site
}

#[test]
fn what_is_filled_in_reaches_the_backend_over_every_door() {
    let method = Method::new();
    let site = site(Backend::echoing(), GROUPS);
    let gateway = site.gateway();
    let roles = json!(["buyer", ""]);
    let filled = json!({"user": "ann", "tenant": 42, "roles": roles});
    let cases = [
        (json!({}), json!({"context": filled})),
        (json!({"order": {}}), json!({"context": filled})),
        (json!({"order": {"what": "tea"}}), json!({"what": "tea", "context": filled})),
        (
            json!({"order": {"context": {"note": "n"}}}),
            json!({"context": {"user": "ann", "note": "n", "tenant": 42, "roles": roles}}),
        ),
    ];
    for door in Door::all() {
        for (sent, wanted) in &cases {
            assert_eq!(
                door.call(&gateway, &method, "ann", sent),
                Answer::Success(wanted.clone()),
                "{door:?} {sent}"
            );
        }
        // Another caller of the same group, and one of a group that fills in nothing.
        let wanted = json!({"context": {"user": "bob", "tenant": 43, "roles": ["clerk"]}});
        assert_eq!(door.call(&gateway, &method, "bob", &json!({})), Answer::Success(wanted));
        let own = json!({"context": {"user": "me", "tenant": 1, "roles": []}});
        assert_eq!(door.call(&gateway, &method, "eve", &json!({"order": own})), Answer::Success(own));
    }
    // A method without the arguments is as it was.
    let headers = [("Content-Type", "application/json"), ("X-API-Key", &*key("ann"))];
    let reply = send(&gateway, &post("/get", &headers, b"{\"value\":\"x\"}"));
    assert_eq!(reply.success(), "x");
}

#[test]
fn no_caller_sets_what_is_filled_in() {
    let method = Method::new();
    let site = site(Backend::echoing(), GROUPS);
    let gateway = site.gateway();
    for (sent, path) in [
        (json!({"order": {"context": {"user": "ann"}}}), "arguments.order.context.user"),
        (
            json!({"order": {"what": "tea", "context": {"note": "n", "tenant": 42}}}),
            "arguments.order.context.tenant",
        ),
        (json!({"order": {"context": {"roles": ["admin"]}}}), "arguments.order.context.roles"),
    ] {
        for door in Door::all() {
            let message = format!("{path} is filled in by the gateway");
            let wanted = Answer::Refused { status: 400, message };
            assert_eq!(door.call(&gateway, &method, "ann", &sent), wanted, "{door:?} {sent}");
        }
    }
    assert_eq!(site.backend.calls(), 0);
}

#[test]
fn credentials_that_do_not_say_it_are_not_enough() {
    let method = Method::new();
    let site = site(Backend::echoing(), GROUPS);
    let gateway = site.gateway();
    for caller in ["tom", "una"] {
        for door in Door::all() {
            let message = "Your credentials do not say what the gateway has to fill in as \
                           arguments.order.context.tenant";
            let wanted = Answer::Refused { status: 403, message: message.to_owned() };
            assert_eq!(door.call(&gateway, &method, caller, &json!({})), wanted, "{door:?} {caller}");
        }
    }
    assert_eq!(site.backend.calls(), 0);
}

/// The message is made anew for a backend of the client's own protocol too, and for the mirror.
#[test]
fn backends_of_every_protocol_and_a_mirror() {
    let method = Method::new();
    for (protocol, word) in
        [(Protocol::Binary, "binary"), (Protocol::Compact, "compact"), (Protocol::Json, "json")]
    {
        let dialect = Dialect { protocol, ..Dialect::default() };
        let speaking = || Backend::speaking(dialect, |call| vec![Step::Send(call.echo())]);
        let mirror = Backend::echoing();
        let site = site(speaking(), GROUPS);
        let yaml = format!(
            "idl: vendor.thrift\nreload: {{watch: false}}\nauthentication: {{keys: {{file: keys.yaml}}}}\n\
             backends:\n  main: {{address: \"{}\", protocol: {word}}}\n  other: {{address: \"{}\"}}\n\
             routes: [{{path: /, backend: main, mirror: {{backend: other, share: 1}}}}]\n{GROUPS}",
            site.backend.address(),
            mirror.address()
        );
        site.folder.write("gateway.yaml", &yaml);
        let gateway = site.gateway();
        let wanted = json!({"context": {"user": "ann", "tenant": 42, "roles": ["buyer", ""]}});
        for door in Door::all() {
            assert_eq!(
                door.call(&gateway, &method, "ann", &json!({})),
                Answer::Success(wanted.clone()),
                "{door:?}"
            );
        }
        let calls = Door::all().len();
        assert_eq!(site.backend.calls(), calls);
        thriftgate_tests::eventually("every call is mirrored", || mirror.calls() == calls);
    }
}

#[test]
fn settings_that_no_method_can_follow() {
    let site = site(Backend::echoing(), GROUPS);
    for (arguments, told) in [
        (
            "order.contxt.user: caller",
            "no method that callers of the group partners can call has the argument `order.contxt.user`",
        ),
        (
            "nothing: caller",
            "no method that callers of the group partners can call has the argument `nothing`",
        ),
        ("order: caller", "the argument `order` cannot be filled in with this: it is Order"),
        (
            "order.context.tenant: caller",
            "the argument `order.context.tenant` cannot be filled in with this: it is i64",
        ),
        ("way.context.user: caller", "`way` on the way to the argument `way.context.user` is a union"),
        ("all.user: caller", "`all` on the way to the argument `all.user` is no struct: list<Context>"),
    ] {
        let path =
            site.configure(&format!("groups: {{partners: {{arguments: {{{arguments}}}}}, others: {{}}}}\n"));
        let settings = Settings::read(&path, &|_| None).unwrap_or_else(|error| panic!("{error}"));
        let error = Snapshot::build(&settings, &Metrics::default(), 1).expect_err(arguments).to_string();
        assert!(error.contains(told) && error.contains("gateway.yaml:5"), "{error}");
    }
}
