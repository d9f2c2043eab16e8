//! Every `cases/*.yaml` is wrong, or worth a warning, and its `.expected` is what the user reads.

use crate::{assert_committed, read, yaml_files};

#[test]
fn every_case_says_what_is_wrong_and_where() {
    for path in yaml_files("tests/cases") {
        let text = match read(path.to_str().expect("a name in ASCII")) {
            Err(diagnostics) => diagnostics.to_string(),
            Ok(settings) => {
                assert!(!settings.warnings.is_empty(), "{} is accepted without a word", path.display());
                let warnings: Vec<String> = settings.warnings.iter().map(ToString::to_string).collect();
                warnings.join("\n")
            }
        };
        assert_committed(&path.with_extension("expected"), &format!("{text}\n"));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let text = read("tests/cases/absent.yaml").expect_err("there is no such file").to_string();
    assert!(text.starts_with("tests/cases/absent.yaml: error: cannot be read: "), "{text}");
}

#[test]
fn aliases_cannot_multiply() {
    let text = |uses: usize| {
        let directories = "x, ".repeat(1000);
        let aliases = "  - {path: b, include: *many}\n".repeat(uses);
        format!("idl:\n  - {{path: a, include: &many [{directories}]}}\n{aliases}backends: {{a: 'a:1'}}\n")
    };
    crate::parse(&text(50)).expect("a few are fine");
    let refused = crate::parse(&text(500)).expect_err("half a million values").to_string();
    assert!(refused.contains("more aliases than a configuration may"), "{refused}");
}

#[test]
fn no_text_makes_it_panic() {
    let whole = std::fs::read_to_string("examples/full.yaml").expect("part of the crate");
    for end in (0..whole.len()).step_by(5).filter(|end| whole.is_char_boundary(*end)) {
        if let Err(diagnostics) = crate::parse(&whole[..end]) {
            assert!(!diagnostics.to_string().is_empty());
        }
    }
    for odd in [
        "",
        "\u{feff}",
        "\0",
        "%",
        "--- a\n--- b",
        "é: é",
        "idl: é\u{301}\nlisten: é",
        "[",
        "- a\n- b",
        "&a *a",
    ] {
        if let Err(diagnostics) = crate::parse(odd) {
            assert!(!diagnostics.to_string().is_empty());
        }
    }
}
