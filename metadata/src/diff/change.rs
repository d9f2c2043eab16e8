//! One change, and all of them.

use std::cmp::Reverse;
use std::fmt;

use serde::Serialize;

use super::effect::{Effect, Flow};

/// As many methods are printed of those that a change reaches.
const SHOWN_METHODS: usize = 4;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident: $title:literal, $meaning:literal;)*) => {
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

            /// What it means for somebody with the old schema, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning,)*
                }
            }
        }
    };
}

kinds! {
    /// A service is gone
    ServiceRemoved: "service removed", "calls of it are refused";
    /// A service is new
    ServiceAdded: "service added", "nobody calls it yet";
    /// A method is gone
    MethodRemoved: "method removed", "calls of it are refused";
    /// A method is new
    MethodAdded: "method added", "nobody calls it yet";
    /// A method of this name came up in another service
    MethodAmbiguous: "method name no longer unique",
        "on a route that has both services, a JSON call must name the service";
    /// A method that had a reply is `oneway`
    BecameOneway: "method became oneway", "a native client waits for a reply that never comes; JSON gets 202 at once";
    /// A `oneway` method has a reply
    NoLongerOneway: "method is no longer oneway",
        "a native client leaves the reply on its connection, where the next call reads it; JSON waits, and gets 200";
    /// A method that was `void` returns something
    ReturnAdded: "return value added", "clients with the old IDL do not look at it";
    /// A method that returned something is `void`
    ReturnRemoved: "return value removed", "a client waits for a `success` that no reply has";
    /// A member of a `throws` list is gone
    ExceptionRemoved: "declared exception removed",
        "if it is still thrown, callers see an internal error in place of it";
    /// A member of a `throws` list is new
    ExceptionAdded: "declared exception added",
        "clients with the old IDL see a reply without a result, or take a void method for done";
    /// The HTTP status of a declared exception is another
    StatusChanged: "HTTP status of a declared exception changed", "JSON callers that look at the status see another one";
    /// A field or argument is gone
    FieldRemoved: "field removed",
        "JSON that sends it is refused, and native clients' values are dropped; replies no longer have it";
    /// A field or argument is new
    FieldAdded: "field added", "a required one is missing in every request made by the old IDL; any other is passed over";
    /// A field or argument has its id under another name
    FieldRenamed: "field renamed", "JSON goes by names; the wire by ids, which stay";
    /// A field or argument has its name under another id
    FieldRenumbered: "field id changed", "the wire goes by ids; JSON by names, which stay";
    /// A field, argument or return value has another type
    FieldRetyped: "type changed", "values of the old type do not fit the new one, or the other way about";
    /// Whether a field must be there is said otherwise
    RequirednessChanged: "requiredness changed",
        "requests without a field that became required are refused; replies may lack one that was";
    /// A field or argument has another default value, or has one no more, or newly
    DefaultChanged: "default changed", "to leave the field out means something else";
    /// A struct became a union, or a union a struct
    KindChanged: "struct and union exchanged", "of a union exactly one field is set";
    /// A member of a union is gone
    UnionMemberRemoved: "union member removed", "requests that choose it are refused; replies never do";
    /// A member of a union is new
    UnionMemberAdded: "union member added", "clients with the old IDL see a union without a member that they know";
    /// An enum value is gone
    ValueRemoved: "enum value removed", "JSON that names it is refused, and natively it is an unknown number; replies never have it";
    /// An enum value is new
    ValueAdded: "enum value added", "clients with the old IDL do not know it when a reply has it";
    /// The number of an enum value has another name
    ValueRenamed: "enum value renamed", "JSON goes by names; the wire by numbers, which stay";
    /// The name of an enum value has another number
    ValueRenumbered: "enum value renumbered", "the wire goes by numbers; JSON by names, which stay";
    /// Of several names of one number another one is declared first
    ValueWrittenAs: "enum value written by another of its names", "replies in JSON have the name that is declared first";
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
    /// In which direction it is met
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
        let Self { kind, place, file, was, is, json, wire, flow, methods } = self;
        write!(f, "{}: {place}: {} ({file})", self.effect().name(), kind.title())?;
        match (was, is) {
            (Some(was), Some(is)) => write!(f, "\n  was {was}, is {is}")?,
            (Some(was), None) => write!(f, "\n  was {was}")?,
            (None, Some(is)) => write!(f, "\n  is {is}")?,
            (None, None) => {}
        }
        write!(f, "\n  JSON {}, wire {}: {}", json.name(), wire.name(), kind.meaning())?;
        if let Some((last, shown)) = methods.split_last() {
            let direction = match flow {
                Flow { requests: true, replies: true } => "requests and replies",
                Flow { requests: true, .. } => "requests",
                _ => "replies",
            };
            if methods.len() > SHOWN_METHODS {
                let rest = methods.len() - SHOWN_METHODS;
                write!(f, "\n  in {direction} of {}, and {rest} more", methods[..SHOWN_METHODS].join(", "))?;
            } else if shown.is_empty() {
                write!(f, "\n  in {direction} of {last}")?;
            } else {
                write!(f, "\n  in {direction} of {}", methods.join(", "))?;
            }
        }
        Ok(())
    }
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
