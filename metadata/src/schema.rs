//! The schema: everything that the IDL says, resolved and frozen.
//!
//! Items live in flat arenas and name each other by typed ids, so that a [`Type`] is `Copy` and a recursive
//! type needs no cycle of pointers. A schema is built once by the [`Builder`](crate::Builder), holds no
//! unresolved name, and is never changed: it is shared by everyone who reads it.

use std::ops::Index;

use crate::id::{
    ConstantId, ElementId, EnumId, FunctionId, MapId, ProgramId, ServiceId, StructId, TypedefId,
};
use crate::lookup::NameTable;

/// The type of a value on the wire. Typedefs are resolved to what they stand for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// `bool`
    Bool,
    /// `i8`, also written `byte`
    I8,
    /// `i16`
    I16,
    /// `i32`
    I32,
    /// `i64`
    I64,
    /// `double`: IEEE 754, 64 bits
    Double,
    /// `string`: UTF-8
    String,
    /// `binary`: any bytes
    Binary,
    /// `uuid`: 16 bytes
    Uuid,
    /// An enum, an `i32` on the wire
    Enum(EnumId),
    /// A struct, union or exception
    Struct(StructId),
    /// `list<…>`
    List(ElementId),
    /// `set<…>`
    Set(ElementId),
    /// `map<…, …>`
    Map(MapId),
}

/// Whether a field may be absent.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Requiredness {
    /// `required`: always present
    Required,
    /// `optional`: present when set
    Optional,
    /// Neither word: written when it has a value or a default
    Default,
}

/// An annotation, `name` or `name = "value"`; without a value it has the value `"1"`, as Apache's compiler
/// stores it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Annotation {
    /// As written, dots included
    pub name: Box<str>,
    /// As written
    pub value: Box<str>,
}

/// The annotations of one item, in the order of their names; of a name given more than once the values
/// keep the order of the source.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Annotations(pub(crate) Box<[Annotation]>);

impl Annotations {
    /// The value of the last annotation of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().rev().find(|annotation| &*annotation.name == name).map(|annotation| &*annotation.value)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Annotation> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A constant or default value, checked against its type.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Of `bool`
    Bool(bool),
    /// Of `i8` to `i64` and of an enum, inside the range of the type
    Int(i64),
    /// Of `double`
    Double(f64),
    /// Of `string`
    String(Box<str>),
    /// Of `binary`
    Binary(Box<[u8]>),
    /// Of `uuid`
    Uuid([u8; 16]),
    /// Of `list` and `set`; a set's elements are distinct
    List(Box<[Value]>),
    /// Of `map`; the keys are distinct
    Map(Box<[(Value, Value)]>),
    /// Of a struct, union or exception: the fields that are given, by their position in
    /// [`Struct::fields`], in the order of declaration
    Struct(Box<[(u16, Value)]>),
}

/// A field of a struct, union or exception, an argument of a method, or a member of its result.
#[derive(Clone, PartialEq, Debug)]
pub struct Field {
    /// The identifier on the wire; negative where the IDL gives none
    pub id: i16,
    /// As in the IDL
    pub name: Box<str>,
    /// Typedefs resolved
    pub ty: Type,
    /// As in the IDL, but never `Optional` for an argument, where the word means nothing; always `Optional` in
    /// a union and `Default` in a result
    pub requiredness: Requiredness,
    /// The default value, if the IDL gives one
    pub default: Option<Value>,
    /// The doc comment, without its decoration
    pub doc: Option<Box<str>>,
    /// Annotations of the field; those of its type follow, where a name is not taken
    pub annotations: Annotations,
    /// The typedef that the field's type was written with
    pub typedef: Option<TypedefId>,
}

/// What a [`Struct`] stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StructKind {
    /// `struct`
    Struct,
    /// `union`: exactly one field is set
    Union,
    /// `exception`
    Exception,
    /// The arguments of a method, Thrift's `<method>_args`
    Arguments,
    /// The result of a method, Thrift's `<method>_result`: `success` under id 0 unless the method is void,
    /// and the declared exceptions
    Result,
}

/// A struct, union or exception; the arguments or the result of a method.
#[derive(Clone, Debug)]
pub struct Struct {
    /// As in the IDL; `<method>_args` and `<method>_result` for the structs of a method
    pub name: Box<str>,
    /// The file that declares it
    pub program: ProgramId,
    /// What it stands for
    pub kind: StructKind,
    /// In the order of declaration
    pub fields: Box<[Field]>,
    /// The doc comment
    pub doc: Option<Box<str>>,
    /// Annotations of the declaration
    pub annotations: Annotations,
    pub(crate) by_name: NameTable,
    /// Positions in `fields`, in the order of the ids.
    pub(crate) by_id: Box<[u16]>,
    /// Of those, the ones that are `required`.
    pub(crate) required: Box<[u16]>,
    /// Of those, the ones whose absence says something.
    pub(crate) telling: Box<[u16]>,
}

