//! What marks of the IDL and of the routes do to documents.

use std::borrow::Cow;

use serde_json::{Value, json};
use thriftgate_metadata::{Schema, Value as Constant};
use thriftgate_openapi::{
    Description, MethodDescription, Schemas, document, example_arguments, page_model, result_message,
};
use thriftgate_protocols::injection::{Injected, Injection};
use thriftgate_protocols::json::{self, Target, Translation};
use thriftgate_protocols::style::{EnumStyle, I64Style, Limits, MissingArguments, Style, UnknownFields};
use thriftgate_protocols::wire::Protocol;

use crate::api::{api, parse, route};
use crate::structure;

fn document_of(schema: &Schema, api: &Description) -> Value {
    let document = document(schema, api);
    structure::check(&document);
    Value::Object(document)
}

fn arguments<'d>(document: &'d Value, path: &str) -> &'d Value {
    &document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
}

fn names(document: &Value) -> Vec<&str> {
    document["components"]["schemas"].as_object().expect("schemas").keys().map(String::as_str).collect()
}

const TENANTS: &str = r#"
struct Tenant { 1: required string id, 2: required i32 number, 3: string note }
struct Query { 1: Tenant tenant, 2: required string text, 3: i32 limit = 10 }
struct Filter { 1: Tenant tenant, 2: string text }
service Search {
  void find(1: Query query, 2: string caller),
  void filter(1: Filter filter, 2: string caller),
  void all(1: Query query),
}
"#;

/// What is filled in is nowhere to be seen, and a call is right exactly where the schema says so.
#[test]
fn filled_arguments_are_left_out() {
    let schema = parse(TENANTS);
    let mut api = api(vec![route(&schema, "/", Style::default())]);
    // In `query` and `filter`: of `tenant` what is required; and `caller`.
    let filled = vec![vec![0, 0, 0], vec![0, 0, 1], vec![1]];
    for method in &mut api.routes[0].services[0].methods[..2] {
        method.filled.clone_from(&filled);
    }
    let document = document_of(&schema, &api);
    assert_eq!(
        arguments(&document, "/Search/filter"),
        &json!({
            "type": ["object", "null"],
            "properties": {
                "filter": {
                    "type": ["object", "null"],
                    "properties": {
                        "tenant": {
                            "type": ["object", "null"],
                            "properties": {"note": {"type": ["string", "null"]}},
                            "additionalProperties": false
                        },
                        "text": {"type": ["string", "null"]}
                    },
                    "additionalProperties": false
                }
            },
            "additionalProperties": false
        })
    );
    // Its query has a required text, and so has to be given.
    assert_eq!(arguments(&document, "/Search/find")["required"], json!(["query"]));
    assert_eq!(
        arguments(&document, "/Search/all")["properties"]["query"]["anyOf"][0]["$ref"],
        "#/components/schemas/Query"
    );
    assert_eq!(names(&document), ["GatewayError", "Query", "Tenant"]);

    let page: Value = serde_json::from_str(&page_model(&schema, &api)).expect("JSON");
    let types: Vec<_> = page["types"].as_array().expect("types").iter().map(|ty| &ty["name"]).collect();
    let narrowed = ["Filter (Search.filter)", "Query", "Query (Search.find)", "Tenant"];
    assert!(narrowed.iter().all(|name| types.contains(&&json!(name))), "{types:?}");
    assert_eq!(page["routes"][0]["services"][0]["methods"][0]["arguments"].as_array().map(Vec::len), Some(1));

    takes_what_is_valid(&schema, &api.routes[0].services[0].methods[..2], &document);
}

/// Both methods of which something is filled in take what the document calls valid, and nothing else.
fn takes_what_is_valid(schema: &Schema, methods: &[MethodDescription], document: &Value) {
    let mut injection = Injection::default();
    methods[0].filled.iter().for_each(|path| injection.add(path));
    let values = [Constant::String("t".into()), Constant::Int(1), Constant::String("c".into())];
    let translation = Translation { schema, style: Style::default(), limits: Limits::default() };
    for (method, path) in methods.iter().zip(["/Search/find", "/Search/filter"]) {
        let mut root = document.clone();
        root["allOf"] = json!([arguments(document, path)]);
        let validator = jsonschema::draft202012::new(&root).expect("a schema");
        let target = Target {
            function: method.function,
            dialect: Protocol::Binary.into(),
            name: Cow::Borrowed("m"),
            sequence_id: 1,
            style: method.style,
            injected: Some(Injected::new(&injection, values.to_vec())),
        };
        let name = if path == "/Search/find" { "query" } else { "filter" };
        for body in [
            json!({}),
            json!(null),
            json!({"caller": "me"}),
            json!({name: null}),
            json!({name: {}}),
            json!({name: {"text": "x"}}),
            json!({name: {"text": "x", "tenant": null}}),
            json!({name: {"text": "x", "tenant": {}}}),
            json!({name: {"text": "x", "tenant": {"note": "n"}}}),
            json!({name: {"text": "x", "tenant": {"id": "mine"}}}),
            example_arguments(schema, method),
        ] {
            let taken = json::arguments(&body.to_string(), &translation, &target, &mut Vec::new()).is_ok();
            assert_eq!(validator.is_valid(&body), taken, "{path}: {body}");
        }
    }
}

