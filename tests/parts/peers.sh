# shellcheck shell=bash
# What runs the gateway's binary: the demo, what README shows, and the peers in other languages.

part_demo() {
    local script log
    for script in demo readme; do
        log=$cache/$script.log
        "$cache/venv/bin/python" "tests/interop/$script.py" --gateway "$gateway" 2>&1 | tee "$log"
        count_summary "$log"
    done
}

part_interop() {
    local log=$cache/interop.log
    "$cache/venv/bin/python" tests/interop/run.py --gateway "$gateway" 2>&1 | tee "$log"
    count_summary "$log"
}