impl Struct {
    /// The position and the field of this name.
    #[inline]
    #[must_use]
    pub fn field_by_name(&self, name: &str) -> Option<(usize, &Field)> {
        let position = self.by_name.find(name, |position| &self.fields[position].name)?;
        Some((position, &self.fields[position]))
    }

    /// The position and the field of this id.
    #[inline]
    #[must_use]
    pub fn field_by_id(&self, id: i16) -> Option<(usize, &Field)> {
        let found =
            self.by_id.binary_search_by_key(&id, |&position| self.fields[usize::from(position)].id).ok()?;
        let position = usize::from(self.by_id[found]);
        Some((position, &self.fields[position]))
    }

    /// The positions of the `required` fields, in the order of their ids.
    #[inline]
    pub fn required(&self) -> impl Iterator<Item = usize> + '_ {
        self.required.iter().map(|&position| usize::from(position))
    }

    /// The positions of the fields whose absence says something, in the order of their ids: those that are
    /// `required` or have a default, and all arguments of a method; of a union none. Most fields of a wide
    /// struct are not among them, so that a value with few fields costs no more than these.
    #[inline]
    #[must_use]
    pub fn telling(&self) -> &[u16] {
        &self.telling
    }

    /// Prepares what is known of the fields once their defaults are.
    pub(crate) fn complete(&mut self) {
        let fields = &self.fields;
        let kind = self.kind;
        let of = |is_wanted: &dyn Fn(&Field) -> bool| {
            self.by_id.iter().copied().filter(|&position| is_wanted(&fields[usize::from(position)])).collect()
        };
        self.required = of(&|field| field.requiredness == Requiredness::Required);
        self.telling = of(&|field| match kind {
            StructKind::Union => false,
            StructKind::Arguments => true,
            _ => field.requiredness == Requiredness::Required || field.default.is_some(),
        });
    }
}

/// One member of an enum.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Member {
    /// As in the IDL
    pub name: Box<str>,
    /// The number on the wire
    pub value: i32,
    /// The doc comment
    pub doc: Option<Box<str>>,
    /// Annotations of the member
    pub annotations: Annotations,
}

/// An enum.
#[derive(Clone, Debug)]
pub struct Enum {
    /// As in the IDL
    pub name: Box<str>,
    /// The file that declares it
    pub program: ProgramId,
    /// In the order of declaration; values may repeat
    pub members: Box<[Member]>,
    /// The doc comment
    pub doc: Option<Box<str>>,
    /// Annotations of the declaration
    pub annotations: Annotations,
    pub(crate) by_name: NameTable,
    /// Positions of the first declared member of each value, in the order of the values.
    pub(crate) by_value: Box<[u32]>,
}

impl Enum {
    /// The member of this name.
    #[inline]
    #[must_use]
    pub fn member_by_name(&self, name: &str) -> Option<&Member> {
        self.by_name
            .find(name, |position| &self.members[position].name)
            .map(|position| &self.members[position])
    }

    /// The first declared member of this value.
    #[inline]
    #[must_use]
    pub fn member_by_value(&self, value: i32) -> Option<&Member> {
        let found = self
            .by_value
            .binary_search_by_key(&value, |&position| self.members[position as usize].value)
            .ok()?;
        Some(&self.members[self.by_value[found] as usize])
    }
}

/// A typedef. Its uses are resolved; it is kept for documents.
#[derive(Clone, Debug)]
pub struct Typedef {
    /// As in the IDL
    pub name: Box<str>,
    /// The file that declares it
    pub program: ProgramId,
    /// What it stands for, all the way down
    pub ty: Type,
    /// The doc comment
    pub doc: Option<Box<str>>,
    /// Annotations of the declaration
    pub annotations: Annotations,
}

/// A constant. Its uses are resolved; it is kept for documents.
#[derive(Clone, Debug)]
pub struct Constant {
    /// As in the IDL
    pub name: Box<str>,
    /// The file that declares it
    pub program: ProgramId,
    /// The declared type
    pub ty: Type,
    /// Checked against the type
    pub value: Value,
    /// The doc comment
    pub doc: Option<Box<str>>,
}

/// A method as one service declares it.
#[derive(Clone, Debug)]
pub struct Function {
    /// As in the IDL
    pub name: Box<str>,
    /// The service that declares it
    pub service: ServiceId,
    /// Its arguments, of kind [`StructKind::Arguments`]
    pub arguments: StructId,
    /// Its result, of kind [`StructKind::Result`]
    pub result: StructId,
    /// Whether no reply comes
    pub oneway: bool,
    /// The doc comment
    pub doc: Option<Box<str>>,
    /// Annotations of the declaration
    pub annotations: Annotations,
}

