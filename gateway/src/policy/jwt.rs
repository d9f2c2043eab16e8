//! JSON Web Tokens (RFC 7519): who issued them, whether they are good, and whom they name.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation, dangerous, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use thriftgate_config as config;
use thriftgate_config::{TokenAlgorithm, TokenKeys};
use tokio::runtime::Handle;

use super::fetched_keys::FetchedKeys;
use super::key_file::hash_of;
use super::key_set::{KeySet, KeySetError, NoKey};
use super::verified::{VerifiedToken, VerifiedTokens};
use super::{Caller, Facts, Group, Refused};
use crate::snapshot::at;

/// Tokens that are longer, in bytes, are not looked at.
const LONGEST: usize = 8 * 1024;

/// The issuers whose tokens are taken.
pub(super) struct Tokens {
    issuers: Vec<Issuer>,
    /// The indexes of the groups.
    groups: HashMap<Box<str>, usize>,
    verified: VerifiedTokens,
}

struct Issuer {
    settings: config::TokenIssuer,
    /// What is checked of its tokens, for each algorithm that is taken.
    checks: Vec<(Algorithm, Validation)>,
    keys: Keys,
}

/// Where the keys of an issuer are.
enum Keys {
    /// Read with the settings.
    Fixed(Arc<KeySet>),
    Fetched(Arc<FetchedKeys>),
}

/// What a token says of itself before it is verified.
#[derive(Deserialize)]
struct Claimed {
    iss: String,
}

/// Why a token is not good.
enum Unverified {
    Refused(Refused),
    /// Its issuer may have a newer key.
    UnknownKey(Arc<FetchedKeys>),
}

