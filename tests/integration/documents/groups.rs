//! Who reads what: callers of a group find what they may call, and no word of anything else.

use serde_json::Value;
use thriftgate_tests::Gateway;
use thriftgate_tests::backend::{Backend, Step};
use thriftgate_tests::client::Reply;

use super::{check_calls, document, get, paths};
use crate::policy::{Site, entry, key};

const IDL: &str = "
struct User { 1: string name, 2: Tenant tenant }
struct Tenant { 1: string tenantNumber, 2: optional string note }
/** A secretive thing, see getUser. */
struct Blueprint { 1: Level clearance }
enum Level { LOW = 1, HIGHEST = 9 }
exception Sealed { 1: string reason }
service Users {
  User getUser(1: string name, 2: string actor)
  Blueprint readBlueprint(1: Level level) throws (1: Sealed sealed)
}
service Vault { void dismantle() }
";

const GROUPS: &str = "documents: {openapi: /openapi}
routes: [{path: /v1, sandbox: true}, {path: /underground, services: [Vault], sandbox: true}]
groups:
  insiders: {}
  vendors:
    allow: [getUser]
    routes: [/v1]
    arguments: {actor: caller}
    style: {i64: string}
";
/// What only insiders know of.
const SECRETS: [&str; 9] = [
    "Blueprint",
    "secretive",
    "clearance",
    "Level",
    "HIGHEST",
    "Sealed",
    "Vault",
    "dismantle",
    "underground",
];

fn site() -> Site {
    let entries = [entry("inside", "inside", "insiders", ""), entry("vendor", "vendor", "vendors", "")];
    let site = Site::new(&entries, GROUPS);
    site.folder.write("vendor.thrift", IDL);
    site
}

/// Everything that there is to be read with a key, by address.
fn everything(gateway: &Gateway, key: &str) -> Vec<(String, Reply)> {
    let headers = [("X-API-Key", key)];
    let whole = document(gateway, "/openapi.json", &headers);
    let mut addresses: Vec<String> =
        ["/openapi.json", "/openapi.yaml", "/docs/api.json"].map(str::to_owned).into();
    let model = document(gateway, "/docs/api.json", &headers);
    for route in model["routes"].as_array().expect("routes") {
        let address = route["openapi"].as_str().expect("an address");
        addresses.extend([address.to_owned(), address.replace(".json", ".yaml")]);
    }
    let prefixes: Vec<String> =
        addresses.iter().filter_map(|it| it.strip_suffix(".json")).map(str::to_owned).collect();
    for name in whole["components"]["schemas"].as_object().expect("schemas").keys() {
        addresses.extend(prefixes.iter().map(|prefix| format!("{prefix}/schemas/{name}.json")));
    }
    let read = addresses.into_iter().map(|address| (get(gateway, &address, &headers), address));
    read.filter(|(reply, _)| reply.status == 200).map(|(reply, address)| (address, reply)).collect()
}

#[test]
fn what_a_group_may_not_call_is_in_nothing_that_it_reads() {
    let site = site();
    let gateway = site.gateway();
    let inside = everything(&gateway, &key("inside"));
    let all = inside.iter().map(|(_, reply)| reply.text()).collect::<String>();
    for secret in SECRETS.into_iter().chain(["actor", "getUser"]) {
        assert!(all.contains(secret), "{secret}");
    }
    let vendor = everything(&gateway, &key("vendor"));
    assert!(vendor.len() >= 6, "{}", vendor.len());
    for (address, reply) in &vendor {
        let text = reply.text();
        for secret in SECRETS.into_iter().chain(["actor"]) {
            assert!(!text.contains(secret), "{address} tells of {secret}: {text}");
        }
    }
    let headers = [("X-API-Key", &*key("vendor"))];
    let whole = document(&gateway, "/openapi.json", &headers);
    assert_eq!(paths(&whole), ["/v1/Users/getUser"]);
    // Where others have one, there is none, as where nobody has.
    for address in
        ["/openapi/underground.json", "/openapi/schemas/Blueprint.json", "/openapi/v1/schemas/Level.json"]
    {
        let refused = get(&gateway, address, &headers);
        assert_eq!(
            (refused.status, refused.body.len()),
            (404, get(&gateway, "/openapi/none.json", &headers).body.len())
        );
    }
}

#[test]
fn each_group_can_call_what_it_reads_of() {
    let site = site();
    let gateway = site.gateway();
    for name in ["inside", "vendor"] {
        let headers = [("X-API-Key", &*key(name))];
        check_calls(&gateway, &document(&gateway, "/openapi.json", &headers), &headers);
    }
}

