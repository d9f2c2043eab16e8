//! JSON Schemas (2020-12) of what requests and replies hold.
//!
//! The rules are those by which `thriftgate_protocols::json` reads and writes. A request may hold more than a reply: `null` where a
//! field may be unset, numbers where a reply has names, digits in strings. So a type that both have is two schemas,
//! unless these are equal.

mod component;
mod naming;
mod object;
mod pattern;
mod traits;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use thriftgate_metadata::Schema;

pub(crate) use component::Components;
pub(crate) use object::{Filled, must_be_given, shown};
pub(crate) use traits::visit;
pub(crate) use value::{Renderer, object};

use crate::Description;
use crate::operations::operations;
use thriftgate_protocols::style::Style;

/// Whether JSON is read or written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Direction {
    /// What callers send
    Request,
    /// What they are sent
    Reply,
}

/// From which side a type is looked at, and in which style.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct View {
    pub(crate) direction: Direction,
    pub(crate) style: Style,
}

impl View {
    pub(crate) fn request(style: Style) -> Self {
        Self { direction: Direction::Request, style }
    }

    pub(crate) fn reply(style: Style) -> Self {
        Self { direction: Direction::Reply, style }
    }
}

/// The JSON Schemas of all structs and enums that the methods of a description reach, by the names that they have among the
/// components of [`document`](crate::document).
#[derive(Debug)]
pub struct Schemas {
    all: BTreeMap<String, Item>,
}

#[derive(Debug)]
struct Item {
    schema: Value,
    /// The names of those that it refers to.
    uses: BTreeSet<String>,
}

/// Where the schemas of a document of their own refer to one another.
const DEFINITIONS: &str = "#/$defs/";

impl Schemas {
    /// Those of this description. Making them costs as much as the document.
    #[must_use]
    pub fn new(schema: &Schema, description: &Description) -> Self {
        let components = Components::new(schema, &operations(schema, description));
        let renderer = Renderer::new(schema, &components, DEFINITIONS);
        let all = components.all().map(|(name, component)| {
            let uses = components.uses(schema, component);
            (name.to_owned(), Item { schema: renderer.component(component), uses })
        });
        Self { all: all.collect() }
    }

    /// Their names: `User` where requests and replies have the same, or only one of them has it, else `User-Input` and
    /// `User-Output`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// The schema of this name as a document of its own, with what it refers to under `$defs`. `id` is its address, which may be
    /// relative.
    #[must_use]
    pub fn get(&self, name: &str, id: &str) -> Option<Map<String, Value>> {
        self.all.get(name)?;
        let mut reached = BTreeSet::from([name]);
        let mut open = vec![name];
        while let Some(item) = open.pop().and_then(|name| self.all.get(name)) {
            open.extend(item.uses.iter().map(String::as_str).filter(|&name| reached.insert(name)));
        }
        let definitions = reached.into_iter().map(|name| (name.to_owned(), self.all[name].schema.clone()));
        let mut root = Map::new();
        root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        root.insert("$id".to_owned(), json!(id));
        root.insert("$ref".to_owned(), json!(format!("{DEFINITIONS}{name}")));
        root.insert("$defs".to_owned(), definitions.collect());
        Some(root)
    }
}
