//! What routes, methods and annotations say about calls.

use crate::file::{self, Options};
use crate::problems::Problems;
use crate::quantity::{Few, Size, Timeout};
use crate::scalar::{Fault, Flag, Scalar, list};
use crate::settings::{Limits, Marks};
use crate::suggestion::nearest;
use garde::Validate;
use serde::de::DeserializeOwned;
use std::fmt;

/// What a route says of all its methods.
pub(crate) fn of_route(options: &Options<'_>, limits: &Limits, problems: &mut Problems<'_>) -> Marks {
    let Options { deadline, attempt_timeout, body, idempotent, retries, .. } = options;
    check_body(body, limits, problems);
    Marks {
        deadline: take(deadline, problems),
        attempt_timeout: take(attempt_timeout, problems),
        body: take(body, problems),
        idempotent: take(idempotent, problems),
        retries: take(retries, problems),
    }
}

/// What `method_settings` say of the methods of one pattern.
pub(crate) fn of_methods(
    written: &file::MethodSettings,
    limits: &Limits,
    problems: &mut Problems<'_>,
) -> Marks {
    let file::MethodSettings { deadline, attempt_timeout, body, idempotent, retries, style: _ } = written;
    check_body(body, limits, problems);
    Marks {
        deadline: take(deadline, problems),
        attempt_timeout: take(attempt_timeout, problems),
        body: take(body, problems),
        idempotent: take(idempotent, problems),
        retries: take(retries, problems),
    }
}

/// A body that is larger than all that may be held could never be read.
fn check_body(body: &Option<Scalar<Size>>, limits: &Limits, problems: &mut Problems<'_>) {
    let Some(scalar) = body else { return };
    let size: Option<usize> = take(body, problems);
    if size.is_some_and(|size| size > limits.bodies) {
        let message = format!("more than the `bodies` of `limits`, {} bytes", limits.bodies);
        problems.error(&scalar.span, message);
    }
}

fn take<T, U>(scalar: &Option<Scalar<T>>, problems: &mut Problems<'_>) -> Option<U>
where
    T: DeserializeOwned + Validate<Context = ()> + Into<U>,
{
    scalar.as_ref().and_then(|scalar| problems.take(scalar)).map(Into::into)
}

/// What annotations of the IDL say of a method, or of all methods of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Annotated {
    /// As a configuration says it.
    pub marks: Marks,
    /// Whether the method is not there for callers of any route.
    pub hidden: Option<bool>,
}

/// An annotation that is not what it should be; displays as what is wrong and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnotationError(Fault);

impl fmt::Display for AnnotationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)?;
        self.0.help.iter().try_for_each(|help| write!(out, "; {help}"))
    }
}

impl std::error::Error for AnnotationError {}

impl Annotated {
    /// What the names of its annotations begin with.
    pub const PREFIX: &'static str = "thriftgate.";

    /// Takes in one annotation, by its whole name. One that is none of the gateway's is passed over; one without a value has the value
    /// `1` in Thrift, and is a flag that is set.
    ///
    /// # Errors
    ///
    /// A name that begins with [`Annotated::PREFIX`] and is not known, or a value that is not written as in the
    /// configuration.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), AnnotationError> {
        const KNOWN: [&str; 6] = ["deadline", "attempt_timeout", "body", "idempotent", "retries", "hidden"];
        let Some(key) = name.strip_prefix(Self::PREFIX) else { return Ok(()) };
        let marks = &mut self.marks;
        let taken = match key {
            "deadline" => parse::<Timeout, _>(value).map(|value| marks.deadline = Some(value)),
            "attempt_timeout" => parse::<Timeout, _>(value).map(|value| marks.attempt_timeout = Some(value)),
            "body" => parse::<Size, _>(value).map(|value| marks.body = Some(value)),
            "idempotent" => flag(value).map(|value| marks.idempotent = Some(value)),
            "retries" => parse::<Few, _>(value).map(|value| marks.retries = Some(value)),
            "hidden" => flag(value).map(|value| self.hidden = Some(value)),
            _ => {
                let help = nearest(key, KNOWN).unwrap_or_else(|| format!("there are {}", list(&KNOWN)));
                Err(Fault::new(format!("there is no annotation `{name}`")).with_help(&help))
            }
        };
        taken.map_err(AnnotationError)
    }
}

fn flag(value: &str) -> Result<bool, Fault> {
    if value == "1" { Ok(true) } else { parse::<Flag, _>(value) }
}

fn parse<T, U>(value: &str) -> Result<U, Fault>
where
    T: DeserializeOwned + Validate<Context = ()> + Into<U>,
{
    Scalar::<T>::new(0..0, value.to_owned()).value(&|_| None).map(Into::into)
}
