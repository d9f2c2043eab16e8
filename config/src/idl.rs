//! The IDL sources of a file, each once however often it is named.

use crate::file;
use crate::problems::Problems;
use crate::scalar::Fault;
use crate::settings::IdlSource;
use crate::shape::{OneOrMany, Short};
use std::path::Path;

/// Every source found so far.
pub(crate) struct IdlSources<'a> {
    base: &'a Path,
    list: Vec<IdlSource>,
}

impl<'a> IdlSources<'a> {
    pub(crate) fn new(base: &'a Path) -> Self {
        Self { base, list: Vec::new() }
    }

    /// Adds sources and gives their indexes, in their order.
    pub(crate) fn add(&mut self, sources: &OneOrMany<file::Idl>, problems: &mut Problems<'_>) -> Vec<usize> {
        sources.0.iter().filter_map(|source| self.add_one(source, problems)).collect()
    }

    fn add_one(&mut self, source: &Short<file::Idl>, problems: &mut Problems<'_>) -> Option<usize> {
        let (path, include) = match source {
            Short::Text(path) => (path, [].as_slice()),
            Short::Full(idl) => (&idl.path, idl.include.as_slice()),
        };
        let path = problems.word(path);
        if path.text.is_empty() {
            problems.error(&path.span, "the path of an IDL source is empty");
            return None;
        }
        let resolved = self.base.join(&path.text);
        let directories: Vec<_> =
            problems.words(include).iter().map(|word| self.base.join(&word.text)).collect();
        // Named again, for the sake of another service: it is loaded once, with every directory given for it.
        if let Some(index) = self.list.iter().position(|known| known.path == resolved) {
            let known = &mut self.list[index].include;
            for directory in directories {
                if !known.contains(&directory) {
                    known.push(directory);
                }
            }
            return Some(index);
        }
        let origin = Some(problems.origin(&path.span));
        self.list.push(IdlSource { path: resolved, include: directories, origin });
        Some(self.list.len() - 1)
    }

    pub(crate) fn finish(self, problems: &mut Problems<'_>) -> Vec<IdlSource> {
        if self.list.is_empty() {
            problems.fault(
                &(0..0),
                Fault::new("there is no IDL").with_help("write `idl:` and the path of a `.thrift` file"),
            );
        }
        self.list
    }
}
