//! What `diff` says of each pair of IDL files under `cases/diff`, and the verb of that name. `THRIFTGATE_BLESS=1`
//! writes what came instead of comparing. What it says is held against real calls by `interop/changes.py`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use thriftgate_metadata::{Builder, ChangeKind, Diff, Schema, ServiceId, diff, diff_services};
use thriftgate_tests::{Folder, data};

use crate::process::run;

/// The folders of the cases.
fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/diff");
    let mut found: Vec<PathBuf> =
        fs::read_dir(root).expect("the cases").map(|entry| entry.expect("a case").path()).collect();
    found.sort();
    assert!(found.len() > 50, "cases are missing");
    found
}

/// A file of a case, and the services that it declares itself.
fn load(folder: &Path, file: &str) -> (Schema, Vec<ServiceId>) {
    let mut builder = Builder::new(Vec::new(), |path| {
        fs::read_to_string(folder.join(path)).map(Some).map_err(|error| error.to_string())
    });
    let program = builder.thrift(file);
    let schema = builder.finish().unwrap_or_else(|errors| panic!("{}: {errors}", folder.display())).schema;
    let services = schema.services().filter(|(_, item)| item.program == program).map(|(id, _)| id).collect();
    (schema, services)
}

fn of_case(folder: &Path) -> Diff {
    let (old, new) = (load(folder, "old.thrift"), load(folder, "new.thrift"));
    diff_services((&old.0, &old.1), (&new.0, &new.1))
}

#[test]
fn each_case_gives_what_is_expected_of_it() {
    let bless = std::env::var_os("THRIFTGATE_BLESS").is_some();
    let mut wrong = Vec::new();
    for folder in cases() {
        let got = format!("{}\n", of_case(&folder));
        let expected = folder.join("expected.txt");
        if bless {
            fs::write(&expected, &got).expect("the expectation can be written");
        } else if fs::read_to_string(&expected).unwrap_or_default() != got {
            wrong.push(format!("{}:\n{got}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_kind_of_change_has_a_case() {
    let met: BTreeSet<ChangeKind> = cases()
        .iter()
        .flat_map(|folder| of_case(folder).iter().map(|change| change.kind).collect::<Vec<_>>())
        .collect();
    let missing: Vec<&ChangeKind> = ChangeKind::ALL.iter().filter(|kind| !met.contains(kind)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_schema_is_compatible_with_itself() {
    let is_same = |folder: &Path, file: &str| {
        let (schema, _) = load(folder, file);
        assert_eq!(diff(&schema, &schema), Diff::default(), "{} {file}", folder.display());
    };
    for folder in cases() {
        is_same(&folder, "old.thrift");
        is_same(&folder, "new.thrift");
    }
    let everything = data("everything.thrift");
    let folder = everything.parent().expect("a folder");
    for file in ["everything.thrift", "aliases.thrift", "keys.thrift", "uuid.thrift", "halibut.thrift"] {
        is_same(folder, file);
    }
}

/// Exit code, standard output and standard error of `diff` with these arguments.
fn command(arguments: &[&str]) -> (i32, String, String) {
    let output = run(&[&["diff"], arguments].concat());
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    (output.status.code().expect("an exit code"), text(&output.stdout), text(&output.stderr))
}

#[test]
fn the_command_says_which_changes_break() {
    let folder = Folder::new();
    let path = |name: &str, text: &str| folder.write(name, text).display().to_string();
    let old = path("old.thrift", "service S { i32 get(1: string key) }");
    let more = path("more.thrift", "service S { i32 get(1: string key), void put(1: i32 x) }");
    let less = path("less.thrift", "service S { i64 get() }");
    let (code, output, errors) = command(&[&old, &more]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(output.starts_with("compatible: S.put: method added"), "{output}");
    let (code, output, errors) = command(&[&old, &less]);
    assert_eq!((code, errors.as_str()), (1, ""));
    assert!(output.ends_with("2 breaking, 0 risky, 0 compatible\n"), "{output}");
    let (code, output, _) = command(&[&old, &less, "--format", "json"]);
    let document: Value = serde_json::from_str(&output).expect("JSON");
    assert_eq!((code, &document["breaking"]), (1, &Value::from(2)));
    let removed = &document["changes"][0];
    assert_eq!(
        (&removed["kind"], &removed["place"], &removed["json"], &removed["wire"], &removed["was"]),
        (
            &Value::from("field_removed"),
            &Value::from("S.get(key)"),
            &Value::from("breaking"),
            &Value::from("risky"),
            &Value::from("1: string key")
        )
    );
    assert_eq!(removed["flow"], serde_json::json!({"requests": true, "replies": false}));
}

#[test]
fn the_command_reads_every_form_of_idl() {
    let (folder, shared) = (Folder::new(), Folder::new());
    let path = |name: &str, text: &str| folder.write(name, text).display().to_string();
    let plain = path("plain.thrift", "struct Item { 1: i32 id } service S { Item get() }");
    shared.write("item.thrift", "struct Item { 1: i32 id }");
    let split = path("split.thrift", "include \"item.thrift\" service S { item.Item get() }");
    let include = shared.path().display().to_string();
    let (code, _, errors) = command(&[&plain, &split]);
    assert!(code == 2 && errors.contains("split.thrift:1:9"), "{code} {errors}");
    let nothing = (0, "0 breaking, 0 risky, 0 compatible\n".to_owned(), String::new());
    assert_eq!(command(&[&plain, &split, "-I", &include]), nothing);
    let yaml = path(
        "gateway.yaml",
        &format!(
            "idl: [{{path: split.thrift, include: [{include:?}]}}]\nbackends: {{b: \"h:1\"}}\nroutes: [{{path: /, backend: b}}]\n"
        ),
    );
    assert_eq!(command(&[&plain, &yaml]), nothing);
    let schemas = shared.path().join("old");
    fs::create_dir(&schemas).expect("a folder");
    fs::copy(&plain, schemas.join("plain.thrift")).expect("a copy");
    assert_eq!(command(&[&schemas.display().to_string(), &plain]), nothing);
    let (code, output, errors) = command(&[&plain, "no-such.thrift"]);
    assert!(code == 2 && output.is_empty() && errors.contains("no-such.thrift"), "{code} {errors}");
}