#[test]
fn who_shows_no_credentials_reads_the_page_alone() {
    let site = site();
    let gateway = site.gateway();
    assert_eq!(get(&gateway, "/docs/", &[]).status, 200);
    for path in ["/openapi.json", "/openapi.yaml", "/openapi/v1.json", "/docs/api.json", "/openapi/none.json"]
    {
        for headers in [vec![], vec![("X-API-Key", "tg_wrong")], vec![("Authorization", "Bearer wrong")]] {
            let reply = get(&gateway, path, &headers);
            assert_eq!((reply.status, reply.exception("code")), (401, "UNAUTHENTICATED".into()), "{path}");
            assert_eq!(reply.header("www-authenticate"), Some("Bearer"), "{path}");
            assert_eq!(reply.header("etag"), None, "{path}");
        }
    }
    let model =
        document(&gateway, "/docs/api.json", &[("Authorization", &format!("Bearer {}", key("vendor")))]);
    let security: &Value = &model["security"];
    assert_eq!((&security["required"], &security["bearer"]), (&true.into(), &true.into()), "{security}");
    assert_eq!(security["keyHeader"].as_str().map(str::to_ascii_lowercase).as_deref(), Some("x-api-key"));
}

/// What one caller may keep is not another's.
#[test]
fn documents_of_groups_are_private() {
    let site = site();
    let gateway = site.gateway();
    for path in ["/openapi.json", "/docs/api.json"] {
        let inside = get(&gateway, path, &[("X-API-Key", &key("inside"))]);
        assert_eq!(inside.header("cache-control"), Some("private, no-cache"), "{path}");
        let tag = inside.header("etag").expect("a tag");
        let headers = |name| [("X-API-Key", key(name)), ("If-None-Match", tag.to_owned())];
        let asked = |name| {
            let headers = headers(name);
            let headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            get(&gateway, path, &headers).status
        };
        assert_eq!((asked("inside"), asked("vendor")), (304, 200), "{path}");
    }
}

#[test]
fn who_shows_nothing_may_be_of_a_group() {
    let site = site();
    let keys = "authentication: {keys: {file: keys.yaml}";
    let yaml = std::fs::read_to_string(site.configure(GROUPS)).expect("a file");
    site.folder.write("gateway.yaml", &yaml.replace(keys, &format!("{keys}, anonymous: vendors")));
    let gateway = site.gateway();
    assert_eq!(paths(&document(&gateway, "/openapi.json", &[])), ["/v1/Users/getUser"]);
    let inside = document(&gateway, "/openapi.json", &[("X-API-Key", &key("inside"))]);
    assert_eq!(paths(&inside).len(), 4);
    assert_eq!(get(&gateway, "/openapi.json", &[("X-API-Key", "tg_wrong")]).status, 401);
}

/// Reading counts for the caller as calling does, so that no key is good for more than it says.
#[test]
fn callers_are_limited() {
    let backend = Backend::start(|call| vec![Step::Send(call.echo())]);
    let site = Site { backend, ..site() };
    site.configure(
        "documents: true\ngroups: {vendors: {caller: {rate: {requests: 2, per: 1h}}}, insiders: {}}\n",
    );
    let gateway = site.gateway();
    let key = key("vendor");
    let headers = [("X-API-Key", &*key)];
    assert_eq!(get(&gateway, "/openapi.json", &headers).status, 200);
    let second = get(&gateway, "/docs/api.json", &headers);
    assert_eq!(second.header("ratelimit").map(|value| value.contains("r=0")), Some(true));
    assert_eq!(get(&gateway, "/openapi.json", &headers).status, 429);
    // The page is nobody's, and loads for whoever has to show another key.
    assert_eq!(get(&gateway, "/docs/", &headers).status, 200);
}

/// What is filled in deep inside an argument is not to be sent: document and gateway say the same.
#[test]
fn what_is_filled_in_is_not_asked_for() {
    let entries = [
        entry("inside", "inside", "insiders", ""),
        entry("vendor", "vendor", "vendors", ", attributes: {number: T-7}"),
    ];
    let site = Site::new(
        &entries,
        "documents: true\nroutes: [{path: /, sandbox: true}]\n\
         groups: {insiders: {}, vendors: {arguments: {user.tenant.tenantNumber: attribute.number}}}\n",
    );
    let idl = "struct Tenant { 1: string tenantNumber, 2: optional string note }\n\
               struct User { 1: string name, 2: Tenant tenant }\n\
               service Users { User save(1: User user), User copy(1: Tenant tenant) }\n";
    site.folder.write("vendor.thrift", idl);
    let gateway = site.gateway();
    let number = r#"{"user": {"tenant": {"tenantNumber": "1"}}}"#;
    let note = r#"{"user": {"tenant": {"note": "x"}}}"#;
    for (name, arguments, accepted) in
        [("inside", number, true), ("inside", note, true), ("vendor", number, false), ("vendor", note, true)]
    {
        let headers = [("X-API-Key", &*key(name)), ("Content-Type", "application/json")];
        let whole = document(&gateway, "/openapi.json", &headers);
        let body = &whole["paths"]["/Users/save"]["post"]["requestBody"];
        let mut schema = body["content"]["application/json"]["schema"].clone();
        schema["components"] = whole["components"].clone();
        let value = serde_json::from_str(arguments).expect("JSON");
        assert_eq!(jsonschema::is_valid(&schema, &value), accepted, "{name} {arguments}: {schema}");
        let reply = gateway.post_with("/Users/save", &headers, arguments.as_bytes());
        assert_eq!(reply.status == 200, accepted, "{name} {arguments}: {}", reply.body.escape_ascii());
        check_calls(&gateway, &whole, &headers[..1]);
    }
}
