//! Who a call is looked at as: anybody, or a caller of a group.

use std::sync::Arc;

use clap::Args;
use serde_json::{Map, Value};

use super::Error;
use super::source::find_group;
use crate::policy::{Caller, Facts, Group};
use crate::snapshot::Snapshot;

/// Who calls.
#[derive(Clone, Debug, Args)]
pub(super) struct Whom {
    /// As a caller of this group of the configuration
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// The name of the caller, for arguments that are filled in with it
    #[arg(long, value_name = "NAME", requires = "group", default_value = "somebody")]
    caller: String,
    /// What the caller's token says, as a JSON object, for arguments that are filled in with claims
    #[arg(long, value_name = "JSON", requires = "group", value_parser = parse_object)]
    claims: Option<Map<String, Value>>,
    /// The attributes of the caller's API key, as a JSON object, for arguments that are filled in with them
    #[arg(long, value_name = "JSON", requires = "group", conflicts_with = "claims", value_parser = parse_object)]
    attributes: Option<Map<String, Value>>,
}

fn parse_object(text: &str) -> Result<Map<String, Value>, String> {
    serde_json::from_str(text).map_err(|error| format!("this is no JSON object: {error}"))
}

impl Whom {
    /// The caller and its group; `None` is anybody.
    pub(super) fn find<'s>(&self, snapshot: &'s Snapshot) -> Result<Option<(&'s Group, Caller)>, Error> {
        let Some(name) = &self.group else { return Ok(None) };
        let group = find_group(snapshot, name)?;
        let index = snapshot.policy.groups.iter().position(|known| std::ptr::eq(known, group));
        let facts = match (&self.claims, &self.attributes) {
            (Some(claims), _) => Facts::Claims(Arc::new(claims.clone())),
            (None, Some(attributes)) => Facts::Attributes(Arc::new(attributes.clone())),
            (None, None) => Facts::None,
        };
        let caller = Caller::new(self.caller.as_str(), None, index.unwrap_or_default(), facts);
        Ok(Some((group, caller)))
    }
}
