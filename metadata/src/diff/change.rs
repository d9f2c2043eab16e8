//! One change, and all of them.

use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;

use super::effect::{Effect, Effects, Flow, Rule};

/// As many methods are printed of those that a change reaches.
const SHOWN_METHODS: usize = 4;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $title:literal, $requests:literal, $replies:literal;)*) => {
        /// What was changed.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum ChangeKind {
            $($(#[$doc])* $name,)*
        }

        impl ChangeKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// In a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title,)*
                }
            }

            /// What it means to somebody with the old schema where it is harmful, in requests and in replies.
            pub(super) fn meanings(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$name => ($requests, $replies),)*
                }
            }
        }
    };
}

kinds! {
    /// A service is gone
    ServiceRemoved: "service removed", "calls of it are refused", "";
    /// A service is new
    ServiceAdded: "service added", "", "";
    /// A method is gone
    MethodRemoved: "method removed", "calls of it are refused", "";
    /// A method is new
    MethodAdded: "method added", "", "";
    /// A method of this name came up in another service
    MethodAmbiguous: "method name no longer unique",
        "on a route that has both services, a call must name the service", "";
    /// A method that had a reply is `oneway`
    BecameOneway: "method became oneway",
        "JSON gets 202 before the call has run", "a native client waits for a reply that never comes";
    /// A `oneway` method has a reply
    NoLongerOneway: "method is no longer oneway",
        "JSON waits for the end of the call and gets 200",
        "a native client leaves the reply on its connection, where its next call reads it";
    /// A method that was `void` returns something
    ReturnAdded: "return value added", "", "";
    /// A method that returned something is `void`
    ReturnRemoved: "return value removed", "", "clients wait for a `success` that no reply has";
    /// A member of a `throws` list is gone
    ExceptionRemoved: "declared exception removed", "", "if it is still thrown, callers see an internal error";
    /// A member of a `throws` list is new
    ExceptionAdded: "declared exception added", "",
        "clients see a result that they do not know, native ones none at all, and take a void method for done";
    /// The HTTP status of a declared exception is another
    StatusChanged: "HTTP status of a declared exception changed", "", "JSON callers may go by the status";
    /// A field or argument is gone
    FieldRemoved: "field removed",
        "JSON that has it is refused, and what native clients send in it is dropped", "clients look for it in vain";
    /// A field or argument is new
    FieldAdded: "field added", "it is required, and clients do not send it", "";
    /// A field or argument has its id under another name
    FieldRenamed: "field renamed", "JSON has the old name, which is refused", "JSON has the new name";
    /// A field or argument has its name under another id
    FieldRenumbered: "field id changed", "native clients send the old id", "native clients look for the old id";
    /// A field, argument or return value has another type
    FieldRetyped: "type changed", "clients send the old type", "clients read the old type";
    /// Whether a field must be there is said otherwise
    RequirednessChanged: "requiredness changed",
        "it is required, and clients may leave it out", "clients count on it, and it may be left out";
    /// A field or argument has another default value, or has one no more, or newly
    DefaultChanged: "default changed",
        "to leave it out means something else", "where it is left out, clients take it for something else";
    /// A struct became a union, or a union a struct
    KindChanged: "struct and union exchanged",
        "clients set more or fewer fields than may be set", "clients get more or fewer fields than they expect";
    /// A member of a union is gone
    UnionMemberRemoved: "union member removed", "requests that choose it are refused", "it is never chosen again";
    /// A member of a union is new
    UnionMemberAdded: "union member added", "", "clients that get it see a union without a member";
    /// An enum value is gone
    ValueRemoved: "enum value removed",
        "JSON that names it is refused; native clients send a number without a name", "it never comes again";
    /// An enum value is new
    ValueAdded: "enum value added", "", "clients that get it do not know it";
    /// The number of an enum value has another name
    ValueRenamed: "enum value renamed", "JSON has the old name, which is refused", "JSON has the new name";
    /// The name of an enum value has another number
    ValueRenumbered: "enum value renumbered", "native clients send the old number", "native clients know the old number";
    /// Of several names of one number another one is declared first
    ValueWrittenAs: "enum value written by another of its names", "", "JSON has the name that is declared first";
}

