//! Settings as operators are shown them: durations and names as a file has them, secrets as `***`.

use crate::settings::{
    AccessField, AccessFields, BackendAddress, HealthMethod, HostPattern, ListenAddress, MethodPattern,
    Settings, TokenKeys,
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
use std::fmt::{self, Display};
use std::time::Duration;

/// What stands for a secret.
const SECRET: &str = "***";

impl Settings {
    /// Everything the gateway is told, defaults filled in, as JSON for an operator: without what headers that are sent
    /// hold, which are the secrets that a file may have, and backends by their names.
    ///
    /// # Panics
    ///
    /// Never: every key is a string and every number finite.
    pub fn shown(&self) -> Value {
        let mut all = serde_json::to_value(self).expect("every key is a string");
        let backend = |value: &mut Value| rename(value, |index| Some(&self.backends.get(index)?.name));
        let group = |value: &mut Value| rename(value, |index| Some(&self.groups.get(index)?.name));
        for route in items(&mut all["routes"]) {
            items(&mut route["backends"]).for_each(|to| backend(&mut to["backend"]));
            route["mirror"].get_mut("backend").into_iter().for_each(backend);
        }
        items(&mut all["ready_requires"]).for_each(backend);
        let authentication = &mut all["authentication"];
        group(&mut authentication["anonymous"]);
        items(&mut authentication["certificates"]).for_each(|rule| group(&mut rule["group"]));
        items(&mut authentication["jwt"]).for_each(|issuer| group(&mut issuer["default_group"]));
        all
    }
}

fn items(list: &mut Value) -> impl Iterator<Item = &mut Value> {
    list.as_array_mut().into_iter().flatten()
}

/// Puts a name in the place of an index.
fn rename<'n>(value: &mut Value, name: impl FnOnce(usize) -> Option<&'n String>) {
    let index = value.as_u64().and_then(|index| usize::try_from(index).ok());
    if let Some(name) = index.and_then(name) {
        *value = name.as_str().into();
    }
}

/// `1h`, `1m30s`, `500ms`.
struct Written(Duration);

impl Display for Written {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        let parts =
            [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s"), (u64::from(millis), "ms")];
        if parts.iter().all(|(amount, _)| *amount == 0) {
            return out.write_str("0s");
        }
        for (amount, unit) in parts.into_iter().filter(|(amount, _)| *amount > 0) {
            write!(out, "{amount}{unit}")?;
        }
        Ok(())
    }
}

pub(crate) fn duration<S: Serializer>(value: &Duration, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(&Written(*value))
}

pub(crate) fn optional_duration<S: Serializer>(value: &Option<Duration>, out: S) -> Result<S::Ok, S::Error> {
    value.map(|value| Written(value).to_string()).serialize(out)
}

/// Headers as a mapping.
pub(crate) fn headers<S: Serializer>(headers: &[(String, String)], out: S) -> Result<S::Ok, S::Error> {
    out.collect_map(headers.iter().map(|(name, value)| (name, value)))
}

/// Headers that are sent, whose values are nobody's business.
pub(crate) fn secret_headers<S: Serializer>(headers: &[(String, String)], out: S) -> Result<S::Ok, S::Error> {
    out.collect_map(headers.iter().map(|(name, _)| (name, SECRET)))
}

/// An address without what may be secret of it: a password, a query.
fn without_secrets(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?***"));
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = match authority.rsplit_once('@') {
        Some((_, host)) => format!("{SECRET}@{host}"),
        None => authority.to_owned(),
    };
    format!("{scheme}://{authority}{path}{query}")
}

impl Serialize for TokenKeys {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(1))?;
        match self {
            Self::File(path) => map.serialize_entry("jwks", path)?,
            Self::Url(url) => map.serialize_entry("jwks", &without_secrets(url))?,
            Self::Secret(path) => map.serialize_entry("secret_file", path)?,
        }
        map.end()
    }
}

impl Serialize for HealthMethod {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_str(&format_args!("{}.{}", self.service, self.method))
    }
}

impl Serialize for AccessFields {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(AccessField::ALL.iter().filter(|field| self.has(**field)).map(|field| field.name()))
    }
}

macro_rules! as_written {
    ($($type:ty)*) => {
        $(impl Serialize for $type {
            fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                out.collect_str(self)
            }
        })*
    };
}

as_written! { BackendAddress ListenAddress HostPattern MethodPattern }

#[cfg(test)]
mod tests {
    use super::{Duration, Written, without_secrets};

    #[test]
    fn durations_are_written_as_a_file_has_them() {
        for (millis, text) in
            [(0, "0s"), (500, "500ms"), (90_000, "1m30s"), (3_600_000, "1h"), (3_661_001, "1h1m1s1ms")]
        {
            assert_eq!(Written(Duration::from_millis(millis)).to_string(), text);
        }
    }

    #[test]
    fn addresses_are_shown_without_secrets() {
        for (url, shown) in [
            ("https://id.example.com/keys", "https://id.example.com/keys"),
            ("https://me:word@id.example.com/keys?token=abc", "https://***@id.example.com/keys?***"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }
}
