//! Lists, sets and maps.

use thriftgate_metadata::Type;

use super::super::fault::{FaultKind, Faults};
use super::super::notation;
use super::super::path::Segment;
use super::super::scanner::{ScanError, Scanner, SyntaxError};
use super::distinct::Group;
use super::translator::{Stop, Translator};
use crate::wire::{WireType, Writer};

impl<'a, W: Writer> Translator<'_, 'a, W> {
    /// A list or set.
    pub(super) fn list(&mut self, ty: Type, element: Type) -> Result<(), Stop> {
        if self.scanner.byte() != b'[' {
            return self.wrong_type(ty);
        }
        self.enter()?;
        let at = self.scanner.position();
        let mark = self.writer.list_begin(WireType::of(ty), WireType::of(element));
        let mut group = matches!(ty, Type::Set(_)).then(|| self.distinct.open());
        let mut digest = 0;
        let mut count = 0;
        let mut more = self.scanner.array_begin();
        while more {
            self.step(Segment::Index(count as usize));
            self.distinct.is_active |= group.is_some();
            self.value(element)?;
            self.back();
            count += 1;
            match &mut group {
                Some(group) => self.keep_element(group, at, FaultKind::DuplicateElement)?,
                None if self.distinct.is_active => digest = self.distinct.pair(digest, self.distinct.digest),
                None => {}
            }
            self.check_size()?;
            more = self.scan(Scanner::array_next)?;
        }
        if let Some(mut group) = group {
            self.check_distinct(&mut group, at, FaultKind::DuplicateElement)?;
            digest = self.distinct.close(&mut group);
        }
        self.distinct.digest = digest;
        self.writer.list_end(mark, count);
        self.leave();
        Ok(())
    }

    /// A map, as an object or as an array of pairs.
    pub(super) fn map(&mut self, ty: Type, (key, value): (Type, Type)) -> Result<(), Stop> {
        let is_object = notation::is_object_key(key);
        if self.scanner.byte() != if is_object { b'{' } else { b'[' } {
            return self.wrong_type(ty);
        }
        self.enter()?;
        let at = self.scanner.position();
        let mark = self.writer.map_begin(WireType::of(key), WireType::of(value));
        let mut group = self.distinct.open();
        let mut entries = Entries { group: &mut group, at, count: 0, key: 0, digest: 0 };
        if is_object {
            self.members_of_map(key, value, &mut entries)?;
        } else {
            self.pairs(ty, (key, value), &mut entries)?;
        }
        let Entries { count, digest, .. } = entries;
        self.check_distinct(&mut group, at, FaultKind::DuplicateKey)?;
        self.distinct.close(&mut group);
        self.distinct.digest = digest;
        self.writer.map_end(mark, count);
        self.leave();
        Ok(())
    }

    fn members_of_map(&mut self, key: Type, value: Type, entries: &mut Entries<'_>) -> Result<(), Stop> {
        let mut more = self.scan(Scanner::object_begin)?;
        while more {
            self.step(Segment::Key(self.scanner.position()));
            self.distinct.is_active = true;
            self.key(key)?;
            self.keep_key(entries)?;
            self.scan(Scanner::colon)?;
            self.entry_value(value, entries)?;
            self.back();
            more = self.scan(Scanner::object_next)?;
        }
        Ok(())
    }

    fn pairs(&mut self, ty: Type, (key, value): (Type, Type), entries: &mut Entries<'_>) -> Result<(), Stop> {
        let mut more = self.scanner.array_begin();
        while more {
            self.step(Segment::Index(entries.count as usize));
            if self.scanner.byte() == b'[' {
                self.pair((key, value), ty, entries)?;
            } else {
                self.wrong_pair(ty, entries)?;
            }
            self.back();
            more = self.scan(Scanner::array_next)?;
        }
        Ok(())
    }

    fn pair(&mut self, (key, value): (Type, Type), ty: Type, entries: &mut Entries<'_>) -> Result<(), Stop> {
        let at = self.scanner.position();
        if !self.scanner.array_begin() {
            self.report(FaultKind::Pair, at, Some(ty))?;
            return self.keep_key(entries);
        }
        self.step(Segment::Index(0));
        self.distinct.is_active = true;
        self.value(key)?;
        self.back();
        self.keep_key(entries)?;
        if !self.scan(Scanner::array_next)? {
            return self.report(FaultKind::Pair, at, Some(ty));
        }
        self.step(Segment::Index(1));
        self.entry_value(value, entries)?;
        self.back();
        if self.scan(Scanner::array_next)? {
            self.report(FaultKind::Pair, at, Some(ty))?;
            self.skip()?;
            while self.scan(Scanner::array_next)? {
                self.skip()?;
            }
        }
        Ok(())
    }

    /// Something else where a pair belongs.
    #[cold]
    fn wrong_pair(&mut self, ty: Type, entries: &mut Entries<'_>) -> Result<(), Stop> {
        let at = self.scanner.position();
        if self.scanner.kind().is_none() {
            return Err(Stop::Syntax(self.scanner.error(SyntaxError::Value)));
        }
        self.report(FaultKind::Pair, at, Some(ty))?;
        self.keep_key(entries)?;
        self.skip()
    }

    /// Takes the key that was just written among those that must differ.
    #[inline]
    fn keep_key(&mut self, entries: &mut Entries<'_>) -> Result<(), Stop> {
        entries.count += 1;
        entries.key = self.distinct.digest;
        self.distinct.is_active = entries.group.is_inner;
        self.keep_element(entries.group, entries.at, FaultKind::DuplicateKey)
    }

    #[inline]
    fn keep_element(&mut self, group: &mut Group, at: usize, kind: FaultKind) -> Result<(), Stop> {
        if group.is_told {
            return Ok(());
        }
        let scanner = &self.scanner;
        if self.distinct.add(group, || most_elements(scanner, at)) {
            return self.check_distinct(group, at, kind);
        }
        Ok(())
    }

    #[inline]
    fn entry_value(&mut self, ty: Type, entries: &mut Entries<'_>) -> Result<(), Stop> {
        self.value(ty)?;
        if self.distinct.is_active {
            // A sum, since the order of the entries does not matter.
            let entry = self.distinct.pair(entries.key, self.distinct.digest);
            entries.digest = entries.digest.wrapping_add(entry);
        }
        self.check_size()
    }

    /// Looks for equal elements of the set, or keys of the map, that begins at this position.
    #[inline]
    fn check_distinct(&mut self, group: &mut Group, at: usize, kind: FaultKind) -> Result<(), Stop> {
        if self.is_collecting() {
            return self.report_equal(group, at, kind);
        }
        if self.distinct.has_equal(group) { Err(Stop::Fault) } else { Ok(()) }
    }

    #[cold]
    fn report_equal(&mut self, group: &mut Group, at: usize, kind: FaultKind) -> Result<(), Stop> {
        if group.is_told {
            return Ok(());
        }
        let equal = self.distinct.equal(group, Faults::MAX);
        let resume = self.scanner.position();
        let mut index = 0;
        let mut wanted = equal.iter().copied().peekable();
        self.scanner.seek(at);
        let is_object = self.scanner.byte() == b'{';
        let mut more = if is_object { self.scan(Scanner::object_begin)? } else { self.scanner.array_begin() };
        while more && let Some(&next) = wanted.peek() {
            let place = self.scanner.position();
            if index == next {
                group.is_told = true;
                wanted.next();
                self.step(if is_object { Segment::Key(place) } else { Segment::Index(index) });
                self.report(kind, place, None)?;
                self.back();
            }
            if is_object {
                self.scan(Scanner::skip_string)?;
                self.scan(Scanner::colon)?;
            }
            self.skip_known()?;
            index += 1;
            more = if is_object { self.scan(Scanner::object_next)? } else { self.scan(Scanner::array_next)? };
        }
        self.scanner.seek(resume);
        Ok(())
    }
}

