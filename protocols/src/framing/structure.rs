//! The end of an unframed binary or compact message: a walk over its structure with a stack of its own, that
//! stops wherever the bytes stop and goes on from there.

use super::{FramingError, FramingLimits, Progress};
use crate::wire::{MAX_NAME, WireError, WireErrorKind, WireType, compact_type, fixed_size};

/// The encoding of the tokens that the walk steps over.
#[derive(Clone, Copy)]
enum Encoding {
    Binary,
    Compact,
}

impl Encoding {
    /// The bytes of a value whose size depends on its type alone.
    fn fixed(self, ty: WireType) -> Option<usize> {
        match (self, ty) {
            (Self::Compact, WireType::I16 | WireType::I32 | WireType::I64) => None,
            _ => fixed_size(ty),
        }
    }
}

/// What is open.
enum Level {
    Struct,
    /// A container: the type of the next value, that of the one after it (they differ in a map), and how
    /// many values are still to come
    Values {
        next: WireType,
        after: WireType,
        left: u64,
    },
}

impl Level {
    const EMPTY: Self = Self::Values { next: WireType::Bool, after: WireType::Bool, left: 0 };
}

pub(super) struct Structure {
    encoding: Encoding,
    limits: FramingLimits,
    /// The bytes passed over. It may be ahead of those that have come.
    position: usize,
    levels: Vec<Level>,
    /// The value that comes next, where its type was told already.
    pending: Option<WireType>,
    begun: bool,
}

/// Why the walk stands.
enum Stop {
    /// So many bytes more are needed for the next step
    More(usize),
    Refused(FramingError),
}

type Step<T> = Result<T, Stop>;

/// Reads one token ahead of the walk's position; nothing is kept of it unless all of it is there.
struct Token<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Token<'_> {
    fn array<const N: usize>(&mut self) -> Step<[u8; N]> {
        let rest = &self.bytes[self.position..];
        match rest.first_chunk::<N>() {
            Some(chunk) => {
                self.position += N;
                Ok(*chunk)
            }
            None => Err(Stop::More(N - rest.len())),
        }
    }

    fn byte(&mut self) -> Step<u8> {
        Ok(self.array::<1>()?[0])
    }

    #[cold]
    fn refuse(&self, kind: WireErrorKind) -> Stop {
        Stop::Refused(FramingError::Wire(WireError { kind, position: self.position.saturating_sub(1) }))
    }

    /// An unsigned number below 2^32.
    fn varint(&mut self) -> Step<u32> {
        let mut value = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(value).map_err(|_| self.refuse(WireErrorKind::Varint));
            }
        }
        Err(self.refuse(WireErrorKind::Varint))
    }

    /// Passes over a varint of at most `longest` bytes.
    fn pass_varint(&mut self, longest: usize) -> Step<()> {
        for _ in 0..longest {
            if self.byte()? < 0x80 {
                return Ok(());
            }
        }
        Err(self.refuse(WireErrorKind::Varint))
    }

    /// A size or count, which is not above `i32::MAX`.
    fn size(&mut self, encoding: Encoding) -> Step<u32> {
        let size = match encoding {
            Encoding::Binary => u32::from_be_bytes(self.array()?),
            Encoding::Compact => self.varint()?,
        };
        if size > i32::MAX as u32 { Err(self.refuse(WireErrorKind::Size)) } else { Ok(size) }
    }

    fn ty(&self, encoding: Encoding, number: u8) -> Step<WireType> {
        let ty = match encoding {
            Encoding::Binary => WireType::from_binary(number),
            Encoding::Compact => compact_type(number),
        };
        ty.ok_or_else(|| self.refuse(WireErrorKind::Type))
    }

    /// The header of a message, but for its name and the bytes of fixed size behind it: how many there are.
    fn message(&mut self, encoding: Encoding) -> Step<usize> {
        let behind = match encoding {
            Encoding::Binary => {
                let [first, second, ..] = self.array::<4>()?;
                match (first, second) {
                    (0x80, 0x01) => 4,
                    (0x80.., _) => return Err(self.refuse(WireErrorKind::Version)),
                    // Old-style: these four bytes are the length of the name.
                    _ => {
                        self.position -= 4;
                        5
                    }
                }
            }
            Encoding::Compact => {
                let [id, version] = self.array()?;
                if id != 0x82 || version & 0x1f != 1 {
                    return Err(self.refuse(WireErrorKind::Version));
                }
                self.varint()?;
                0
            }
        };
        let size = self.size(encoding)? as usize;
        if size == 0 || size > MAX_NAME {
            return Err(self.refuse(WireErrorKind::Name));
        }
        Ok(size + behind)
    }

    /// The header of a field: the type of its value, where it has one.
    fn field(&mut self, encoding: Encoding) -> Step<Field> {
        let byte = self.byte()?;
        if byte == 0 {
            return Ok(Field::Stop);
        }
        match encoding {
            Encoding::Binary => {
                let ty = self.ty(encoding, byte)?;
                self.array::<2>()?;
                Ok(Field::Value(ty))
            }
            Encoding::Compact => {
                let ty = self.ty(encoding, byte & 0x0f)?;
                if byte >> 4 == 0 {
                    self.pass_varint(3)?;
                }
                Ok(if ty == WireType::Bool { Field::Whole } else { Field::Value(ty) })
            }
        }
    }

    fn list(&mut self, encoding: Encoding) -> Step<Level> {
        let (number, count) = match encoding {
            Encoding::Binary => (self.byte()?, self.size(encoding)?),
            Encoding::Compact => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.size(encoding)? } else { u32::from(byte >> 4) };
                (byte & 0x0f, count)
            }
        };
        if count == 0 {
            return Ok(Level::EMPTY);
        }
        let element = self.ty(encoding, number)?;
        Ok(Level::Values { next: element, after: element, left: u64::from(count) })
    }

    fn map(&mut self, encoding: Encoding) -> Step<Level> {
        let (key, value, count) = match encoding {
            Encoding::Binary => (self.byte()?, self.byte()?, self.size(encoding)?),
            Encoding::Compact => match self.size(encoding)? {
                0 => (0, 0, 0),
                count => {
                    let types = self.byte()?;
                    (types >> 4, types & 0x0f, count)
                }
            },
        };
        if count == 0 {
            return Ok(Level::EMPTY);
        }
        let (next, after) = (self.ty(encoding, key)?, self.ty(encoding, value)?);
        Ok(Level::Values { next, after, left: 2 * u64::from(count) })
    }
}