impl Tokens {
    /// The tokens of these issuers. Keys that are fetched are taken over from `previous` where they come from the same
    /// place.
    ///
    /// # Errors
    /// Everything that is wrong with the files of keys, each as the text that an operator reads.
    pub(super) fn build(
        issuers: &[config::TokenIssuer],
        groups: &[Group],
        previous: Option<&Self>,
    ) -> Result<Self, Vec<String>> {
        let (mut built, mut errors) = (Vec::new(), Vec::new());
        for settings in issuers {
            match keys(settings, previous) {
                Ok(keys) => built.push(Issuer { checks: checks(settings), settings: settings.clone(), keys }),
                Err(what) => errors.push(at(settings.origin.as_ref(), what, None)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let names = groups.iter().map(|group| group.settings.name.as_str().into());
        let groups = names.zip(0..).collect();
        Ok(Self { issuers: built, groups, verified: VerifiedTokens::default() })
    }

    /// Begins to fetch keys on this runtime, those that are not fetched yet.
    pub(super) fn begin(&self, runtime: &Handle) {
        for issuer in &self.issuers {
            if let Keys::Fetched(keys) = &issuer.keys {
                keys.begin(runtime);
            }
        }
    }

    /// Whom a token names, if it is good. Where its key is not known, its issuer is asked again, and waited for a short
    /// time.
    ///
    /// # Errors
    /// Where it is not good; why is not for whoever shows it.
    pub(super) async fn find(&self, token: &[u8], now: SystemTime) -> Result<Arc<Caller>, Refused> {
        let again = match self.verify(token, now) {
            Ok(caller) => return Ok(caller),
            Err(Unverified::Refused(refused)) => return Err(refused),
            Err(Unverified::UnknownKey(keys)) => Box::pin(async move { keys.renew().await }).await,
        };
        let unknown = || refuse("the key of the token is not known");
        if !again {
            return Err(unknown());
        }
        self.verify(token, now).map_err(|error| match error {
            Unverified::Refused(refused) => refused,
            Unverified::UnknownKey(_) => unknown(),
        })
    }

    fn verify(&self, token: &[u8], now: SystemTime) -> Result<Arc<Caller>, Unverified> {
        if token.len() > LONGEST {
            return Err(refuse("the token is too long").into());
        }
        let hash = hash_of(token);
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        if let Some(known) = self.verified.find(&hash, now)
            && self.issuers[known.issuer].keys.are(&known.keys)
        {
            return Ok(known.caller);
        }
        let no_token = |_| refuse("what was shown has not the form of a token");
        let header = decode_header(token).map_err(no_token)?;
        let claimed: Claimed = dangerous::insecure_decode_claims(token).map_err(no_token)?;
        let is_issuer = |issuer: &Issuer| issuer.settings.issuer == claimed.iss;
        let Some(position) = self.issuers.iter().position(is_issuer) else {
            return Err(refuse("the issuer of the token is not known").into());
        };
        // What a token says to be critical has to be understood, and nothing of that kind is (RFC 7515, section 4.1.11).
        if header.crit.is_some() {
            return Err(refuse("the token has critical extensions").into());
        }
        let issuer = &self.issuers[position];
        let keys = issuer.keys.current();
        let claims = issuer.verify(token, &keys, header.alg, header.kid.as_deref())?;
        let until = issuer.end(&claims);
        let caller = Arc::new(issuer.caller(claims, &self.groups)?);
        let known = VerifiedToken { caller: caller.clone(), issuer: position, keys, until };
        self.verified.add(hash, known, now);
        Ok(caller)
    }
}

impl Issuer {
    /// The claims of a token, if they are those of the issuer and for the gateway.
    fn verify(
        &self,
        token: &[u8],
        keys: &KeySet,
        algorithm: Algorithm,
        id: Option<&str>,
    ) -> Result<Map<String, Value>, Unverified> {
        let Some((_, check)) = self.checks.iter().find(|(taken, _)| *taken == algorithm) else {
            return Err(refuse("the algorithm of the token is not one of its issuer's").into());
        };
        let candidates = match (keys.find(id, algorithm), &self.keys) {
            (Ok(candidates), _) => candidates,
            (Err(NoKey::Unknown), Keys::Fetched(keys)) => return Err(Unverified::UnknownKey(keys.clone())),
            (Err(NoKey::Unknown), Keys::Fixed(_)) => {
                return Err(refuse("the key of the token is not known").into());
            }
            (Err(NoKey::Unfit), _) => {
                return Err(refuse("the key of the token is not for its algorithm").into());
            }
            (Err(NoKey::Several), _) => return Err(refuse("the token does not say which key it has").into()),
        };
        let mut refused = refuse("the signature of the token is not good");
        for key in candidates {
            match decode::<Map<String, Value>>(token, key, check) {
                Ok(token) => return Ok(token.claims),
                Err(error) => refused = refuse(reason(error.kind())),
            }
        }
        Err(refused.into())
    }

    /// When a token is not good any more, in seconds since the epoch.
    fn end(&self, claims: &Map<String, Value>) -> u64 {
        let expires = claims.get("exp").and_then(Value::as_f64).unwrap_or_default();
        // Saturating: what is beyond all times is after every one of them.
        (expires as u64).saturating_add(self.settings.leeway.as_secs())
    }

    /// Whom these claims name.
    fn caller(
        &self,
        claims: Map<String, Value>,
        groups: &HashMap<Box<str>, usize>,
    ) -> Result<Caller, Refused> {
        let name = find(&claims, &self.settings.caller).and_then(Value::as_str);
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            return Err(refuse("the token does not name its caller"));
        };
        let named = self.settings.group.as_ref().and_then(|path| match find(&claims, path)? {
            Value::String(name) => groups.get(name.as_str()),
            Value::Array(names) => names.iter().filter_map(Value::as_str).find_map(|name| groups.get(name)),
            _ => None,
        });
        let Some(group) = named.copied().or(self.settings.default_group) else {
            return Err(refuse("the token names no group that is there"));
        };
        let name: Arc<str> = name.into();
        Ok(Caller::new(name, None, group, Facts::Claims(Arc::new(claims))))
    }
}

impl Keys {
    fn current(&self) -> Arc<KeySet> {
        match self {
            Self::Fixed(keys) => keys.clone(),
            Self::Fetched(fetched) => fetched.keys().load_full(),
        }
    }

    /// Whether these are the keys still.
    fn are(&self, keys: &Arc<KeySet>) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Fetched(fetched) => Arc::ptr_eq(&fetched.keys().load(), keys),
        }
    }
}

