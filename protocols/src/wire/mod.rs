//! The wire protocols behind two traits.
//!
//! [`Writer`] and [`Reader`] are used statically: a caller matches on the [`Protocol`] once, outside of its
//! loop. A writer appends to a buffer and cannot fail; who needs a bound on the size looks at
//! [`Writer::len`]. A reader works on the whole message, borrows from it, and checks every size against the
//! bytes that remain before anything is made of it.

mod binary;
mod compact;
mod dialect;
mod error;
mod input;
mod tjson;

pub use binary::{BinaryReader, BinaryWriter};
pub(crate) use compact::type_of as compact_type;
pub use compact::{CompactReader, CompactWriter};
pub use dialect::Dialect;
pub use error::{WireError, WireErrorKind};
pub(crate) use input::fixed_size;
pub use input::{MAX_NAME, is_name};
pub use tjson::{JsonReader, JsonWriter};

use std::borrow::Cow;

/// A wire protocol of Thrift.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Protocol {
    /// TBinaryProtocol
    Binary,
    /// TCompactProtocol
    Compact,
    /// TJSONProtocol
    Json,
}

/// The type of a value as the wire tells it. The numbers are those of TBinaryProtocol.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum WireType {
    /// `bool`
    Bool = 2,
    /// `i8`
    I8 = 3,
    /// `double`
    Double = 4,
    /// `i16`
    I16 = 6,
    /// `i32` and enums
    I32 = 8,
    /// `i64`
    I64 = 10,
    /// `string` and `binary`
    String = 11,
    /// Structs, unions and exceptions
    Struct = 12,
    /// `map`
    Map = 13,
    /// `set`
    Set = 14,
    /// `list`
    List = 15,
    /// `uuid`
    Uuid = 16,
}

impl WireType {
    /// The type of this number in TBinaryProtocol. Stop (0), void (1) and what no compiler writes today have
    /// none.
    #[inline]
    #[must_use]
    pub fn from_binary(number: u8) -> Option<Self> {
        Some(match number {
            2 => Self::Bool,
            3 => Self::I8,
            4 => Self::Double,
            6 => Self::I16,
            8 => Self::I32,
            10 => Self::I64,
            11 => Self::String,
            12 => Self::Struct,
            13 => Self::Map,
            14 => Self::Set,
            15 => Self::List,
            16 => Self::Uuid,
            _ => return None,
        })
    }

    /// What a value of a schema type is on the wire.
    #[inline]
    #[must_use]
    pub fn of(ty: thriftgate_metadata::Type) -> Self {
        use thriftgate_metadata::Type;
        match ty {
            Type::Bool => Self::Bool,
            Type::I8 => Self::I8,
            Type::I16 => Self::I16,
            Type::I32 | Type::Enum(_) => Self::I32,
            Type::I64 => Self::I64,
            Type::Double => Self::Double,
            Type::String | Type::Binary => Self::String,
            Type::Uuid => Self::Uuid,
            Type::Struct(_) => Self::Struct,
            Type::List(_) => Self::List,
            Type::Set(_) => Self::Set,
            Type::Map(_) => Self::Map,
        }
    }
}

impl WireType {
    /// The word of the IDL; `string` for `binary` too and `i32` for enums, which the wire does not tell apart.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::I8 => "i8",
            Self::Double => "double",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::String => "string",
            Self::Struct => "struct",
            Self::Map => "map",
            Self::Set => "set",
            Self::List => "list",
            Self::Uuid => "uuid",
        }
    }
}

/// What a message is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum MessageKind {
    /// A call that a reply follows
    Call = 1,
    /// The reply to a call: a result or a declared exception
    Reply = 2,
    /// A TApplicationException in place of a reply
    Exception = 3,
    /// A call that no reply follows
    Oneway = 4,
}

impl MessageKind {
    /// The kind of this number, the same in all protocols.
    #[must_use]
    pub fn from_wire(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Call,
            2 => Self::Reply,
            3 => Self::Exception,
            4 => Self::Oneway,
            _ => return None,
        })
    }
}

/// The header of a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MessageHeader<'a> {
    /// The method; before the colon the service, where the peer multiplexes
    pub name: Cow<'a, str>,
    /// What follows
    pub kind: MessageKind,
    /// The caller's number of the call, any `i32`
    pub sequence_id: i32,
}

/// Where a container's header stands whose length is not known yet.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    pub(crate) position: usize,
}

impl Mark {
    /// Of a container whose length was told at its beginning.
    pub(crate) const SETTLED: Self = Self { position: usize::MAX };

    #[inline]
    pub(crate) fn is_settled(self) -> bool {
        self.position == usize::MAX
    }
}

