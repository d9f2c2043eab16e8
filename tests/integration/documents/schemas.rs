//! The gateway takes what its documents call valid, and answers what they say, on random schemas and values.
//!
//! Schemas say nothing of these, and so a valid request may be refused for them alone: elements of a set and keys of a map
//! that are equal as values of Thrift but not as JSON (`1` and `"1"`, `-0.0` and `0.0`, an absent field and its default),
//! nesting, sizes, numbers that a double cannot hold, and the same key twice, which a validator does not see.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use thriftgate_tests::{Folder, Gateway};

use super::{answer_schema, document};
use crate::random::sample;

const PATH: &str = "/Random/echo";
/// How many schemas there are, each with a gateway of its own.
const SCHEMAS: usize = 40;

/// Puts one value in the place of another, or removes or adds a member. Which is told by numbers.
fn mutate(value: &mut Value, steps: &[Index], stray: &Value) {
    if let Some((step, rest)) = steps.split_first() {
        match value {
            Value::Array(values) if !values.is_empty() => {
                return mutate(step.get_mut(values.as_mut_slice()), rest, stray);
            }
            Value::Object(members) if !members.is_empty() => {
                let position = step.index(members.len() + 2);
                match members.keys().nth(position).cloned() {
                    Some(key) => return mutate(&mut members[&key], rest, stray),
                    None if position == members.len() => {
                        let first = members.keys().next().cloned().unwrap_or_default();
                        members.remove(&first);
                    }
                    None => drop(members.insert("f9".to_owned(), stray.clone())),
                }
                return;
            }
            _ => {}
        }
    }
    *value = stray.clone();
}

fn stray() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(3.0),
        json!(1.5),
        json!(128),
        json!(-32769),
        json!(2_147_483_648_u32),
        json!(i64::MAX),
        json!(u64::MAX),
        json!(""),
        json!("text"),
        json!("-007"),
        json!("9223372036854775808"),
        json!("NaN"),
        json!("AQ"),
        json!("AR=="),
        json!("_-8="),
        json!("BETA"),
        json!("00000000-0000-4000-8000-00000000000A"),
        json!([]),
        json!([[1]]),
        json!({}),
        json!({"f0": null}),
        json!({"1": 1}),
    ])
}

/// What the document of a gateway says of the one method.
struct Said {
    request: jsonschema::Validator,
    success: jsonschema::Validator,
    refusal: jsonschema::Validator,
}

impl Said {
    fn new(document: &Value) -> Self {
        let mut request =
            document["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]["schema"].clone();
        request["components"] = document["components"].clone();
        let answer = |status| answer_schema(document, PATH, status).expect("an answer of this status");
        let validator = |schema: &Value| jsonschema::draft202012::new(schema).expect("a schema of 2020-12");
        Self {
            request: validator(&request),
            success: validator(&answer(200)),
            refusal: validator(&answer(400)),
        }
    }

    /// Whether the gateway takes the arguments; document and gateway have to agree.
    fn check(&self, gateway: &Gateway, arguments: &Value) -> bool {
        let reply = gateway.post(PATH, &arguments.to_string());
        let answer = reply.json();
        let is_valid = self.request.is_valid(arguments);
        match reply.status {
            200 => {
                assert!(is_valid, "taken, but not valid: {arguments}");
                assert!(self.success.is_valid(&answer), "{answer}");
            }
            400 => {
                let errors = answer["exception"]["errors"].as_array().expect("errors");
                let is_unsaid = |error: &Value| {
                    let message = error["message"].as_str().unwrap_or_default();
                    message.contains("is equal to an element") || message.contains("is equal to a key")
                };
                assert!(
                    !is_valid || errors.iter().all(is_unsaid),
                    "valid, but refused: {arguments}: {answer}"
                );
                assert!(self.refusal.is_valid(&answer), "{answer}");
            }
            status => panic!("{status}: {arguments}: {answer}"),
        }
        reply.status == 200
    }
}

#[test]
fn documents_and_gateway_agree() {
    let mut runner = TestRunner::deterministic();
    let mutations = prop::collection::vec((prop::collection::vec(any::<Index>(), 0..6), stray()), 12);
    let (mut taken, mut refused) = (0, 0);
    for number in 0..SCHEMAS {
        let sample = sample().new_tree(&mut runner).expect("a sample").current();
        let folder = Folder::new();
        let idl = folder.write("random.thrift", &sample.idl);
        let style = ["{}", "{i64: string, enums: number, unknown_fields: ignore, missing_arguments: refuse}"]
            [number % 2];
        let gateway = Gateway::start(&format!(
            "idl: {}\ndocuments: true\nroutes: [{{path: /, sandbox: true, style: {style}}}]\n",
            idl.display()
        ));
        let said = Said::new(&document(&gateway, "/openapi.json", &[]));
        let arguments = json!({"value": sample.value});
        assert!(said.check(&gateway, &arguments), "{}\n{arguments}", sample.idl);
        for (steps, stray) in mutations.new_tree(&mut runner).expect("mutations").current() {
            let mut mutated = arguments.clone();
            mutate(&mut mutated, &steps, &stray);
            *if said.check(&gateway, &mutated) { &mut taken } else { &mut refused } += 1;
        }
    }
    assert!(taken > SCHEMAS && refused > SCHEMAS, "{taken} taken, {refused} refused");
}
