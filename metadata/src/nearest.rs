//! Which known name somebody may have meant.

/// The candidate nearest to `name`, for "did you mean": at most a third of its letters away (one letter of a
/// very short name), counted in insertions, deletions, replacements and swaps of neighbours, case aside. A
/// name that contains the other whole counts as near too. Of equally near ones the first.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(name);
    // Nobody types a name this long by hand, and the work is quadratic.
    if wanted.is_empty() || wanted.len() > 128 {
        return None;
    }
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let found = letters(candidate);
        let limit = best.map_or(wanted.len().max(found.len()).div_ceil(3), |(distance, _)| distance - 1);
        let distance = if contains(&wanted, &found) {
            Some(wanted.len().abs_diff(found.len()).min(wanted.len().div_ceil(3)))
        } else {
            distance(&wanted, &found, limit)
        };
        if let Some(distance) = distance.filter(|&distance| distance <= limit) {
            if distance == 0 {
                return Some(candidate);
            }
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn letters(name: &str) -> Vec<char> {
    name.chars().map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether the longer one starts or ends with the shorter one, which is no mere syllable.
fn contains(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.len() >= 4 && (long.starts_with(short) || long.ends_with(short))
}

/// The distance of two names (optimal string alignment), unless it is above `limit`.
fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, &y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && x == b[j - 1] && a[i - 1] == y {
                cost = cost.min(before[j - 1] + 1);
            }
            row.push(cost);
        }
        if row.iter().min().is_some_and(|&least| least > limit) {
            return None;
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_near_name_is_found_and_a_far_one_is_not() {
        let known = ["login", "logout", "getUser", "id"];
        for (typed, meant) in [
            ("loginUser", Some("login")),
            ("Login", Some("login")),
            ("lgoin", Some("login")),
            ("getuser", Some("getUser")),
            ("di", Some("id")),
            ("transfer", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known.into_iter()), meant, "{typed}");
        }
    }
}
