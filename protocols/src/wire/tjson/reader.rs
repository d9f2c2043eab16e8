//! Reads TJSONProtocol.

use std::borrow::Cow;

use super::token::Tokens;
use super::type_of;
use crate::wire::input::{Input, is_name};
use crate::wire::{MessageHeader, MessageKind, Reader, WireError, WireErrorKind, WireType};

/// The fewest bytes of an element with its comma.
const LEAST_ELEMENT: usize = 2;
/// The fewest bytes of a key, a colon and a value.
const LEAST_ENTRY: usize = 4;

/// What the next value is to the innermost struct or container.
#[derive(Clone, Copy)]
enum Place {
    /// In a struct, whose first field was not read yet
    FirstField,
    /// The value of a field
    Field,
    /// An element of a list or set, or a part of the message
    Element,
    /// The first key of a map
    FirstKey,
    /// Another key of a map
    Key,
    /// A value of a map
    Value,
}

/// Reads TJSONProtocol.
pub struct JsonReader<'a> {
    tokens: Tokens<'a>,
    place: Place,
    /// What the structs and containers that are open were, outermost first.
    outer: Vec<Place>,
}

impl<'a> JsonReader<'a> {
    /// A reader of `bytes`. A struct or container inside more than `depth_limit` others, itself counted, is
    /// an error.
    #[must_use]
    pub fn new(bytes: &'a [u8], depth_limit: usize) -> Self {
        let tokens = Tokens { input: Input::new(bytes, depth_limit) };
        Self { tokens, place: Place::Field, outer: Vec::new() }
    }

    /// Reads what stands before a value; true where the value is a key.
    #[inline]
    fn begin_value(&mut self) -> Result<bool, WireError> {
        match self.place {
            Place::FirstField | Place::Field => Ok(false),
            Place::Element => self.tokens.comma().map(|()| false),
            Place::FirstKey => {
                self.place = Place::Value;
                Ok(true)
            }
            Place::Key => {
                self.place = Place::Value;
                self.tokens.comma().map(|()| true)
            }
            Place::Value => {
                self.place = Place::Key;
                self.tokens.expect(b':').map(|()| false)
            }
        }
    }

    #[inline]
    fn open(&mut self, inside: Place) -> Result<(), WireError> {
        self.tokens.input.enter()?;
        self.outer.push(self.place);
        self.place = inside;
        Ok(())
    }

    #[inline]
    fn close(&mut self) {
        self.tokens.input.leave();
        self.place = self.outer.pop().unwrap_or(Place::Field);
    }

    /// An integer in the range of `T`; out of it, the error is of this kind.
    fn integer<T: TryFrom<i64>>(&mut self, key: bool, kind: WireErrorKind) -> Result<T, WireError> {
        self.tokens.peek()?;
        let position = self.tokens.input.position();
        T::try_from(self.tokens.integer(key)?).map_err(|_| WireError { kind, position })
    }

    #[inline]
    fn number<T: TryFrom<i64>>(&mut self) -> Result<T, WireError> {
        let key = self.begin_value()?;
        self.integer(key, WireErrorKind::Number)
    }

    /// A count of elements, each of at least `least` bytes.
    fn count(&mut self, least: usize) -> Result<u32, WireError> {
        self.tokens.expect(b',')?;
        let count: i32 = self.integer(false, WireErrorKind::Size)?;
        let count = u32::try_from(count).map_err(|_| self.tokens.error(WireErrorKind::Size))?;
        self.tokens.input.check_count(count, least)
    }

    /// The type of this tag. Some writers put no true type on an empty container.
    fn element_type(&self, tag: &[u8], count: u32) -> Result<WireType, WireError> {
        match type_of(tag) {
            Some(ty) => Ok(ty),
            None if count == 0 => Ok(WireType::Bool),
            None => Err(self.tokens.error(WireErrorKind::Type)),
        }
    }
}

