//! The fields of a struct, the arguments of a method, the members of its result.

use super::change::ChangeKind;
use super::effect::Effect::{Breaking, Compatible, Risky};
use super::effect::{Effects, Rule};
use super::found::Found;
use super::text::{self, Enums};
use super::types::{self, Pair};
use crate::id::StructId;
use crate::schema::{Field, Requiredness, Schema, Struct, StructKind, Type};

/// The comparison of two structs.
pub(super) struct Fields<'s> {
    schemas: (&'s Schema, &'s Schema),
    old: &'s Struct,
    new: &'s Struct,
    /// What the places begin with, of the old and the new one
    names: (String, String),
    found: Vec<Found>,
    met: Vec<Pair>,
}

/// What has changed from the one to the other, and the structs and enums that their common fields have. `method`
/// is the name of the method, `Service.method`, of whose arguments or result they are.
pub(super) fn compare(
    schemas: (&Schema, &Schema),
    old: StructId,
    new: StructId,
    method: Option<&str>,
) -> (Vec<Found>, Vec<Pair>) {
    let (old, new) = (&schemas.0[old], &schemas.1[new]);
    let name = |item: &Struct| method.unwrap_or(&item.name).to_owned();
    let names = (name(old), name(new));
    let mut fields = Fields { schemas, old, new, names, found: Vec::new(), met: Vec::new() };
    fields.kind();
    fields.all();
    (fields.found, fields.met)
}

