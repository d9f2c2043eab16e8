//! Random schemas and values: what goes to Thrift comes back the same, and nothing panics on the way.

use std::borrow::Cow;
use std::fmt::Write as _;

use proptest::prelude::*;
use thriftgate_metadata::Schema;
use thriftgate_protocols::json::{self, CallError, Expected, FaultKind, Target, Translation};
use thriftgate_protocols::style::{EnumStyle, I64Style, Limits, Style};
use thriftgate_protocols::wire::Protocol;

use crate::schema;

const PROTOCOLS: [Protocol; 3] = [Protocol::Binary, Protocol::Compact, Protocol::Json];

/// splitmix64: the same schema and value for the same seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}

#[derive(Clone, Debug)]
enum Ty {
    Base(&'static str),
    List(Box<Ty>),
    Set(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    /// Name, whether it is a union, and the fields with whether they are required.
    Struct(String, bool, Vec<(String, bool, Ty)>),
}

const BASES: [&str; 10] = ["bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid", "E"];

impl Ty {
    /// A type, its structs declared in `idl`.
    fn random(random: &mut Random, idl: &mut String, depth: u64) -> Self {
        let inner = |random: &mut Random, idl: &mut String| Box::new(Self::random(random, idl, depth - 1));
        match random.below(if depth == 0 { 1 } else { 6 }) {
            0 | 1 => Self::Base(random.pick(&BASES)),
            2 => Self::List(inner(random, idl)),
            3 => Self::Set(inner(random, idl)),
            4 => Self::Map(inner(random, idl), inner(random, idl)),
            _ => {
                let is_union = random.below(4) == 0;
                let most = if random.below(12) == 0 { 90 } else { 6 };
                let count = 1 + random.below(most);
                let fields: Vec<_> = (0..count)
                    .map(|field| {
                        let is_required = !is_union && random.below(3) == 0;
                        (format!("f{field}"), is_required, *inner(random, idl))
                    })
                    .collect();
                let name = format!("S{}", idl.len());
                let keyword = if is_union { "union" } else { "struct" };
                let _ = writeln!(idl, "{keyword} {name} {{");
                for (index, (field, is_required, ty)) in fields.iter().enumerate() {
                    // Ids that fall, rise, and leave gaps.
                    let id = if index % 2 == 0 { 200 - index * 2 } else { 300 + index * 20 };
                    let word = if *is_required { "required " } else { "" };
                    let _ = writeln!(idl, "  {id}: {word}{} {field},", ty.name());
                }
                idl.push_str("}\n");
                Self::Struct(name, is_union, fields)
            }
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Base(name) => (*name).to_owned(),
            Self::List(element) => format!("list<{}>", element.name()),
            Self::Set(element) => format!("set<{}>", element.name()),
            Self::Map(key, value) => format!("map<{}, {}>", key.name(), value.name()),
            Self::Struct(name, ..) => name.clone(),
        }
    }

    /// A value as the gateway would write it.
    fn value(&self, random: &mut Random) -> String {
        match self {
            Self::Base(name) => base(name, random),
            Self::List(element) => {
                let values: Vec<_> = (0..random.below(5)).map(|_| element.value(random)).collect();
                format!("[{}]", values.join(","))
            }
            Self::Set(element) => {
                // Sorted, so that equal sets are written alike.
                let mut values: Vec<_> = (0..random.below(5)).map(|_| element.value(random)).collect();
                values.sort();
                values.dedup();
                format!("[{}]", values.join(","))
            }
            Self::Map(key, value) => {
                let mut keys: Vec<_> = (0..random.below(4)).map(|_| key.value(random)).collect();
                keys.sort();
                keys.dedup();
                let is_object = matches!(**key, Self::Base(_));
                let entries: Vec<_> = keys
                    .into_iter()
                    .map(|key| match is_object {
                        true if key.starts_with('"') => format!("{key}:{}", value.value(random)),
                        true => format!("\"{key}\":{}", value.value(random)),
                        false => format!("[{key},{}]", value.value(random)),
                    })
                    .collect();
                let body = entries.join(",");
                if is_object { format!("{{{body}}}") } else { format!("[{body}]") }
            }
            Self::Struct(_, is_union, fields) => {
                let chosen = random.below(fields.len() as u64) as usize;
                let members: Vec<_> = fields
                    .iter()
                    .enumerate()
                    .filter(|(index, (_, is_required, _))| match is_union {
                        true => *index == chosen,
                        false => *is_required || random.below(3) > 0,
                    })
                    .map(|(_, field)| field)
                    .collect();
                let members: Vec<_> =
                    members.iter().map(|(name, _, ty)| format!("\"{name}\":{}", ty.value(random))).collect();
                format!("{{{}}}", members.join(","))
            }
        }
    }
}

/// A value of a base type; of doubles no -0.0, which is equal to 0.0.
fn base(name: &str, random: &mut Random) -> String {
    let bits = random.next();
    match name {
        "bool" => (bits & 1 == 1).to_string(),
        "i8" => (bits as i8).to_string(),
        "i16" => (bits as i16).to_string(),
        "i32" => (bits as i32).to_string(),
        "i64" => (random.pick(&[bits as i64, i64::MIN, i64::MAX, (1 << 53) + 1, -1])).to_string(),
        "double" => match f64::from_bits(bits) {
            value if value.is_finite() && value != 0.0 => serde_json::to_string(&value).expect("a number"),
            _ => (random.pick(&["\"NaN\"", "\"Infinity\"", "\"-Infinity\"", "0.0"])).to_owned(),
        },
        "string" => {
            let text: String = (0..random.below(12))
                .map(|_| random.pick(&['a', 'é', '"', '\\', '\n', '\0', '𝄞', 'z']))
                .collect();
            serde_json::to_string(&text).expect("a string")
        }
        "binary" => {
            let bytes = bits.to_be_bytes();
            let triples = &bytes[..3 * random.below(3) as usize];
            let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let text: String = triples
                .chunks(3)
                .flat_map(|triple| {
                    let word = u32::from_be_bytes([0, triple[0], triple[1], triple[2]]);
                    [18, 12, 6, 0].map(|shift| char::from(digits[(word >> shift & 63) as usize]))
                })
                .collect();
            format!("\"{text}\"")
        }
        "uuid" => {
            let digits = format!("{bits:016x}{:016x}", random.next());
            let parts =
                [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-");
            format!("\"{parts}\"")
        }
        _ => (random.pick(&["\"ONE\"", "\"TWO\"", "77"])).to_owned(),
    }
}

fn schema_and_value(seed: u64) -> (Schema, String) {
    let mut random = Random(seed);
    let mut idl = "enum E { ONE = 1, TWO = -2 }\n".to_owned();
    let ty = Ty::random(&mut random, &mut idl, 4);
    let value = ty.value(&mut random);
    let _ = writeln!(idl, "service S {{ {0} m(1: {0} success) }}", ty.name());
    (schema::parse(&idl), value)
}

struct Run<'s> {
    translation: Translation<'s>,
    target: Target<'static>,
}

impl<'s> Run<'s> {
    fn new(schema: &'s Schema, protocol: Protocol) -> Self {
        let translation = Translation { schema, style: Style::default(), limits: Limits::default() };
        let function = schema::function(schema, "m");
        Self {
            translation,
            target: Target {
                function,
                dialect: protocol.into(),
                name: Cow::Borrowed("m"),
                sequence_id: 7,
                style: Style::default(),
                injected: None,
            },
        }
    }

    /// The reply that gives the one argument of a call back.
    fn call(&self, text: &str) -> Result<Vec<u8>, CallError<()>> {
        let mut out = Vec::new();
        json::call(text, &self.translation, |_| Ok(self.target.clone()), &mut out)?;
        Ok(schema::returned(&out, self.target.dialect.protocol, 1))
    }

    fn reply(&self, message: &[u8]) -> Option<serde_json::Value> {
        let Target { function, dialect, .. } = self.target;
        let expected = Expected { function, dialect, name: "m", sequence_id: 7, method: "m" };
        let mut out = Vec::new();
        json::reply(message, &self.translation, &expected, &mut out).ok()?;
        Some(serde_json::from_slice(&out).expect("a reply in JSON"))
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_goes_in_comes_out(seed: u64) {
        let (schema, value) = schema_and_value(seed);
        let text = format!("{{\"method\":\"m\",\"arguments\":{{\"success\":{value}}}}}");
        let expected: serde_json::Value =
            serde_json::from_str(&format!("{{\"method\":\"m\",\"result\":{{\"success\":{value}}}}}"))?;
        for protocol in PROTOCOLS {
            let run = Run::new(&schema, protocol);
            let message = run.call(&text).map_err(|error| TestCaseError::fail(format!("{error:?}: {text}")))?;
            let back = run.reply(&message);
            prop_assert_eq!(back.as_ref(), Some(&expected), "{:?}: {}", protocol, text);
        }
        // Other styles write another text of the same value.
        let mut run = Run::new(&schema, Protocol::Binary);
        let message = run.call(&text).expect("it was read before");
        run.translation.style = Style { i64: I64Style::String, enums: EnumStyle::Number, ..Style::default() };
        let styled = run.reply(&message).expect("it was written before");
        let again = format!("{{\"method\":\"m\",\"arguments\":{}}}", styled["result"]);
        prop_assert_eq!(run.call(&again), Ok(message), "{}", again);
    }

    #[test]
    fn mutated_requests_are_read_or_refused(
        seed: u64,
        edits in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(
            b"{}[]\",:\\ 0129-.e\x00tfnul\xff".to_vec(),
        )), 1..4),
    ) {
        let (schema, value) = schema_and_value(seed);
        let mut body = format!("{{\"arguments\":{{\"success\":{value}}},\"method\":\"m\"}}").into_bytes();
        for (at, byte) in edits {
            let at = at.index(body.len());
            body[at] = byte;
        }
        let Ok(text) = json::text(&body) else { return Ok(()) };
        let is_json = serde_json::from_str::<serde_json::Value>(text).is_ok();
        for protocol in PROTOCOLS {
            match Run::new(&schema, protocol).call(text) {
                Ok(_) => prop_assert!(is_json),
                Err(CallError::Fault(faults)) => {
                    let kind = faults.first().kind;
                    prop_assert!(!faults.is_syntax() || !is_json, "{}: {}", faults, text);
                    prop_assert!(!matches!(kind, FaultKind::DuplicateElement) || faults.first().line > 0);
                }
                Err(error) => prop_assert!(false, "{:?}", error),
            }
        }
    }

    #[test]
    fn mutated_replies_are_read_or_refused(
        seed: u64,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let (schema, value) = schema_and_value(seed);
        let text = format!("{{\"method\":\"m\",\"arguments\":{{\"success\":{value}}}}}");
        for protocol in PROTOCOLS {
            let run = Run::new(&schema, protocol);
            let mut message = run.call(&text).expect("a value of the schema");
            for (at, byte) in &edits {
                let at = at.index(message.len());
                message[at] = *byte;
            }
            // Whatever is taken is valid JSON, which `reply` looks at.
            let _ = run.reply(&message);
        }
    }
}
