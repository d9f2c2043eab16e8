//! The backends of the demo, started once for all tests.

use std::sync::LazyLock;

use thriftgate::demo::Backends;
use thriftgate_config::ListenAddress;
use thriftgate_tests::Gateway;

/// A gateway before the demo's login, at `/`, and its phonebook, at `/ContactSvc`.
pub(crate) fn gateway() -> Gateway {
    static BACKENDS: LazyLock<Backends> = LazyLock::new(|| Backends::start().expect("the demo starts"));
    Gateway::with(BACKENDS.settings(ListenAddress::DEFAULT))
}
