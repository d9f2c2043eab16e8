//! Environment variables in scalars: `${NAME}`, `${NAME:-default}`, and `$$` for a dollar sign.

use crate::scalar::Fault;
use std::borrow::Cow;

/// The value of a variable; `None` where it is not set.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// `text` with its variables substituted, once: their values are not looked at again. A dollar sign before anything else
/// stands for itself.
pub(crate) fn substitute<'t>(text: &'t str, environment: Environment<'_>) -> Result<Cow<'t, str>, Fault> {
    if !text.contains('$') {
        return Ok(Cow::Borrowed(text));
    }
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        result += &rest[..at];
        let after = &rest[at + 1..];
        if let Some(tail) = after.strip_prefix('$') {
            result.push('$');
            rest = tail;
        } else if let Some(reference) = after.strip_prefix('{') {
            let Some((inner, tail)) = reference.split_once('}') else {
                return Err(malformed(&rest[at..]));
            };
            result += &value_of(inner, environment)?;
            rest = tail;
        } else {
            result.push('$');
            rest = after;
        }
    }
    result += rest;
    Ok(Cow::Owned(result))
}

/// The value of `NAME` or `NAME:-default`; the default is for a variable that is unset or empty.
fn value_of(reference: &str, environment: Environment<'_>) -> Result<String, Fault> {
    let (name, default) = match reference.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (reference, None),
    };
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return Err(malformed(&format!("${{{reference}}}")));
    }
    match (environment(name), default) {
        (Some(value), Some(default)) if value.is_empty() => Ok(default.to_owned()),
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(Fault::new(format!("the environment variable `{name}` is not set")).with_help(
            &format!("set it, or give a default: `${{{name}:-…}}`; a dollar sign itself is `$$`"),
        )),
    }
}

#[cold]
fn malformed(reference: &str) -> Fault {
    Fault::new(format!("`{reference}` is not a variable"))
        .with_help("write `${NAME}` or `${NAME:-default}`; a dollar sign itself is `$$`")
}
