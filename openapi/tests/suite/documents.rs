//! Whole documents, of all IDL in the repository.

use serde_json::{Map, Value, json};
use thriftgate_metadata::Schema;
use thriftgate_openapi::{
    Description, Outcome, Schemas, document, example_arguments, example_result, page_model, yaml,
};
use thriftgate_protocols::style::{EnumStyle, I64Style, MissingArguments, Style, UnknownFields};

use crate::agreement::Translator;
use crate::api::{all_idl, api, read, root, route};
use crate::structure;

/// What is made of one IDL, as it is kept: `UPDATE=1` writes it anew.
#[test]
fn what_is_made_of_an_idl_is_what_is_kept() {
    let golden = root().join("openapi/tests/golden");
    let schema = read(&golden.join("shop.thrift"));
    let api = api(vec![route(&schema, "/v1", Style::default())]);
    let page: Value = serde_json::from_str(&page_model(&schema, &api)).expect("JSON");
    let page = serde_json::to_string_pretty(&page).expect("JSON") + "\n";
    for (name, made) in [("shop.yaml", yaml(&document(&schema, &api))), ("shop.page.json", page)] {
        let path = golden.join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).expect("the golden file");
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(made == kept, "{} differs: UPDATE=1 writes it anew\n{made}", path.display());
    }
}

/// Styles that differ in everything.
const STYLES: [Style; 2] = [
    Style {
        i64: I64Style::Number,
        enums: EnumStyle::Name,
        unknown_fields: UnknownFields::Refuse,
        missing_arguments: MissingArguments::Allow,
    },
    Style {
        i64: I64Style::String,
        enums: EnumStyle::Number,
        unknown_fields: UnknownFields::Ignore,
        missing_arguments: MissingArguments::Refuse,
    },
];

/// Runs a check on the APIs of all IDL: in one style, in another, and in both.
fn each_api(check: impl Fn(&Schema, &Description)) {
    for path in all_idl() {
        let schema = read(&path);
        let [first, second] = STYLES;
        let one = vec![route(&schema, "/", first)];
        let other = vec![route(&schema, "/other/v2", second)];
        let both = one.iter().chain(&other).cloned().collect();
        for routes in [one, other, both] {
            check(&schema, &api(routes));
        }
    }
}

#[test]
fn documents_are_openapi() {
    each_api(|schema, api| structure::check(&document(schema, api)));
}

#[test]
fn documents_are_the_same_each_time() {
    each_api(|schema, api| {
        assert_eq!(yaml(&document(schema, api)), yaml(&document(schema, api)));
    });
}

#[test]
fn yaml_says_what_json_does() {
    each_api(|schema, api| {
        let document = document(schema, api);
        let back: Value = serde_saphyr::from_str(&yaml(&document)).expect("YAML");
        assert_eq!(back, Value::Object(document));
    });
}

#[test]
fn each_schema_stands_alone() {
    each_api(|schema, api| {
        let schemas = Schemas::new(schema, api);
        let document = document(schema, api);
        let components = document["components"]["schemas"].as_object().expect("schemas");
        for name in schemas.names() {
            assert!(components.contains_key(name), "{name}");
            let alone = schemas.get(name, &format!("/openapi/schemas/{name}.json")).expect("a schema");
            let alone = Value::Object(alone);
            jsonschema::draft202012::meta::validate(&alone).expect("a schema of 2020-12");
            jsonschema::draft202012::new(&alone).unwrap_or_else(|error| panic!("{name}: {error}"));
            let definitions = alone["$defs"].as_object().expect("definitions");
            let used = alone.to_string().matches("\"$ref\"").count();
            assert!(used >= definitions.len() && definitions.contains_key(name), "{name}");
        }
        assert_eq!(schemas.get("Nobody", "x"), None);
    });
}

/// The gateway takes every example, and the example of a reply is what the translator writes for its message.
#[test]
fn examples_are_right() {
    each_api(|schema, api| {
        let methods =
            api.routes.iter().flat_map(|route| &route.services).flat_map(|service| &service.methods);
        for method in methods {
            let function = &schema[method.function];
            let translator = Translator { schema, function: method.function, style: method.style };
            let arguments = example_arguments(schema, method);
            assert_eq!(arguments, example_arguments(schema, method));
            let taken = translator.call(&arguments.to_string());
            assert!(taken.is_ok(), "{}: {arguments}: {taken:?}", function.name);
            let thrown = schema[function.result].fields.iter().filter(|field| field.id != 0);
            let endings = thrown.map(|field| Outcome::Declared(&field.name)).chain([Outcome::Success]);
            for outcome in endings.filter(|_| !function.oneway) {
                for seed in [0, 1, 7] {
                    let result = example_result(schema, method.function, outcome, method.style, seed);
                    let message = translator.message(outcome, seed).expect("a message");
                    let reply = translator.reply(&message);
                    assert_eq!(Some(&reply["result"]), result.as_ref(), "{}: {outcome:?}", function.name);
                }
            }
            assert_eq!(translator.message(Outcome::Declared("nobody"), 0), None);
        }
    });
}

/// Texts that YAML has other uses for come back as they are.
#[test]
fn yaml_keeps_every_text() {
    let long = "word  word ".repeat(20);
    let texts = [
        "",
        " ",
        "\n",
        "  \n   \n",
        "x\n\n",
        " indented\nnot",
        "\tx",
        "trailing \nblank",
        "y",
        "on",
        "No",
        "null",
        "~",
        "0x10",
        "1e3",
        "012",
        "1_000",
        "12:30:45",
        "2026-01-15",
        ".inf",
        "- a",
        "# c",
        "a # b",
        "a: b",
        ":",
        "?",
        "---",
        "...",
        "{a}",
        "[a",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "'q'",
        "\"q\"",
        "\\",
        "a\r\nb",
        "\0\u{7f}\u{85}\u{2028}\u{feff}",
        "é𝄞",
        &long,
        "<<",
        "=",
    ];
    for text in texts {
        let mut document = Map::new();
        document.insert(text.to_owned(), json!({"text": text, "list": [text, [text, {text: 1}]]}));
        document.insert("numbers".to_owned(), json!([0, -1, i64::MIN, u64::MAX, 1.5, -0.0, 1e300, 1e-7]));
        document.insert("empty".to_owned(), json!([{}, [], null, true, [[]], [{}]]));
        let written = yaml(&document);
        let back: Value =
            serde_saphyr::from_str(&written).unwrap_or_else(|error| panic!("{error}\n{written}"));
        assert_eq!(back, Value::Object(document), "{written}");
    }
}
