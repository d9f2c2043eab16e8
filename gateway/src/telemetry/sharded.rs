//! What cores count beside each other.

use std::sync::LazyLock;

/// More shards than this would cost memory for each method, and bring little.
const MOST: usize = 8;

static SHARDS: LazyLock<usize> =
    LazyLock::new(|| std::thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST)));

/// The same for each of some cores, far enough apart that a core that counts takes no cache line from another.
#[derive(Debug)]
pub(super) struct Sharded<T>(Box<[Padded<T>]>);

#[repr(align(128))]
#[derive(Debug, Default)]
struct Padded<T>(T);

impl<T: Default> Default for Sharded<T> {
    fn default() -> Self {
        Self((0..*SHARDS).map(|_| Padded::default()).collect())
    }
}

impl<T> Sharded<T> {
    /// That of a core.
    pub(super) fn of(&self, core: usize) -> &T {
        &self.0[core % self.0.len()].0
    }

    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &T> + Clone {
        self.0.iter().map(|Padded(one)| one)
    }
}
