//! Finds the bytes at which a string stops being plain, eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// Marks the bytes of `word` that are 0. A mark above the lowest one may be false, since a subtraction
/// borrows from the byte above.
#[inline]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH_BITS
}

/// Marks quotes and backslashes, with the same reservation.
#[inline]
fn delimiters(word: u64) -> u64 {
    zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64))
}

/// Marks control characters, with the same reservation.
#[inline]
fn controls(word: u64) -> u64 {
    word.wrapping_sub(ONES * 0x20) & !word & HIGH_BITS
}

/// The offset of the first quote or backslash, or the length where there is none.
#[inline]
pub(super) fn delimiter(bytes: &[u8]) -> usize {
    first(bytes, delimiters, |byte| byte == b'"' || byte == b'\\')
}

/// The offset of the first byte that is written with an escape, or the length where there is none.
#[inline]
pub(super) fn escaped(bytes: &[u8]) -> usize {
    first(
        bytes,
        |word| delimiters(word) | controls(word),
        |byte| byte < 0x20 || byte == b'"' || byte == b'\\',
    )
}

#[inline]
fn first(bytes: &[u8], marks: impl Fn(u64) -> u64, is_one: impl Fn(u8) -> bool) -> usize {
    let mut offset = 0;
    while let Some(block) = bytes[offset..].first_chunk::<8>() {
        let marks = marks(u64::from_le_bytes(*block));
        if marks != 0 {
            return offset + marks.trailing_zeros() as usize / 8;
        }
        offset += 8;
    }
    bytes[offset..].iter().position(|&byte| is_one(byte)).map_or(bytes.len(), |position| offset + position)
}

#[cfg(test)]
mod tests {
    use super::{delimiter, escaped};

    #[test]
    fn every_byte_at_every_offset() {
        for length in 0..20 {
            for at in 0..length {
                for byte in 0..=255_u8 {
                    for filler in [b'a', b'#', b'!', b']', b' ', 0x80, 0xff] {
                        let mut bytes = vec![filler; length];
                        bytes[at] = byte;
                        let special = byte == b'"' || byte == b'\\';
                        assert_eq!(delimiter(&bytes), if special { at } else { length });
                        assert_eq!(escaped(&bytes), if special || byte < 0x20 { at } else { length });
                    }
                }
            }
        }
    }
}
