//! Patterns for values that are written in strings, in the regular expressions that JSON Schema recommends (a part of ECMA-262).

/// The canonical form of a uuid.
pub(super) const UUID: &str = "^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$";

/// An integer as replies write it in a string.
pub(super) const DIGITS: &str = "^(?:0|-?[1-9][0-9]{0,18})$";

/// A double as the key of a map: a number of JSON, or one of the three that are none.
pub(super) const DOUBLE_KEY: &str =
    "^(?:-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|NaN|-?Infinity)$";

/// Base64 of either alphabet, padded or not, without bits left over.
pub(super) fn base64() -> String {
    let of = |alphabet: &str| {
        format!(
            "(?:[{alphabet}]{{4}})*(?:[{alphabet}][AQgw](?:={{1,2}})?|[{alphabet}]{{2}}[AEIMQUYcgkosw048]=?)?"
        )
    };
    format!("^(?:{}|{})$", of("A-Za-z0-9+/"), of("A-Za-z0-9_-"))
}

/// The decimal digits of an integer whose greatest value is this and whose least is one further from 0, behind an optional
/// minus sign.
pub(super) fn integer(greatest: i64) -> String {
    let digits = greatest.to_string();
    let least = greatest.unsigned_abs() + 1;
    format!("^(?:-?0*(?:[0-9]{{1,{}}}|{})|-0*{least})$", digits.len() - 1, at_most(digits.as_bytes()))
}

/// As many digits as these, which stand for no greater number. The first one is no 0.
fn at_most(digits: &[u8]) -> String {
    let [first, rest @ ..] = digits else { return String::new() };
    let below = match first {
        b'0' => None,
        b'1' => Some("0".to_owned()),
        digit => Some(format!("[0-{}]", char::from(digit - 1))),
    };
    let first = char::from(*first);
    match (below, rest.len()) {
        (_, 0) => format!("[0-{first}]"),
        (None, _) => format!("{first}{}", at_most(rest)),
        (Some(below), length) => {
            let any = if length == 1 { "[0-9]".to_owned() } else { format!("[0-9]{{{length}}}") };
            format!("(?:{below}{any}|{first}{})", at_most(rest))
        }
    }
}
