//! Which files are read: sources, what they include, and cycles among them.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::builder::{Builder, MAX_TEXT};
use crate::declaration::ProgramDecl;
use crate::diagnostic::{Diagnostic, Source, Span};
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
        let text = self.read(&path).and_then(|text| text.ok_or_else(|| "there is no such file".into()));
        let source = match text {
            Ok(text) => Source { path: display(&path), text: text.into() },
            Err(message) => self.unreadable(&path, &message),
        };
        let first = self.add_thrift(path, source);
        let mut next = first.index();
        // Files that are found on the way are added behind, and so have their own turn.
        while next < self.programs.len() {
            self.load_includes(next);
            next += 1;
        }
        first
    }

    /// The text of a file. A text that is too long is an error.
    pub(super) fn read(&mut self, path: &Path) -> Result<Option<String>, String> {
        let text = (self.loader)(path)?;
        if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
            return Err(format!("the file is larger than {} MiB", MAX_TEXT >> 20));
        }
        Ok(text)
    }

    /// Reports a source that cannot be read.
    #[cold]
    pub(super) fn unreadable(&mut self, path: &Path, message: &str) -> Source {
        let source = Source { path: display(path), text: "".into() };
        self.diagnostics.push(Diagnostic::error(&source, Span::default(), message));
        source
    }

    /// Adds a program, without what it sees.
    pub(super) fn add(&mut self, program: ProgramDecl) -> ProgramId {
        let id = ProgramId::new(self.programs.len());
        self.programs.push(program);
        self.visible.push(Vec::new());
        id
    }

    fn add_thrift(&mut self, path: PathBuf, source: Source) -> ProgramId {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().as_ref().into();
        let program = syntax::parse(name, source, &mut self.diagnostics);
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
                    if !self.visible[program].contains(&id) {
                        self.visible[program].push(id);
                    }
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
            if let Some(text) = self.read(&path)? {
                let source = Source { path: display(&path), text: text.into() };
                return Ok(Some(self.add_thrift(path, source)));
            }
        }
        Ok(None)
    }
}

fn display(path: &Path) -> Arc<str> {
    path.to_string_lossy().into()
}

/// The path without `.` and, where a directory stands before it, without `..`.
pub(super) fn normalised(path: &Path) -> PathBuf {
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
pub(super) fn check_cycles(
    programs: &[ProgramDecl],
    visible: &[Vec<ProgramId>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        New,
        Open,
        Done,
    }
    let mut visits = vec![Visit::New; programs.len()];
    for root in 0..programs.len() {
        if visits[root] != Visit::New || programs[root].includes.is_empty() {
            continue;
        }
        // The way from the root, and for each file on it how many of its includes were followed.
        let mut way: Vec<(usize, usize)> = vec![(root, 0)];
        visits[root] = Visit::Open;
        while let Some((program, followed)) = way.last_mut() {
            let Some(&target) = visible[*program].get(*followed) else {
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
    // An include that is not found is not followed, so names tell which one it was.
    let stem = |text: &str| Path::new(text).file_name().map(ToOwned::to_owned);
    let span = program
        .includes
        .iter()
        .find(|include| stem(&include.text) == stem(&programs[target].source.path))
        .map_or(Span::default(), |include| include.span);
    Diagnostic::error(&program.source, span, format!("files include each other: {}", names.join(" -> ")))
}
