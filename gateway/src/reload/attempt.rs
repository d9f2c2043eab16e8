//! One attempt to reload, and how it ended.

use std::fmt;
use std::time::SystemTime;

use serde_json::{Value, json};

use super::Changes;

/// What asks for a reload.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// SIGHUP
    Signal,
    /// A change on disk
    Watch,
    /// `POST /reload`
    Request,
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Signal => "signal",
            Self::Watch => "watch",
            Self::Request => "request",
        })
    }
}

/// Why a reload changes nothing. The texts are for operators, with the places in the files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// Configuration, IDL or certificates are wrong
    Invalid(String),
    /// They ask for what only a new process can do
    NeedsRestart(String),
    /// The IDL breaks callers, and the configuration forbids that
    Breaking(String),
    /// The files changed each time that they were read
    Unsettled,
    /// The reload panicked
    Internal,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid(text) | Self::NeedsRestart(text) => f.write_str(text),
            Self::Breaking(text) => {
                write!(f, "error: the IDL breaks callers, which `reload.refuse_breaking` forbids\n{text}")
            }
            Self::Unsettled => f.write_str("error: the files do not stop changing while they are read"),
            Self::Internal => f.write_str("error: the gateway failed to reload"),
        }
    }
}

impl std::error::Error for Refusal {}

/// An attempt to reload.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it ended
    pub time: SystemTime,
    /// What asked for it
    pub trigger: Trigger,
    /// The version that is in effect after it; the first is 1
    pub version: u64,
    /// What it changed, or why nothing
    pub outcome: Result<Changes, Refusal>,
}

impl Attempt {
    /// As a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object = json!({
            "version": self.version,
            "time": time(self.time),
            "trigger": self.trigger.to_string(),
        });
        match &self.outcome {
            Ok(changes) => {
                object["result"] = "reloaded".into();
                object["changed"] = json!({
                    "files": changes.files,
                    "methods": {"exposed": changes.exposed, "withdrawn": changes.withdrawn},
                    "backends": {
                        "kept": changes.kept,
                        "started": changes.started,
                        "ended": changes.ended,
                    },
                    "certificates": changes.certificates,
                });
            }
            Err(refusal) => {
                object["result"] = "refused".into();
                object["errors"] = refusal.to_string().into();
            }
        }
        object
    }
}

/// What is in effect, and the last attempt to change it.
#[derive(Clone, Debug)]
pub struct Status {
    /// The version in effect; the first is 1
    pub version: u64,
    /// Since when
    pub since: SystemTime,
    /// The last attempt, refused or not
    pub last: Option<Attempt>,
}

impl Status {
    /// That of a process that has just read everything.
    pub(super) fn first() -> Self {
        Self { version: 1, since: SystemTime::now(), last: None }
    }

    /// As a JSON object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "version": self.version,
            "since": time(self.since),
            "last": self.last.as_ref().map(Attempt::to_json),
        })
    }
}

fn time(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}
