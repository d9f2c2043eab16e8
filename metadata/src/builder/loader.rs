//! Which files are read: sources, what they include, and cycles among them.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::builder::{Builder, Links, MAX_GEN_JSON, MAX_THRIFT};
use crate::declaration::{Name, ProgramDecl};
use crate::diagnostic::{Diagnostic, Source, Span};
use crate::gen_json::{self, Dialect};
use crate::id::ProgramId;
use crate::syntax;

impl Builder<'_> {
    /// Adds a `.thrift` file and everything that it includes. A file that cannot be read is an empty program,
    /// and an error at the end.
    pub fn thrift(&mut self, path: impl AsRef<Path>) -> ProgramId {
        let path = normalised(path.as_ref());
        if let Some(&known) = self.by_path.get(&path) {
            return known;
        }
        let source = match self.source(&path, MAX_THRIFT) {
            Ok(source) => source,
            Err(empty) => {
                let id = self.add(*empty);
                self.by_path.insert(path, id);
                return id;
            }
        };
        let first = self.add_thrift(path, &source);
        let mut next = first.index();
        // Files that are found on the way are added behind, and so have their own turn.
        while next < self.programs.len() {
            self.load_includes(next);
            next += 1;
        }
        first
    }

    /// Adds the output of `thrift --gen json`: the files of one run, or files that belong together. Their
    /// programs may name each other; a file that none of them mentions need not be there. Gives the programs
    /// of the files, in their order. A file that cannot be read is an empty program, and an error at the end.
    ///
    /// Output of compilers before 0.10 is refused. Compilers before 0.18 lose the names of enums where they
    /// are used, of which a warning tells.
    pub fn gen_json<P: AsRef<Path>>(&mut self, paths: &[P]) -> Vec<ProgramId> {
        let first = self.programs.len();
        let mut given = Vec::with_capacity(paths.len());
        let mut with_enums = Vec::new();
        let mut names_enums = false;
        for path in paths {
            let path = normalised(path.as_ref());
            if let Some(&known) = self.by_path.get(&path) {
                given.push(known);
                continue;
            }
            let (id, dialect) = self.add_gen_json(&path);
            self.by_path.insert(path, id);
            given.push(id);
            names_enums |= dialect.names_enums;
            if dialect.declares_enums {
                with_enums.push(id);
            }
        }
        for id in with_enums.into_iter().filter(|_| !names_enums) {
            self.warn_of_enums(id);
        }
        self.link_siblings(first);
        given
    }

    /// Links the gen-json programs from `first` on with each other: a name may be qualified with any of them.
    /// Those of the same file come first, as merged output of several files has a program once in each.
    fn link_siblings(&mut self, first: usize) {
        let path = |id: ProgramId| &*self.programs[id.index()].source.path;
        let links: Vec<Links> = (first..self.programs.len())
            .map(|index| {
                let own = path(ProgramId::new(index));
                let others = (first..self.programs.len()).filter(|&other| other != index).map(ProgramId::new);
                let (mut siblings, far): (Vec<_>, Vec<_>) = others.partition(|&other| path(other) == own);
                siblings.extend(far);
                let named = |name: &Name| {
                    siblings.iter().copied().find(|id| self.programs[id.index()].name == name.text)
                };
                let includes = self.programs[index].includes.iter().filter_map(named).collect();
                Links { includes, siblings }
            })
            .collect();
        self.links.truncate(first);
        self.links.extend(links);
    }

    fn add_gen_json(&mut self, path: &Path) -> (ProgramId, Dialect) {
        let stem = stem(path);
        let source = match self.source(path, MAX_GEN_JSON) {
            Ok(source) => source,
            Err(empty) => return (self.add(*empty), Dialect::default()),
        };
        let before = self.diagnostics.len();
        let (programs, dialect) = gen_json::read(&stem, &source, &mut self.diagnostics);
        if dialect.is_0_9_3() {
            self.diagnostics.truncate(before);
            self.diagnostics.push(
                Diagnostic::error(
                    &source,
                    Span::default(),
                    "this is the output of compiler 0.9.3, which writes `binary` for every base type",
                )
                .help("the types cannot be told from it; use the .thrift file, or a newer compiler"),
            );
            return (self.add(ProgramDecl::new(stem, source)), Dialect::default());
        }
        let mut ids = programs.into_iter().map(|program| self.add(program)).collect::<Vec<_>>();
        (ids.swap_remove(0), dialect)
    }

    #[cold]
    fn warn_of_enums(&mut self, program: ProgramId) {
        let warning = Diagnostic::warning(
            &self.programs[program.index()].source,
            Span::default(),
            "no type names an enum, as with compilers before 0.18: enums are read and written as numbers",
        );
        self.diagnostics.push(warning.help("use the .thrift file, or a newer compiler, to have their names"));
    }

    /// The text of a file. One of more than `limit` bytes is an error.
    fn read(&mut self, path: &Path, limit: usize) -> Result<Option<String>, String> {
        let text = (self.loader)(path)?;
        if text.as_ref().is_some_and(|text| text.len() > limit) {
            return Err(format!("the file is larger than {} MiB", limit >> 20));
        }
        Ok(text)
    }

    /// The source at a path; an empty program, after an error was reported, where it cannot be read.
    fn source(&mut self, path: &Path, limit: usize) -> Result<Source, Box<ProgramDecl>> {
        match self.read(path, limit).and_then(|text| text.ok_or_else(|| "there is no such file".into())) {
            Ok(text) => Ok(Source { path: display(path), text: text.into() }),
            Err(message) => {
                let source = Source { path: display(path), text: "".into() };
                self.diagnostics.push(Diagnostic::error(&source, Span::default(), message));
                Err(Box::new(ProgramDecl::new(stem(path), source)))
            }
        }
    }

    /// Adds a program, without what it sees.
    fn add(&mut self, program: ProgramDecl) -> ProgramId {
        let id = ProgramId::new(self.programs.len());
        self.programs.push(program);
        self.links.push(Links::default());
        id
    }

    fn add_thrift(&mut self, path: PathBuf, source: &Source) -> ProgramId {
        let program = syntax::parse(stem(&path), source, &mut self.diagnostics);
        let id = self.add(program);
        self.by_path.insert(path, id);
        id
    }

    /// Finds, and adds where they are new, the files that a program includes.
    fn load_includes(&mut self, program: usize) {
        let includes: Vec<(Box<str>, Span)> =
            self.programs[program].includes.iter().map(|name| (name.text.clone(), name.span)).collect();
        let source = self.programs[program].source.clone();
        for (written, span) in includes {
            match self.include(Path::new(&*source.path), Path::new(&*written)) {
                Ok(Some(id)) => {
                    let includes = &mut self.links[program].includes;
                    if includes.contains(&id) {
                        continue;
                    }
                    let name = &self.programs[id.index()].name;
                    if includes.iter().any(|other| self.programs[other.index()].name == *name) {
                        let message = format!("another file called `{name}` is included already");
                        self.diagnostics.push(
                            Diagnostic::warning(&source, span, message)
                                .help("what both of them declare is taken from the first"),
                        );
                    }
                    includes.push(id);
                }
                Ok(None) => {
                    let error =
                        Diagnostic::error(&source, span, format!("there is no file {written:?} to include"));
                    self.diagnostics.push(error.help(
                        "includes are searched beside the file that names them, then in the include directories",
                    ));
                }
                Err(message) => {
                    let message = format!("{written:?} cannot be included: {message}");
                    self.diagnostics.push(Diagnostic::error(&source, span, message));
                }
            }
        }
    }

    /// The program that an include means.
    fn include(&mut self, from: &Path, written: &Path) -> Result<Option<ProgramId>, String> {
        let beside = from.parent().unwrap_or(Path::new("")).join(written);
        let mut candidates = vec![normalised(&beside)];
        if written.is_relative() {
            candidates.extend(self.include_dirs.iter().map(|dir| normalised(&dir.join(written))));
        }
        for path in candidates {
            if let Some(&known) = self.by_path.get(&path) {
                return Ok(Some(known));
            }
            if let Some(text) = self.read(&path, MAX_THRIFT)? {
                let source = Source { path: display(&path), text: text.into() };
                return Ok(Some(self.add_thrift(path, &source)));
            }
        }
        Ok(None)
    }
}

