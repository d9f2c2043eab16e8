//! Every `tests/cases/*.thrift` beside what is expected of it in `*.expected`: the dump of the schema and
//! the warnings, or the diagnostics. `THRIFTGATE_BLESS=1` writes what came instead of comparing.

use std::path::{Path, PathBuf};

use thriftgate_metadata::Builder;

use crate::dump::{Detail, dump};

/// The sources of this crate's cases. Those that another one includes are in directories below.
pub(crate) fn sources() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir("tests/cases")
        .expect("the tests run in the crate's directory")
        .map(|entry| entry.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "thrift"))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

#[test]
fn each_case_gives_what_is_expected_of_it() {
    let bless = std::env::var_os("THRIFTGATE_BLESS").is_some();
    let mut wrong = Vec::new();
    for path in sources() {
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
    builder.thrift(path);
    match builder.finish() {
        Ok(loaded) => {
            let warnings: String = loaded.warnings.iter().map(|warning| format!("{warning}\n")).collect();
            warnings + &dump(&loaded.schema, Detail::All)
        }
        Err(errors) => format!("{errors}\n"),
    }
}
