# shellcheck shell=bash
# What runs the gateway's binary: the demo, and the peers in other languages.

part_demo() {
    local log=$cache/demo.log
    "$cache/venv/bin/python" tests/interop/demo.py --gateway "$gateway" 2>&1 | tee "$log"
    count_summary "$log"
}

part_interop() {
    local log=$cache/interop.log
    "$cache/venv/bin/python" tests/interop/run.py --gateway "$gateway" 2>&1 | tee "$log"
    count_summary "$log"
}
