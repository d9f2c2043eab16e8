//! The members of an enum.

use super::change::ChangeKind;
use super::effect::Effect::{Breaking, Compatible, Risky};
use super::effect::{Effects, Rule};
use super::found::Found;
use crate::schema::{Enum, Member};

/// What has changed from `old` to `new`, whose names may differ.
pub(super) fn compare(old: &Enum, new: &Enum) -> Vec<Found> {
    let mut found = Vec::new();
    for member in &old.members {
        found.extend(of_old(old, new, member));
    }
    let appeared = |member: &&Member| {
        old.member_by_name(&member.name).is_none() && old.member_by_value(member.value).is_none()
    };
    for member in new.members.iter().filter(appeared) {
        found.push(Found {
            kind: ChangeKind::ValueAdded,
            place: format!("{}.{}", new.name, member.name),
            was: None,
            is: Some(member.value.to_string()),
            rule: Rule { requests: Effects::NONE, replies: Effects::RISKY },
        });
    }
    found
}

fn of_old(old: &Enum, new: &Enum, member: &Member) -> Option<Found> {
    let place = format!("{}.{}", old.name, member.name);
    let is_written = old.member_by_value(member.value).is_some_and(|first| first.name == member.name);
    let same_value = new.member_by_value(member.value);
    let (kind, was, is, rule) = match (new.member_by_name(&member.name), same_value) {
        (Some(same), _) if same.value != member.value => {
            let effects = Effects::new(Compatible, Breaking);
            let (was, is) = (member.value.to_string(), same.value.to_string());
            (ChangeKind::ValueRenumbered, was, Some(is), Rule::both(effects))
        }
        (Some(_), Some(first)) if is_written && first.name != member.name => {
            let rule = Rule { requests: Effects::NONE, replies: Effects::new(Breaking, Compatible) };
            (ChangeKind::ValueWrittenAs, member.name.to_string(), Some(first.name.to_string()), rule)
        }
        (Some(_), _) => return None,
        (None, Some(first)) => {
            let replies = if is_written { Breaking } else { Compatible };
            let rule = Rule {
                requests: Effects::new(Breaking, Compatible),
                replies: Effects::new(replies, Compatible),
            };
            (ChangeKind::ValueRenamed, member.name.to_string(), Some(first.name.to_string()), rule)
        }
        (None, None) => {
            let rule = Rule { requests: Effects::new(Breaking, Risky), replies: Effects::RISKY };
            (ChangeKind::ValueRemoved, member.value.to_string(), None, rule)
        }
    };
    Some(Found { kind, place, was: Some(was), is, rule })
}
