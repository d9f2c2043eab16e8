//! Doc comments without their decoration.

/// Cleans the text between `/**` and `*/` the way Apache's compiler does, so that both front ends give the
/// same text: the column of stars goes, then the indentation that all lines but the first share, then blanks
/// at the ends of lines and the first and last line where they are blank.
pub(super) fn clean(text: &str) -> Option<Box<str>> {
    let text = format!("{} ", text.replace('\r', ""));
    let mut lines: Vec<&str> = text.split('\n').collect();
    let is_blank = |line: &str| line.bytes().all(|byte| byte == b' ' || byte == b'\t');
    if lines.last().is_some_and(|line| is_blank(line)) {
        lines.pop();
    }
    let (first, others) = lines.split_first_mut()?;
    *first = first.trim_start_matches([' ', '\t']);
    if has_star_column(others) {
        let column = others.iter().find(|line| !is_blank(line)).map_or(0, |line| indentation(line));
        for line in &mut *others {
            *line = line.get(column + 1..).unwrap_or("");
        }
    } else {
        for line in others.iter_mut().filter(|line| is_blank(line)) {
            *line = "";
        }
    }
    let shared =
        others.iter().filter(|line| !is_blank(line)).map(|line| indentation(line)).min().unwrap_or(0);
    for line in others {
        *line = line.get(shared..).unwrap_or("");
    }
    for line in &mut lines {
        // Apache's compiler keeps the blanks of a blank line that lost only the shared indentation; no
        // reader can tell.
        *line = line.trim_end_matches([' ', '\t']);
    }
    if lines.first().is_some_and(|line| line.is_empty()) {
        lines.remove(0);
    }
    let text = lines.join("\n");
    let text = text.trim_end_matches('\n');
    (!text.is_empty()).then(|| text.into())
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// Whether every line that is not blank has a star in the same column.
fn has_star_column(lines: &[&str]) -> bool {
    let mut column = None;
    for line in lines {
        let indentation = indentation(line);
        match line.as_bytes().get(indentation) {
            None => {}
            Some(b'*') if column.is_none_or(|column| column == indentation) => column = Some(indentation),
            Some(_) => return false,
        }
    }
    true
}
