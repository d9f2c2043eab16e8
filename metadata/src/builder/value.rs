//! The last pass: constants and defaults against their types.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::builder::names::{Head, Item, Referent, Resolver};
use crate::declaration::{MAX_NESTING, TypeExpr, ValueExpr, ValueKind};
use crate::diagnostic::{Diagnostic, Span};
use crate::id::{ElementId, EnumId, MapId, ProgramId, StructId};
use crate::nearest::nearest;
use crate::schema::{Constant, StructKind, Type, Value};

/// How many values all constants and defaults may have together, references to constants followed: a few
/// lines of constants that name each other twice would otherwise fill any memory.
const MAX_VALUES: usize = 1_000_000;

/// Values that wait for the types, and what tells about them.
#[derive(Default)]
pub(super) struct Values {
    /// Owner, position in its fields, and what the source says.
    pub(super) defaults: Vec<(StructId, usize, Box<ValueExpr>)>,
    /// Where the name of each struct stands.
    pub(super) struct_spans: Vec<Span>,
    /// Structs that lack a field because its type was wrong: values of them are not checked.
    broken: HashSet<StructId>,
    count: usize,
}

impl Values {
    pub(super) fn mark_broken(&mut self, id: StructId) {
        self.broken.insert(id);
    }
}

/// Why a value is wrong, and where. Nothing where the reason was reported elsewhere.
struct Fault(Option<Box<Reason>>);

struct Reason {
    span: Span,
    message: String,
    near: Option<String>,
    /// The constant whose use at `span` is wrong.
    constant: Option<String>,
}

impl Fault {
    #[cold]
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self(Some(Box::new(Reason { span, message: message.into(), near: None, constant: None })))
    }

    #[cold]
    fn suggest(mut self, near: Option<&str>) -> Self {
        if let Some(reason) = &mut self.0 {
            reason.near = near.map(str::to_owned);
        }
        self
    }

    /// The same fault, told where the constant is used.
    #[cold]
    fn at(mut self, span: Span, constant: &str) -> Self {
        if let Some(reason) = &mut self.0 {
            reason.span = span;
            reason.constant = Some(constant.to_owned());
        }
        self
    }
}

/// What values are checked with.
struct Checker<'r> {
    resolver: &'r Resolver,
    constants: &'r [(Head, TypeExpr, ValueExpr)],
    count: usize,
}

impl Resolver {
    pub(super) fn resolve_values(&mut self, constants: &[(Head, TypeExpr, ValueExpr)]) {
        let types: Vec<Option<Type>> =
            constants.iter().map(|(head, ty, _)| self.resolve_type(head.program, ty)).collect();
        for (index, ty) in types.iter().enumerate() {
            if let Some(ty) = *ty {
                let (head, _, expr) = &constants[index];
                let value = self.check(head.program, constants, ty, expr);
                self.schema.constants.push(Constant {
                    name: head.name.text.clone(),
                    program: head.program,
                    ty,
                    value: value.unwrap_or(Value::Bool(false)),
                    doc: head.doc.clone(),
                });
            }
        }
        for (owner, position, expr) in std::mem::take(&mut self.values.defaults) {
            let Some(field) = self.schema[owner].fields.get(position) else { continue };
            let value = self.check(self.schema[owner].program, constants, field.ty, &expr);
            self.schema.structs[owner.index()].fields[position].default = value;
        }
    }

    /// The value, or nothing after what is wrong was reported.
    fn check(
        &mut self,
        program: ProgramId,
        constants: &[(Head, TypeExpr, ValueExpr)],
        ty: Type,
        expr: &ValueExpr,
    ) -> Option<Value> {
        let mut checker = Checker { resolver: self, constants, count: self.values.count };
        let result = checker.value(program, ty, expr, 0);
        self.values.count = checker.count;
        match result {
            Ok(value) => Some(value),
            Err(Fault(None)) => None,
            Err(Fault(Some(reason))) => {
                let Reason { span, message, near, constant } = *reason;
                let message = match constant {
                    Some(constant) => format!("the constant `{constant}` does not fit: {message}"),
                    None => message,
                };
                let source = &self.programs[program.index()].source;
                self.diagnostics.push(Diagnostic::error(source, span, message).suggest(near.as_deref()));
                None
            }
        }
    }
}

