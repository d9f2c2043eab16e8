//! Integers out of decimal text, exactly: by its digits, never by way of a floating-point number.

/// Why a number is no integer of 64 bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotAnInteger {
    /// It has a fraction.
    Fraction,
    /// It is outside of the range.
    Range,
}

/// The value of a number that follows the grammar of JSON, if it is integral: `3`, `3.0` and `3e2` are, and
/// so is `0e400`. The time is linear in the length of the text.
pub(super) fn exact_integer(text: &str) -> Result<i64, NotAnInteger> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], exponent(&text[at + 1..])),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');

    // The digits are `whole`, then `fraction`; the point stands `point` digits after the first of them.
    let point = (whole.len() as i64).saturating_add(exponent);
    let digits = whole.bytes().chain(fraction.bytes());
    let leading =
        if whole.is_empty() { fraction.bytes().take_while(|&byte| byte == b'0').count() } else { 0 };
    let trailing =
        if fraction.is_empty() { whole.bytes().rev().take_while(|&byte| byte == b'0').count() } else { 0 };
    let length = whole.len() + fraction.len();
    if leading + trailing >= length {
        return Ok(0);
    }
    if point < (length - trailing) as i64 {
        return Err(NotAnInteger::Fraction);
    }
    if point - leading as i64 > 19 {
        return Err(NotAnInteger::Range);
    }
    let zeros = (point - (length - trailing) as i64) as usize;
    let magnitude = digits
        .skip(leading)
        .take(length - leading - trailing)
        .chain(std::iter::repeat_n(b'0', zeros))
        .fold(0u128, |value, digit| value * 10 + u128::from(digit - b'0'));
    signed(negative, magnitude)
}

/// The value of decimal digits behind an optional minus sign; `None` if the text is anything else.
pub(super) fn decimal_digits(text: &str) -> Option<Result<i64, NotAnInteger>> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    if digits.len() > 19 {
        return Some(Err(NotAnInteger::Range));
    }
    let magnitude = digits.bytes().fold(0u128, |value, digit| value * 10 + u128::from(digit - b'0'));
    Some(signed(negative, magnitude))
}

fn signed(negative: bool, magnitude: u128) -> Result<i64, NotAnInteger> {
    let value =
        if negative { i128::try_from(magnitude).map(|value| -value) } else { i128::try_from(magnitude) };
    value.ok().and_then(|value| i64::try_from(value).ok()).ok_or(NotAnInteger::Range)
}

/// The exponent's value, or a bound that no text in memory can make up for.
fn exponent(text: &str) -> i64 {
    const BOUND: i64 = i64::MAX / 4;
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let value = digits.iter().fold(0i64, |value, digit| {
        value.saturating_mul(10).saturating_add(i64::from(digit - b'0')).min(BOUND)
    });
    if negative { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::{NotAnInteger, decimal_digits, exact_integer};

    #[test]
    fn integral_numbers_are_exact() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("0e400", 0),
            ("0.000e-400", 0),
            ("3", 3),
            ("3.0", 3),
            ("3e2", 300),
            ("3.14e2", 314),
            ("300e-2", 3),
            ("0.003e3", 3),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("92233720368547758070e-1", i64::MAX),
            ("0.9223372036854775807e19", i64::MAX),
            ("1000000000000000000000000e-24", 1),
        ] {
            assert_eq!(exact_integer(text), Ok(value), "{text}");
        }
        let long = format!("1{}e-1000000", "0".repeat(1_000_000));
        assert_eq!(exact_integer(&long), Ok(1));
    }

    #[test]
    fn the_rest_is_told_apart() {
        for text in ["0.5", "1e-1", "3.14e1", "1e-999999999999999999999", "9007199254740993.5"] {
            assert_eq!(exact_integer(text), Err(NotAnInteger::Fraction), "{text}");
        }
        for text in [
            "9223372036854775808",
            "-9223372036854775809",
            "1e19",
            "18446744073709551616",
            "1e99999999999999999999",
        ] {
            assert_eq!(exact_integer(text), Err(NotAnInteger::Range), "{text}");
        }
    }

    #[test]
    fn digits_in_a_string() {
        assert_eq!(decimal_digits("-007"), Some(Ok(-7)));
        assert_eq!(decimal_digits("9223372036854775808"), Some(Err(NotAnInteger::Range)));
        for text in ["", "-", "+1", "1.0", "1e2", " 1", "0x1", "१"] {
            assert_eq!(decimal_digits(text), None, "{text}");
        }
    }
}
