//! The translator and the schemas agree: it takes what they take, and writes what they say.
//!
//! Schemas say nothing of this, and so what is refused for these alone may be valid:
//! - elements of a set and keys of a map that are equal as values of Thrift but not as JSON: `1` and `"1"`, `-0.0` and
//!   `0.0`, an absent field and its default
//! - nesting, and the sizes of requests and messages
//! - numbers that a double cannot hold, and the same key twice: a validator may not see either

use std::borrow::Cow;

use serde_json::{Value, json};
use thriftgate_metadata::{FunctionId, Schema};
use thriftgate_openapi::{Outcome, document, result_message};
use thriftgate_protocols::json::{self, CallError, Expected, FaultKind, Target, Translation};
use thriftgate_protocols::style::{EnumStyle, I64Style, Limits, MissingArguments, Style, UnknownFields};
use thriftgate_protocols::wire::Protocol;

use crate::api::{api, parse, route};
use crate::random::{Idl, Random, mutate};

/// The part of a document at a JSON pointer, as a schema that refers into the document.
fn validator(document: &Value, pointer: &str) -> jsonschema::Validator {
    let mut root = document.clone();
    root["$ref"] = json!(format!("#{pointer}"));
    jsonschema::draft202012::new(&root).unwrap_or_else(|error| panic!("{pointer}: {error}"))
}

/// How the translator reads and writes the JSON of one method.
pub(crate) struct Translator<'s> {
    pub(crate) schema: &'s Schema,
    pub(crate) function: FunctionId,
    pub(crate) style: Style,
}

impl Translator<'_> {
    fn translation(&self) -> Translation<'_> {
        Translation { schema: self.schema, style: self.style, limits: Limits::default() }
    }

    /// The message of a call with these arguments, or what is wrong with them.
    pub(crate) fn call(&self, arguments: &str) -> Result<Vec<u8>, Vec<FaultKind>> {
        let target = Target {
            function: self.function,
            dialect: Protocol::Binary.into(),
            name: Cow::Borrowed("m"),
            sequence_id: 7,
            style: self.style,
            injected: None,
        };
        let mut message = Vec::new();
        match json::arguments(arguments, &self.translation(), &target, &mut message) {
            Ok(()) => Ok(message),
            Err(CallError::Fault(faults)) => Err(faults.all().iter().map(|fault| fault.kind).collect()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The message of a backend that answers with an example.
    pub(crate) fn message(&self, outcome: Outcome<'_>, seed: u64) -> Option<Vec<u8>> {
        result_message(self.schema, self.function, outcome, seed, Protocol::Binary.into(), ("m", 7))
    }

    /// The reply in JSON for the message of a backend.
    pub(crate) fn reply(&self, message: &[u8]) -> Value {
        let dialect = Protocol::Binary.into();
        let expected = Expected { function: self.function, dialect, name: "m", sequence_id: 7, method: "m" };
        let mut text = Vec::new();
        json::reply(message, &self.translation(), &expected, &mut text).expect("a reply of the schema");
        serde_json::from_slice(&text).expect("JSON")
    }
}

/// A call `m(1: T success)` as the reply that gives it back.
fn returned(mut message: Vec<u8>) -> Vec<u8> {
    message[3] = 2;
    let field = 4 + 4 + 1 + 4;
    message[field + 2] = 0;
    message
}

fn style(random: &mut Random) -> Style {
    Style {
        i64: random.pick(&[I64Style::Number, I64Style::String]),
        enums: random.pick(&[EnumStyle::Name, EnumStyle::Number]),
        unknown_fields: random.pick(&[UnknownFields::Refuse, UnknownFields::Ignore]),
        missing_arguments: random.pick(&[MissingArguments::Allow, MissingArguments::Refuse]),
    }
}

/// One random schema, in a random style, and what becomes of values of it.
struct Trial<'s> {
    translator: Translator<'s>,
    request: jsonschema::Validator,
    reply: jsonschema::Validator,
    idl: &'s str,
}

impl Trial<'_> {
    /// Whether the arguments are right, on which both agree.
    fn is_right(&self, arguments: &Value) -> bool {
        let text = arguments.to_string();
        let is_valid = self.request.is_valid(arguments);
        let idl = self.idl;
        match self.translator.call(&text) {
            Ok(message) => {
                let why =
                    || self.request.iter_errors(arguments).map(|error| error.to_string()).collect::<Vec<_>>();
                assert!(is_valid, "taken, but not valid: {text}\n{:?}\n{idl}", why());
                if arguments.get("success").is_some_and(|value| !value.is_null()) {
                    let reply = self.translator.reply(&returned(message));
                    let errors: Vec<_> =
                        self.reply.iter_errors(&reply).map(|error| error.to_string()).collect();
                    assert!(errors.is_empty(), "written, but not valid: {reply}\n{errors:?}\n{idl}");
                }
                true
            }
            Err(faults) => {
                let is_unsaid = |fault: &FaultKind| {
                    matches!(fault, FaultKind::DuplicateElement | FaultKind::DuplicateKey | FaultKind::Depth)
                };
                let is_excused = faults.iter().all(is_unsaid);
                assert!(!is_valid || is_excused, "valid, but refused for {faults:?}: {text}\n{idl}");
                false
            }
        }
    }
}

#[test]
fn the_translator_takes_and_writes_what_the_schemas_say() {
    const SCHEMAS: u64 = 300;
    const VALUES: usize = 30;
    let (mut right, mut mutated) = ((0, 0), (0, 0));
    for seed in 0..SCHEMAS {
        let mut random = Random(seed);
        let idl = Idl::random(&mut random);
        let schema = parse(&idl.text);
        let style = style(&mut random);
        let document = Value::Object(document(&schema, &api(vec![route(&schema, "/", style)])));
        let of_method = |rest: &str| {
            validator(&document, &format!("/paths/~1S~1m/post/{rest}/content/application~1json/schema"))
        };
        let function = schema.functions().next().expect("a method").0;
        let trial = Trial {
            translator: Translator { schema: &schema, function, style },
            request: of_method("requestBody"),
            reply: of_method("responses/200"),
            idl: &idl.text,
        };
        for _ in 0..VALUES {
            let mut arguments = idl.arguments(&mut random);
            right.0 += usize::from(trial.is_right(&arguments));
            right.1 += 1;
            for _ in 0..=random.below(2) {
                mutate(&mut random, &mut arguments);
            }
            mutated.0 += usize::from(trial.is_right(&arguments));
            mutated.1 += 1;
        }
    }
    // Most values are right, and of the mutated ones there are enough of both kinds.
    assert!(right.0 * 10 > right.1 * 8, "{right:?} {mutated:?}");
    assert!(mutated.0 * 10 > mutated.1 && mutated.0 * 10 < mutated.1 * 9, "{right:?} {mutated:?}");
}
