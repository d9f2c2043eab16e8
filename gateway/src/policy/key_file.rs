//! The file of the API keys: what is known of each, but not the key.

use std::collections::BTreeSet;
use std::fmt::{self, Write as _};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::crypto::aws_lc_rs;
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// What every key begins with, so that one that leaks is known for what it is.
pub(crate) const PREFIX: &str = "tg_";
/// Random bytes of a key.
const RANDOM: usize = 32;
/// The length of a key in bytes: the prefix, and the random bytes in the URL alphabet of base64 without padding.
pub(crate) const LENGTH: usize = PREFIX.len() + (RANDOM * 8).div_ceil(6);
/// The first line of a file that is written here.
const HEADER: &str = "# API keys, written by `thriftgate keys`. No key is in here, but the SHA-256 of each.";

/// What is known of an API key.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeyEntry {
    /// By which operators and logs know it.
    pub(crate) id: String,
    /// Of the key's text.
    #[serde(deserialize_with = "hash")]
    pub(crate) sha256: [u8; 32],
    /// For whoever reads the file.
    pub(crate) label: Option<String>,
    /// Who shows it.
    pub(crate) caller: String,
    /// The name of the caller's group.
    pub(crate) group: String,
    #[serde(default, deserialize_with = "time")]
    pub(crate) created: Option<SystemTime>,
    /// From when on it is not taken any more.
    #[serde(default, deserialize_with = "time")]
    pub(crate) expires: Option<SystemTime>,
    /// When it was revoked: it is not taken any more, whatever time that is.
    #[serde(default, deserialize_with = "time")]
    pub(crate) revoked: Option<SystemTime>,
    /// What arguments can be filled with.
    #[serde(default)]
    pub(crate) attributes: Map<String, Value>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Form {
    keys: Vec<KeyEntry>,
}

/// What is wrong with a key file.
#[derive(Debug)]
pub(crate) enum KeyFileError {
    /// It cannot be read or written.
    Io(PathBuf, io::Error),
    /// It is no key file.
    Form(PathBuf, String),
    /// Entries that contradict each other.
    Entry(PathBuf, String),
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: error: {error}", path.display()),
            Self::Form(path, what) | Self::Entry(path, what) => {
                write!(f, "{}: error: {what}", path.display())
            }
        }
    }
}

impl std::error::Error for KeyFileError {}

impl fmt::Debug for KeyEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyEntry").field("id", &self.id).finish_non_exhaustive()
    }
}

impl KeyEntry {
    /// Whether it is not taken any more.
    pub(crate) fn is_over(&self, now: SystemTime) -> bool {
        self.revoked.is_some() || self.expires.is_some_and(|expires| expires <= now)
    }
}

/// A new key, which exists nowhere else.
///
/// # Panics
/// Where the system has no random bytes.
pub(crate) fn new_key() -> String {
    let mut random = [0; RANDOM];
    fill(&mut random);
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random))
}

/// The id of a new key.
///
/// # Panics
/// Where the system has no random bytes.
pub(crate) fn new_id() -> String {
    let mut random = [0; 4];
    fill(&mut random);
    format!("{:08x}", u32::from_be_bytes(random))
}

fn fill(bytes: &mut [u8]) {
    let random = aws_lc_rs::default_provider().secure_random;
    random.fill(bytes).expect("the system has random bytes");
}

/// What a key is recognized by. The key is random, so that a fast hash is as good as a slow one.
pub(crate) fn hash_of(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

/// The entries of a key file, in its order, each with an id and a hash of its own.
///
/// # Errors
/// See [`KeyFileError`].
pub(crate) fn read(path: &Path) -> Result<Vec<KeyEntry>, KeyFileError> {
    let text = fs::read_to_string(path).map_err(|error| KeyFileError::Io(path.to_owned(), error))?;
    let entries = parse(&text).map_err(|what| KeyFileError::Form(path.to_owned(), what))?;
    let (mut ids, mut hashes) = (BTreeSet::new(), BTreeSet::new());
    for entry in &entries {
        let wrong =
            |what| Err(KeyFileError::Entry(path.to_owned(), format!("the key `{}` {what}", entry.id)));
        if entry.id.is_empty() || entry.caller.is_empty() {
            return wrong("has an empty `id` or `caller`");
        }
        if !ids.insert(&entry.id) || !hashes.insert(entry.sha256) {
            return wrong("is there twice");
        }
    }
    Ok(entries)
}

fn parse(text: &str) -> Result<Vec<KeyEntry>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 16,
            max_nodes: 10_000_000,
            max_aliases: 0,
            max_anchors: 0,
        },
        with_snippet: false,
    };
    let form = serde_saphyr::from_str_with_options::<Option<Form>>(text, options);
    form.map(|form| form.unwrap_or_default().keys).map_err(|error| error.to_string())
}

