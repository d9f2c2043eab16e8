//! Enums and structs: their members, duplicate names and ids, and structs that no finite value has.

use std::collections::HashSet;

use crate::builder::names::{Head, Item, Resolver};
use crate::builder::types::annotations;
use crate::declaration::{FieldDecl, MemberDecl, TypeKind};
use crate::diagnostic::Span;
use crate::id::{ProgramId, StructId};
use crate::lookup::NameTable;
use crate::schema::{Enum, Field, Member, Requiredness, Struct, StructKind, Type};

impl Resolver {
    pub(super) fn build_enums(&mut self, enums: Vec<(Head, Vec<MemberDecl>)>) {
        for (head, declared) in enums {
            let spans: Vec<Span> = declared.iter().map(|member| member.name.span).collect();
            let members: Box<[Member]> = declared
                .into_iter()
                .map(|member| Member {
                    name: member.name.text,
                    value: member.value,
                    doc: member.doc,
                    annotations: annotations(member.annotations, &[]),
                })
                .collect();
            let by_name = NameTable::new(members.iter().map(|member| &*member.name));
            for (position, member) in members.iter().enumerate() {
                let first = by_name.find(&member.name, |position| &members[position].name);
                if let Some(first) = first.filter(|&first| first != position) {
                    self.report_duplicate(
                        head.program,
                        "the member ",
                        &member.name,
                        spans[position],
                        spans[first],
                    );
                }
            }
            let mut by_value: Vec<u32> = (0..).take(members.len()).collect();
            // The sort is stable, so of equal values the first declared one stays.
            by_value.sort_by_key(|&position| members[position as usize].value);
            by_value.dedup_by_key(|position| members[*position as usize].value);
            self.schema.enums.push(Enum {
                name: head.name.text,
                program: head.program,
                members,
                doc: head.doc,
                annotations: annotations(head.annotations, &[]),
                by_name,
                by_value: by_value.into(),
            });
        }
    }

    pub(super) fn build_structs(&mut self, structs: Vec<(Head, StructKind, Vec<FieldDecl>)>) {
        for (head, kind, fields) in structs {
            self.build_struct(head, kind, None, fields);
        }
    }

    /// Adds a struct to the schema. `success` is the first field of a result, where there is one.
    pub(super) fn build_struct(
        &mut self,
        head: Head,
        kind: StructKind,
        success: Option<Field>,
        declared: Vec<FieldDecl>,
    ) -> StructId {
        let id = StructId::new(self.schema.structs.len());
        let mut spans: Vec<(Span, Span)> = Vec::with_capacity(declared.len() + 1);
        let mut fields: Vec<Field> = Vec::with_capacity(declared.len() + 1);
        if let Some(success) = success {
            fields.push(success);
            spans.push((head.name.span, head.name.span));
        }
        for field in declared {
            let span = (field.name.span, field.id_span);
            match self.field(head.program, id, kind, fields.len(), field) {
                Some(field) => {
                    fields.push(field);
                    spans.push(span);
                }
                None => self.values.mark_broken(id),
            }
        }
        let by_name = NameTable::new(fields.iter().map(|field| &*field.name));
        let mut by_id: Vec<u16> = (0..=u16::MAX).take(fields.len()).collect();
        by_id.sort_by_key(|&position| fields[usize::from(position)].id);
        self.check_fields(head.program, &fields, &spans, &by_name, &by_id);
        self.values.struct_spans.push(head.name.span);
        self.schema.structs.push(Struct {
            name: head.name.text,
            program: head.program,
            kind,
            fields: fields.into(),
            doc: head.doc,
            annotations: annotations(head.annotations, &[]),
            by_name,
            by_id: by_id.into(),
            required: Box::default(),
            telling: Box::default(),
        });
        id
    }

    fn field(
        &mut self,
        program: ProgramId,
        owner: StructId,
        kind: StructKind,
        position: usize,
        field: FieldDecl,
    ) -> Option<Field> {
        let ty = self.resolve_type(program, &field.ty)?;
        let of_type = self.type_annotations(program, &field.ty);
        let typedef = match &field.ty.kind {
            TypeKind::Named(name) => match self.item(program, name) {
                Some(Item::Typedef(id)) => Some(id),
                _ => None,
            },
            _ => None,
        };
        let requiredness = match (kind, field.requiredness) {
            (StructKind::Union, Requiredness::Required) => {
                let message =
                    format!("`{}` is required, but of a union exactly one field is set", field.name.text);
                self.report(program, field.name.span, message);
                Requiredness::Optional
            }
            (StructKind::Union, _) => Requiredness::Optional,
            (StructKind::Result, _) | (StructKind::Arguments, Requiredness::Optional) => {
                Requiredness::Default
            }
            (_, requiredness) => requiredness,
        };
        if let Some(default) = field.default {
            if kind == StructKind::Union
                && self
                    .values
                    .defaults
                    .last()
                    .is_some_and(|&(last, first, _)| last == owner && first < position)
            {
                let message =
                    format!("`{}` is the second field of this union with a default", field.name.text);
                self.report(program, default.span, message);
            }
            self.values.defaults.push((owner, position, default));
        }
        Some(Field {
            id: field.id,
            name: field.name.text,
            ty,
            requiredness,
            default: None,
            doc: field.doc,
            annotations: annotations(field.annotations, &of_type),
            typedef,
        })
    }

