//! Time series that are told for as long as somebody counts in them.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What is counted by labels. It goes on while a snapshot holds it, so that reloads with ever new names do not fill the
/// memory; a snapshot that is built while an older one has the same labels counts in the same place.
#[derive(Debug)]
pub(super) struct Live<L: Hash + Eq, M>(Arc<Mutex<Known<L, M>>>);

type Known<L, M> = HashMap<L, Weak<Series<L, M>>>;

/// What is counted under one set of labels.
#[derive(Debug)]
pub(super) struct Series<L: Hash + Eq, M> {
    pub(super) labels: L,
    pub(super) counted: M,
    all: Live<L, M>,
}

impl<L: Hash + Eq, M> Default for Live<L, M> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<L: Hash + Eq, M> Clone for Live<L, M> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L: Hash + Eq + Clone, M: Default> Live<L, M> {
    /// The series of these labels; where there is one, that.
    pub(super) fn get(&self, labels: L) -> Arc<Series<L, M>> {
        let mut known = self.known();
        if let Some(series) = known.get(&labels).and_then(Weak::upgrade) {
            return series;
        }
        let series = Arc::new(Series { labels: labels.clone(), counted: M::default(), all: self.clone() });
        known.insert(labels, Arc::downgrade(&series));
        series
    }
}

impl<L: Hash + Eq, M> Live<L, M> {
    /// All that there are now.
    pub(super) fn all(&self) -> Vec<Arc<Series<L, M>>> {
        self.known().values().filter_map(Weak::upgrade).collect()
    }

    fn known(&self) -> MutexGuard<'_, Known<L, M>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Hash + Eq, M> Drop for Series<L, M> {
    fn drop(&mut self) {
        let mut known = self.all.known();
        // Where a snapshot has the labels again, that one goes on.
        if known.get(&self.labels).is_some_and(|series| series.strong_count() == 0) {
            known.remove(&self.labels);
        }
    }
}