/// A service.
#[derive(Clone, Debug)]
pub struct Service {
    /// As in the IDL
    pub name: Box<str>,
    /// The file that declares it
    pub program: ProgramId,
    /// The service that this one extends
    pub extends: Option<ServiceId>,
    /// All its methods: the inherited ones first, then its own, each in the order of declaration
    pub functions: Box<[FunctionId]>,
    /// The doc comment
    pub doc: Option<Box<str>>,
    /// Annotations of the declaration
    pub annotations: Annotations,
    pub(crate) by_name: NameTable,
}

/// One IDL file.
#[derive(Clone, Debug)]
pub struct Program {
    /// The file's stem, which qualifies its names: `shared.User`
    pub name: Box<str>,
    /// The path it was read from
    pub path: Box<str>,
    /// `namespace` lines: scope and name
    pub namespaces: Box<[(Box<str>, Box<str>)]>,
    /// The doc comment of the file
    pub doc: Option<Box<str>>,
    /// The files that it includes
    pub includes: Box<[ProgramId]>,
}

/// Everything that a set of IDL files says: built once, holding no unresolved name, never changed.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    pub(crate) programs: Vec<Program>,
    pub(crate) structs: Vec<Struct>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) typedefs: Vec<Typedef>,
    pub(crate) constants: Vec<Constant>,
    pub(crate) services: Vec<Service>,
    pub(crate) functions: Vec<Function>,
    pub(crate) elements: Vec<Type>,
    pub(crate) maps: Vec<(Type, Type)>,
}

macro_rules! arena {
    ($($id:ident => $field:ident: $item:ty, $iter:ident, $what:literal;)*) => {
        $(
            impl Index<$id> for Schema {
                type Output = $item;

                #[inline]
                fn index(&self, id: $id) -> &$item {
                    &self.$field[id.index()]
                }
            }

            impl Schema {
                #[doc = concat!("All ", $what, ", each with its id.")]
                pub fn $iter(&self) -> impl ExactSizeIterator<Item = ($id, &$item)> {
                    self.$field.iter().enumerate().map(|(index, item)| ($id::new(index), item))
                }
            }
        )*
    };
}

arena! {
    ProgramId => programs: Program, programs, "files";
    StructId => structs: Struct, structs, "structs, unions, exceptions, arguments and results";
    EnumId => enums: Enum, enums, "enums";
    TypedefId => typedefs: Typedef, typedefs, "typedefs";
    ConstantId => constants: Constant, constants, "constants";
    ServiceId => services: Service, services, "services";
    FunctionId => functions: Function, functions, "methods, each where it is declared";
}

impl Schema {
    /// The element type of a list or set.
    #[inline]
    #[must_use]
    pub fn element(&self, id: ElementId) -> Type {
        self.elements[id.index()]
    }

    /// The key and value types of a map.
    #[inline]
    #[must_use]
    pub fn map(&self, id: MapId) -> (Type, Type) {
        self.maps[id.index()]
    }

    /// The method of this name that the service has, its own or inherited.
    #[inline]
    #[must_use]
    pub fn function(&self, service: ServiceId, name: &str) -> Option<FunctionId> {
        let service = &self[service];
        service
            .by_name
            .find(name, |position| &self[service.functions[position]].name)
            .map(|position| service.functions[position])
    }

    /// The services of this name: `Name`, or `program.Name`.
    pub fn services_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = ServiceId> + 'a {
        let (program, bare) = match name.rsplit_once('.') {
            Some((program, bare)) => (Some(program), bare),
            None => (None, name),
        };
        self.services()
            .filter(move |(_, service)| {
                &*service.name == bare
                    && program.is_none_or(|program| &*self[service.program].name == program)
            })
            .map(|(id, _)| id)
    }

    /// Whether `service` is `base` or extends it, directly or not.
    #[must_use]
    pub fn is_a(&self, service: ServiceId, base: ServiceId) -> bool {
        let mut current = Some(service);
        while let Some(id) = current {
            if id == base {
                return true;
            }
            current = self[id].extends;
        }
        false
    }

    /// The type as the IDL writes it, for messages: `list<shared.User>`.
    #[must_use]
    pub fn type_name(&self, ty: Type) -> String {
        match ty {
            Type::Bool => "bool".into(),
            Type::I8 => "i8".into(),
            Type::I16 => "i16".into(),
            Type::I32 => "i32".into(),
            Type::I64 => "i64".into(),
            Type::Double => "double".into(),
            Type::String => "string".into(),
            Type::Binary => "binary".into(),
            Type::Uuid => "uuid".into(),
            Type::Enum(id) => self[id].name.to_string(),
            Type::Struct(id) => self[id].name.to_string(),
            Type::List(id) => format!("list<{}>", self.type_name(self.element(id))),
            Type::Set(id) => format!("set<{}>", self.type_name(self.element(id))),
            Type::Map(id) => {
                let (key, value) = self.map(id);
                format!("map<{}, {}>", self.type_name(key), self.type_name(value))
            }
        }
    }
}
