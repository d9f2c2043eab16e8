//! Which build this is.

/// The version and, where it is known, the commit: `0.1.0 (a1eb422dd00f)`.
pub const VERSION: &str = env!("THRIFTGATE_VERSION");

/// The first digits of the commit; empty where it is not known.
pub const COMMIT: &str = env!("THRIFTGATE_COMMIT");
