//! Bodies that are made once and sent often, kept compressed.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A body, compressed with gzip: a tenth of the memory, for the few callers that do not take it so.
#[derive(Clone, Debug)]
pub struct Packed {
    gzip: Bytes,
    length: usize,
    digest: String,
}

impl Packed {
    /// Bytes of the body's digest that tell it from others.
    const DIGEST: usize = 12;

    /// The body compressed.
    ///
    /// # Panics
    /// Never: writing to memory cannot fail.
    #[must_use]
    pub fn new(body: &[u8]) -> Self {
        let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::default());
        encoder.write_all(body).expect("writing to memory cannot fail");
        let gzip = encoder.finish().expect("writing to memory cannot fail").into();
        let digest =
            Sha256::digest(body).iter().take(Self::DIGEST).map(|byte| format!("{byte:02x}")).collect();
        Self { gzip, length: body.len(), digest }
    }

    /// The body, compressed with gzip.
    #[must_use]
    pub fn gzip(&self) -> Bytes {
        self.gzip.clone()
    }

    /// Bytes of the body as it is.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// What tells the body from others, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The body as it is.
    ///
    /// # Errors
    /// Never, unless the memory is damaged.
    pub fn unpack(&self) -> io::Result<Vec<u8>> {
        let mut body = Vec::with_capacity(self.length);
        GzDecoder::new(&*self.gzip).read_to_end(&mut body)?;
        Ok(body)
    }
}
