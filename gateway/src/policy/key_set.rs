//! The keys that the signatures of tokens are checked with: of a JSON Web Key Set (RFC 7517), or one shared secret.

use std::fmt;

use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// The least length of a shared secret, in bytes: as long as the shortest hash that it is used with (RFC 7518, section
/// 3.2).
const SHORTEST_SECRET: usize = 32;

/// Keys of an issuer of tokens.
#[derive(Debug)]
pub(super) struct KeySet {
    keys: Vec<Key>,
}

/// A key that signatures are checked with.
#[derive(Debug)]
struct Key {
    id: Option<String>,
    /// The one algorithm that it is for, where it says that.
    algorithm: Option<String>,
    kind: Kind,
    key: DecodingKey,
}

/// What a key is, and thereby which algorithms it can be used with: never one for which a public key would be a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Rsa,
    P256,
    P384,
    Ed25519,
    Secret,
}

/// Why a text gives no keys. None of its content is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeySetError {
    /// It is no JSON Web Key Set.
    Form,
    /// None of its keys is one that signatures can be checked with.
    Empty,
    /// A shared secret of fewer bytes than it takes.
    ShortSecret,
}

/// Why there is no key for a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NoKey {
    /// It names one that is not there, which may be newer than the set.
    Unknown,
    /// The one that it names is not for its algorithm.
    Unfit,
    /// It names none, and several would do.
    Several,
}

#[derive(Deserialize)]
struct Form {
    keys: Vec<Value>,
}

/// The members of a JSON Web Key that matter here (RFC 7517, section 4; RFC 7518, section 6; RFC 8037).
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    /// What makes a key a private one, which nobody ought to publish.
    d: Option<IgnoredAny>,
}

impl KeySet {
    /// A set without keys, for what was never fetched.
    pub(super) fn empty() -> Self {
        Self { keys: Vec::new() }
    }

    /// Reads a JSON Web Key Set. Keys that cannot check signatures are passed over: those for encryption, private and
    /// symmetric ones, and those of kinds that are not known here.
    ///
    /// # Errors
    /// Where nothing is left.
    pub(super) fn parse(text: &[u8]) -> Result<Self, KeySetError> {
        let form: Form = serde_json::from_slice(text).map_err(|_| KeySetError::Form)?;
        let jwks = form.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok());
        let keys: Vec<Key> = jwks.filter_map(Jwk::into_key).collect();
        if keys.is_empty() { Err(KeySetError::Empty) } else { Ok(Self { keys }) }
    }

    /// The one key that a shared secret is; a line end after it is none of it.
    ///
    /// # Errors
    /// Where it is too short.
    pub(super) fn of_secret(text: &[u8]) -> Result<Self, KeySetError> {
        let secret = text.strip_suffix(b"\n").unwrap_or(text);
        let secret = secret.strip_suffix(b"\r").unwrap_or(secret);
        if secret.len() < SHORTEST_SECRET {
            return Err(KeySetError::ShortSecret);
        }
        let key = DecodingKey::from_secret(secret);
        Ok(Self { keys: vec![Key { id: None, algorithm: None, kind: Kind::Secret, key }] })
    }

    /// The keys that a token may be signed by that names this key and algorithm; never none.
    ///
    /// # Errors
    /// See [`NoKey`].
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<Vec<&DecodingKey>, NoKey> {
        // The only one there is, whatever name the other side has for it.
        let id = id.filter(|_| self.keys.iter().all(|key| key.kind != Kind::Secret));
        let named: Vec<&Key> =
            self.keys.iter().filter(|key| id.is_none() || key.id.as_deref() == id).collect();
        let fit: Vec<&DecodingKey> =
            named.iter().filter(|key| key.is_for(algorithm)).map(|key| &key.key).collect();
        match (fit.len(), id) {
            (0, Some(_)) if !named.is_empty() => Err(NoKey::Unfit),
            (0, _) => Err(NoKey::Unknown),
            (1, _) | (_, Some(_)) => Ok(fit),
            (_, None) => Err(NoKey::Several),
        }
    }
}

impl Key {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512, PS256, PS384, PS512, RS256, RS384, RS512};
        let kind = match algorithm {
            RS256 | RS384 | RS512 | PS256 | PS384 | PS512 => Kind::Rsa,
            ES256 => Kind::P256,
            ES384 => Kind::P384,
            EdDSA => Kind::Ed25519,
            HS256 | HS384 | HS512 => Kind::Secret,
            _ => return false,
        };
        let said = self.algorithm.as_ref().is_none_or(|said| *said == format!("{algorithm:?}"));
        self.kind == kind && said
    }
}

