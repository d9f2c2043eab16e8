# shellcheck shell=bash
# The Rust part.

part_format() {
    check "cargo fmt" cargo fmt --all --check
}

part_clippy() {
    check "cargo clippy" cargo clippy --workspace --all-targets -- -D warnings
}

# Sums up what the test binaries say of themselves; one that does not build, or dies, counts as a failure.
part_test() {
    local log=$cache/test.log line sums=0 failures=0
    cargo test --workspace --no-fail-fast >"$log" 2>&1
    local status=$?
    while read -r line; do
        if [[ $line =~ ^test\ result:.*\ ([0-9]+)\ passed\;\ ([0-9]+)\ failed ]]; then
            count "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
            sums=$((sums + 1))
            failures=$((failures + BASH_REMATCH[2]))
        fi
    done <"$log"
    if ((sums == 0 || (status != 0 && failures == 0))); then
        count 0 1
    fi
    if ((status != 0)); then
        grep -vE '^test .* \.\.\. ok$|^ *(Compiling|Downloaded|Downloading) ' "$log"
    fi
}

part_doc() {
    RUSTDOCFLAGS="-D warnings" check "cargo doc" cargo doc --workspace --no-deps
}

part_build() {
    check "cargo build --release" cargo build --release
}
