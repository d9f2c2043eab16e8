//! What the tests from outside share: a [`Gateway`] started in the process of the test, a raw HTTP/1.1
//! [`client`] over plain sockets, a scripted Thrift [`backend`] that can do everything wrong, a [`proxy`] that is
//! a bad network, a [`balancer`], a generator of [`load`] with a [`ledger`] of what was executed, and a counting
//! [`allocator`].
//!
//! Whatever fails here is a failure of the test, so functions panic with what they saw.

pub mod allocator;
pub mod backend;
pub mod balancer;
pub mod client;
pub mod collector;
mod folder;
mod gateway;
pub mod key_server;
pub mod ledger;
pub mod load;
pub mod name_server;
pub mod proxy;
mod waiting;

pub use folder::Folder;
pub use gateway::{Gateway, data};
pub use waiting::{PATIENCE, eventually};