/// Bytes of text, at the least, for each of many elements of a set that all differ, or keys of a map.
const ELEMENT: usize = 5;

/// The most elements that the set or map which begins at `at` may have, if they differ.
#[cold]
fn most_elements(scanner: &Scanner<'_>, at: usize) -> usize {
    let mut scanner = scanner.clone();
    scanner.seek(at);
    let mut count = 0;
    // What is malformed will be met again.
    let _ = count_elements(&mut scanner, &mut count);
    count.min((scanner.position() - at) / ELEMENT)
}

fn count_elements(scanner: &mut Scanner<'_>, count: &mut usize) -> Result<(), ScanError> {
    let is_object = scanner.byte() == b'{';
    let mut more = if is_object { scanner.object_begin()? } else { scanner.array_begin() };
    while more {
        *count += 1;
        if is_object {
            scanner.skip_string()?;
            scanner.colon()?;
        }
        scanner.skip(usize::MAX)?;
        more = if is_object { scanner.object_next()? } else { scanner.array_next()? };
    }
    Ok(())
}

/// The entries of a map that is being read.
struct Entries<'g> {
    group: &'g mut Group,
    /// Where the map begins.
    at: usize,
    count: u32,
    /// The digest of the present key.
    key: u64,
    /// The digest of all entries, where it is needed.
    digest: u64,
}
