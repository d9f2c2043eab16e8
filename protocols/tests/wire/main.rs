//! The wire protocols, their framing and what is made of hostile bytes.

mod apache;
mod dialects;
mod framing;
mod hostile;
mod known_bytes;
mod round_trip;
mod transcode;
mod tree;
