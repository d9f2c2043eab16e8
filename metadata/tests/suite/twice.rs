//! Every good IDL of the repository gives the same schema through `.thrift` and through what the installed
//! compiler prints for it, apart from what that output does not have:
//!
//! - the typedef that a field was declared with
//! - annotations of enum members, of base types, and all but the last of one given twice
//! - which fields are enums: before 0.18 they are `i32`
//! - digits of a double behind the fifteenth
//! - merged: namespaces, includes, the docs of the files, and which file has what

use std::path::{Path, PathBuf};
use std::process::Command;

use thriftgate_metadata::{Builder, Loaded};

use crate::dump::{Detail, dump};

/// What we take and the compiler that is installed does not, and why.
const OURS_ALONE: [(&str, &str); 4] = [
    ("header_anywhere", "headers after definitions, old namespaces, annotations after named types"),
    ("words_as_names", "words of the language as names came after 0.17"),
    ("forward", "defaults and bases that are declared later"),
    ("uuid", "the type came after 0.17"),
];

/// What the compiler takes but does not print right, and why.
const LOSSY_OUTPUT: [(&str, &str); 3] = [
    ("container_keys", "constant maps whose keys are lists or structs are printed as invalid JSON"),
    ("same_name", "two files of one name are printed over each other"),
    ("type_annotations", "annotations of base types are not printed"),
];

#[test]
fn both_front_ends_give_the_same_schema() {
    let mut sources = crate::cases::sources("thrift");
    sources.extend(crate::cases::files(Path::new("../tests/data"), "thrift"));
    let mut compared = 0;
    for source in sources {
        let Ok(expected) = thrift(&source) else { continue };
        let stem = source.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let alone = OURS_ALONE.iter().any(|(name, _)| stem.contains(name));
        let plain = compile(&source, "json", &["-r"]);
        assert_eq!(plain.is_err(), alone, "{}: {}", source.display(), plain.unwrap_err());
        let Ok(plain) = plain else { continue };
        if LOSSY_OUTPUT.iter().any(|(name, _)| stem.contains(name)) {
            continue;
        }
        compare(&source, &plain, &expected, Detail::GenJson);
        let merged = compile(&source, "json:merge", &[]).expect("what compiles also merges");
        compare(&source, &merged, &expected, Detail::Merged);
        compared += 1;
    }
    assert!(compared >= 4, "{compared} files were compared");
}

fn thrift(path: &Path) -> Result<Loaded, String> {
    let mut builder = Builder::new(vec!["tests/cases/include".into()], crate::read);
    builder.thrift(path);
    builder.finish().map_err(|errors| errors.to_string())
}

/// What the compiler prints, as files; or its message.
fn compile(source: &Path, generator: &str, options: &[&str]) -> Result<Vec<PathBuf>, String> {
    let stem = source.file_stem().expect("a file has a name").to_string_lossy();
    let directory =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{stem}-{}", generator.replace(':', "-")));
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).expect("the directory for output can be made");
    let output = Command::new("thrift")
        .args(options)
        .args(["--gen", generator, "-I", "tests/cases/include", "-out"])
        .arg(&directory)
        .arg(source)
        .output()
        .expect("the Thrift compiler is installed (Debian: thrift-compiler)");
    if !output.status.success() {
        return Err(
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(crate::cases::files(&directory, "json"))
}

fn compare(source: &Path, files: &[PathBuf], expected: &Loaded, detail: Detail) {
    let mut builder = Builder::new(Vec::new(), crate::read);
    builder.gen_json(files);
    let loaded = builder.finish().unwrap_or_else(|errors| panic!("{}:\n{errors}", source.display()));
    let (got, expected) = (dump(&loaded.schema, detail), dump(&expected.schema, detail));
    for (got, expected) in got.lines().zip(expected.lines()) {
        assert_eq!(got, expected, "{} ({} files)", source.display(), files.len());
    }
    assert_eq!(got.lines().count(), expected.lines().count(), "{}", source.display());
}