impl Fields<'_> {
    fn all(&mut self) {
        let mut is_kept = vec![false; self.new.fields.len()];
        for old in &self.old.fields {
            let renamed = || {
                self.new
                    .field_by_id(old.id)
                    .filter(|(_, field)| self.old.field_by_name(&field.name).is_none())
            };
            match self.new.field_by_name(&old.name).or_else(renamed) {
                Some((position, new)) => {
                    is_kept[position] = true;
                    self.kept(old, new);
                }
                None => self.removed(old),
            }
        }
        for (new, _) in self.new.fields.iter().zip(is_kept).filter(|(_, is_kept)| !is_kept) {
            self.added(new);
        }
    }

    fn kind(&mut self) {
        let is_union = |item: &Struct| item.kind == StructKind::Union;
        let requires = |item: &Struct| item.fields.iter().any(is_required);
        let rule = match (is_union(self.old), is_union(self.new)) {
            (false, true) => Rule {
                requests: Effects::BREAKING,
                replies: if requires(self.old) { Effects::BREAKING } else { Effects::RISKY },
            },
            (true, false) => Rule {
                requests: if requires(self.new) { Effects::BREAKING } else { Effects::NONE },
                replies: Effects::BREAKING,
            },
            _ => return,
        };
        let word = |item: &Struct| Some(if is_union(item) { "union" } else { "struct" }.to_owned());
        let (was, is) = (word(self.old), word(self.new));
        self.found.push(Found { kind: ChangeKind::KindChanged, place: self.names.1.clone(), was, is, rule });
    }

    fn removed(&mut self, field: &Field) {
        let (kind, rule) = match self.old.kind {
            StructKind::Result if field.id == 0 => (ChangeKind::ReturnRemoved, Rule::both(Effects::BREAKING)),
            StructKind::Result => (ChangeKind::ExceptionRemoved, Rule::both(Effects::RISKY)),
            StructKind::Union => {
                let rule = Rule { requests: Effects::BREAKING, replies: Effects::RISKY };
                (ChangeKind::UnionMemberRemoved, rule)
            }
            _ => {
                let unread = if is_required(field) { Breaking } else { Risky };
                let rule =
                    Rule { requests: Effects::new(Breaking, Risky), replies: Effects::new(Breaking, unread) };
                (ChangeKind::FieldRemoved, rule)
            }
        };
        let place = place(&self.names.0, self.old, field);
        let was = Some(text::field(self.schemas.0, field));
        self.found.push(Found { kind, place, was, is: None, rule });
    }

    fn added(&mut self, field: &Field) {
        let (kind, rule) = match self.new.kind {
            StructKind::Result if field.id == 0 => (ChangeKind::ReturnAdded, Rule::NONE),
            StructKind::Result => (ChangeKind::ExceptionAdded, Rule::both(Effects::RISKY)),
            StructKind::Union => {
                (ChangeKind::UnionMemberAdded, Rule { requests: Effects::NONE, replies: Effects::RISKY })
            }
            _ => {
                let requests = if is_required(field) { Effects::BREAKING } else { Effects::NONE };
                (ChangeKind::FieldAdded, Rule { requests, replies: Effects::NONE })
            }
        };
        let place = place(&self.names.1, self.new, field);
        let is = Some(text::field(self.schemas.1, field));
        self.found.push(Found { kind, place, was: None, is, rule });
    }

    /// A field that both have, by its name or by its id.
    fn kept(&mut self, old: &Field, new: &Field) {
        if old.name != new.name {
            let effects = Effects::new(Breaking, Compatible);
            self.changed(ChangeKind::FieldRenamed, new, &*old.name, &*new.name, Rule::both(effects));
        }
        if old.id != new.id {
            let effects = Effects::new(Compatible, Breaking);
            let (was, is) = (old.id.to_string(), new.id.to_string());
            self.changed(ChangeKind::FieldRenumbered, new, was, is, Rule::both(effects));
        }
        let rule = types::compare(self.schemas, old.ty, new.ty, &mut self.met);
        if rule != Rule::NONE {
            let (was, is) = (self.schemas.0.type_name(old.ty), self.schemas.1.type_name(new.ty));
            self.changed(ChangeKind::FieldRetyped, new, was, is, rule);
        } else {
            self.default(old, new);
        }
        if (self.old.kind == StructKind::Union) == (self.new.kind == StructKind::Union) {
            self.requiredness(old, new);
        }
        if self.new.kind == StructKind::Result {
            self.status(old, new);
        }
    }

    fn requiredness(&mut self, old: &Field, new: &Field) {
        use Requiredness::{Default, Optional, Required};
        let rule = match (old.requiredness, new.requiredness) {
            (was, is) if was == is => return,
            (_, Required) => Rule { requests: Effects::BREAKING, replies: Effects::NONE },
            (Required, _) => Rule { requests: Effects::NONE, replies: Effects::BREAKING },
            (Default, Optional) => Rule { requests: Effects::NONE, replies: Effects::RISKY },
            (Optional, Default) => Rule::NONE,
            (Default, Default) | (Optional, Optional) => return,
        };
        let (was, is) = (text::requiredness(old.requiredness), text::requiredness(new.requiredness));
        self.changed(ChangeKind::RequirednessChanged, new, was, is, rule);
    }

    /// Reports another default value, or one that only one of them has.
    fn default(&mut self, old: &Field, new: &Field) {
        let constant = |schema: &Schema, field: &Field, enums| {
            field.default.as_ref().map(|value| text::constant(schema, field.ty, value, enums))
        };
        let of_both = |enums| (constant(self.schemas.0, old, enums), constant(self.schemas.1, new, enums));
        let (was, is) = of_both(Enums::Numbered);
        if was == is || is_required(new) {
            return;
        }
        // Who has a default for a field of default requiredness writes it where the field is left out.
        let is_written =
            |field: &Field| field.default.is_some() && field.requiredness == Requiredness::Default;
        let unless = |is_compatible| if is_compatible { Compatible } else { Risky };
        let rule = Rule {
            requests: Effects::new(Risky, unless(is_written(old))),
            replies: Effects::new(unless(!is_written(old) || is_written(new)), unless(is_written(new))),
        };
        let (was, is) = of_both(Enums::Named);
        let shown = |value: Option<String>| value.unwrap_or_else(|| "none".into());
        self.changed(ChangeKind::DefaultChanged, new, shown(was), shown(is), rule);
    }

    /// Reports another HTTP status of a declared exception, as far as the IDL gives it.
    fn status(&mut self, old: &Field, new: &Field) {
        let was = status(self.schemas.0, old);
        let is = status(self.schemas.1, new);
        if was != is {
            let rule = Rule { requests: Effects::NONE, replies: Effects::new(Breaking, Compatible) };
            self.changed(ChangeKind::StatusChanged, new, was, is, rule);
        }
    }

    fn changed(
        &mut self,
        kind: ChangeKind,
        field: &Field,
        was: impl Into<String>,
        is: impl Into<String>,
        rule: Rule,
    ) {
        let place = place(&self.names.1, self.new, field);
        self.found.push(Found { kind, place, was: Some(was.into()), is: Some(is.into()), rule });
    }
}

/// Where a field is, for messages.
fn place(owner: &str, item: &Struct, field: &Field) -> String {
    match item.kind {
        StructKind::Arguments => format!("{owner}({})", field.name),
        StructKind::Result if field.id == 0 => owner.to_owned(),
        StructKind::Result => format!("{owner} throws {}", field.name),
        StructKind::Struct | StructKind::Union | StructKind::Exception => format!("{owner}.{}", field.name),
    }
}

fn is_required(field: &Field) -> bool {
    field.requiredness == Requiredness::Required
}

/// The HTTP status of a member of a result, as the annotations of the member or of its exception give it.
fn status<'s>(schema: &'s Schema, field: &'s Field) -> &'s str {
    let of_exception = || match field.ty {
        Type::Struct(id) => schema[id].annotations.get("http.status"),
        _ => None,
    };
    field.annotations.get("http.status").or_else(of_exception).unwrap_or("200")
}
