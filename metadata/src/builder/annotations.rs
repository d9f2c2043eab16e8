//! The check of annotations by whoever gives them a meaning.

use crate::declaration::{DefinitionKind, Name, ProgramDecl};
use crate::diagnostic::Diagnostic;
use crate::schema::Annotation;

/// Says what is wrong with an annotation of a service or a method, if anything is.
pub(super) type AnnotationCheck<'l> = Box<dyn Fn(&Annotation) -> Result<(), String> + 'l>;

/// Reports each annotation that the check refuses, at the name of what it belongs to.
pub(super) fn check_annotations(
    programs: &[ProgramDecl],
    check: &AnnotationCheck<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for program in programs {
        let mut report = |name: &Name, annotations: &[Annotation]| {
            for annotation in annotations {
                if let Err(message) = check(annotation) {
                    let message =
                        format!("the annotation `{}` of `{}`: {message}", annotation.name, name.text);
                    diagnostics.push(Diagnostic::error(&program.source, name.span, message));
                }
            }
        };
        for definition in &program.definitions {
            if let DefinitionKind::Service { functions, .. } = &definition.kind {
                report(&definition.name, &definition.annotations);
                functions.iter().for_each(|function| report(&function.name, &function.annotations));
            }
        }
    }
}