/// Changes the entries of a key file, which need not exist yet. Whoever reads it meanwhile finds the old or the new
/// entries, and whoever changes it meanwhile as well does so before or after.
///
/// # Errors
/// See [`KeyFileError`]; what `change` finds wrong is one of the entries.
pub(crate) fn change<T>(
    path: &Path,
    change: impl FnOnce(&mut Vec<KeyEntry>) -> Result<T, String>,
) -> Result<T, KeyFileError> {
    // Through symbolic links, which stay what they are.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let failed = |error| KeyFileError::Io(path.to_owned(), error);
    let directory = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = File::open(directory.unwrap_or(Path::new("."))).map_err(failed)?;
    directory.lock().map_err(failed)?;
    let mut entries = if target.exists() { read(&target)? } else { Vec::new() };
    let done = change(&mut entries).map_err(|what| KeyFileError::Entry(path.to_owned(), what))?;
    replace(&target, &render(&entries)).and_then(|()| directory.sync_all()).map_err(failed)?;
    Ok(done)
}

/// Puts a file with this text into the place of the one that is there, with its mode; a new one is its owner's alone.
fn replace(path: &Path, text: &str) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let draft = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let mode = fs::metadata(path).map_or(0o600, |found| found.permissions().mode() & 0o7777);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.set_permissions(Permissions::from_mode(mode))?;
        file.sync_all()?;
        fs::rename(&draft, path)
    };
    write().inspect_err(|_| {
        let _never_made = fs::remove_file(&draft);
    })
}

/// The text of a key file. Strings are written as JSON has them, which YAML reads.
fn render(entries: &[KeyEntry]) -> String {
    let mut text = format!("{HEADER}\nkeys:");
    if entries.is_empty() {
        text.push_str(" []");
    }
    text.push('\n');
    for entry in entries {
        let digits = entry.sha256.iter().fold(String::new(), |mut digits, byte| {
            let _infallible = write!(digits, "{byte:02x}");
            digits
        });
        let strings = [
            ("id", Some(&entry.id)),
            ("label", entry.label.as_ref()),
            ("caller", Some(&entry.caller)),
            ("group", Some(&entry.group)),
            ("sha256", Some(&digits)),
        ];
        let times = [("created", entry.created), ("expires", entry.expires), ("revoked", entry.revoked)];
        let strings = strings.into_iter().filter_map(|(name, value)| Some((name, quoted(value?))));
        let times = times.into_iter().filter_map(|(name, time)| {
            Some((name, quoted(&humantime::format_rfc3339_seconds(time?).to_string())))
        });
        let attributes = (!entry.attributes.is_empty())
            .then(|| ("attributes", Value::from(entry.attributes.clone()).to_string()));
        for (position, (name, value)) in strings.chain(times).chain(attributes).enumerate() {
            let indent = if position == 0 { "  - " } else { "    " };
            let _infallible = writeln!(text, "{indent}{name}: {value}");
        }
    }
    text
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn hash<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
    let text = String::deserialize(deserializer)?;
    let mut hash = [0; 32];
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hash {
        return Err(de::Error::custom("`sha256` has 64 hexadecimal digits"));
    }
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).map_err(de::Error::custom)?;
        *byte = u8::from_str_radix(digits, 16).map_err(de::Error::custom)?;
    }
    Ok(hash)
}

fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    let parse = |text: String| {
        humantime::parse_rfc3339_weak(&text)
            .map_err(|_| de::Error::custom(format!("`{text}` is no time; write one as 2026-12-31T23:59:59Z")))
    };
    text.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use serde_json::json;

    use super::{KeyEntry, LENGTH, hash_of, new_id, new_key, parse, render};

    #[test]
    fn what_is_written_is_read_again() {
        let second = |second| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(second));
        let attributes = json!({"tenant": "a: b", "limits": {"rows": [1, 2.5, null, true]}});
        let full = KeyEntry {
            id: "3f9c21ab".into(),
            sha256: hash_of(b"key"),
            label: Some("\"quoted\" # \u{e9}\n\u{1}".into()),
            caller: "acme: [x]".into(),
            group: "yes".into(),
            created: second(1_700_000_000),
            expires: second(1_800_000_000),
            revoked: second(1_750_000_000),
            attributes: attributes.as_object().expect("it is an object").clone(),
        };
        let bare = KeyEntry {
            id: "12345678".into(),
            label: None,
            created: None,
            expires: None,
            revoked: None,
            attributes: Default::default(),
            ..full.clone()
        };
        for entries in [vec![], vec![full.clone(), bare]] {
            let text = render(&entries);
            assert!(parse(&text).is_ok_and(|read| read == entries), "{text}\n{:?}", parse(&text));
        }
    }

    #[test]
    fn keys_are_random() {
        let (one, other) = (new_key(), new_key());
        assert_eq!((one.len(), other.len()), (LENGTH, LENGTH));
        assert_ne!(one, other);
        assert_eq!(new_id().len(), 8);
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        for text in
            ["keys: 1", "key: []", "keys: [{id: a}]", "keys:\n  - {id: a, caller: b, group: c, sha256: 00}"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("# nothing\n").is_ok_and(|entries| entries.is_empty()));
    }
}
