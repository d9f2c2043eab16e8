//! What large APIs cost.

use std::fmt::Write as _;
use std::time::Duration;

use thriftgate_openapi::{Schemas, document, page_model, yaml};
use thriftgate_protocols::style::Style;

use crate::api::{api, parse, route};

/// An IDL of so many structs, each of which refers to others all over the file, and a tenth as many methods.
fn large(structs: usize) -> String {
    let mut idl = "enum Color { RED, GREEN }\nexception Wrong { 1: string why }\n".to_owned();
    for index in 0..structs {
        let (next, far) = ((index + 1) % structs, (index * 7919 + 13) % structs);
        let _ = writeln!(
            idl,
            "/** The struct number {index}. */\nstruct Item{index} {{\n  1: required i64 id,\n  2: string name,\n  \
             3: optional Item{next} next,\n  4: list<Item{far}> others,\n  5: map<i32, Color> colors,\n  6: double weight = 1.5,\n}}"
        );
    }
    idl.push_str("service Large {\n");
    for index in 0..structs / 10 {
        let _ = writeln!(
            idl,
            "  /** Does the thing number {index}. */\n  Item{} call{index}(1: Item{} item, 2: i64 id) throws (1: Wrong wrong),",
            index * 10,
            index * 10 + 5
        );
    }
    idl.push_str("}\n");
    idl
}

/// The time that this thread has computed for, which other load on the machine does not change.
fn computed() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel counts");
    let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.expect("nanoseconds"))
}

/// The time that everything takes which is made of an API, and what of it each part does.
fn time(structs: usize) -> (Duration, String) {
    let schema = parse(&large(structs));
    let api = api(vec![route(&schema, "/", Style::default())]);
    let start = computed();
    let document = document(&schema, &api);
    let made = computed() - start;
    let json = serde_json::to_string(&document).expect("JSON").len();
    let written = computed() - start;
    let yaml = yaml(&document).len();
    let yaml_written = computed() - start;
    let page = page_model(&schema, &api).len();
    let modelled = computed() - start;
    let schemas = Schemas::new(&schema, &api).names().count();
    let all = computed() - start;
    let report = format!(
        "{structs} structs: document {made:?}, JSON of {json} bytes {:?}, YAML of {yaml} {:?}, page of {page} {:?}, {schemas} schemas {:?}",
        written - made,
        yaml_written - written,
        modelled - yaml_written,
        all - modelled
    );
    (all, report)
}

#[test]
fn an_api_of_thousands_of_structs_is_soon_described() {
    let (fifth, of_fifth) = time(1000);
    let (whole, of_whole) = time(5000);
    // With room for a slow machine and a build without optimisation: what is quadratic takes minutes.
    assert!(whole < Duration::from_secs(40), "{of_whole}");
    assert!(whole < fifth * 8 + Duration::from_secs(1), "{of_fifth}\n{of_whole}");
}
