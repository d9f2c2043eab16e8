//! `thriftgate openapi`, which writes what the gateway serves.

use thriftgate_tests::{Folder, Gateway};

use super::get;
use crate::policy::{Site, entry, key};
use crate::process::run;

const IDL: &str =
    "struct User { 1: string name }\nservice Users { User find(1: string name), void wipe() }\n";

#[test]
fn the_command_writes_what_the_gateway_serves() {
    let folder = Folder::new();
    folder.write("api.thrift", IDL);
    let file = folder.write(
        "gateway.yaml",
        "idl: api.thrift\nbackends: {main: \"127.0.0.1:1\"}\ndocuments: {title: Acme}\nreload: {watch: false}\n\
         routes: [{path: /v1, style: {i64: string}}, {path: /}]\n",
    );
    let gateway = Gateway::by_file(&file);
    let file = file.display().to_string();
    for (arguments, path) in [
        (vec![], "/openapi.json"),
        (vec!["--format", "yaml"], "/openapi.yaml"),
        (vec!["--route", "/v1"], "/openapi/v1.json"),
        (vec!["--route", "/", "--format", "yaml"], "/openapi/root.yaml"),
    ] {
        let served = get(&gateway, path, &[]).text();
        let mut all = vec!["openapi", "--config", &file];
        all.extend(&arguments);
        let output = run(&all);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stdout), served, "{arguments:?}");
        let written = folder.path().join("out").display().to_string();
        all.extend(["--output", &written]);
        let output = run(&all);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0), "{arguments:?}");
        assert_eq!(std::fs::read_to_string(&written).expect("a file"), served, "{arguments:?}");
    }
}

#[test]
fn the_command_writes_what_a_group_is_told() {
    let site = Site::new(
        &[entry("vendor", "vendor", "vendors", "")],
        "documents: true\ngroups: {vendors: {deny: [remove], style: {i64: string}}}\n",
    );
    let gateway = site.gateway();
    let file = site.folder.path().join("gateway.yaml").display().to_string();
    let output = run(&["openapi", "--config", &file, "--group", "vendors"]);
    let written = String::from_utf8(output.stdout).expect("text");
    assert_eq!(get(&gateway, "/openapi.json", &[("X-API-Key", &key("vendor"))]).text(), written);
    let everything = run(&["openapi", "--config", &file]).stdout;
    assert!(
        String::from_utf8_lossy(&everything).contains("remove") && !written.contains("remove"),
        "{written}"
    );
}

#[test]
fn the_command_says_what_is_wrong() {
    let folder = Folder::new();
    let idl = folder.write("api.thrift", IDL).display().to_string();
    let source = ["openapi", "--idl", &idl, "--backend", "127.0.0.1:1"];
    for (more, said) in [
        (["--route", "/nowhere"], "no documented route has the path `/nowhere`"),
        (["--group", "nobody"], "there is no group `nobody`"),
        (["--output", "/nowhere/at/all"], "/nowhere/at/all"),
    ] {
        let output = run(&[&source[..], &more].concat());
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && errors.contains(said), "{errors}");
    }
    // It needs no configuration to tell of IDL.
    let output = run(&source);
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("/Users/find"));
}

/// Those who run the gateway see what answers a path that is no backend's.
#[test]
fn routes_and_explain_know_of_sandboxes_and_documents() {
    let folder = Folder::new();
    folder.write("api.thrift", IDL);
    let file = folder
        .write("gateway.yaml", "idl: api.thrift\ndocuments: true\nroutes: [{path: /v1, sandbox: true}]\n")
        .display()
        .to_string();
    let told = |arguments: &[&str]| {
        let output = run(&[&[arguments[0], "--config", &file], &arguments[1..]].concat());
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let (code, routes) = told(&["routes"]);
    assert!(code == Some(0) && routes.lines().all(|line| line.contains("  sandbox  ")), "{routes}");
    let (_, routes) = told(&["routes", "--format", "json"]);
    let routes: serde_json::Value = serde_json::from_str(&routes).expect("JSON");
    assert_eq!((&routes[0]["sandbox"], &routes[0]["backends"]), (&true.into(), &serde_json::json!([])));
    let (code, call) = told(&["explain", "POST", "/v1/Users/find"]);
    assert!(code == Some(0) && call.contains("backend         sandbox\n"), "{call}");
    let (code, read) = told(&["explain", "GET", "/openapi.json"]);
    assert!(code == Some(0) && read.contains("what vendors read"), "{read}");
    let (code, _) = told(&["explain", "POST", "/openapi.json"]);
    assert_eq!(code, Some(1));
}