impl Checker<'_> {
    fn value(
        &mut self,
        program: ProgramId,
        ty: Type,
        expr: &ValueExpr,
        depth: usize,
    ) -> Result<Value, Fault> {
        self.count += 1;
        if self.count > MAX_VALUES {
            return Err(Fault::new(
                expr.span,
                format!("constants have more than {MAX_VALUES} values together"),
            ));
        }
        if depth > MAX_NESTING {
            return Err(Fault::new(
                expr.span,
                format!("a constant of itself, or nested more than {MAX_NESTING} deep"),
            ));
        }
        if let ValueKind::Name(name) = &expr.kind {
            return self.named(program, ty, expr.span, name, depth);
        }
        let value = match (ty, &expr.kind) {
            (Type::Bool, ValueKind::Int(value @ (0 | 1))) => Value::Bool(*value == 1),
            (Type::I8 | Type::I16 | Type::I32 | Type::I64, ValueKind::Int(value)) => {
                self.int(ty, expr.span, *value)?
            }
            #[expect(
                clippy::cast_precision_loss,
                reason = "an integer that stands for a double is rounded to it"
            )]
            (Type::Double, ValueKind::Int(value)) => Value::Double(*value as f64),
            (Type::Double, ValueKind::Double(value)) if value.is_finite() => Value::Double(*value),
            (Type::Double, ValueKind::Double(_)) => {
                return Err(Fault::new(expr.span, "this number is out of the range of `double`"));
            }
            (Type::String, ValueKind::String(text) | ValueKind::Key(text)) => Value::String(text.clone()),
            (Type::Binary, ValueKind::String(text) | ValueKind::Key(text)) => {
                Value::Binary(text.as_bytes().into())
            }
            (Type::Uuid, ValueKind::String(text) | ValueKind::Key(text)) => {
                Value::Uuid(uuid(text).ok_or_else(|| Fault::new(expr.span, format!("{text:?} is no uuid")))?)
            }
            (Type::Enum(id), ValueKind::Int(value)) => self.member(id, expr.span, *value)?,
            (_, ValueKind::Key(text)) => return self.key(program, ty, expr.span, text, depth),
            (Type::List(id), ValueKind::List(elements)) => {
                self.elements(program, id, elements, false, depth)?
            }
            (Type::Set(id), ValueKind::List(elements)) => {
                self.elements(program, id, elements, true, depth)?
            }
            (Type::Map(id), ValueKind::Map(entries)) => self.map(program, id, entries, depth)?,
            (Type::Struct(id), ValueKind::Map(entries)) => {
                self.structure(program, id, expr.span, entries, depth)?
            }
            _ => return Err(self.mismatch(ty, expr)),
        };
        Ok(value)
    }

    /// The elements of a list, or of a set, where they are `distinct`.
    fn elements(
        &mut self,
        program: ProgramId,
        id: ElementId,
        elements: &[ValueExpr],
        distinct: bool,
        depth: usize,
    ) -> Result<Value, Fault> {
        let element = self.resolver.schema.element(id);
        let values = elements
            .iter()
            .map(|expr| self.value(program, element, expr, depth + 1))
            .collect::<Result<Box<[_]>, _>>()?;
        if distinct && let Some(twice) = duplicate(values.iter()) {
            return Err(Fault::new(elements[twice].span, "this element is already in the set"));
        }
        Ok(Value::List(values))
    }

    fn map(
        &mut self,
        program: ProgramId,
        id: MapId,
        entries: &[(ValueExpr, ValueExpr)],
        depth: usize,
    ) -> Result<Value, Fault> {
        let (key, value) = self.resolver.schema.map(id);
        let values = entries
            .iter()
            .map(|(k, v)| {
                Ok((self.value(program, key, k, depth + 1)?, self.value(program, value, v, depth + 1)?))
            })
            .collect::<Result<Box<[_]>, _>>()?;
        if let Some(twice) = duplicate(values.iter().map(|(key, _)| key)) {
            return Err(Fault::new(entries[twice].0.span, "this key is already in the map"));
        }
        Ok(Value::Map(values))
    }

    fn int(&self, ty: Type, span: Span, value: i64) -> Result<Value, Fault> {
        let fits = match ty {
            Type::I8 => i8::try_from(value).is_ok(),
            Type::I16 => i16::try_from(value).is_ok(),
            Type::I32 => i32::try_from(value).is_ok(),
            _ => true,
        };
        if !fits {
            let name = self.resolver.schema.type_name(ty);
            return Err(Fault::new(span, format!("{value} is out of the range of `{name}`")));
        }
        Ok(Value::Int(value))
    }

    fn member(&self, id: EnumId, span: Span, value: i64) -> Result<Value, Fault> {
        let item = &self.resolver.schema[id];
        if i32::try_from(value).is_ok_and(|value| item.member_by_value(value).is_some()) {
            return Ok(Value::Int(value));
        }
        Err(Fault::new(span, format!("no member of `{}` has the value {value}", item.name)))
    }

    /// A name: of a member where an enum is due, else of a constant.
    fn named(
        &mut self,
        program: ProgramId,
        ty: Type,
        span: Span,
        name: &str,
        depth: usize,
    ) -> Result<Value, Fault> {
        let bare = name.rsplit('.').next().unwrap_or(name);
        let referent = self.resolver.referent(program, name);
        // Apache's compiler looks at the last part of the name only.
        if let Type::Enum(id) = ty
            && !matches!(referent, Some(Referent::Constant(_)))
        {
            let item = &self.resolver.schema[id];
            return match item.member_by_name(bare) {
                Some(member) => Ok(Value::Int(member.value.into())),
                None => {
                    let names = item.members.iter().map(|member| &*member.name);
                    Err(Fault::new(span, format!("`{}` has no member `{bare}`", item.name))
                        .suggest(nearest(bare, names)))
                }
            };
        }
        match referent {
            Some(Referent::Member(value)) => {
                let expr = ValueExpr { span, kind: ValueKind::Int(value.into()) };
                self.value(program, ty, &expr, depth)
            }
            Some(Referent::Constant(id)) => {
                let constants = self.constants;
                let (head, _, expr) = &constants[id.index()];
                self.value(head.program, ty, expr, depth + 1).map_err(|fault| fault.at(span, name))
            }
            None => {
                let near =
                    self.resolver.nearest_name(program, name, |item| matches!(item, Item::Constant(_)));
                Err(Fault::new(span, format!("there is no constant `{name}`")).suggest(near.as_deref()))
            }
        }
    }

    /// The key of a JSON object as a value of a type that is no string.
    fn key(
        &mut self,
        program: ProgramId,
        ty: Type,
        span: Span,
        text: &str,
        depth: usize,
    ) -> Result<Value, Fault> {
        let kind = match ty {
            Type::Double => text.parse().ok().map(ValueKind::Double),
            Type::Bool if text == "true" || text == "false" => Some(ValueKind::Int((text == "true").into())),
            Type::Bool | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Enum(_) => {
                text.parse().ok().map(ValueKind::Int)
            }
            _ => None,
        };
        match kind {
            Some(kind) => self.value(program, ty, &ValueExpr { span, kind }, depth),
            None => {
                let name = self.resolver.schema.type_name(ty);
                Err(Fault::new(span, format!("expected `{name}`, found the key {text:?}")))
            }
        }
    }

    fn structure(
        &mut self,
        program: ProgramId,
        id: StructId,
        span: Span,
        entries: &[(ValueExpr, ValueExpr)],
        depth: usize,
    ) -> Result<Value, Fault> {
        let resolver = self.resolver;
        let item = &resolver.schema[id];
        if resolver.values.broken.contains(&id) {
            return Err(Fault(None));
        }
        let mut values: Vec<(u16, Value)> = Vec::with_capacity(entries.len());
        for (key, expr) in entries {
            let (ValueKind::String(name) | ValueKind::Key(name)) = &key.kind else {
                return Err(Fault::new(key.span, format!("expected the name of a field of `{}`", item.name)));
            };
            let Some((position, field)) = item.field_by_name(name) else {
                let names = item.fields.iter().map(|field| &*field.name);
                return Err(Fault::new(key.span, format!("`{}` has no field `{name}`", item.name))
                    .suggest(nearest(name, names)));
            };
            let position = u16::try_from(position).map_err(|_| Fault(None))?;
            values.push((position, self.value(program, field.ty, expr, depth + 1)?));
        }
        values.sort_by_key(|&(position, _)| position);
        if let Some(pair) = values.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let name = &item.fields[usize::from(pair[0].0)].name;
            return Err(Fault::new(span, format!("the field `{name}` is given twice")));
        }
        if item.kind == StructKind::Union && values.len() != 1 {
            let message =
                format!("of the union `{}` exactly one field is set, here {}", item.name, values.len());
            return Err(Fault::new(span, message));
        }
        Ok(Value::Struct(values.into()))
    }

    #[cold]
    fn mismatch(&self, ty: Type, expr: &ValueExpr) -> Fault {
        let found = match &expr.kind {
            ValueKind::Int(value) => format!("the integer {value}"),
            ValueKind::Double(value) => format!("the number {value}"),
            ValueKind::String(_) | ValueKind::Key(_) => "a string".into(),
            ValueKind::Name(name) => format!("`{name}`"),
            ValueKind::List(_) => "a list".into(),
            ValueKind::Map(_) => "a map".into(),
        };
        Fault::new(expr.span, format!("expected `{}`, found {found}", self.resolver.schema.type_name(ty)))
    }
}

