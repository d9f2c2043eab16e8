//! What the documents page shows, and makes its forms of.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Map, Value, json};
use thriftgate_metadata::{
    Annotations, EnumId, Field, FunctionId, Requiredness, Schema, StructId, StructKind, Type, TypedefId,
};
use thriftgate_protocols::style::{EnumStyle, I64Style, MissingArguments, Style, UnknownFields};

use crate::annotation::{deprecation, is_secret, is_sensitive};
use crate::example::{self, Examples, Outcome};
use crate::names::Names;
use crate::schema::{Filled, View, object, shown};
use crate::{Description, MethodDescription, RouteDescription, ServiceDescription};

/// The model of the documents page, as JSON text. Integers that JavaScript would round are strings.
#[must_use]
pub fn page_model(schema: &Schema, description: &Description) -> String {
    let services = description.routes.iter().flat_map(|route| &route.services);
    let functions = services.flat_map(|service| &service.methods).map(|method| method.function);
    let mut model = Model {
        schema,
        names: Names::new(schema, &[]),
        examples: Examples::of_methods(schema, functions),
        types: BTreeMap::new(),
        seen: HashSet::new(),
        open: Vec::new(),
    };
    let routes: Vec<Value> = description.routes.iter().map(|route| model.route(route)).collect();
    while let Some(declared) = model.open.pop() {
        model.declare(declared);
    }
    let Description { title, version, summary, servers, openapi, security, .. } = description;
    let page = told([
        ("title", json!(title)),
        ("version", json!(version)),
        ("description", json!(summary)),
        ("servers", json!(servers)),
        ("openapi", json!(openapi)),
        (
            "security",
            told([
                ("keyHeader", json!(security.key_header)),
                ("bearer", json!(security.bearer)),
                ("required", json!(security.required)),
            ]),
        ),
        ("routes", json!(routes)),
        ("types", model.types.into_values().collect()),
    ]);
    exact(page).to_string()
}

/// A declaration that the IDL names.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Declared {
    Struct(StructId),
    Enum(EnumId),
    Typedef(TypedefId),
}

struct Model<'s> {
    schema: &'s Schema,
    names: Names,
    examples: Examples<'s>,
    types: BTreeMap<String, Value>,
    seen: HashSet<Declared>,
    open: Vec<Declared>,
}