/// A type that routes write in different styles is one schema for each, by names that say how they differ.
#[test]
fn styles_have_schemas_of_their_own() {
    let schema = parse(
        "enum Color { RED, GREEN }
         struct Pixel { 1: required i64 id, 2: Color color }
         struct Plain { 1: required string name }
         service S { Pixel get(1: Plain plain), Plain put(1: Pixel pixel) }",
    );
    let first = Style::default();
    let second = Style {
        i64: I64Style::String,
        enums: EnumStyle::Number,
        unknown_fields: UnknownFields::Ignore,
        ..first
    };
    let api = api(vec![route(&schema, "/", first), route(&schema, "/v2", second)]);
    let document = document_of(&schema, &api);
    assert_eq!(
        names(&document),
        [
            "Color",
            "Color-Output",
            "GatewayError",
            "I64",
            "Pixel-Input",
            "Pixel-Input-Open",
            "Pixel-Output",
            "Pixel-Output-StringI64-NumberEnums",
            "Plain",
            "Plain-Input"
        ]
    );
    assert_eq!(document["components"]["schemas"]["Plain"].get("additionalProperties"), None);
    let ids: Vec<_> = document["paths"]
        .as_object()
        .expect("paths")
        .values()
        .map(|item| &item["post"]["operationId"])
        .collect();
    assert_eq!(ids, ["S_get", "S_put", "v2_S_get", "v2_S_put"]);
}

/// Arguments that have to be given are required; a hidden one is left out unless nobody could call without it.
#[test]
fn missing_arguments_and_hidden_fields() {
    let schema = parse(
        r#"struct User { 1: required i32 id (thriftgate.hidden), 2: string inner (thriftgate.hidden), 3: string name }
           service S { User get(1: i32 id, 2: i32 count = 3, 3: User like (thriftgate.hidden)) }"#,
    );
    let refuse = Style { missing_arguments: MissingArguments::Refuse, ..Style::default() };
    let allowed = document_of(&schema, &api(vec![route(&schema, "/", Style::default())]));
    let refused = document_of(&schema, &api(vec![route(&schema, "/", refuse)]));
    assert_eq!(arguments(&allowed, "/S/get").get("required"), None);
    assert_eq!(arguments(&allowed, "/S/get")["properties"].get("like"), None);
    assert_eq!(arguments(&refused, "/S/get")["required"], json!(["id", "like"]));
    let user = &allowed["components"]["schemas"]["User"]["properties"];
    assert!(user.get("id").is_some() && user.get("inner").is_none() && user.get("name").is_some());
    let page = page_model(&schema, &api(vec![route(&schema, "/", Style::default())]));
    assert!(!page.contains("inner") && !page.contains("like"), "{page}");
}

#[test]
fn a_union_that_hides_a_member_may_be_answered_with_it() {
    let schema = parse(
        "union U { 1: i32 number, 2: string secret (thriftgate.hidden) }
         service S { U get(1: U like) }",
    );
    let document = document_of(&schema, &api(vec![route(&schema, "/", Style::default())]));
    let output = &document["components"]["schemas"]["U-Output"];
    let validator = jsonschema::draft202012::new(output).expect("a schema");
    assert!(validator.is_valid(&json!({"secret": "x"})) && !validator.is_valid(&json!({})));
    assert!(!document.to_string().contains("secret"));
}

/// Types of one name are told apart by their files, wherever they are used; a typedef for a type of the same name is none.
#[test]
fn names_are_told_apart() {
    let load = |path: &std::path::Path| {
        Ok(Some(match path.to_str() {
            Some("other.thrift") => "struct User { 1: i32 id }\nstruct Error { 1: User user }".to_owned(),
            _ => "include \"other.thrift\"
                  struct User { 1: string name }
                  typedef other.Error Error
                  struct GatewayError { 1: Error error, 2: other.User one, 3: User two }
                  service S { GatewayError get() }"
                .to_owned(),
        }))
    };
    let mut builder = thriftgate_metadata::Builder::new(Vec::new(), load);
    builder.thrift("api.thrift");
    let schema = builder.finish().expect("a schema").schema;
    let api = api(vec![route(&schema, "/", Style::default())]);
    let document = document_of(&schema, &api);
    assert_eq!(names(&document), ["Error", "GatewayError", "api.GatewayError", "api.User", "other.User"]);
    let schemas = Schemas::new(&schema, &api);
    assert_eq!(schemas.names().collect::<Vec<_>>(), ["Error", "api.GatewayError", "api.User", "other.User"]);
}

