//! JSON Web Tokens: good ones open every door, and nothing else does.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use thriftgate_tests::backend::Backend;
use thriftgate_tests::key_server::KeyServer;
use thriftgate_tests::{Folder, Gateway, data, eventually};

use super::answers::{opens, refused};
use crate::doors::doors;

const ISSUER: &str = "https://idp.example";

/// Somebody who signs tokens.
struct Signer {
    algorithm: Algorithm,
    key: EncodingKey,
    public: Value,
    id: Option<String>,
}

impl Signer {
    fn new(algorithm: Algorithm, id: Option<&str>) -> Self {
        let public_of = |key: &EncodingKey| {
            let key = Jwk::from_encoding_key(key, algorithm).expect("its public key");
            serde_json::to_value(key).expect("JSON")
        };
        let (key, mut public) = match algorithm {
            Algorithm::RS256 => {
                let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
                // Behind this much of PKCS #8 is the key itself.
                let key = EncodingKey::from_rsa_der(&pair.serialize_der()[26..]);
                let public = public_of(&key);
                (key, public)
            }
            Algorithm::ES256 => {
                let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
                let key = EncodingKey::from_ec_der(&pair.serialize_der());
                let public = public_of(&key);
                (key, public)
            }
            _ => {
                let pair = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
                let x = URL_SAFE_NO_PAD.encode(pair.public_key_raw());
                let public = json!({"kty": "OKP", "crv": "Ed25519", "x": x});
                (EncodingKey::from_ed_der(&pair.serialize_der()), public)
            }
        };
        if let Some(id) = id {
            public["kid"] = json!(id);
        }
        Self { algorithm, key, public, id: id.map(str::to_owned) }
    }

    fn jwk(&self) -> Value {
        self.public.clone()
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: self.id.clone(), ..Header::new(self.algorithm) };
        encode(&header, claims, &self.key).expect("a token")
    }
}

fn set(signers: &[&Signer]) -> String {
    json!({"keys": signers.iter().map(|signer| signer.jwk()).collect::<Vec<_>>()}).to_string()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs()
}

/// Claims that are good, with some changed; null takes one out.
#[expect(clippy::needless_pass_by_value, reason = "it is written in place by json!")]
fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "thriftgate", "exp": now() + 600, "sub": "acme", "groups": ["others", "partners"],
    });
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            claims.as_object_mut().expect("an object").remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

struct Site {
    folder: Folder,
    backend: Backend,
}

impl Site {
    /// With an issuer whose keys are there, and these settings beside.
    fn new(keys: &str, more: &str) -> Self {
        let site = Self { folder: Folder::new(), backend: Backend::echoing() };
        let yaml = format!(
            "idl: {}\nbackends: {{main: \"{}\"}}\nreload: {{watch: false}}\nlogging: {{access: false}}\n\
             groups: {{partners: {{}}, trial: {{deny: [\"Everything.echoString\"]}}}}\nauthentication:\n  jwt:\n  - {{issuer: \"{ISSUER}\", \
             audience: [thriftgate, other], {keys}, group: groups, {more}}}\n",
            data("everything.thrift").display(),
            site.backend.address()
        );
        site.folder.write("gateway.yaml", &yaml);
        site
    }

    fn gateway(&self) -> Gateway {
        Gateway::by_file(&self.folder.path().join("gateway.yaml"))
    }
}

fn status(gateway: &Gateway, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    let headers = [("Content-Type", "application/json"), ("Authorization", &*bearer)];
    gateway.post_with("/", &headers, br#"{"method": "echoString", "arguments": {"value": "x"}}"#).status
}

#[test]
fn good_tokens_open_every_door() {
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let signer = Signer::new(algorithm, Some("a"));
        let site = Site::new(&format!("algorithms: [{algorithm:?}], jwks: keys.json"), "leeway: 30s");
        site.folder.write("keys.json", &set(&[&signer]));
        let gateway = site.gateway();
        for changes in [
            json!({}),
            json!({"aud": ["nobody", "other"]}),
            json!({"groups": "partners"}),
            json!({"exp": now() - 10}),
            json!({"nbf": now() + 10}),
        ] {
            let bearer = format!("Bearer {}", signer.sign(&claims(changes)));
            // The second time it is remembered.
            for door in doors().into_iter().chain(doors()) {
                opens(&gateway, door, &[("Authorization", &bearer)]);
            }
        }
        let trial = signer.sign(&claims(json!({"groups": ["trial", "partners"]})));
        assert_eq!(status(&gateway, &trial), 404);
    }
}

