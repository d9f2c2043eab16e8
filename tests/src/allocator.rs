//! An allocator that counts, for each thread alone, what is held and the most that ever was.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes that this thread allocated and that were not freed by it; negative where it freed others'.
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counting.
#[derive(Debug)]
pub struct Counting;

fn add(bytes: usize) {
    // A thread that ends has no counters any more; nobody measures it then.
    let _ending = HELD.try_with(|held| {
        held.set(held.get() + bytes.cast_signed());
        let _ending = MOST.try_with(|most| most.set(most.get().max(held.get())));
    });
}

fn take(bytes: usize) {
    let _ending = HELD.try_with(|held| held.set(held.get() - bytes.cast_signed()));
}

#[expect(unsafe_code, reason = "an allocator cannot be written without; it adds counting to the system's")]
// SAFETY: every call goes to the system's allocator unchanged; the counters do not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size());
        // SAFETY: the caller keeps the contract of the trait.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        take(layout.size());
        // SAFETY: the caller keeps the contract of the trait.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // The old block and the new one may both stand while the bytes are moved.
        add(size);
        // SAFETY: the caller keeps the contract of the trait.
        let moved = unsafe { System.realloc(pointer, layout, size) };
        take(layout.size());
        moved
    }
}

/// Runs `work` and returns, beside what it gives, the most bytes that it held at once on this thread. Zero
/// where [`Counting`] is not the allocator of the process.
pub fn most_held<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let result = work();
    (result, MOST.get().saturating_sub(before).max(0).cast_unsigned())
}
