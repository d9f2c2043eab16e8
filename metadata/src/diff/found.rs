//! A change inside one item, before it is known who meets it.

use super::change::ChangeKind;
use super::effect::Rule;

/// A change inside a struct or an enum. What it does depends on the directions in which the item travels.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) kind: ChangeKind,
    pub(super) place: String,
    pub(super) was: Option<String>,
    pub(super) is: Option<String>,
    pub(super) rule: Rule,
}
