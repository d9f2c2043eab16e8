# shellcheck shell=bash
# What packages are made of: container, Helm chart, units of systemd, manual pages.

part_deploy() {
    local log=$cache/deploy.log
    "$cache/venv/bin/python" tests/deploy/run.py --gateway "$gateway" 2>&1 | tee "$log"
    count_summary "$log"
}
