//! What values look like, by the names of what they are for.

/// The texts for names that end in one of these words. The first that fits counts.
const TEXTS: [(&[&str], [&str; 3]); 34] = [
    (&["email", "mail"], ["ada@example.com", "grace@example.com", "alan@example.com"]),
    (&["phone", "mobile", "telephone", "fax"], ["+41 44 668 18 00", "+1 212 555 0100", "+44 20 7946 0000"]),
    (&["password", "secret", "pin"], ["correct horse battery staple", "open sesame", "swordfish"]),
    (&["token", "jwt", "session", "cookie"], ["5f2b1c9e", "8a41d07c", "c3e96b12"]),
    (&["firstname", "givenname"], ["Ada", "Grace", "Alan"]),
    (&["lastname", "surname", "familyname"], ["Lovelace", "Hopper", "Turing"]),
    (&["username", "login", "nickname", "handle", "owner", "author"], ["ada", "grace", "alan"]),
    (&["hostname", "host", "domain"], ["www.example.com", "api.example.com", "example.com"]),
    (&["filename", "file", "path"], ["report.pdf", "photo.jpg", "notes.txt"]),
    (&["displayname", "fullname", "name", "person", "user"], ["Ada Lovelace", "Grace Hopper", "Alan Turing"]),
    (
        &["avatar", "image", "picture", "photo", "icon"],
        ["https://example.com/ada.png", "https://example.com/grace.png", "https://example.com/alan.png"],
    ),
    (
        &["url", "uri", "link", "href", "website", "homepage"],
        ["https://example.com/", "https://example.com/a", "https://example.com/b"],
    ),
    (
        &["created", "updated", "modified", "deleted", "timestamp", "datetime", "time", "expires", "at"],
        ["2026-01-15T09:30:00Z", "2026-02-01T18:00:00Z", "2026-03-31T23:59:59Z"],
    ),
    (&["date", "birthday", "day", "since", "until"], ["2026-01-15", "2026-02-01", "2026-03-31"]),
    (&["timezone", "zone"], ["Europe/Zurich", "UTC", "America/New_York"]),
    (&["language", "lang", "locale"], ["en", "de", "fr"]),
    (&["currency"], ["EUR", "CHF", "USD"]),
    (&["countrycode", "country", "nationality"], ["CH", "DE", "US"]),
    (&["city", "town", "place"], ["Zurich", "London", "Paris"]),
    (&["street", "address"], ["1 Main Street", "2 Main Street", "3 Main Street"]),
    (&["zip", "zipcode", "postcode", "postalcode"], ["8001", "10115", "75001"]),
    (&["ip", "ipaddress"], ["192.0.2.1", "192.0.2.2", "192.0.2.3"]),
    (&["color", "colour"], ["red", "green", "blue"]),
    (&["title", "subject", "headline"], ["A title", "Another title", "A third title"]),
    (
        &["message", "reason", "error", "detail", "details"],
        ["It went wrong", "It is not there", "It was refused"],
    ),
    (
        &["comment", "note", "description", "text", "content", "body", "summary"],
        ["A few words", "Some text", "A note"],
    ),
    (&["role", "roles", "permission", "scope"], ["reader", "editor", "admin"]),
    (&["status", "state"], ["active", "pending", "closed"]),
    (&["tag", "label", "category", "type", "kind"], ["one", "two", "three"]),
    (&["version"], ["1.0", "1.1", "2.0"]),
    (&["query", "search", "term", "keyword"], ["thrift", "gateway", "json"]),
    (&["cursor", "pagetoken"], ["b2Zmc2V0OjEw", "b2Zmc2V0OjIw", "b2Zmc2V0OjMw"]),
    (&["key", "code", "id", "uuid", "guid", "sku", "reference", "ref"], ["a1", "b2", "c3"]),
    (&["value"], ["text", "other text", "more text"]),
];

/// A string for something of this name.
pub(super) fn text(name: &str, seed: u64) -> String {
    let name = &Name::new(name);
    let found = TEXTS.iter().find(|(endings, _)| name.is_of(endings));
    found.map_or(["text", "other text", "more text"], |(_, texts)| *texts)[third(seed)].to_owned()
}

/// A small integer for something of this name.
pub(super) fn integer(name: &str, seed: u64) -> i64 {
    let turn = (seed % 100) as i64;
    let name = Name::new(name);
    if name.is_of(&["year"]) {
        2026 + turn
    } else if name.is_of(&["port"]) {
        8080 + turn
    } else if name.is_of(&["limit", "pagesize", "size", "count"]) {
        10 + turn
    } else {
        1 + turn % 12
    }
}

/// An `i64` for something of this name: often a time in milliseconds.
pub(super) fn long(name: &str, seed: u64) -> i64 {
    const TIMES: [&str; 10] =
        ["created", "updated", "modified", "deleted", "timestamp", "time", "date", "seen", "expires", "at"];
    if Name::new(name).is_of(&TIMES) {
        1_768_469_400_000 + (seed % 1000) as i64 * 60_000
    } else {
        integer(name, seed)
    }
}

pub(super) fn double(name: &str, seed: u64) -> f64 {
    let turn = (seed % 100) as f64;
    let name = Name::new(name);
    if name.is_of(&["latitude", "lat"]) {
        47.25
    } else if name.is_of(&["longitude", "lon", "lng"]) {
        8.5
    } else {
        1.5 + turn
    }
}

pub(super) fn bytes(seed: u64) -> &'static [u8] {
    [&b"hello"[..], b"world", b"bytes"][third(seed)]
}

/// A uuid of version 4.
pub(super) fn uuid(seed: u64) -> [u8; 16] {
    const FIRST: u128 = 0x3f2a_7c1e_9d4b_4e6f_8a5c_0b1d_2e3f_4a5b;
    (FIRST ^ u128::from(seed & 0xffff_ffff)).to_be_bytes()
}

/// The name of one of several.
pub(super) fn singular(name: &str) -> &str {
    name.strip_suffix('s').filter(|rest| rest.len() > 2 && !rest.ends_with('s')).unwrap_or(name)
}

fn third(seed: u64) -> usize {
    (seed % 3) as usize
}

/// A name, and its letters and digits alone.
struct Name<'n> {
    name: &'n str,
    plain: String,
}

impl<'n> Name<'n> {
    fn new(name: &'n str) -> Self {
        let plain = name.chars().filter(|char| char.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        Self { name, plain }
    }

    /// Whether the last words of the name are one of these: of `createdAt` `at`, of `display_name` `displayname`.
    fn is_of(&self, endings: &[&str]) -> bool {
        endings.iter().any(|ending| {
            self.plain.strip_suffix(ending).is_some_and(|before| {
                before.is_empty() || ending.len() > 3 || begins_word(self.name, before.chars().count())
            })
        })
    }
}

/// Whether a word of a name begins behind so many letters and digits of it.
fn begins_word(name: &str, letters: usize) -> bool {
    let mut count = 0;
    let mut before = '_';
    for char in name.chars() {
        if char.is_alphanumeric() {
            if count == letters {
                return !before.is_alphanumeric() || char.is_uppercase() && !before.is_uppercase();
            }
            count += 1;
        }
        before = char;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn short_words_are_looked_for_whole() {
        for (name, word, expected) in [
            ("createdAt", "at", true),
            ("created_at", "at", true),
            ("format", "at", false),
            ("userID", "id", true),
            ("paid", "id", false),
            ("id", "id", true),
            ("displayName", "name", true),
            ("filename", "name", true),
        ] {
            assert_eq!(Name::new(name).is_of(&[word]), expected, "{name}");
        }
    }
}