    /// Reports names and ids that are used twice. `spans` are those of the names and of the ids.
    fn check_fields(
        &mut self,
        program: ProgramId,
        fields: &[Field],
        spans: &[(Span, Span)],
        by_name: &NameTable,
        by_id: &[u16],
    ) {
        if fields.len() != by_id.len() {
            self.report(program, spans[by_id.len()].0, format!("more than {} fields", by_id.len()));
        }
        for (position, field) in fields.iter().enumerate() {
            let first = by_name.find(&field.name, |position| &fields[position].name);
            if let Some(first) = first.filter(|&first| first != position) {
                let (span, first) = (spans[position].0, spans[first].0);
                self.report_duplicate(program, "the field ", &field.name, span, first);
            }
        }
        for pair in by_id.windows(2) {
            let (first, second) = (usize::from(pair[0]), usize::from(pair[1]));
            if fields[first].id == fields[second].id {
                let message = format!(
                    "the id {} of `{}` is already that of `{}`",
                    fields[second].id, fields[second].name, fields[first].name
                );
                self.report(program, spans[second].1, message);
            }
        }
    }

    /// Reports structs that contain themselves without end: by required fields, or by a union all of whose
    /// fields lead back to it. No value of such a struct is finite.
    pub(super) fn check_finite(&mut self) {
        let structs = &self.schema.structs;
        let mut users: Vec<Vec<StructId>> = vec![Vec::new(); structs.len()];
        let mut waits: Vec<usize> = vec![0; structs.len()];
        let mut finite: Vec<StructId> = Vec::new();
        for (id, item) in self.schema.structs() {
            let mut count = 0;
            for needed in needs(item) {
                users[needed.index()].push(id);
                count += 1;
            }
            // A union waits for one of its fields only, and for none if one needs no struct.
            let is_free = item.kind == StructKind::Union && count < item.fields.len();
            waits[id.index()] = match item.kind {
                _ if is_free => 0,
                StructKind::Union => count.min(1),
                _ => count,
            };
            if waits[id.index()] == 0 {
                finite.push(id);
            }
        }
        while let Some(id) = finite.pop() {
            for user in &users[id.index()] {
                let wait = &mut waits[user.index()];
                if *wait > 0 {
                    *wait -= 1;
                    if *wait == 0 {
                        finite.push(*user);
                    }
                }
            }
        }
        self.report_infinite(&waits);
    }

    /// Reports each cycle among the structs that still wait, once.
    fn report_infinite(&mut self, waits: &[usize]) {
        let mut seen: HashSet<StructId> = HashSet::new();
        for index in (0..waits.len()).filter(|&index| waits[index] > 0) {
            let mut way: Vec<StructId> = Vec::new();
            let mut on_way: HashSet<StructId> = HashSet::new();
            let mut current = StructId::new(index);
            while seen.insert(current) {
                way.push(current);
                on_way.insert(current);
                let next = needs(&self.schema[current]).find(|next| waits[next.index()] > 0);
                let Some(next) = next else { break };
                current = next;
            }
            if !on_way.contains(&current) {
                continue;
            }
            let start = way.iter().position(|&id| id == current).unwrap_or(0);
            let mut names: Vec<&str> = way[start..].iter().map(|&id| &*self.schema[id].name).collect();
            names.push(&self.schema[current].name);
            let message =
                format!("no value of `{}` is finite, it contains itself: {}", names[0], names.join(" -> "));
            let span = self.values.struct_spans[current.index()];
            self.report(self.schema[current].program, span, message);
        }
    }
}

/// The structs that every value (of a union: some value) of this one contains.
fn needs(item: &Struct) -> impl Iterator<Item = StructId> + '_ {
    item.fields.iter().filter_map(|field| match field.ty {
        Type::Struct(id)
            if field.requiredness == Requiredness::Required || item.kind == StructKind::Union =>
        {
            Some(id)
        }
        _ => None,
    })
}
