//! Services: what they extend, their methods, and the structs of arguments and results.

use crate::builder::names::{Head, Item, Resolver};
use crate::builder::types::annotations;
use crate::declaration::{FunctionDecl, MAX_NESTING, Name, TypeKind};
use crate::diagnostic::Span;
use crate::id::{FunctionId, ProgramId, ServiceId};
use crate::lookup::NameTable;
use crate::schema::{Annotations, Field, Function, Requiredness, Service, StructKind, Type};

impl Resolver {
    pub(super) fn build_services(&mut self, services: Vec<(Head, Option<Name>, Vec<FunctionDecl>)>) {
        let mut spans: Vec<Span> = Vec::with_capacity(services.len());
        let mut own: Vec<Vec<(FunctionId, Span)>> = Vec::with_capacity(services.len());
        for (index, (head, extends, declared)) in services.into_iter().enumerate() {
            let extends = extends.and_then(|name| self.base(head.program, &name));
            let service = ServiceId::new(index);
            own.push(
                declared
                    .into_iter()
                    .map(|function| {
                        let span = function.name.span;
                        (self.build_function(head.program, service, function), span)
                    })
                    .collect(),
            );
            spans.push(head.name.span);
            self.schema.services.push(Service {
                name: head.name.text,
                program: head.program,
                extends,
                functions: Box::default(),
                doc: head.doc,
                annotations: annotations(head.annotations, &[]),
                by_name: NameTable::default(),
            });
        }
        for (index, &span) in spans.iter().enumerate() {
            self.collect_functions(ServiceId::new(index), span, &own);
        }
    }

    /// The service that a name after `extends` means.
    fn base(&mut self, program: ProgramId, name: &Name) -> Option<ServiceId> {
        match self.item(program, &name.text) {
            Some(Item::Service(id)) => Some(id),
            Some(_) => {
                let message = format!("`{}` is not a service, so it cannot be extended", name.text);
                self.report(program, name.span, message);
                None
            }
            None => {
                let is_service = |item| matches!(item, Item::Service(_));
                self.report_unknown(program, name.span, "service", &name.text, is_service);
                None
            }
        }
    }

    /// Gives a service all its methods, the inherited ones first.
    fn collect_functions(&mut self, id: ServiceId, span: Span, own: &[Vec<(FunctionId, Span)>]) {
        let program = self.schema[id].program;
        let mut line = vec![id];
        while let Some(base) = self.schema[line[line.len() - 1]].extends {
            if base == id || line.len() > MAX_NESTING {
                let names: Vec<&str> =
                    line.iter().chain([&base]).map(|&service| &*self.schema[service].name).collect();
                let message = if base == id {
                    format!("`{}` extends itself: {}", names[0], names.join(" -> "))
                } else {
                    format!("`{}` extends more than {MAX_NESTING} services, or a cycle of them", names[0])
                };
                self.report(program, span, message);
                return;
            }
            line.push(base);
        }
        let functions: Vec<FunctionId> = line
            .iter()
            .rev()
            .flat_map(|service| &own[service.index()])
            .map(|&(function, _)| function)
            .collect();
        let by_name = NameTable::new(
            functions.iter().map(|&function| &*self.schema[function].name).collect::<Vec<_>>().into_iter(),
        );
        let inherited = functions.len() - own[id.index()].len();
        for (position, &(function, span)) in (inherited..).zip(&own[id.index()]) {
            let name = &self.schema[function].name;
            let first = by_name.find(name, |position| &self.schema[functions[position]].name);
            if first.is_some_and(|first| first != position) {
                let first = functions[first.unwrap_or(0)];
                let owner = self.schema[first].service;
                let message = if owner == id {
                    format!("the method `{name}` is already declared")
                } else {
                    format!(
                        "the method `{name}` is already declared by `{}`, which this service extends",
                        self.schema[owner].name
                    )
                };
                self.report(program, span, message);
            }
        }
        let service = &mut self.schema.services[id.index()];
        service.functions = functions.into();
        service.by_name = by_name;
    }

    fn build_function(
        &mut self,
        program: ProgramId,
        service: ServiceId,
        declared: FunctionDecl,
    ) -> FunctionId {
        self.check_function(program, &declared);
        let FunctionDecl { name, oneway, returns, arguments, throws, doc, annotations: own } = declared;
        let head = |suffix: &str| Head {
            program,
            name: Name { text: format!("{}_{suffix}", name.text).into(), span: name.span },
            doc: None,
            annotations: Vec::new(),
        };
        let success = if matches!(returns.kind, TypeKind::Void) {
            None
        } else {
            self.resolve_type(program, &returns).map(|ty| self.success(program, &returns, ty))
        };
        let arguments = self.build_struct(head("args"), StructKind::Arguments, None, arguments);
        let result = self.build_struct(head("result"), StructKind::Result, success, throws);
        let id = FunctionId::new(self.schema.functions.len());
        self.schema.functions.push(Function {
            name: name.text,
            service,
            arguments,
            result,
            oneway,
            doc,
            annotations: annotations(own, &[]),
        });
        id
    }

    fn success(&self, program: ProgramId, returns: &crate::declaration::TypeExpr, ty: Type) -> Field {
        let typedef = match &returns.kind {
            TypeKind::Named(name) => match self.item(program, name) {
                Some(Item::Typedef(id)) => Some(id),
                _ => None,
            },
            _ => None,
        };
        Field {
            id: 0,
            name: "success".into(),
            ty,
            requiredness: Requiredness::Default,
            default: None,
            doc: None,
            annotations: Annotations::default(),
            typedef,
        }
    }

    /// Reports a oneway method that answers, and throws lists with what is no exception.
    fn check_function(&mut self, program: ProgramId, function: &FunctionDecl) {
        let name = &function.name.text;
        if function.oneway && !matches!(function.returns.kind, TypeKind::Void) {
            let message =
                format!("the oneway method `{name}` has a result, but no reply comes that could have it");
            self.report(program, function.returns.span, message);
        }
        if function.oneway
            && let Some(first) = function.throws.first()
        {
            let message = format!("the oneway method `{name}` throws, but no reply comes that could tell");
            self.report(program, first.name.span, message);
        }
        for field in &function.throws {
            let TypeKind::Named(named) = &field.ty.kind else {
                let message = format!("`{}` is thrown, but is no exception", field.name.text);
                self.report(program, field.ty.span, message);
                continue;
            };
            let ty = match self.item(program, named) {
                Some(Item::Struct(id)) => Some(Type::Struct(id)),
                Some(Item::Enum(id)) => Some(Type::Enum(id)),
                Some(Item::Typedef(id)) => self.types.of_typedef(id),
                _ => None,
            };
            let is_exception =
                |ty| matches!(ty, Type::Struct(id) if self.schema[id].kind == StructKind::Exception);
            if ty.is_some_and(|ty| !is_exception(ty)) {
                self.report(program, field.ty.span, format!("`{named}` is thrown, but is no exception"));
            }
        }
    }
}
