//! Which files were read, and whether they still are what was read.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::idl;

/// Within this time two changes of a file may bear the same time: file systems count in ticks of the kernel.
const TICK: Duration = Duration::from_millis(20);

/// The files that settings, IDL and certificates were read from, each as it was just before it was read. Files
/// that were looked for in vain are among them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    noted: BTreeMap<PathBuf, Stamp>,
    young: bool,
}

/// What tells one content of a path from another.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Stamp {
    Absent,
    /// The time is that of the last change of content, name or mode, which nobody can set.
    File {
        device: u64,
        inode: u64,
        length: u64,
        changed: (i64, i64),
    },
    /// The names of the IDL in it.
    Directory(Vec<OsString>),
}

impl Files {
    /// Notes a file that is about to be read, or a directory of IDL. Noted twice, the first time counts.
    pub fn note(&mut self, path: &Path) {
        if !self.noted.contains_key(path) {
            let stamp = Stamp::of(path);
            self.young |= stamp.is_young();
            self.noted.insert(path.to_owned(), stamp);
        }
    }

    /// Whether every file is what it was when it was noted.
    #[must_use]
    pub fn are_current(&self) -> bool {
        self.is_same(&self.again())
    }

    /// Whether what was read is of one moment: every file is what it was, and none was so new that a further
    /// change may not show.
    #[must_use]
    pub fn are_settled(&self) -> bool {
        !self.young && self.are_current()
    }

    /// The same paths as they are now.
    pub(super) fn again(&self) -> Self {
        let mut files = Self::default();
        self.paths().for_each(|path| files.note(path));
        files
    }

    /// Whether all paths are the same in both.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.noted == other.noted
    }

    /// The paths, as they were asked for.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.noted.keys().map(PathBuf::as_path)
    }

    /// The paths that are not what they were in `before`, or were not there.
    pub(super) fn changed_since<'f>(&'f self, before: &'f Self) -> impl Iterator<Item = &'f Path> {
        let differs = |(path, stamp): &(&PathBuf, &Stamp)| before.noted.get(*path) != Some(*stamp);
        let gone = before.noted.keys().filter(|path| !self.noted.contains_key(*path));
        self.noted.iter().filter(differs).map(|(path, _)| path).chain(gone).map(PathBuf::as_path)
    }
}

impl Stamp {
    fn of(path: &Path) -> Self {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => Self::Directory(names(path)),
            Ok(found) => Self::of_file(&found),
            Err(_) => Self::Absent,
        }
    }

    fn of_file(found: &Metadata) -> Self {
        Self::File {
            device: found.dev(),
            inode: found.ino(),
            length: found.len(),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }

    /// Whether it changed just now. A time in the future, by a clock that was set back, is no reason to wait.
    fn is_young(&self) -> bool {
        let Self::File { changed: (seconds, nanoseconds), .. } = *self else { return false };
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds)) else {
            return false;
        };
        let changed = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        changed.elapsed().is_ok_and(|age| age < TICK)
    }
}

/// The names of the IDL in a directory, none where it cannot be read.
fn names(path: &Path) -> Vec<OsString> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let mut names: Vec<OsString> =
        entries.filter(|entry| idl::is_idl(&entry.path())).map(|entry| entry.file_name()).collect();
    names.sort();
    names
}