#[test]
fn bad_tokens_open_no_door() {
    let signer = Signer::new(Algorithm::RS256, Some("a"));
    let other = Signer::new(Algorithm::RS256, Some("a"));
    let unknown = Signer::new(Algorithm::RS256, Some("b"));
    let elliptic = Signer::new(Algorithm::ES256, Some("c"));
    let site = Site::new("algorithms: [RS256], jwks: keys.json", "leeway: 30s");
    site.folder.write("keys.json", &set(&[&signer, &elliptic]));
    let gateway = site.gateway();
    let good = signer.sign(&claims(json!({})));
    assert_eq!(status(&gateway, &good), 200);
    let parts: Vec<&str> = good.split('.').collect();
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let secret = |secret: &[u8]| {
        let header = Header { kid: Some("a".into()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims(json!({})), &EncodingKey::from_secret(secret)).expect("a token")
    };
    let modulus = signer.jwk()["n"].as_str().expect("a modulus").to_owned();
    let critical =
        Header { kid: Some("a".into()), crit: Some(vec!["b64".into()]), ..Header::new(Algorithm::RS256) };
    let mut bad = vec![
        other.sign(&claims(json!({}))),
        unknown.sign(&claims(json!({}))),
        elliptic.sign(&claims(json!({}))),
        secret(modulus.as_bytes()),
        secret(&URL_SAFE_NO_PAD.decode(&modulus).expect("base64")),
        secret(signer.jwk().to_string().as_bytes()),
        encode(&critical, &claims(json!({})), &signer.key).expect("a token"),
        format!("{}.{}.{}", parts[0], encoded(claims(json!({"sub": "root"}))), parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{good}x"),
        "x".to_owned(),
        "..".to_owned(),
        format!("tg_{:-<43}", "x"),
        signer.sign(&claims(json!({"padding": "x".repeat(9000)}))),
    ];
    for none in ["none", "None", "NONE", ""] {
        bad.push(format!("{}.{}.", encoded(json!({"alg": none, "kid": "a"})), parts[1]));
    }
    for changes in [
        json!({"exp": now() - 60}),
        json!({"exp": null}),
        json!({"exp": "tomorrow"}),
        json!({"nbf": now() + 60}),
        json!({"aud": "nobody"}),
        json!({"aud": null}),
        json!({"aud": []}),
        json!({"iss": "https://other.example"}),
        json!({"iss": [ISSUER]}),
        json!({"iss": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": 7}),
        json!({"groups": null}),
        json!({"groups": ["others"]}),
    ] {
        bad.push(signer.sign(&claims(changes)));
    }
    let called = site.backend.calls();
    for (position, token) in bad.iter().enumerate() {
        let bearer = format!("Bearer {token}");
        for door in doors() {
            refused(&gateway, door, &[("Authorization", &bearer)], &format!("bad token {position}"));
        }
    }
    assert_eq!(site.backend.calls(), called);
}

#[test]
fn shared_secrets() {
    let site = Site::new("algorithms: [HS256], secret_file: secret", "default_group: partners");
    let secret = "0123456789abcdef0123456789abcdef";
    site.folder.write("secret", &format!("{secret}\n"));
    let gateway = site.gateway();
    let sign = |algorithm, secret: &str| {
        let key = EncodingKey::from_secret(secret.as_bytes());
        encode(&Header::new(algorithm), &claims(json!({"groups": null})), &key).expect("a token")
    };
    assert_eq!(status(&gateway, &sign(Algorithm::HS256, secret)), 200);
    assert_eq!(status(&gateway, &sign(Algorithm::HS384, secret)), 401);
    assert_eq!(status(&gateway, &sign(Algorithm::HS256, &secret[1..])), 401);
    site.folder.write("secret", "short\n");
    let reply = gateway.reload();
    assert_eq!(reply.status, 422);
    assert!(
        reply.text().contains("shorter than 32 bytes") && !reply.text().contains("short\\n"),
        "{}",
        reply.text()
    );
    assert_eq!(status(&gateway, &sign(Algorithm::HS256, secret)), 200);
}

#[test]
fn keys_rotate_at_their_address() {
    let (old, new, newest) = (
        Signer::new(Algorithm::ES256, Some("old")),
        Signer::new(Algorithm::ES256, Some("new")),
        Signer::new(Algorithm::ES256, Some("newest")),
    );
    let server = KeyServer::start(&set(&[&old]));
    let keys = format!("algorithms: [ES256], jwks: \"{}\"", server.url());
    let site = Site::new(&keys, "cool_down: 1h");
    let gateway = site.gateway();
    // The first call waits for the keys, which are being fetched.
    assert_eq!(status(&gateway, &old.sign(&claims(json!({})))), 200);
    assert_eq!(server.asked(), 1);
    server.answer(200, &set(&[&old, &new]));
    let token = new.sign(&claims(json!({})));
    assert_eq!(status(&gateway, &token), 200, "an unknown key is asked for");
    assert_eq!(status(&gateway, &old.sign(&claims(json!({"n": 1})))), 200);
    assert_eq!(server.asked(), 2);
    // Within the time to cool down nobody can make the gateway ask again.
    server.answer(200, &set(&[&newest]));
    for _ in 0..5 {
        assert_eq!(status(&gateway, &newest.sign(&claims(json!({})))), 401);
    }
    assert_eq!((gateway.reload().status, server.asked()), (200, 2));
    assert_eq!(status(&gateway, &token), 200, "keys outlive a reload");
}

#[test]
fn last_good_keys_are_kept() {
    let (old, new) = (Signer::new(Algorithm::ES256, Some("old")), Signer::new(Algorithm::ES256, Some("new")));
    let server = KeyServer::start(&set(&[&old]));
    let keys = format!("algorithms: [ES256], jwks: \"{}\"", server.url());
    let site = Site::new(&keys, "refresh: 20ms, cool_down: 20ms");
    let gateway = site.gateway();
    let token = old.sign(&claims(json!({})));
    assert_eq!(status(&gateway, &token), 200);
    let large = format!("{}{}", set(&[&new]), " ".repeat(1024 * 1024));
    for (code, body) in [
        (500, set(&[&new])),
        (302, set(&[&new])),
        (200, String::new()),
        (200, r#"{"keys": []}"#.to_owned()),
        (200, large),
    ] {
        server.answer(code, &body);
        let asked = server.asked();
        eventually("it is asked again", || server.asked() > asked + 1);
        assert_eq!(status(&gateway, &old.sign(&claims(json!({"n": asked})))), 200);
        assert_eq!(status(&gateway, &new.sign(&claims(json!({})))), 401);
    }
    // Keys that have gone take with them what was verified by them.
    server.answer(200, &set(&[&new]));
    eventually("the old key has gone", || status(&gateway, &token) == 401);
    assert_eq!(status(&gateway, &new.sign(&claims(json!({})))), 200);
    drop(server);
    assert_eq!(status(&gateway, &new.sign(&claims(json!({"n": 1})))), 200, "nobody answers any more");
}
