//! Every `tests/cases/*.thrift`, gen-json file `*.json`, or directory of such files `*.json/`, beside what is
//! expected of it in `*.expected`: the dump of the schema and the warnings, or the diagnostics. `THRIFTGATE_BLESS=1` writes what came instead of comparing.

use std::path::{Path, PathBuf};

use thriftgate_metadata::Builder;

use crate::dump::{Detail, dump};

/// The cases of one kind. What they include is in directories below.
pub(crate) fn sources(extension: &str) -> Vec<PathBuf> {
    let found = files(Path::new("tests/cases"), extension);
    assert!(!found.is_empty(), "no case of {extension}");
    found
}

/// What a directory has with this extension; nothing where there is no directory.
pub(crate) fn files(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    found.sort();
    found
}

#[test]
fn each_case_gives_what_is_expected_of_it() {
    let bless = std::env::var_os("THRIFTGATE_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in sources("thrift").into_iter().chain(sources("json")) {
        let got = outcome(&path);
        let expected = path.with_extension("expected");
        if bless {
            std::fs::write(&expected, &got).expect("the expectation can be written");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != got {
            wrong.push(format!("{}:\n{got}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ\n{}", wrong.len(), wrong.join("\n"));
}

fn outcome(path: &Path) -> String {
    let mut builder = Builder::new(vec!["tests/cases/include".into()], crate::read);
    if path.is_dir() {
        builder.gen_json(&files(path, "json"));
    } else if path.extension().is_some_and(|extension| extension == "json") {
        builder.gen_json(&[path]);
    } else {
        builder.thrift(path);
    }
    match builder.finish() {
        Ok(loaded) => {
            let warnings: String = loaded.warnings.iter().map(|warning| format!("{warning}\n")).collect();
            warnings + &dump(&loaded.schema, Detail::All)
        }
        Err(errors) => format!("{errors}\n"),
    }
}
