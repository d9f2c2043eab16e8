# shellcheck shell=bash
# The documents: what stock tools say of them and do with them, and their page in a browser.

part_documents() {
    local script log
    for script in tools browser/run; do
        log=$cache/documents-${script//\//-}.log
        "$cache/venv/bin/python" "tests/documents/$script.py" --gateway "$gateway" 2>&1 | tee "$log"
        count_summary "$log"
    done
}
