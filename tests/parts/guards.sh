# shellcheck shell=bash
# Rules about the text of the repository.

part_guards() {
    check "no file over 600 lines" short_files
    check "no registry host in a lock file of npm" plain_lock_files
    check "every product crate forbids unsafe code" unsafe_is_forbidden
    check "shellcheck" shellcheck --external-sources --check-sourced --source-path="$root" tests/run .ci/run tests/deploy/boot.sh
    check "Apache's compiler accepts the IDL" compile_idl
}

# Source and text that people read; generated files and locks are not.
short_files() {
    git ls-files --cached --others --exclude-standard -- \
        '*.rs' '*.py' '*.js' '*.mjs' '*.mts' '*.ts' '*.tsx' '*.css' '*.go' '*.cpp' '*.h' '*.java' '*.sh' '*.thrift' '*.md' '*.yaml' \
        tests/run ':!openapi/page/dist' ':!openapi/tests/golden/*.yaml' |
        { while read -r file; do
            lines=$(wc -l <"$file") || continue
            if ((lines > 600)); then
                echo "$file has $lines lines"
                exit 1
            fi
        done; }
}

plain_lock_files() {
    ! grep -rn '"resolved"' --include=package-lock.json --exclude-dir=node_modules .
}

unsafe_is_forbidden() {
    local file bare=0
    for file in gateway/src/main.rs metadata/src/lib.rs protocols/src/lib.rs config/src/lib.rs openapi/src/lib.rs; do
        if ! grep -q '^#!\[forbid(unsafe_code)\]$' "$file"; then
            echo "$file does not"
            bare=1
        fi
    done
    return $bare
}

# uuid.thrift is left out: Debian's compiler does not know the type.
compile_idl() {
    local file out=$cache/gen/json bad=0
    mkdir -p "$out"
    for file in tests/data/*.thrift; do
        [[ $file == */uuid.thrift ]] && continue
        thrift --gen json -r -o "$out" "$file" || bad=1
    done
    return $bad
}
