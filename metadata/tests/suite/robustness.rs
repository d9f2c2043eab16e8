//! Whatever a source says, the answer is a schema or diagnostics: no panic, no overflow of the stack.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use thriftgate_metadata::{Builder, Diagnostics, Loaded};

/// Loads one file from memory, and prints what is wrong.
fn load(extension: &str, text: String) -> Result<Loaded, Diagnostics> {
    let path = PathBuf::from(format!("memory.{extension}"));
    let mut files = HashMap::from([(path.clone(), text)]);
    let mut builder = Builder::new(Vec::new(), move |path: &Path| Ok(files.remove(path)));
    match extension {
        "json" => drop(builder.gen_json(&[&path])),
        _ => drop(builder.thrift(&path)),
    }
    let loaded = builder.finish();
    match &loaded {
        Ok(loaded) => loaded.warnings.iter().for_each(|warning| drop(warning.to_string())),
        Err(errors) => {
            for error in errors.iter() {
                assert!(error.line() > 0 && error.column() > 0 && !error.to_string().is_empty());
            }
        }
    }
    loaded
}

fn sources() -> Vec<(&'static str, String)> {
    ["thrift", "json"]
        .into_iter()
        .flat_map(|extension| crate::cases::sources(extension).into_iter().map(move |path| (extension, path)))
        .filter(|(_, path)| path.is_file())
        .map(|(extension, path)| (extension, std::fs::read_to_string(path).expect("the cases can be read")))
        .collect()
}

/// One change of a text: where, how much goes, and what comes instead.
fn change() -> impl Strategy<Value = (prop::sample::Index, usize, String)> {
    const PIECES: [&str; 20] = [
        "{", "}", "(", ")", "<", ">", "\"", "'", "/**", "*/", "list<", "1:", "=", ",", "\n", "é", "\0", "-",
        "[", "struct ",
    ];
    let piece = prop_oneof![
        prop::sample::select(&PIECES[..]).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[a-zA-Z0-9_.]{0,4}",
    ];
    (any::<prop::sample::Index>(), 0..12usize, piece)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutations_of_the_cases_do_not_panic(
        source in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let sources = sources();
        let (extension, text) = &sources[source.index(sources.len())];
        let mut characters: Vec<char> = text.chars().collect();
        for (place, length, piece) in changes {
            let start = place.index(characters.len() + 1);
            let end = (start + length).min(characters.len());
            characters.splice(start..end, piece.chars());
        }
        let _ = load(extension, characters.into_iter().collect());
    }
}

#[test]
fn each_case_cut_anywhere_does_not_panic() {
    for (extension, text) in sources() {
        for (end, _) in text.char_indices() {
            let _ = load(extension, text[..end].to_owned());
        }
    }
}

/// What is deep or large is refused or read, on the small stack of a test's thread.
#[test]
fn depth_and_size_are_bounded() {
    let deep = 100_000;
    let chain = |one: &dyn Fn(usize) -> String| (0..deep).map(one).collect::<String>();
    let refused = [
        ("types nest", format!("typedef {}i32{} T", "list<".repeat(deep), ">".repeat(deep))),
        ("constants nest", format!("const i32 A = {}", "[".repeat(deep))),
        ("constants nest", format!("const i32 A = {}", "{1:".repeat(deep))),
        ("nest too deep", format!("struct A {{ {}", "1: i32 a xsd_attrs {".repeat(deep))),
        (
            "types nest",
            "typedef i32 T0\n".to_owned() + &chain(&|n| format!("typedef list<T{n}> T{}\n", n + 1)),
        ),
        ("nested more than", chain(&|n| format!("const i32 A{n} = A{}\n", n + 1))),
        (
            "extends more than",
            "service S0 {}\n".to_owned() + &chain(&|n| format!("service S{} extends S{n} {{}}\n", n + 1)),
        ),
        ("values together", doubling_constants()),
        ("larger than 10 MiB", "#".repeat((10 << 20) + 1)),
    ];
    for (message, text) in refused {
        let errors = load("thrift", text).expect_err(message).to_string();
        assert!(errors.contains(message), "{message}: {}", errors.chars().take(400).collect::<String>());
    }
    let read = [
        chain(&|n| format!("typedef T{} T{n}\n", n + 1)) + &format!("typedef i32 T{deep}"),
        chain(&|n| format!("struct S{n} {{ 1: required S{} next }}\n", n + 1))
            + &format!("struct S{deep} {{}}"),
        "struct A {".to_owned()
            + &(1..=i16::MAX).map(|id| format!("{id}: i32 f{id}\n")).collect::<String>()
            + "}",
    ];
    for text in read {
        load("thrift", text).expect("it is right, if long");
    }
    for text in [format!("{{\"name\": {}", "[".repeat(deep)), "[".repeat(deep)] {
        load("json", text).expect_err("it is no output of the compiler");
    }
}

/// Each constant names the one before it twice, inside a struct, so that the type does not grow.
fn doubling_constants() -> String {
    let mut text = "struct S { 1: list<S> parts }\nconst S A0 = {}\n".to_owned();
    for n in 0..40 {
        text += &format!("const S A{} = {{\"parts\": [A{n}, A{n}]}}\n", n + 1);
    }
    text
}

#[test]
fn files_are_known_by_their_path() {
    let files = HashMap::from([
        (
            "a/main.thrift",
            "include \"common.thrift\"\ninclude \"../b/other.thrift\"\nstruct A { 1: common.C c, 2: other.O o }",
        ),
        ("a/common.thrift", "struct C { 1: i32 a }"),
        (
            "b/other.thrift",
            "include \"./common.thrift\"\ninclude \"far.thrift\"\nstruct O { 1: common.C c, 2: far.F f }",
        ),
        ("b/common.thrift", "struct C { 1: string b }"),
        ("dirs/far.thrift", "struct F {}"),
    ]);
    let mut reads = 0;
    let mut builder = Builder::new(vec!["none".into(), "./dirs".into()], |path: &Path| {
        let text = files.get(path.to_str().expect("all paths here are text")).map(|&text| text.to_owned());
        reads += usize::from(text.is_some());
        Ok(text)
    });
    let first = builder.thrift("a/./main.thrift");
    assert_eq!(builder.thrift("b/../a/main.thrift"), first);
    let schema = builder.finish().expect("everything is found").schema;
    assert_eq!(reads, 5);
    let named: Vec<_> = schema.programs().map(|(_, program)| &*program.path).collect();
    assert_eq!(
        named,
        ["a/main.thrift", "a/common.thrift", "b/other.thrift", "b/common.thrift", "dirs/far.thrift"]
    );
    let commons: Vec<_> = schema
        .structs()
        .filter(|(_, item)| &*item.name == "C")
        .map(|(_, item)| &item.fields[0].name)
        .collect();
    assert_eq!(commons.len(), 2);
    assert_ne!(commons[0], commons[1]);
}
