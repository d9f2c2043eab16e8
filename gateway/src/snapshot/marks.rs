//! What holds for one method: the first that says anything, of those who may.

use thriftgate_config as config;
use thriftgate_config::{Annotated, Marks, MethodSettings};
use thriftgate_metadata::{Annotations, FunctionId, Schema, ServiceId};
use thriftgate_protocols::style::Style;

use super::map_style;
use crate::router::{RouteService, Setting, SettingSource};

/// What is said of one method, by whom.
pub(super) struct Said<'a> {
    route: &'a config::Route,
    /// Those of the route that are for it, the most specific first.
    settings: Vec<&'a MethodSettings>,
    method: Annotated,
    service: Annotated,
}

impl<'a> Said<'a> {
    /// What is said of the function where it is reached by this service.
    pub(super) fn of(
        route: &'a config::Route,
        schema: &Schema,
        service: &RouteService,
        id: FunctionId,
    ) -> Self {
        let function = &schema[id];
        let names = [&*service.name, &*service.qualified];
        let is_for = |settings: &&MethodSettings| settings.pattern.matches(names, &function.name);
        let mut settings: Vec<_> = route.method_settings.iter().filter(is_for).collect();
        settings.sort_by_key(|settings| std::cmp::Reverse(settings.pattern.specificity()));
        Self {
            route,
            settings,
            method: annotated(&function.annotations),
            service: of_services(schema, service.id, function.service),
        }
    }

    /// Whether the IDL keeps it from callers.
    pub(super) fn is_hidden(&self) -> bool {
        self.method.hidden.or(self.service.hidden).unwrap_or(false)
    }

    /// What is said first, from the most specific to the least.
    pub(super) fn first<T>(&self, mark: impl Fn(&Marks) -> Option<T>) -> Option<Setting<T>> {
        let said = |marks: &Marks, source| mark(marks).map(|value| Setting { value, source });
        let mut of_settings = self.settings.iter();
        of_settings
            .find_map(|settings| said(&settings.marks, SettingSource::MethodSettings))
            .or_else(|| said(&self.route.marks, SettingSource::Route))
            .or_else(|| said(&self.method.marks, SettingSource::MethodAnnotation))
            .or_else(|| said(&self.service.marks, SettingSource::ServiceAnnotation))
    }

    /// As [`Said::first`]; `None` where nobody says anything.
    pub(super) fn first_or_none<T>(&self, mark: impl Fn(&Marks) -> Option<T>) -> Setting<Option<T>> {
        match self.first(mark) {
            Some(Setting { value, source }) => Setting { value: Some(value), source },
            None => Setting { value: None, source: SettingSource::Default },
        }
    }

    /// As [`Said::first`]; `default` where nobody says anything.
    pub(super) fn first_or<T>(&self, default: T, mark: impl Fn(&Marks) -> Option<T>) -> Setting<T> {
        self.first(mark).unwrap_or(Setting { value: default, source: SettingSource::Default })
    }

    /// The style of its JSON.
    pub(super) fn style(&self) -> Style {
        let config::Style { mut i64, mut enums, mut unknown_fields, mut missing_arguments } =
            self.route.style;
        for MethodSettings { style, .. } in self.settings.iter().rev() {
            i64 = style.i64.unwrap_or(i64);
            enums = style.enums.unwrap_or(enums);
            unknown_fields = style.unknown_fields.unwrap_or(unknown_fields);
            missing_arguments = style.missing_arguments.unwrap_or(missing_arguments);
        }
        map_style(config::Style { i64, enums, unknown_fields, missing_arguments })
    }
}

/// What the annotations of `service`, and of those that it extends up to `declaring`, say of an inherited method: the
/// nearest of them that says anything.
fn of_services(schema: &Schema, service: ServiceId, declaring: ServiceId) -> Annotated {
    let mut all = annotated(&schema[service].annotations);
    let mut next = schema[service].extends.filter(|_| service != declaring);
    while let Some(id) = next {
        let Annotated { marks, hidden } = annotated(&schema[id].annotations);
        all.hidden = all.hidden.or(hidden);
        all.marks = Marks {
            deadline: all.marks.deadline.or(marks.deadline),
            attempt_timeout: all.marks.attempt_timeout.or(marks.attempt_timeout),
            body: all.marks.body.or(marks.body),
            idempotent: all.marks.idempotent.or(marks.idempotent),
            retries: all.marks.retries.or(marks.retries),
        };
        next = schema[id].extends.filter(|_| id != declaring);
    }
    all
}

fn annotated(annotations: &Annotations) -> Annotated {
    let mut all = Annotated::default();
    for annotation in annotations.iter() {
        // What is wrong with one was said, with its place, when the IDL was read.
        let _said_before = all.set(&annotation.name, &annotation.value);
    }
    all
}