impl<'a> Reader<'a> for JsonReader<'a> {
    fn position(&self) -> usize {
        self.tokens.input.position()
    }

    fn message_begin(&mut self) -> Result<MessageHeader<'a>, WireError> {
        self.tokens.expect(b'[')?;
        if self.tokens.integer(false)? != 1 {
            return Err(self.tokens.error(WireErrorKind::Version));
        }
        self.tokens.expect(b',')?;
        self.tokens.peek()?;
        let position = self.tokens.input.position();
        let name = self.tokens.string()?;
        if !is_name(&name) {
            return Err(WireError { kind: WireErrorKind::Name, position });
        }
        self.tokens.expect(b',')?;
        let kind: u8 = self.integer(false, WireErrorKind::Kind)?;
        let kind = MessageKind::from_wire(kind).ok_or_else(|| self.tokens.error(WireErrorKind::Kind))?;
        self.tokens.expect(b',')?;
        let sequence_id = self.integer(false, WireErrorKind::Number)?;
        self.place = Place::Element;
        Ok(MessageHeader { name, kind, sequence_id })
    }

    fn message_end(&mut self) -> Result<(), WireError> {
        self.place = Place::Field;
        self.tokens.expect(b']')?;
        self.tokens.finish()
    }

    #[inline]
    fn struct_begin(&mut self) -> Result<(), WireError> {
        self.begin_value()?;
        self.tokens.expect(b'{')?;
        self.open(Place::FirstField)
    }

    #[inline]
    fn struct_end(&mut self) -> Result<(), WireError> {
        self.close();
        Ok(())
    }

    #[inline]
    fn field_begin(&mut self) -> Result<Option<(WireType, i16)>, WireError> {
        if self.tokens.peek()? == b'}' {
            self.tokens.input.advance(1);
            return Ok(None);
        }
        if let Place::FirstField = self.place {
            self.place = Place::Field;
        } else {
            self.tokens.expect(b',')?;
        }
        let id = self.integer(true, WireErrorKind::FieldId)?;
        self.tokens.expect(b':')?;
        self.tokens.expect(b'{')?;
        let tag = self.tokens.tag()?;
        let ty = type_of(tag).ok_or_else(|| self.tokens.error(WireErrorKind::Type))?;
        self.tokens.expect(b':')?;
        Ok(Some((ty, id)))
    }

    #[inline]
    fn field_end(&mut self) -> Result<(), WireError> {
        self.tokens.expect(b'}')
    }

    fn list_begin(&mut self, _: WireType) -> Result<(WireType, u32), WireError> {
        self.begin_value()?;
        self.tokens.expect(b'[')?;
        self.open(Place::Element)?;
        let element = self.tokens.tag()?;
        let count = self.count(LEAST_ELEMENT)?;
        Ok((self.element_type(element, count)?, count))
    }

    fn list_end(&mut self) -> Result<(), WireError> {
        self.close();
        self.tokens.close(b']')
    }

    fn map_begin(&mut self) -> Result<(WireType, WireType, u32), WireError> {
        self.begin_value()?;
        self.tokens.expect(b'[')?;
        self.open(Place::FirstKey)?;
        let key = self.tokens.tag()?;
        self.tokens.expect(b',')?;
        let value = self.tokens.tag()?;
        let count = self.count(LEAST_ENTRY)?;
        self.tokens.expect(b',')?;
        self.tokens.expect(b'{')?;
        Ok((self.element_type(key, count)?, self.element_type(value, count)?, count))
    }

    fn map_end(&mut self) -> Result<(), WireError> {
        self.close();
        self.tokens.close(b'}')?;
        self.tokens.expect(b']')
    }

    fn bool(&mut self) -> Result<bool, WireError> {
        let key = self.begin_value()?;
        match self.integer(key, WireErrorKind::Bool)? {
            0_u8 => Ok(false),
            1 => Ok(true),
            _ => Err(self.tokens.error(WireErrorKind::Bool)),
        }
    }

    fn i8(&mut self) -> Result<i8, WireError> {
        self.number()
    }

    fn i16(&mut self) -> Result<i16, WireError> {
        self.number()
    }

    #[inline]
    fn i32(&mut self) -> Result<i32, WireError> {
        self.number()
    }

    #[inline]
    fn i64(&mut self) -> Result<i64, WireError> {
        self.number()
    }

    fn double(&mut self) -> Result<f64, WireError> {
        let key = self.begin_value()?;
        self.tokens.double(key)
    }

    #[inline]
    fn string(&mut self) -> Result<Cow<'a, str>, WireError> {
        self.begin_value()?;
        self.tokens.string()
    }

    fn binary(&mut self) -> Result<Cow<'a, [u8]>, WireError> {
        self.begin_value()?;
        self.tokens.base64().map(Cow::Owned)
    }

    fn uuid(&mut self) -> Result<[u8; 16], WireError> {
        self.begin_value()?;
        self.tokens.uuid()
    }

    fn skip(&mut self, ty: WireType) -> Result<(), WireError> {
        match ty {
            WireType::Bool => self.bool().map(drop),
            WireType::I8 => self.i8().map(drop),
            WireType::I16 => self.i16().map(drop),
            WireType::I32 => self.i32().map(drop),
            WireType::I64 => self.i64().map(drop),
            WireType::Double => self.double().map(drop),
            WireType::String => self.string().map(drop),
            WireType::Uuid => self.uuid().map(drop),
            WireType::Struct => {
                self.struct_begin()?;
                while let Some((ty, _)) = self.field_begin()? {
                    self.skip(ty)?;
                    self.field_end()?;
                }
                self.struct_end()
            }
            WireType::List | WireType::Set => {
                let (element, count) = self.list_begin(ty)?;
                self.skip_elements(element, count)?;
                self.list_end()
            }
            WireType::Map => {
                let (key, value, count) = self.map_begin()?;
                for _ in 0..count {
                    self.skip(key)?;
                    self.skip(value)?;
                }
                self.map_end()
            }
        }
    }

    fn skip_elements(&mut self, element: WireType, count: u32) -> Result<(), WireError> {
        (0..count).try_for_each(|_| self.skip(element))
    }
}