/// Appends values in one wire protocol. Calls come in the order of the data: a struct is `struct_begin`,
/// then for each field `field_begin`, its value, `field_end`, then `struct_end`; a container is its
/// `…_begin`, the elements (or key, value, key, value), its `…_end`.
#[expect(clippy::len_without_is_empty, reason = "a size to hold against a limit, not a collection")]
pub trait Writer {
    /// The bytes in the buffer, those that stood there before included.
    fn len(&self) -> usize;
    /// Begins a message.
    fn message_begin(&mut self, header: &MessageHeader<'_>);
    /// Ends a message.
    fn message_end(&mut self);
    /// Begins a struct, union, exception, or a method's arguments or result.
    fn struct_begin(&mut self);
    /// Ends it, with the stop field where the protocol has one.
    fn struct_end(&mut self);
    /// Begins a field.
    fn field_begin(&mut self, ty: WireType, id: i16);
    /// Ends a field.
    fn field_end(&mut self);
    /// Begins a list or set (`ty` says which) whose length is told at its end.
    fn list_begin(&mut self, ty: WireType, element: WireType) -> Mark;
    /// Begins a list or set whose length is known, which saves moving its elements.
    fn list_begin_sized(&mut self, ty: WireType, element: WireType, count: u32) -> Mark;
    /// Ends it with the number of elements that were written.
    fn list_end(&mut self, mark: Mark, count: u32);
    /// Begins a map whose length is told at its end.
    fn map_begin(&mut self, key: WireType, value: WireType) -> Mark;
    /// Begins a map whose length is known.
    fn map_begin_sized(&mut self, key: WireType, value: WireType, count: u32) -> Mark;
    /// Ends it with the number of entries that were written.
    fn map_end(&mut self, mark: Mark, count: u32);
    /// A `bool`.
    fn bool(&mut self, value: bool);
    /// An `i8`.
    fn i8(&mut self, value: i8);
    /// An `i16`.
    fn i16(&mut self, value: i16);
    /// An `i32` or enum.
    fn i32(&mut self, value: i32);
    /// An `i64`.
    fn i64(&mut self, value: i64);
    /// A `double`, bit for bit where the protocol can.
    fn double(&mut self, value: f64);
    /// A `string`.
    fn string(&mut self, value: &str);
    /// A `binary`.
    fn binary(&mut self, value: &[u8]);
    /// A `uuid`, its bytes in the order of its text.
    fn uuid(&mut self, value: &[u8; 16]);
}

/// Reads values in one wire protocol from a whole message. The order of the calls is that of [`Writer`].
/// After an error nothing more is to be read.
pub trait Reader<'a> {
    /// The bytes consumed.
    fn position(&self) -> usize;
    /// Begins a message.
    fn message_begin(&mut self) -> Result<MessageHeader<'a>, WireError>;
    /// Ends a message; bytes left over are an error.
    fn message_end(&mut self) -> Result<(), WireError>;
    /// Begins a struct; deeper than the limit is an error.
    fn struct_begin(&mut self) -> Result<(), WireError>;
    /// Ends it. The stop field was read by `field_begin`.
    fn struct_end(&mut self) -> Result<(), WireError>;
    /// The next field, or `None` at the end of the struct.
    fn field_begin(&mut self) -> Result<Option<(WireType, i16)>, WireError>;
    /// Ends a field.
    fn field_end(&mut self) -> Result<(), WireError>;
    /// Begins a list or set (`ty` says which): element type and count. An empty container whose element type
    /// the wire does not tell has any type: the caller looks at it only where the count is above zero.
    fn list_begin(&mut self, ty: WireType) -> Result<(WireType, u32), WireError>;
    /// Ends it.
    fn list_end(&mut self) -> Result<(), WireError>;
    /// Begins a map: key type, value type, count, as for lists.
    fn map_begin(&mut self) -> Result<(WireType, WireType, u32), WireError>;
    /// Ends it.
    fn map_end(&mut self) -> Result<(), WireError>;
    /// A `bool`.
    fn bool(&mut self) -> Result<bool, WireError>;
    /// An `i8`.
    fn i8(&mut self) -> Result<i8, WireError>;
    /// An `i16`.
    fn i16(&mut self) -> Result<i16, WireError>;
    /// An `i32` or enum.
    fn i32(&mut self) -> Result<i32, WireError>;
    /// An `i64`.
    fn i64(&mut self) -> Result<i64, WireError>;
    /// A `double`.
    fn double(&mut self) -> Result<f64, WireError>;
    /// A `string`, checked to be UTF-8.
    fn string(&mut self) -> Result<Cow<'a, str>, WireError>;
    /// A `binary`.
    fn binary(&mut self) -> Result<Cow<'a, [u8]>, WireError>;
    /// A `uuid`.
    fn uuid(&mut self) -> Result<[u8; 16], WireError>;
    /// Passes over one value of this type, checking form, sizes and depth.
    fn skip(&mut self, ty: WireType) -> Result<(), WireError>;
    /// Passes over so many elements of a list or set that was begun.
    fn skip_elements(&mut self, element: WireType, count: u32) -> Result<(), WireError>;
}
