//! From sources to a [`Schema`]: names, then references, then checks; all errors together.

mod annotations;
mod loader;
mod names;
mod service;
mod shape;
mod types;
mod value;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::declaration::ProgramDecl;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::id::ProgramId;
use crate::schema::{Annotation, Schema};
use annotations::{AnnotationCheck, check_annotations};

/// Longer `.thrift` files, in bytes, are refused.
const MAX_THRIFT: usize = 10 << 20;

/// Longer gen-json files, in bytes, are refused: the same program is about six times as long in that form.
const MAX_GEN_JSON: usize = 64 << 20;

/// More errors than this help nobody.
const MAX_DIAGNOSTICS: usize = 100;

/// Gives the text of a file, `None` where there is none of this path, or why it cannot be read.
type Loader<'l> = Box<dyn FnMut(&Path) -> Result<Option<String>, String> + 'l>;

/// A schema, and what is dubious about it.
#[derive(Debug)]
pub struct Loaded {
    /// Everything that the sources say.
    pub schema: Schema,
    /// Warnings only.
    pub warnings: Vec<Diagnostic>,
}

/// The programs that the names of one program may be qualified with.
#[derive(Default)]
struct Links {
    includes: Vec<ProgramId>,
    /// The other programs of the same gen-json output.
    siblings: Vec<ProgramId>,
}

impl Links {
    fn iter(&self) -> impl Iterator<Item = ProgramId> + '_ {
        self.includes.iter().chain(&self.siblings).copied()
    }
}

/// Collects sources and makes one [`Schema`] of them.
///
/// It does no I/O: the text of every file, those that sources include among them, comes from the loader.
/// Whatever is wrong is kept until [`finish`](Self::finish), so that everything is reported together. A path
/// is read once however often it is named: a file is known by its path, `.` and `..` resolved.
pub struct Builder<'l> {
    include_dirs: Vec<PathBuf>,
    loader: Loader<'l>,
    check: AnnotationCheck<'l>,
    programs: Vec<ProgramDecl>,
    /// Of each program.
    links: Vec<Links>,
    by_path: HashMap<PathBuf, ProgramId>,
    diagnostics: Vec<Diagnostic>,
}

impl<'l> Builder<'l> {
    /// A builder without a source. `loader` gives the text of the file at a path, `Ok(None)` where there is no
    /// such file, and otherwise a message. An include is searched beside the file that names it, then in
    /// `include_dirs` in their order.
    pub fn new(
        include_dirs: Vec<PathBuf>,
        loader: impl FnMut(&Path) -> Result<Option<String>, String> + 'l,
    ) -> Self {
        Self {
            include_dirs,
            loader: Box::new(loader),
            check: Box::new(|_| Ok(())),
            programs: Vec::new(),
            links: Vec::new(),
            by_path: HashMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Replaces the directories in which includes are searched, for the sources that are added from now on.
    pub fn search(&mut self, include_dirs: Vec<PathBuf>) {
        self.include_dirs = include_dirs;
    }

    /// Checks every annotation of a service or a method by `check`, which says what is wrong with one. Without
    /// this they are kept as they are.
    pub fn check_annotations(&mut self, check: impl Fn(&Annotation) -> Result<(), String> + 'l) {
        self.check = Box::new(check);
    }

    /// Resolves everything.
    ///
    /// # Errors
    ///
    /// Where there is at least one error: all errors and warnings, by file in the order of loading and by
    /// place. More than 100 are cut off.
    pub fn finish(self) -> Result<Loaded, Diagnostics> {
        let Self { programs, links, mut diagnostics, check, .. } = self;
        check_annotations(&programs, &check, &mut diagnostics);
        loader::check_cycles(&programs, &links, &mut diagnostics);
        let order: HashMap<_, _> = programs
            .iter()
            .enumerate()
            .rev()
            .map(|(index, program)| (program.source.path.clone(), index))
            .collect();
        let (schema, mut diagnostics) = names::Resolver::new(programs, links, diagnostics).resolve();
        diagnostics.sort_by_key(|diagnostic| {
            (order.get(&diagnostic.path).copied(), diagnostic.span.start, diagnostic.severity as u8)
        });
        if diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
            diagnostics.truncate(MAX_DIAGNOSTICS);
            return Err(Diagnostics(diagnostics));
        }
        Ok(Loaded { schema, warnings: diagnostics })
    }
}
