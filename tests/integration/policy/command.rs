//! What the command shows of groups: what their callers may call, and what holds for them.

use serde_json::Value;

use super::Site;
use crate::process::run;

/// Exit code, output and errors.
fn told(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(arguments);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn groups_on_the_command_line() {
    let site = Site::new(&[], "");
    let file = site.configure(
        "groups:\n  partners: {allow: [\"Users.*\"], rate: {requests: 1000, per: 1s}, \
         caller: {rate: {requests: 10, per: 1m, burst: 5}, calls: 2}, \
         methods: {get: {rate: {requests: 1, per: 1s}}}, arguments: {value: caller}}\n  \
         readers: {allow: [\"get*\"], arguments: {value: claim.tenant.id}}\n",
    );
    let file = file.display().to_string();
    let with = |arguments: &[&str]| told(&[arguments, &["--config", &file]].concat());

    let (_, output, _) = with(&["routes"]);
    let line =
        |method: &str| output.lines().find(|line| line.contains(method)).expect("the method").to_owned();
    assert!(line(" Users.get ").ends_with("groups=partners|readers"), "{output}");
    assert!(line(" Users.remove ").ends_with("groups=partners"), "{output}");
    let (code, output, _) = with(&["routes", "--group", "partners"]);
    assert_eq!(code, Some(0));
    assert!(output.contains("Users.remove") && !output.contains("Vault"), "{output}");
    let (_, output, _) = with(&["routes", "--group", "readers", "--format", "json"]);
    let rows: Value = serde_json::from_str(&output).expect("JSON");
    let names: Vec<&str> =
        rows.as_array().expect("rows").iter().filter_map(|row| row["method"].as_str()).collect();
    assert!(names.contains(&"get") && !names.contains(&"remove"), "{names:?}");

    let (code, output, errors) = with(&["explain", "--group", "partners", "POST", "/Users/get", "-d", "{}"]);
    assert_eq!((code, &*errors), (Some(0), ""), "{output}");
    for line in [
        "group           partners",
        "method          get",
        "rate            the group: 1000 in 1s, 1000 at once",
        "rate            each caller: 10 in 1m, 5 at once",
        "rate            each caller, this method: 1 in 1s, 1 at once",
        "calls           2 of each caller at once",
        "filled in       arguments.value by the caller",
    ] {
        assert!(output.lines().any(|said| said == line), "{line}\n{output}");
    }
    let (code, _, errors) = with(&["explain", "--group", "readers", "POST", "/Users/remove"]);
    assert_eq!(code, Some(1));
    assert!(errors.starts_with("refused: 404 UNKNOWN_METHOD"), "{errors}");
    let (code, _, errors) = with(&["explain", "--group", "readers", "POST", "/Users/get", "-d", "{}"]);
    assert_eq!(code, Some(1));
    assert!(errors.starts_with("refused: 403 PERMISSION_DENIED"), "no claim is there: {errors}");
    let claims = r#"{"tenant": {"id": "acme"}}"#;
    let (code, _, errors) =
        with(&["explain", "--group", "readers", "--claims", claims, "POST", "/Users/get", "-d", "{}"]);
    assert_eq!((code, &*errors), (Some(0), ""));
    let (_, output, _) = with(&["explain", "POST", "/Users/get", "-d", r#"{"value":"x"}"#]);
    assert!(output.contains("groups          partners, readers"), "{output}");

    let (code, output, errors) = with(&["call", "--group", "partners", "--caller", "ada", "Users.get"]);
    assert_eq!((code, &*errors), (Some(0), ""), "{output}");
    assert!(output.contains("\"ada\""), "{output}");
    let (_, output, _) = with(&["call", "--group", "readers", "--claims", claims, "Users.get"]);
    assert!(output.contains("\"acme\""), "{output}");
    let (code, output, _) = with(&["call", "--group", "readers", "Users.remove"]);
    assert!(code == Some(1) && output.contains("UNKNOWN_METHOD"), "{output}");
    let (code, _, errors) = with(&["routes", "--group", "reader"]);
    assert_eq!(code, Some(1));
    assert_eq!(errors, "error: the configuration has no group `reader`: it has partners, readers\n");
}
