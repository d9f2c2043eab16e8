//! Tokens that were verified before, so that no signature is checked twice.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::Caller;
use super::key_set::KeySet;

/// How many tokens are remembered.
const MOST: usize = 10_000;
/// Parts that are locked apart, so that cores do not meet.
const PARTS: usize = 16;

/// Tokens that were verified, by their SHA-256.
#[derive(Default)]
pub(super) struct VerifiedTokens([RwLock<HashMap<[u8; 32], VerifiedToken>>; PARTS]);

/// A token that was verified.
#[derive(Clone)]
pub(super) struct VerifiedToken {
    pub(super) caller: Arc<Caller>,
    /// Index of its issuer.
    pub(super) issuer: usize,
    /// The keys that it was verified by: by others it may not be good.
    pub(super) keys: Arc<KeySet>,
    /// Until when it is good, in seconds since the epoch.
    pub(super) until: u64,
}

impl VerifiedTokens {
    /// The token with this hash, if it is remembered and good at this time.
    pub(super) fn find(&self, hash: &[u8; 32], now: u64) -> Option<VerifiedToken> {
        let part = self.part(hash).read().unwrap_or_else(PoisonError::into_inner);
        part.get(hash).filter(|token| now < token.until).cloned()
    }

    /// Remembers a token. Where there are too many, those that have expired are forgotten, and if that does not help, all
    /// of a part.
    pub(super) fn add(&self, hash: [u8; 32], token: VerifiedToken, now: u64) {
        let mut part = self.part(&hash).write().unwrap_or_else(PoisonError::into_inner);
        if part.len() >= MOST / PARTS {
            part.retain(|_, token| now < token.until);
        }
        if part.len() >= MOST / PARTS {
            part.clear();
        }
        part.insert(hash, token);
    }

    fn part(&self, hash: &[u8; 32]) -> &RwLock<HashMap<[u8; 32], VerifiedToken>> {
        &self.0[usize::from(hash[0]) % PARTS]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{MOST, VerifiedToken, VerifiedTokens};
    use crate::policy::key_set::KeySet;
    use crate::policy::{Caller, Facts};

    fn token(until: u64) -> VerifiedToken {
        let caller = Caller::new("caller", None, 0, Facts::None);
        VerifiedToken { caller: Arc::new(caller), issuer: 0, keys: Arc::new(KeySet::empty()), until }
    }

    #[test]
    fn tokens_are_forgotten_when_they_expire_and_when_they_are_many() {
        let tokens = VerifiedTokens::default();
        let hash = |number: usize| {
            let mut hash = [0; 32];
            hash[..8].copy_from_slice(&number.to_le_bytes());
            hash
        };
        tokens.add(hash(0), token(10), 5);
        assert!(tokens.find(&hash(0), 9).is_some());
        assert!(tokens.find(&hash(0), 10).is_none());
        assert!(tokens.find(&hash(1), 9).is_none());
        for number in 1..3 * MOST {
            tokens.add(hash(number), token(100), 20);
            assert!(tokens.find(&hash(number), 20).is_some());
        }
        let held: usize = tokens.0.iter().map(|part| part.read().expect("nobody panicked").len()).sum();
        assert!(held <= MOST, "{held}");
    }
}
