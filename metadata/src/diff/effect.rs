//! What a change does to those who were written against the old schema.

use serde::Serialize;

/// How bad a change is for somebody who still has the old schema.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing that worked stops working
    #[default]
    Compatible,
    /// It works, but data may be lost, or come that the old schema does not foresee
    Risky,
    /// What worked is refused, or gone from the replies
    Breaking,
}

impl Effect {
    /// In a word, as it is printed.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Risky => "risky",
            Self::Breaking => "breaking",
        }
    }
}

/// The effect on those who speak JSON, by names, and on native clients, by ids and types.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Effects {
    pub(super) json: Effect,
    pub(super) wire: Effect,
}

impl Effects {
    pub(super) const NONE: Self = Self::new(Effect::Compatible, Effect::Compatible);
    pub(super) const RISKY: Self = Self::new(Effect::Risky, Effect::Risky);
    pub(super) const BREAKING: Self = Self::new(Effect::Breaking, Effect::Breaking);

    pub(super) const fn new(json: Effect, wire: Effect) -> Self {
        Self { json, wire }
    }

    fn max(self, other: Self) -> Self {
        Self::new(self.json.max(other.json), self.wire.max(other.wire))
    }
}

/// In which direction the values of a type travel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize)]
pub struct Flow {
    /// Written by the old client, read by the new server
    pub requests: bool,
    /// Written by the new server, read by the old client
    pub replies: bool,
}

impl Flow {
    pub(super) const REQUESTS: Self = Self { requests: true, replies: false };
    pub(super) const REPLIES: Self = Self { requests: false, replies: true };
    pub(super) const BOTH: Self = Self { requests: true, replies: true };

    pub(super) fn with(self, other: Self) -> Self {
        Self { requests: self.requests || other.requests, replies: self.replies || other.replies }
    }
}

/// The effects of a change by the direction in which what it changes travels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rule {
    pub(super) requests: Effects,
    pub(super) replies: Effects,
}

impl Rule {
    pub(super) const NONE: Self = Self::both(Effects::NONE);

    pub(super) const fn both(effects: Effects) -> Self {
        Self { requests: effects, replies: effects }
    }

    pub(super) fn max(self, other: Self) -> Self {
        Self { requests: self.requests.max(other.requests), replies: self.replies.max(other.replies) }
    }

    /// The effects where values travel so.
    pub(super) fn of(self, flow: Flow) -> Effects {
        let requests = if flow.requests { self.requests } else { Effects::NONE };
        let replies = if flow.replies { self.replies } else { Effects::NONE };
        requests.max(replies)
    }
}
