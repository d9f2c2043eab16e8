//! What a route or a caller may choose about the human-readable JSON, and the limits of a translation.

/// How an `i64` is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum I64Style {
    /// As a number
    #[default]
    Number,
    /// As a string, for readers that lose digits past 2^53
    String,
}

/// How an enum is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum EnumStyle {
    /// By the name of the first declared member of the value; by number where there is none
    #[default]
    Name,
    /// By number
    Number,
}

/// What becomes of an unknown key in an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum UnknownFields {
    /// It is a fault
    #[default]
    Refuse,
    /// Its value is passed over
    Ignore,
}

/// What becomes of an argument that is absent, null, and without a default.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum MissingArguments {
    /// It is left unset, as Thrift does
    #[default]
    Allow,
    /// It is a fault
    Refuse,
}

/// The style of the human-readable JSON.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Style {
    /// How an `i64` is written
    pub i64: I64Style,
    /// How an enum is written
    pub enums: EnumStyle,
    /// What becomes of an unknown key
    pub unknown_fields: UnknownFields,
    /// What becomes of an absent argument
    pub missing_arguments: MissingArguments,
}

/// The bounds of one translation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Levels of structs and containers, one inside the other
    pub depth: usize,
    /// Bytes that the output may have
    pub output: usize,
}

impl Default for Limits {
    /// Depth 64, 16 MiB of output.
    fn default() -> Self {
        Self { depth: 64, output: 16 * 1024 * 1024 }
    }
}