/// A uuid in its canonical form, in braces, or without dashes, as Apache's compiler takes it.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let bytes = text.as_bytes();
    let digits: Vec<u8> = match bytes.len() {
        32 => bytes.to_vec(),
        36 if [8, 13, 18, 23].iter().all(|&dash| bytes[dash] == b'-') => {
            bytes.iter().copied().filter(|&byte| byte != b'-').collect()
        }
        _ => return None,
    };
    if digits.len() != 32 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let value = u128::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?;
    Some(value.to_be_bytes())
}

/// The position of a value that is equal to an earlier one.
fn duplicate<'a>(values: impl Iterator<Item = &'a Value>) -> Option<usize> {
    let mut sorted: Vec<(usize, &Value)> = values.enumerate().collect();
    sorted.sort_by(|a, b| order(a.1, b.1));
    sorted.windows(2).find(|pair| order(pair[0].1, pair[1].1).is_eq()).map(|pair| pair[1].0)
}

/// A total order of the values of one type; equal are -0.0 and 0.0, and NaN and NaN.
fn order(a: &Value, b: &Value) -> Ordering {
    fn all<'a>(
        a: impl ExactSizeIterator<Item = &'a Value>,
        b: impl ExactSizeIterator<Item = &'a Value>,
    ) -> Ordering {
        a.len().cmp(&b.len()).then_with(|| {
            a.zip(b).map(|(a, b)| order(a, b)).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        })
    }
    match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Double(a), Value::Double(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
        (Value::String(a), Value::String(b)) => a.cmp(b),
        (Value::Binary(a), Value::Binary(b)) => a.cmp(b),
        (Value::Uuid(a), Value::Uuid(b)) => a.cmp(b),
        (Value::List(a), Value::List(b)) => all(a.iter(), b.iter()),
        (Value::Map(a), Value::Map(b)) => all(a.iter().map(|(key, _)| key), b.iter().map(|(key, _)| key))
            .then_with(|| all(a.iter().map(|(_, value)| value), b.iter().map(|(_, value)| value))),
        (Value::Struct(a), Value::Struct(b)) => {
            let positions =
                |fields: &[(u16, Value)]| fields.iter().map(|&(position, _)| position).collect::<Vec<_>>();
            positions(a)
                .cmp(&positions(b))
                .then_with(|| all(a.iter().map(|(_, value)| value), b.iter().map(|(_, value)| value)))
        }
        _ => Ordering::Equal,
    }
}
