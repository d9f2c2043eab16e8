#!/usr/bin/env python3
"""What it costs a call that callers show a key, are in a group and have limits: CPU time of the gateway with and without.

    tests/run                                        # once: builds the release binary and the stock peers
    tests/.cache/venv/bin/python tests/benches/policy_cost.py [--binary PATH] [--other PATH] [--rounds N] [--seconds N]

Needs `wrk` (Debian: apt-get install wrk). Gateways of each kind take turns, so that what else the machine does meets them all; the
figures are medians of the rounds: microseconds of user and system time of the gateway for each call, and calls per second. `--other` is a
second binary, without policy, to compare two versions. The table is written as JSON to tests/.cache/policy_cost.json too."""

import argparse
import json
import statistics
import subprocess
from pathlib import Path

from load import TESTS, measure

from peers import everything_server
from places import CACHE, DATA


def main():
    arguments = parse()
    key = new_key(arguments.binary)
    with everything_server("bench", "cpp", "binary", "framed") as server:
        plain = {"idl": str(DATA / "everything.thrift"), "backends": {"everything": server.address}}
        limited = {**plain, **policy()}
        kinds = {"without": (arguments.binary, plain, None), "with": (arguments.binary, limited, key)}
        if arguments.other:
            kinds["other"] = (arguments.other, plain, None)
        rounds = {name: [] for name in kinds}
        for _ in range(arguments.rounds):
            for name, (binary, settings, shown) in kinds.items():
                rounds[name].append(measure(binary, settings, arguments.seconds, shown))
    report(rounds)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("--other", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    return parser.parse_args()


def policy():
    """Everything that is looked at for each call, with limits that none of them meets."""
    rate = {"requests": 1_000_000, "per": "1s"}
    return {
        "authentication": {"keys": {"file": str(CACHE / "bench-keys.yaml")}},
        "groups": {
            "partners": {
                "allow": ["echo*"],
                "rate": rate,
                "caller": {"rate": rate, "calls": 1000},
                "methods": {"echo*": {"rate": rate}},
            }
        },
        "limits": {"address_rate": rate},
    }


def new_key(binary):
    file = CACHE / "bench-keys.yaml"
    file.unlink(missing_ok=True)
    command = [binary, "keys", "new", "--file", file, "--caller", "acme", "--group", "partners"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def report(rounds):
    table = {
        name: {"cpu_us": statistics.median(cpu for cpu, _ in runs), "calls_per_second": statistics.median(rate for _, rate in runs)}
        for name, runs in rounds.items()
    }
    for name, row in table.items():
        ratio = row["cpu_us"] / table["without"]["cpu_us"]
        print(f"{name:8} {row['cpu_us']:7.1f} us/call {row['calls_per_second']:9.0f} calls/s   x {ratio:.3f}")
    (CACHE / "policy_cost.json").write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
