//! Random schemas, values of them in every form that requests allow, and values that are nearly right.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

/// splitmix64: the same schema and values for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())].clone()
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A type of the IDL.
#[derive(Clone, Debug)]
pub(crate) enum Ty {
    Base(&'static str),
    List(Box<Ty>),
    Set(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    /// By its position among the declared ones
    Struct(usize),
}

/// A struct or union of the IDL.
#[derive(Debug)]
struct Declared {
    is_union: bool,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    requiredness: &'static str,
    ty: Ty,
}

/// A random IDL: `service S { T m(1: T success) }`.
#[derive(Debug)]
pub(crate) struct Idl {
    pub(crate) text: String,
    declared: Vec<Declared>,
    ty: Ty,
}

/// `E` has an alias, `F` has none, `G` has no members.
const BASES: [&str; 12] =
    ["bool", "i8", "i16", "i32", "i64", "double", "string", "binary", "uuid", "E", "F", "G"];
const ENUMS: &str = "enum E { ONE = 1, TWO = -2, UNO = 1 }\nenum F { A, B }\nenum G {}\n";

impl Idl {
    pub(crate) fn random(random: &mut Random) -> Self {
        let mut idl = Self { text: ENUMS.to_owned(), declared: Vec::new(), ty: Ty::Base("bool") };
        idl.ty = idl.any(random, 4);
        let name = name(&idl.ty);
        let _ = writeln!(idl.text, "service S {{ {name} m(1: {name} success) }}");
        idl
    }

    fn any(&mut self, random: &mut Random, depth: usize) -> Ty {
        match random.below(if depth == 0 { 1 } else { 7 }) {
            0 | 1 => Ty::Base(random.pick(&BASES)),
            2 => Ty::List(Box::new(self.any(random, depth - 1))),
            3 => Ty::Set(Box::new(self.any(random, depth - 1))),
            4 => Ty::Map(Box::new(self.any(random, depth - 1)), Box::new(self.any(random, depth - 1))),
            _ => self.structure(random, depth),
        }
    }

    fn structure(&mut self, random: &mut Random, depth: usize) -> Ty {
        let is_union = random.once_in(4);
        let mut fields: Vec<Field> = (0..=random.below(5))
            .map(|_| {
                let words: &[&str] = if is_union { &[""] } else { &["required ", "optional ", ""] };
                Field { requiredness: random.pick(words), ty: self.any(random, depth - 1) }
            })
            .collect();
        let position = self.declared.len();
        if random.once_in(3) {
            // It holds itself, in a way that has an end.
            let inner = Ty::Struct(position);
            let ty = if random.once_in(2) { inner } else { Ty::List(Box::new(inner)) };
            fields.push(Field { requiredness: if is_union { "" } else { "optional " }, ty });
        }
        let mut text = String::new();
        for (index, Field { requiredness, ty }) in fields.iter().enumerate() {
            let default = default(ty).filter(|_| !is_union && random.once_in(3)).unwrap_or_default();
            let _ = writeln!(text, "  {}: {requiredness}{} f{index}{default},", index + 1, name(ty));
        }
        let keyword = if is_union { "union" } else { "struct" };
        let _ = writeln!(self.text, "{keyword} S{position} {{\n{text}}}");
        self.declared.push(Declared { is_union, fields });
        Ty::Struct(position)
    }

    /// The arguments of a call, right as far as nothing in them is equal that must not be.
    pub(crate) fn arguments(&self, random: &mut Random) -> Value {
        match random.below(20) {
            0 => json!({}),
            1 => json!({"success": null}),
            _ => json!({"success": self.value(random, &self.ty, 0)}),
        }
    }

    fn value(&self, random: &mut Random, ty: &Ty, depth: usize) -> Value {
        match ty {
            Ty::Base(word) => base(random, word),
            Ty::List(element) | Ty::Set(element) => {
                let count = random.below(if depth > 6 { 1 } else { 4 });
                let mut values: Vec<Value> =
                    (0..count).map(|_| self.value(random, element, depth + 1)).collect();
                if matches!(ty, Ty::Set(_)) {
                    values.sort_by_key(Value::to_string);
                    values.dedup();
                }
                Value::Array(values)
            }
            Ty::Map(key, of) => {
                let count = random.below(if depth > 6 { 1 } else { 3 });
                let pairs: Vec<(Value, Value)> = (0..count)
                    .map(|_| (self.value(random, key, depth + 1), self.value(random, of, depth + 1)))
                    .collect();
                if matches!(**key, Ty::Base(_)) {
                    let text = |key: Value| key.as_str().map_or_else(|| key_text(&key), str::to_owned);
                    return pairs.into_iter().map(|(key, value)| (text(key), value)).collect();
                }
                pairs.into_iter().map(|(key, value)| Value::Array(vec![key, value])).collect()
            }
            Ty::Struct(position) => self.members(random, &self.declared[*position], depth),
        }
    }

    fn members(&self, random: &mut Random, declared: &Declared, depth: usize) -> Value {
        let mut members = Map::new();
        let leaf = |field: &Field| matches!(field.ty, Ty::Base(_) | Ty::List(_) | Ty::Set(_) | Ty::Map(..));
        if declared.is_union {
            // One that ends is always before one that may not.
            let ending = declared.fields.iter().position(leaf).unwrap_or(0);
            let chosen = if depth > 6 { ending } else { random.below(declared.fields.len()) };
            members.insert(format!("f{chosen}"), self.value(random, &declared.fields[chosen].ty, depth + 1));
            if random.once_in(8) {
                members.entry(format!("f{}", random.below(declared.fields.len()))).or_insert(Value::Null);
            }
            return Value::Object(members);
        }
        for (index, field) in declared.fields.iter().enumerate() {
            let is_required = field.requiredness == "required ";
            if is_required || depth <= 6 && random.below(3) > 0 {
                members.insert(format!("f{index}"), self.value(random, &field.ty, depth + 1));
            } else if random.once_in(4) {
                members.insert(format!("f{index}"), Value::Null);
            }
        }
        Value::Object(members)
    }
}

fn name(ty: &Ty) -> String {
    match ty {
        Ty::Base(word) => (*word).to_owned(),
        Ty::List(element) => format!("list<{}>", name(element)),
        Ty::Set(element) => format!("set<{}>", name(element)),
        Ty::Map(key, value) => format!("map<{}, {}>", name(key), name(value)),
        Ty::Struct(position) => format!("S{position}"),
    }
}

fn default(ty: &Ty) -> Option<String> {
    let Ty::Base(word) = ty else { return None };
    let text = match *word {
        "bool" => "true",
        "i8" | "i16" | "i32" => "7",
        "i64" => "9007199254740993",
        "double" => "0.5",
        "string" | "binary" => "\"text\"",
        "E" => "E.ONE",
        "F" => "F.B",
        _ => return None,
    };
    Some(format!(" = {text}"))
}

fn base(random: &mut Random, word: &str) -> Value {
    let bits = random.next();
    let integer = |random: &mut Random, value: i64| match random.below(6) {
        0 if value.unsigned_abs() < 1 << 50 => json!(value as f64),
        _ => json!(value),
    };
    match word {
        "bool" => json!(bits & 1 == 1),
        "i8" => integer(random, (bits as i8).into()),
        "i16" => integer(random, (bits as i16).into()),
        "i32" => integer(random, (bits as i32).into()),
        "i64" => {
            let value = random.pick(&[bits as i64, bits as i64 >> 40, i64::MIN, i64::MAX, 0]);
            match random.below(3) {
                0 => json!(value.to_string()),
                1 => json!(format!("{}000{}", if value < 0 { "-" } else { "" }, value.unsigned_abs())),
                _ => integer(random, value),
            }
        }
        "double" => match f64::from_bits(bits) {
            value if value.is_finite() && !random.once_in(4) => json!(value),
            _ => random.pick(&[json!("NaN"), json!("Infinity"), json!("-Infinity"), json!(7), json!(-0.0)]),
        },
        "string" => {
            let letters = ['a', 'é', '"', '\\', '\n', '\0', '𝄞', 'z', ' '];
            (0..random.below(6)).map(|_| random.pick(&letters)).collect::<String>().into()
        }
        "binary" => random.pick(&BASE64).into(),
        "uuid" => {
            let digits = format!("{bits:016x}{:016x}", random.next());
            let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
            let text = parts.join("-");
            if bits & 1 == 1 { json!(text.to_uppercase()) } else { json!(text) }
        }
        "E" => {
            random.pick(&[json!("ONE"), json!("TWO"), json!("UNO"), json!(77), json!(-2), json!(i32::MIN)])
        }
        "F" => random.pick(&[json!("A"), json!("B"), json!(5)]),
        _ => json!(bits as i32),
    }
}

/// The key of an object for a value that is no string: integers without a point.
fn key_text(key: &Value) -> String {
    match key.as_f64() {
        Some(value) if key.as_i64().is_none() && value.fract() == 0.0 && value.abs() < 1e15 => {
            (value as i64).to_string()
        }
        _ => key.to_string(),
    }
}

/// Base64 that is right.
const BASE64: [&str; 8] = ["", "AQ==", "AQ=", "AQ", "AQI=", "_-8", "+/8=", "aGVsbG8gd29ybGQ"];

/// Changes something of a value.
pub(crate) fn mutate(random: &mut Random, value: &mut Value) {
    let is_here = random.once_in(4);
    match value {
        Value::Array(values) if !values.is_empty() && !is_here => {
            let position = random.below(values.len());
            if !random.once_in(4) {
                return mutate(random, &mut values[position]);
            }
            match random.below(3) {
                0 => drop(values.remove(position)),
                1 => values.push(values[position].clone()),
                _ => values.push(stray(random)),
            }
        }
        Value::Object(members) if !members.is_empty() && !is_here => {
            let key = members.keys().nth(random.below(members.len())).cloned().unwrap_or_default();
            if !random.once_in(4) {
                return mutate(random, &mut members[&key]);
            }
            let other = random.pick(&KEYS).to_owned();
            match random.below(3) {
                0 => drop(members.remove(&key)),
                1 => drop(members.insert(other, stray(random))),
                _ => {
                    let moved = members.remove(&key).unwrap_or_default();
                    members.insert(other, moved);
                }
            }
        }
        value => *value = stray(random),
    }
}

/// Keys of structs and of maps, right and wrong for each.
const KEYS: [&str; 24] = [
    "f0",
    "f1",
    "f2",
    "unknown",
    "",
    "0",
    "-0",
    "-7",
    "007",
    "127",
    "128",
    "-128",
    "-129",
    "32768",
    "2147483648",
    "1.0",
    "1e2",
    "true",
    "ONE",
    "A",
    "NaN",
    "9223372036854775808",
    "AQ==",
    "00000000-0000-4000-8000-00000000000g",
];

/// Strings that are right for something, or nearly.
const TEXTS: [&str; 28] = [
    "text",
    "",
    "12",
    "-007",
    "+1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "99999999999999999999",
    "1.0",
    "NaN",
    "Infinity",
    "true",
    "A",
    "AQ",
    "AR==",
    "AQ=Q",
    "AQ===",
    "-_+/",
    "-_-_",
    "ONE",
    "one",
    "UNO",
    "TWO ",
    "00000000-0000-4000-8000-000000000000",
    "00000000-0000-4000-8000-00000000000g",
    "000000000000400080000000000000000000",
];

/// Any value, near the bounds of something.
fn stray(random: &mut Random) -> Value {
    let numbers = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(3.0),
        json!(-0.0),
        json!(127),
        json!(128),
        json!(-128),
        json!(-129),
        json!(32767),
        json!(-32769),
        json!(2_147_483_647),
        json!(2_147_483_648_u32),
        json!(-2_147_483_649_i64),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(9_223_372_036_854_775_808_u64),
        json!(1e300),
        json!(1e-300),
    ];
    match random.below(8) {
        0 => Value::Null,
        1 => json!(random.once_in(2)),
        2 | 3 => random.pick(&numbers),
        4 | 5 => random.pick(&TEXTS).into(),
        6 => random.pick(&[
            json!([]),
            json!([[]]),
            json!([[1]]),
            json!([[1, 2, 3]]),
            json!([null]),
            json!(["A", "A"]),
        ]),
        _ => random.pick(&[
            json!({}),
            json!({"f0": null}),
            json!({"unknown": 1}),
            json!({"1": true}),
            json!({"f0": {}}),
        ]),
    }
}