enum Field {
    Stop,
    /// Its header tells its value
    Whole,
    Value(WireType),
}

impl Structure {
    pub(super) fn binary(limits: FramingLimits) -> Self {
        Self::new(Encoding::Binary, limits)
    }

    pub(super) fn compact(limits: FramingLimits) -> Self {
        Self::new(Encoding::Compact, limits)
    }

    fn new(encoding: Encoding, limits: FramingLimits) -> Self {
        Self { encoding, limits, position: 0, levels: Vec::new(), pending: None, begun: false }
    }

    pub(super) fn advance(&mut self, bytes: &[u8]) -> Result<Progress, FramingError> {
        loop {
            if self.position > bytes.len() {
                return Ok(Progress::More(self.position - bytes.len()));
            }
            if self.begun && self.levels.is_empty() && self.pending.is_none() {
                return Ok(Progress::Complete { body: 0..self.position, end: self.position });
            }
            match self.step(Token { bytes, position: self.position }) {
                Ok(()) => {}
                Err(Stop::More(more)) => return Ok(Progress::More(more)),
                Err(Stop::Refused(error)) => return Err(error),
            }
        }
    }

    fn step(&mut self, mut token: Token<'_>) -> Step<()> {
        if let Some(ty) = self.pending {
            self.value(token, ty)?;
            self.pending = None;
            return Ok(());
        }
        match self.levels.last_mut() {
            None => {
                let behind = token.message(self.encoding)?;
                self.pass(token.position + behind)?;
                self.begun = true;
                self.pending = Some(WireType::Struct);
            }
            Some(Level::Struct) => {
                match token.field(self.encoding)? {
                    Field::Stop => {
                        self.levels.pop();
                    }
                    Field::Whole => {}
                    Field::Value(ty) => self.pending = Some(ty),
                }
                self.pass(token.position)?;
            }
            Some(Level::Values { left: 0, .. }) => {
                self.levels.pop();
            }
            Some(Level::Values { next, after, left }) => {
                match (self.encoding.fixed(*next), self.encoding.fixed(*after)) {
                    (Some(first), Some(second)) => {
                        let size = left.div_ceil(2) * first as u64 + *left / 2 * second as u64;
                        *left = 0;
                        let size = usize::try_from(size).unwrap_or(usize::MAX);
                        self.pass(token.position.saturating_add(size))?;
                    }
                    _ => {
                        self.pending = Some(*next);
                        *left -= 1;
                        std::mem::swap(next, after);
                    }
                }
            }
        }
        Ok(())
    }

    /// Steps over a value of this type, or into it.
    fn value(&mut self, mut token: Token<'_>, ty: WireType) -> Step<()> {
        if let Some(size) = self.encoding.fixed(ty) {
            return self.pass(token.position + size);
        }
        match ty {
            WireType::String => {
                let size = token.size(self.encoding)?;
                self.pass(token.position + size as usize)
            }
            WireType::Struct => self.enter(&token, Level::Struct),
            WireType::List | WireType::Set => {
                let level = token.list(self.encoding)?;
                self.enter(&token, level)
            }
            WireType::Map => {
                let level = token.map(self.encoding)?;
                self.enter(&token, level)
            }
            _ => {
                token.pass_varint(if ty == WireType::I64 { 10 } else { 5 })?;
                self.pass(token.position)
            }
        }
    }

    fn enter(&mut self, token: &Token<'_>, level: Level) -> Step<()> {
        if self.levels.len() >= self.limits.depth {
            return Err(token.refuse(WireErrorKind::Depth));
        }
        if let Level::Values { left, .. } = level {
            // Each has a byte at least.
            let least = usize::try_from(left).unwrap_or(usize::MAX);
            self.within(token.position.saturating_add(least))?;
        }
        self.levels.push(level);
        self.pass(token.position)
    }

    /// Goes on to this position.
    fn pass(&mut self, position: usize) -> Step<()> {
        self.within(position)?;
        self.position = position;
        Ok(())
    }

    /// Refuses a message that reaches further than the limit.
    fn within(&self, end: usize) -> Step<()> {
        if end > self.limits.size {
            return Err(Stop::Refused(FramingError::TooLarge { size: end, limit: self.limits.size }));
        }
        Ok(())
    }
}