/// A change between two schemas.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Change {
    /// What was changed
    pub kind: ChangeKind,
    /// Where: `Users`, `Users.get`, `Users.get(id)`, `Users.get throws err`, `User.email`, `Role.ADMIN`
    pub place: String,
    /// The path of the file that declares it: the new one, or the old one where it is gone
    pub file: Box<str>,
    /// How it was, as far as it changed
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// How it is, as far as it changed
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// What it does to those who send and read JSON
    pub json: Effect,
    /// What it does to native clients that were compiled with the old IDL
    pub wire: Effect,
    /// What it means to those with the old schema, a sentence for each direction in which it is harmful
    pub meaning: Vec<&'static str>,
    /// In which directions it is met
    pub flow: Flow,
    /// The methods that it reaches, each as `Service.method`; none where a whole service changed
    pub methods: Vec<String>,
}

impl Change {
    /// The worse of its two effects.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.json.max(self.wire)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, place, file, was, is, json, wire, meaning, flow, methods } = self;
        write!(f, "{}: {place}: {} ({file})", self.effect().name(), kind.title())?;
        match (was, is) {
            (Some(was), Some(is)) => write!(f, "\n  was {was}, is {is}")?,
            (Some(was), None) => write!(f, "\n  was {was}")?,
            (None, Some(is)) => write!(f, "\n  is {is}")?,
            (None, None) => {}
        }
        write!(f, "\n  JSON {}, wire {}", json.name(), wire.name())?;
        if !meaning.is_empty() {
            write!(f, ": {}", meaning.join("; "))?;
        }
        // Of a method and its parts the place says it.
        if methods.iter().any(|method| !place.starts_with(&**method)) {
            let direction = match flow {
                Flow { requests: true, replies: true } => "requests and replies",
                Flow { requests: true, .. } => "requests",
                _ => "replies",
            };
            let shown = methods.len().min(SHOWN_METHODS);
            write!(f, "\n  in {direction} of {}", methods[..shown].join(", "))?;
            if methods.len() > shown {
                write!(f, " and {} more", methods.len() - shown)?;
            }
        }
        Ok(())
    }
}

/// What a change means, in each direction in which it is met and harmful.
pub(super) fn meaning(kind: ChangeKind, rule: Rule, flow: Flow) -> Vec<&'static str> {
    let (requests, replies) = kind.meanings();
    let mut meaning = Vec::new();
    if flow.requests && rule.requests != Effects::NONE && !requests.is_empty() {
        meaning.push(requests);
    }
    if flow.replies && rule.replies != Effects::NONE && !replies.is_empty() {
        meaning.push(replies);
    }
    meaning
}

/// All changes between two schemas: the worst first, then by place.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Diff(Vec<Change>);

impl Diff {
    pub(super) fn new(mut changes: Vec<Change>) -> Self {
        changes.sort_by(|a, b| {
            let key = |change: &Change| (Reverse(change.effect()), change.kind);
            (key(a), &a.place, &a.file, &a.was, &a.is).cmp(&(key(b), &b.place, &b.file, &b.was, &b.is))
        });
        Self(changes)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Change> {
        self.0.iter()
    }

    /// Those that break somebody.
    pub fn breaking(&self) -> impl Iterator<Item = &Change> {
        self.iter().filter(|change| change.effect() == Effect::Breaking)
    }

    /// How many have this effect at worst.
    #[must_use]
    pub fn count(&self, effect: Effect) -> usize {
        self.iter().filter(|change| change.effect() == effect).count()
    }
}

impl fmt::Display for Diff {
    /// A paragraph for each change, and a line that counts them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for change in self.iter() {
            writeln!(f, "{change}")?;
        }
        let count = |effect| self.count(effect);
        write!(
            f,
            "{} breaking, {} risky, {} compatible",
            count(Effect::Breaking),
            count(Effect::Risky),
            count(Effect::Compatible)
        )
    }
}