impl Model<'_> {
    fn route(&mut self, route: &RouteDescription) -> Value {
        let Style { i64, enums, unknown_fields, missing_arguments } = route.style;
        let style = json!({
            "i64": match i64 { I64Style::Number => "number", I64Style::String => "string" },
            "enums": match enums { EnumStyle::Name => "name", EnumStyle::Number => "number" },
            "unknownFields": match unknown_fields {
                UnknownFields::Refuse => "refuse",
                UnknownFields::Ignore => "ignore",
            },
            "missingArguments": match missing_arguments {
                MissingArguments::Allow => "allow",
                MissingArguments::Refuse => "refuse",
            },
        });
        let headers: Map<String, Value> =
            route.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let services: Vec<Value> =
            route.services.iter().map(|service| self.service(route, service)).collect();
        told([
            ("path", json!(route.path)),
            ("hosts", json!(route.hosts)),
            ("headers", if headers.is_empty() { Value::Null } else { Value::Object(headers) }),
            ("style", style),
            ("sandbox", json!(route.sandbox)),
            ("openapi", json!(route.openapi)),
            ("services", json!(services)),
        ])
    }

    fn service(&mut self, route: &RouteDescription, service: &ServiceDescription) -> Value {
        let item = &self.schema[service.service];
        let methods: Vec<Value> = service
            .methods
            .iter()
            .map(|method| {
                let path = route.path_of(service, &self.schema[method.function].name);
                self.method(&service.name, method, &path)
            })
            .collect();
        told([
            ("name", json!(service.name)),
            ("doc", json!(item.doc)),
            ("extends", json!(item.extends.map(|base| self.names.of_service(base)))),
            ("deprecated", deprecated(&item.annotations)),
            ("methods", json!(methods)),
        ])
    }

    fn method(&mut self, service: &str, method: &MethodDescription, path: &str) -> Value {
        let schema = self.schema;
        let function = &schema[method.function];
        let filled = Filled::new(&method.filled);
        let of = format!("{service}.{}", function.name);
        let arguments = self.fields(function.arguments, View::request(method.style), &filled, &of);
        let result = &schema[function.result];
        let success = result.fields.iter().find(|field| field.id == 0).map(|field| self.ty(field.ty));
        let throws: Vec<Value> = result
            .fields
            .iter()
            .filter(|field| field.id != 0)
            .map(|field| {
                let ty = self.ty(field.ty);
                self.field(field, ty, false)
            })
            .collect();
        let mut told = object(told([
            ("name", json!(function.name)),
            ("path", json!(path)),
            ("doc", json!(function.doc)),
            ("oneway", json!(function.oneway)),
            ("arguments", json!(arguments)),
            ("throws", json!(throws)),
            ("deprecated", deprecated(&function.annotations)),
            ("example", self.examples.arguments(method)),
            ("resultExample", self.result(method.function, method.style)),
        ]));
        // It is null where the method is void.
        told.insert("success".to_owned(), json!(success));
        Value::Object(told)
    }

    fn result(&self, function: FunctionId, style: Style) -> Value {
        self.examples.result(function, Outcome::Success, style, 0).unwrap_or_else(|| json!({}))
    }

    /// The fields of a struct that are shown. `of` names the method for which some are filled in.
    fn fields(&mut self, id: StructId, view: View, filled: &Filled<'_>, of: &str) -> Vec<Value> {
        let structure = &self.schema[id];
        let secret = is_secret(&structure.annotations);
        let mut fields = Vec::new();
        for (position, field) in shown(structure, view, filled) {
            let ty = match (filled.inside(position), field.ty) {
                (Some(inside), Type::Struct(inner)) => self.narrowed(inner, view, &inside, of),
                (_, ty) => self.ty(ty),
            };
            fields.push(self.field(field, ty, secret));
        }
        fields
    }

    /// The struct as it is for one method, without what is filled in there.
    fn narrowed(&mut self, id: StructId, view: View, filled: &Filled<'_>, of: &str) -> Value {
        let name = format!("{} ({of})", self.names.of_struct(id));
        let fields = self.fields(id, view, filled, of);
        let declared = self.structure(id, &name, fields);
        self.types.insert(name.clone(), declared);
        json!({"ref": name})
    }

    fn field(&mut self, field: &Field, ty: Value, secret: bool) -> Value {
        let schema = self.schema;
        let plain = |value| example::json(schema, field.ty, &value, Style::default());
        let typedef = field.typedef.and_then(|id| {
            let name = self.names.of_typedef(id)?.to_owned();
            self.reach(Declared::Typedef(id));
            Some(name)
        });
        let sensitive = secret || is_sensitive(schema, field);
        told([
            ("id", json!(field.id)),
            ("name", json!(field.name)),
            ("type", ty),
            ("typedef", json!(typedef)),
            (
                "requiredness",
                json!(match field.requiredness {
                    Requiredness::Required => "required",
                    Requiredness::Optional => "optional",
                    Requiredness::Default => "default",
                }),
            ),
            ("default", json!(field.default.clone().map(plain))),
            ("doc", json!(field.doc)),
            ("sensitive", if sensitive { json!(true) } else { Value::Null }),
            ("deprecated", deprecated(&field.annotations)),
            ("example", json!(example::of_annotation(schema, field.ty, &field.annotations).map(plain))),
        ])
    }

    fn ty(&mut self, ty: Type) -> Value {
        match ty {
            Type::List(id) => json!({"list": self.ty(self.schema.element(id))}),
            Type::Set(id) => json!({"set": self.ty(self.schema.element(id))}),
            Type::Map(id) => {
                let (key, value) = self.schema.map(id);
                json!({"map": [self.ty(key), self.ty(value)]})
            }
            Type::Struct(id) => {
                self.reach(Declared::Struct(id));
                json!({"ref": self.names.of_struct(id)})
            }
            Type::Enum(id) => {
                self.reach(Declared::Enum(id));
                json!({"ref": self.names.of_enum(id)})
            }
            base => json!(self.schema.type_name(base)),
        }
    }

    fn reach(&mut self, declared: Declared) {
        if self.seen.insert(declared) {
            self.open.push(declared);
        }
    }

    fn declare(&mut self, declared: Declared) {
        let schema = self.schema;
        let (name, declared) = match declared {
            Declared::Struct(id) => {
                let name = self.names.of_struct(id).to_owned();
                let fields = self.fields(id, View::request(Style::default()), &Filled::none(), "");
                let declared = self.structure(id, &name, fields);
                (name, declared)
            }
            Declared::Enum(id) => {
                let name = self.names.of_enum(id).to_owned();
                let declared = enumeration(schema, id, &name);
                (name, declared)
            }
            Declared::Typedef(id) => {
                let item = &schema[id];
                let name = self.names.of_typedef(id).unwrap_or(&item.name).to_owned();
                let declared = told([
                    ("name", json!(name)),
                    ("kind", json!("typedef")),
                    ("doc", json!(item.doc)),
                    ("deprecated", deprecated(&item.annotations)),
                    ("target", self.ty(item.ty)),
                ]);
                (name, declared)
            }
        };
        self.types.insert(name, declared);
    }

    fn structure(&self, id: StructId, name: &str, fields: Vec<Value>) -> Value {
        let structure = &self.schema[id];
        let kind = match structure.kind {
            StructKind::Union => "union",
            StructKind::Exception => "exception",
            StructKind::Struct | StructKind::Arguments | StructKind::Result => "struct",
        };
        told([
            ("name", json!(name)),
            ("kind", json!(kind)),
            ("doc", json!(structure.doc)),
            ("deprecated", deprecated(&structure.annotations)),
            ("fields", Value::Array(fields)),
        ])
    }
}

fn enumeration(schema: &Schema, id: EnumId, name: &str) -> Value {
    let item = &schema[id];
    let members = item.members.iter().map(|member| {
        told([("name", json!(member.name)), ("value", json!(member.value)), ("doc", json!(member.doc))])
    });
    told([
        ("name", json!(name)),
        ("kind", json!("enum")),
        ("doc", json!(item.doc)),
        ("deprecated", deprecated(&item.annotations)),
        ("members", members.collect()),
    ])
}

/// Why something is deprecated, `true` where that is not said, null where it is not.
fn deprecated(annotations: &Annotations) -> Value {
    match deprecation(annotations) {
        None => Value::Null,
        Some("") => json!(true),
        Some(reason) => json!(reason),
    }
}

/// An object of those members that are there.
fn told<const N: usize>(members: [(&str, Value); N]) -> Value {
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(known.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// The same, with integers that a double cannot hold as strings.
fn exact(value: Value) -> Value {
    const SAFE: i64 = 1 << 53;
    match value {
        Value::Number(number) if number.as_i64().is_some_and(|value| !(-SAFE..=SAFE).contains(&value)) => {
            Value::String(number.to_string())
        }
        Value::Array(values) => values.into_iter().map(exact).collect(),
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, exact(value))).collect())
        }
        other => other,
    }
}