impl From<Refused> for Unverified {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let issuers = self.issuers.iter().map(|issuer| &issuer.settings.issuer);
        f.debug_list().entries(issuers).finish()
    }
}

/// The file that the keys of an issuer are read from, if they are.
pub(crate) fn file(settings: &config::TokenIssuer) -> Option<&Path> {
    match &settings.keys {
        TokenKeys::File(path) | TokenKeys::Secret(path) => Some(path),
        TokenKeys::Url(_) => None,
    }
}

fn keys(settings: &config::TokenIssuer, previous: Option<&Tokens>) -> Result<Keys, String> {
    let read = |path: &Path, parse: fn(&[u8]) -> Result<KeySet, KeySetError>| {
        let wrong = |error: &dyn fmt::Display| format!("the keys {} cannot be read: {error}", path.display());
        let text = std::fs::read(path).map_err(|error| wrong(&error))?;
        Ok(Keys::Fixed(Arc::new(parse(&text).map_err(|error| wrong(&error))?)))
    };
    match &settings.keys {
        TokenKeys::File(path) => read(path, KeySet::parse),
        TokenKeys::Secret(path) => read(path, KeySet::of_secret),
        TokenKeys::Url(url) => {
            let before = previous.into_iter().flat_map(|previous| &previous.issuers);
            let same = before.filter_map(|issuer| match &issuer.keys {
                Keys::Fetched(fetched) if fetched.are_of(settings, url) => Some(fetched.clone()),
                _ => None,
            });
            same.into_iter()
                .next()
                .map_or_else(|| FetchedKeys::new(settings, url).map(Arc::new), Ok)
                .map(Keys::Fetched)
        }
    }
}

/// What is checked of tokens, for each algorithm.
fn checks(settings: &config::TokenIssuer) -> Vec<(Algorithm, Validation)> {
    let check = |algorithm: &TokenAlgorithm| {
        let algorithm = self::algorithm(*algorithm);
        let mut check = Validation::new(algorithm);
        check.set_required_spec_claims(&["exp", "iss", "aud"]);
        check.set_issuer(&[&settings.issuer]);
        check.set_audience(&settings.audience);
        check.leeway = settings.leeway.as_secs();
        check.validate_nbf = true;
        (algorithm, check)
    };
    settings.algorithms.iter().map(check).collect()
}

fn algorithm(algorithm: TokenAlgorithm) -> Algorithm {
    match algorithm {
        TokenAlgorithm::RS256 => Algorithm::RS256,
        TokenAlgorithm::RS384 => Algorithm::RS384,
        TokenAlgorithm::RS512 => Algorithm::RS512,
        TokenAlgorithm::PS256 => Algorithm::PS256,
        TokenAlgorithm::PS384 => Algorithm::PS384,
        TokenAlgorithm::PS512 => Algorithm::PS512,
        TokenAlgorithm::ES256 => Algorithm::ES256,
        TokenAlgorithm::ES384 => Algorithm::ES384,
        TokenAlgorithm::EdDSA => Algorithm::EdDSA,
        TokenAlgorithm::HS256 => Algorithm::HS256,
        TokenAlgorithm::HS384 => Algorithm::HS384,
        TokenAlgorithm::HS512 => Algorithm::HS512,
    }
}

fn find<'c>(claims: &'c Map<String, Value>, path: &[String]) -> Option<&'c Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(claims.get(first)?, |value, name| value.get(name))
}

/// What the log says of a token that is not good. Nothing of the token is in it.
fn reason(error: &ErrorKind) -> &'static str {
    match error {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidAudience => "the token is for another audience",
        ErrorKind::MissingRequiredClaim(_) => "the token lacks one of `exp`, `iss` and `aud`",
        ErrorKind::InvalidClaimFormat(_) | ErrorKind::Json(_) => "the claims of the token are malformed",
        _ => "the signature of the token is not good",
    }
}

fn refuse(why: &'static str) -> Refused {
    Refused::Invalid(why.into())
}
