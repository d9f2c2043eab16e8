//! A scalar of the file with its place. Its value is made of it later than it is read, so that all bad ones are reported.

use crate::suggestion::nearest;
use crate::variables::{Environment, substitute};
use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::{Value, json};
use serde_saphyr::{Location, Spanned};
use std::borrow::Cow;
use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::ops::Range;

/// A scalar that should be a `T`, as it is written, and where. Variables are substituted when it is taken.
#[derive(Debug, Clone)]
pub(crate) struct Scalar<T> {
    pub(crate) span: Range<usize>,
    text: String,
    kind: PhantomData<T>,
}

/// Text with its place: a name, or what is left of a scalar once its variables are substituted.
#[derive(Debug, Clone)]
pub(crate) struct Word {
    pub(crate) span: Range<usize>,
    pub(crate) text: String,
}

/// Why a scalar is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Fault {
    #[cold]
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    pub(crate) fn with_help(self, help: &str) -> Self {
        Self { help: Some(help.to_owned()), ..self }
    }
}

/// The bytes of a location; empty at the beginning of the text where the parser does not know them.
pub(crate) fn bytes_of(location: Location) -> Range<usize> {
    let span = location.span();
    match (span.byte_offset(), span.byte_len()) {
        (Some(start), Some(length)) => start as usize..(start + length) as usize,
        _ => 0..0,
    }
}

impl<T> Scalar<T> {
    pub(crate) fn new(span: Range<usize>, text: String) -> Self {
        Self { span, text, kind: PhantomData }
    }

    /// What is written, variables as they are.
    pub(crate) fn as_written(&self) -> &str {
        &self.text
    }

    /// What is written, variables substituted from `environment`.
    pub(crate) fn substituted(&self, environment: Environment<'_>) -> Result<Cow<'_, str>, Fault> {
        substitute(&self.text, environment)
    }
}

impl<T: DeserializeOwned + Validate<Context = ()>> Scalar<T> {
    /// The value, variables substituted from `environment`.
    pub(crate) fn value(&self, environment: Environment<'_>) -> Result<T, Fault> {
        let text = self.substituted(environment)?;
        let text = text.trim();
        let value = T::deserialize(TextDeserializer(text))?;
        match value.validate() {
            Ok(()) => Ok(value),
            Err(report) => {
                let reason = report.iter().next().map(|(_, error)| error.to_string()).unwrap_or_default();
                Err(Fault::new(format!("{text} is {reason}")))
            }
        }
    }
}

impl<'de, T> Deserialize<'de> for Scalar<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self::new(bytes_of(text.referenced), text.value))
    }
}

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Spanned::<String>::deserialize(deserializer)?;
        Ok(Self { span: bytes_of(text.referenced), text: text.value })
    }
}

/// A string as the value of any type that is written as one scalar: substituted variables have no other type.
struct TextDeserializer<'a>(&'a str);

macro_rules! deserialize_unsigned {
    ($($method:ident $visit:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
            visitor.$visit(self.0.parse().map_err(|_| Fault::new(format!("`{}` is not a whole number", self.0)))?)
        })*
    };
}

impl<'de> Deserializer<'de> for TextDeserializer<'_> {
    type Error = Fault;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        visitor.visit_str(self.0)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        match self.0 {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(Fault::new(format!("`{other}` is neither `true` nor `false`"))),
        }
    }

    deserialize_unsigned! { deserialize_u16 visit_u16 deserialize_u32 visit_u32 deserialize_u64 visit_u64 }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Fault> {
        let number: Option<f64> = self.0.parse().ok();
        let number = number.filter(|number| number.is_finite());
        visitor.visit_f64(number.ok_or_else(|| Fault::new(format!("`{}` is not a number", self.0)))?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Fault> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl std::error::Error for Fault {}

impl de::Error for Fault {
    fn custom<M: Display>(message: M) -> Self {
        Self::new(message.to_string())
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self {
            message: format!("`{variant}` is not one of {}", list(expected)),
            help: nearest(variant, expected.iter().copied()),
        }
    }
}

/// `a`, `b` and `c`.
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

impl<T: JsonSchema> JsonSchema for Scalar<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    /// The schema of `T`, or a string with a variable in it.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        const VARIABLE: &str = r"\$\{";
        let mut schema = T::json_schema(generator);
        if let Some(words) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
            words.push(
                json!({"description": "An environment variable.", "type": "string", "pattern": VARIABLE}),
            );
            return schema;
        }
        match schema.get("pattern").and_then(Value::as_str) {
            Some(pattern) => {
                let either = format!("{pattern}|{VARIABLE}");
                schema.insert("pattern".to_owned(), either.into());
            }
            None if schema.get("type").and_then(Value::as_str) != Some("string") => {
                let plain = schema.remove("type");
                schema.insert("type".to_owned(), json!([plain, "string"]));
                schema.insert("pattern".to_owned(), VARIABLE.into());
            }
            None => {}
        }
        schema
    }
}

/// Any text: a marker, since it is taken as a [`Word`].
#[derive(Debug, Clone, JsonSchema)]
pub(crate) struct Text(#[expect(dead_code, reason = "gives the JSON Schema its type")] String);

/// `true` or `false`.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Flag(#[garde(skip)] pub(crate) bool);

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        flag.0
    }
}