/// What a file's names are qualified with.
fn stem(path: &Path) -> Box<str> {
    path.file_stem().unwrap_or_default().to_string_lossy().as_ref().into()
}

fn display(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

/// The path without `.` and, where a directory stands before it, without `..`.
fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(result.components().next_back(), Some(Component::Normal(_))) => {
                result.pop();
            }
            component => result.push(component),
        }
    }
    result
}

/// Reports every cycle of includes where it closes, with the way around it.
pub(super) fn check_cycles(programs: &[ProgramDecl], links: &[Links], diagnostics: &mut Vec<Diagnostic>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        New,
        Open,
        Done,
    }
    let mut visits = vec![Visit::New; programs.len()];
    for root in 0..programs.len() {
        if visits[root] != Visit::New {
            continue;
        }
        // The way from the root, and for each file on it how many of its includes were followed.
        let mut way: Vec<(usize, usize)> = vec![(root, 0)];
        visits[root] = Visit::Open;
        while let Some((program, followed)) = way.last_mut() {
            let Some(&target) = links[*program].includes.get(*followed) else {
                visits[*program] = Visit::Done;
                way.pop();
                continue;
            };
            *followed += 1;
            match visits[target.index()] {
                Visit::New => {
                    visits[target.index()] = Visit::Open;
                    way.push((target.index(), 0));
                }
                Visit::Open => diagnostics.push(cycle(programs, &way, target.index())),
                Visit::Done => {}
            }
        }
    }
}

#[cold]
fn cycle(programs: &[ProgramDecl], way: &[(usize, usize)], target: usize) -> Diagnostic {
    let start = way.iter().position(|&(program, _)| program == target).unwrap_or(0);
    let mut names: Vec<&str> =
        way[start..].iter().map(|&(program, _)| &*programs[program].source.path).collect();
    names.push(&programs[target].source.path);
    let program = &programs[way.last().map_or(target, |&(program, _)| program)];
    let target_name = Path::new(&*programs[target].source.path).file_name();
    let span = program
        .includes
        .iter()
        .find(|include| Path::new(&*include.text).file_name() == target_name)
        .map_or(Span::default(), |include| include.span);
    Diagnostic::error(&program.source, span, format!("files include each other: {}", names.join(" -> ")))
}
