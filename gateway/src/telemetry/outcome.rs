//! How calls end.

use std::fmt;

use crate::http::Reason;

/// How a call ended, as logs and metrics tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A result
    Success,
    /// An exception that the method declares
    Declared {
        /// Its position among the members of the result
        position: usize,
    },
    /// Anything else
    Exception(Reason),
    /// The caller left before its reply
    Abandoned,
}

impl Outcome {
    /// How many there are, declared exceptions being one.
    pub const COUNT: usize = Reason::ALL.len() + 3;

    /// Each of them, once, at its index.
    pub fn all() -> impl Iterator<Item = Self> {
        let failures = Reason::ALL.into_iter().map(Self::Exception);
        [Self::Success, Self::Declared { position: 0 }, Self::Abandoned].into_iter().chain(failures)
    }

    /// A number below [`Self::COUNT`].
    #[must_use]
    pub fn index(self) -> usize {
        match self {
            Self::Success => 0,
            Self::Declared { .. } => 1,
            Self::Abandoned => 2,
            Self::Exception(reason) => reason as usize + 3,
        }
    }

    /// The word in logs and metrics: `success`, `error`, `abandoned`, or the code of the refusal or failure.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Declared { .. } => "error",
            Self::Abandoned => "abandoned",
            Self::Exception(reason) => reason.code(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
