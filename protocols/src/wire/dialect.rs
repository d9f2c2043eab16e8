//! In which way a peer speaks its protocol.

use super::Protocol;

/// In which way a peer speaks its protocol. That of a [`Protocol`] alone is what everybody speaks today.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Dialect {
    /// The protocol
    pub protocol: Protocol,
    /// Whether messages in binary are written with their version; they are read either way
    pub strict: bool,
    /// Whether a uuid in binary or compact has its halves exchanged, as Java had them before Thrift 0.23
    pub legacy_uuid: bool,
}

impl From<Protocol> for Dialect {
    fn from(protocol: Protocol) -> Self {
        Self { protocol, strict: true, legacy_uuid: false }
    }
}

/// The bytes of a uuid as they go over the wire, or back.
#[inline]
pub(super) fn ordered(mut uuid: [u8; 16], legacy: bool) -> [u8; 16] {
    if legacy {
        uuid.rotate_left(8);
    }
    uuid
}