/// Routes for different requests of one path: the first counts. Headers and hosts are told.
#[test]
fn routes_of_one_path() {
    let schema = parse("service S { void a(), oneway void b() } service T { void c() }");
    let mut first = route(&schema, "/v1", Style::default());
    let mut second = first.clone();
    first.services.truncate(1);
    first.headers = vec![("X-Tenant".to_owned(), "acme".to_owned())];
    first.hosts = vec!["api.example.com".to_owned()];
    second.sandbox = true;
    let document = document_of(&schema, &api(vec![first, second]));
    let paths = document["paths"].as_object().expect("paths");
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/v1/S/a", "/v1/S/b", "/v1/T/c"]);
    assert_eq!(paths["/v1/S/a"]["servers"], json!([{"url": "//api.example.com"}]));
    assert_eq!(paths["/v1/S/a"]["post"]["parameters"][0]["schema"]["enum"], json!(["acme"]));
    assert_eq!(paths["/v1/T/c"]["post"]["parameters"][0]["name"], "X-Mock");
    assert!(paths["/v1/S/b"]["post"]["responses"].get("202").is_some());
}

/// Whoever asks nobody has no schemes; whoever serves strangers as well says so.
#[test]
fn security() {
    let schema = parse("service S { void a() }");
    let mut api = api(vec![route(&schema, "/", Style::default())]);
    assert_eq!(document_of(&schema, &api)["security"], json!([{"apiKey": []}, {"bearer": []}]));
    api.security.required = false;
    api.security.certificates = true;
    let document = document_of(&schema, &api);
    assert_eq!(document["security"], json!([{"apiKey": []}, {"bearer": []}, {"clientCertificate": []}, {}]));
    assert_eq!(document["components"]["securitySchemes"]["clientCertificate"]["type"], "mutualTLS");
    api.security = thriftgate_openapi::Security::default();
    api.errors.retain(|error| error.status != 429 && error.status != 401);
    let document = document_of(&schema, &api);
    assert_eq!(document["security"], json!([]));
    assert_eq!(document["components"].get("securitySchemes"), None);
    assert_eq!(document["components"]["headers"].get("RateLimit"), None);
}

/// An API that nobody may call anything of is a document all the same.
#[test]
fn nothing_to_call() {
    let document = document(&Schema::default(), &api(Vec::new()));
    assert_eq!(document["paths"], json!({}));
    assert_eq!(document["tags"], json!([]));
    structure::check(&document);
}

/// Types that go on and on have examples all the same; those of which every value is too large to be read have an empty one.
#[test]
fn examples_of_types_that_go_on() {
    let mut idl = "union Way { 1: Back back, 2: i32 stop }
         struct Back { 1: required Way way, 2: required list<Back> more }
         struct Wide0 { 1: required i32 a }
         struct D0 { 1: required i32 a }\n"
        .to_owned();
    for index in 1..30 {
        let before = index - 1;
        idl += &format!("struct D{index} {{ 1: required D{before} a, 2: required D{before} b }}\n");
        idl += &format!(
            "struct Wide{index} {{ 1: Wide{before} a, 2: list<Wide{before}> b, 3: map<i32, Wide{before}> c }}\n"
        );
    }
    idl += "service S { D29 huge(), D6 large(), Wide29 wide(), Back back() }";
    let schema = parse(&idl);
    let route = route(&schema, "/", Style::default());
    for method in &route.services[0].methods {
        let name = &*schema[method.function].name;
        let outcome = thriftgate_openapi::Outcome::Success;
        let result = thriftgate_openapi::example_result(&schema, method.function, outcome, method.style, 0);
        let text = result.expect("an example").to_string();
        match name {
            "huge" => assert_eq!(text, r#"{"success":{}}"#),
            "large" => assert_eq!(text.matches(r#""a":1"#).count(), 64, "{text}"),
            "back" => assert_eq!(text, r#"{"success":{"way":{"stop":1},"more":[]}}"#),
            _ => assert!(text.len() < 20_000, "{name}: {} bytes", text.len()),
        }
        for protocol in [Protocol::Binary, Protocol::Compact, Protocol::Json] {
            let message = result_message(&schema, method.function, outcome, 3, protocol.into(), ("m", 1));
            assert!(message.is_some());
        }
    }
}
