//! Amounts as they are written in the file: sizes, durations and counts, each with its range.

use garde::Validate;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{self, Deserializer};
use std::borrow::Cow;
use std::time::Duration;

/// The largest size of anything that Thrift or the gateway counts in 31 bits.
const LARGEST: u64 = i32::MAX as u64;
/// The longest duration, so that no point in time overflows.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How many, at least one.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Count(#[garde(range(min = 1, max = 1_000_000))] pub(crate) u32);

/// How many, none included.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Few(#[garde(range(max = 100))] pub(crate) u32);

/// A part of the sum of several weights.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Weight(#[garde(range(max = 1_000_000))] pub(crate) u32);

/// A part of a whole.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Share(#[garde(range(min = 0.0, max = 1.0))] pub(crate) f64);

/// A part of the memory there is; with none at all nothing would be served.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct MemoryShare(#[garde(range(min = 0.01, max = 1.0))] pub(crate) f64);

/// Levels of nesting; the upper end keeps recursion inside a thread's stack.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Depth(#[garde(range(min = 1, max = 256))] pub(crate) u32);

/// An HTTP status that answers a call.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Status(#[garde(range(min = 200, max = 599))] pub(crate) u16);

/// Bytes of one thing.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Size(#[garde(custom(size_within(1, LARGEST)))] pub(crate) Bytes);

/// Bytes of a header section; the HTTP library needs 8 KiB.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct HeaderSize(#[garde(custom(size_within(8 << 10, 16 << 20)))] pub(crate) Bytes);

/// Bytes of many things together.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct TotalSize(#[garde(custom(size_within(1, 1 << 50)))] pub(crate) Bytes);

/// A duration that may be zero.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Pause(#[garde(custom(lasting(Duration::ZERO)))] pub(crate) Span);

/// A duration in which something has to happen.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Timeout(#[garde(custom(lasting(Duration::from_millis(1))))] pub(crate) Span);

/// For how long something is remembered, up to two years.
#[derive(Debug, Clone, Copy, Deserialize, Validate, JsonSchema)]
pub(crate) struct Age(#[garde(custom(at_most_two_years))] pub(crate) Span);

fn size_within(least: u64, most: u64) -> impl FnOnce(&Bytes, &()) -> garde::Result {
    move |bytes, ()| match bytes.0 {
        size if size < least => Err(garde::Error::new(format!("less than {least} bytes"))),
        size if size > most => Err(garde::Error::new(format!("more than {most} bytes"))),
        _ => Ok(()),
    }
}

fn lasting(least: Duration) -> impl FnOnce(&Span, &()) -> garde::Result {
    move |span, ()| match span.0 {
        duration if duration < least => Err(garde::Error::new(format!("shorter than {least:?}"))),
        duration if duration > LONGEST => Err(garde::Error::new("longer than 24h")),
        _ => Ok(()),
    }
}

fn at_most_two_years(span: &Span, (): &()) -> garde::Result {
    match span.0 > Duration::from_secs(2 * 365 * 24 * 60 * 60) {
        true => Err(garde::Error::new("longer than two years")),
        false => Ok(()),
    }
}

macro_rules! into_plain {
    ($($from:ident => $to:ty: $value:expr;)*) => {
        $(impl From<$from> for $to {
            fn from(quantity: $from) -> Self {
                ($value)(quantity.0)
            }
        })*
    };
}

// The ranges above keep every value inside 32 bits, but for the total size, which saturates.
into_plain! {
    Count => usize: |count| count as usize;
    Few => usize: |count| count as usize;
    Weight => u32: |weight| weight;
    Share => f64: |share| share;
    MemoryShare => f64: |share| share;
    Depth => usize: |depth| depth as usize;
    Size => usize: plain_bytes;
    HeaderSize => usize: plain_bytes;
    TotalSize => usize: plain_bytes;
    Pause => Duration: |span: Span| span.0;
    Timeout => Duration: |span: Span| span.0;
    Age => Duration: |span: Span| span.0;
}

fn plain_bytes(bytes: Bytes) -> usize {
    usize::try_from(bytes.0).unwrap_or(usize::MAX)
}

/// A number of bytes: `16MiB`, `64KiB`, `1GB`, or a plain number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) u64);

impl Bytes {
    const UNITS: [(&str, u64); 8] = [
        ("", 1),
        ("B", 1),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ];

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = split_number(text)?;
        let (_, factor) = Self::UNITS.iter().find(|(name, _)| *name == unit.trim_start())?;
        number.checked_mul(*factor).map(Self)
    }
}

/// A length of time: `500ms`, `10s`, `1m30s`, `2h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut total = Duration::ZERO;
        while !rest.is_empty() {
            let (number, tail) = split_number(rest)?;
            let unit_end = tail.find(|c: char| c.is_ascii_digit()).unwrap_or(tail.len());
            let (unit, after) = tail.split_at(unit_end);
            let part = match unit {
                "ms" => Duration::from_millis(number),
                "s" => Duration::from_secs(number),
                "m" => Duration::from_secs(number.checked_mul(60)?),
                "h" => Duration::from_secs(number.checked_mul(3600)?),
                _ => return None,
            };
            total = total.checked_add(part)?;
            rest = after;
        }
        (!text.is_empty()).then_some(Self(total))
    }
}

/// The digits at the beginning, as a number, and what follows them.
fn split_number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    Some((digits.parse().ok()?, rest))
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            de::Error::custom(format!("`{text}` is not a size: write bytes, or `64KiB`, `16MiB`, `1GB`"))
        })
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            let reason = match text.parse::<f64>() {
                Ok(_) => "has no unit",
                Err(_) => "is not a duration",
            };
            de::Error::custom(format!("`{text}` {reason}: write `500ms`, `10s`, `1m30s`"))
        })
    }
}

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["integer", "string"], "pattern": "^[0-9]+ *(B|[KMG]i?B)?$", "minimum": 0})
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"})
    }
}