impl Jwk {
    /// The key, where it is one that signatures are checked with.
    fn into_key(self) -> Option<Key> {
        let is_for_signatures = self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|all| all.iter().any(|operation| operation == "verify"));
        if !is_for_signatures || self.d.is_some() {
            return None;
        }
        let (kind, key) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => (Kind::Rsa, DecodingKey::from_rsa_components(&self.n?, &self.e?)),
            ("EC", Some("P-256")) => (Kind::P256, DecodingKey::from_ec_components(&self.x?, &self.y?)),
            ("EC", Some("P-384")) => (Kind::P384, DecodingKey::from_ec_components(&self.x?, &self.y?)),
            ("OKP", Some("Ed25519")) => (Kind::Ed25519, DecodingKey::from_ed_components(&self.x?)),
            _ => return None,
        };
        Some(Key { id: self.kid, algorithm: self.alg, kind, key: key.ok()? })
    }
}

impl fmt::Display for KeySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("it is no JSON Web Key Set"),
            Self::Empty => f.write_str("it has no public key that signatures can be checked with"),
            Self::ShortSecret => write!(f, "the secret is shorter than {SHORTEST_SECRET} bytes"),
        }
    }
}

impl std::error::Error for KeySetError {}

#[cfg(test)]
mod tests {
    use jsonwebtoken::Algorithm;
    use serde_json::{Value, json};

    use super::{KeySet, KeySetError, NoKey};

    fn okp(id: Option<&str>) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": id})
    }

    #[expect(clippy::needless_pass_by_value, reason = "it is written in place by json!")]
    fn parse(keys: Value) -> Result<KeySet, KeySetError> {
        KeySet::parse(json!({"keys": keys}).to_string().as_bytes())
    }

    #[test]
    fn what_checks_no_signature_is_no_key() {
        let with = |member: &str, value: Value| {
            let mut key = okp(Some("a"));
            key[member] = value;
            key
        };
        for odd in [
            with("use", json!("enc")),
            with("key_ops", json!(["encrypt"])),
            with("d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")),
            with("crv", json!("X25519")),
            with("kty", json!("oct")),
            with("x", json!("!")),
            json!({"kty": "oct", "k": "c2VjcmV0"}),
            json!({"kty": 1}),
            json!(null),
        ] {
            assert_eq!(parse(json!([odd])).err(), Some(KeySetError::Empty), "{odd}");
            assert!(parse(json!([odd, okp(None)])).is_ok(), "{odd}");
        }
        assert_eq!(KeySet::parse(b"[]").err(), Some(KeySetError::Form));
    }

    #[test]
    fn keys_are_found_by_id_and_algorithm() {
        let find = |keys: Value, id, algorithm| {
            parse(keys).expect("keys").find(id, algorithm).map(|found| found.len())
        };
        let (one, none) = (okp(Some("a")), okp(None));
        assert_eq!(find(json!([one, none]), Some("a"), Algorithm::EdDSA), Ok(1));
        assert_eq!(find(json!([one, one]), Some("a"), Algorithm::EdDSA), Ok(2));
        assert_eq!(find(json!([one, none]), Some("b"), Algorithm::EdDSA), Err(NoKey::Unknown));
        assert_eq!(find(json!([one]), Some("a"), Algorithm::RS256), Err(NoKey::Unfit));
        assert_eq!(find(json!([one]), Some("a"), Algorithm::HS256), Err(NoKey::Unfit));
        assert_eq!(find(json!([one]), None, Algorithm::EdDSA), Ok(1));
        assert_eq!(find(json!([one, none]), None, Algorithm::EdDSA), Err(NoKey::Several));
        let mut pinned = okp(Some("a"));
        pinned["alg"] = json!("ES256");
        assert_eq!(find(json!([pinned]), Some("a"), Algorithm::EdDSA), Err(NoKey::Unfit));
    }

    #[test]
    fn secrets_are_long() {
        let (short, long) = (vec![b'a'; 31], vec![b'a'; 32]);
        assert_eq!(KeySet::of_secret(&[&short[..], b"\r\n"].concat()).err(), Some(KeySetError::ShortSecret));
        let secret = KeySet::of_secret(&[&long[..], b"\n"].concat()).expect("it is long enough");
        assert!(secret.find(Some("any"), Algorithm::HS256).is_ok());
        assert_eq!(secret.find(None, Algorithm::RS256).err(), Some(NoKey::Unknown));
        assert!(!format!("{secret:?}").contains("97"));
    }
}
