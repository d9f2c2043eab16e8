#!/usr/bin/env python3
"""What it costs a call that callers show a key, are in a group and have limits: CPU time of the gateway with and without.

    tests/run                                        # once: builds the release binary and the stock peers
    tests/.cache/venv/bin/python tests/benches/policy_cost.py [--binary PATH] [--other PATH] [--rounds N] [--seconds N]

Needs `wrk` (Debian: apt-get install wrk). Gateways of each kind take turns, so that what else the machine does meets them all; the
figures are medians of the rounds: microseconds of user and system time of the gateway for each call, and calls per second. `--other` is a
second binary, without policy, to compare two versions. The table is written as JSON to tests/.cache/policy_cost.json too."""

import argparse
import json
import re
import statistics
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "interop"))

from peers import everything_server  # noqa: E402
from places import CACHE, DATA  # noqa: E402
from processes import Gateway  # noqa: E402

BODY = '{"method":"echoI32","arguments":{"value":1}}'
TICKS_PER_SECOND = 100
CONNECTIONS = 16


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
                rounds[name].append(measure(binary, settings, shown, arguments.seconds))
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


def measure(binary, settings, key, seconds):
    """Microseconds of the gateway's CPU time a call, and calls a second."""
    script = CACHE / "bench.lua"
    header = f'wrk.headers["X-API-Key"] = "{key}"\n' if key else ""
    script.write_text(f"wrk.method = \"POST\"\nwrk.body = '{BODY}'\nwrk.headers[\"Content-Type\"] = \"application/json\"\n{header}")
    with Gateway(binary, "bench", settings) as gateway:
        load(gateway.url, script, 1)
        before = cpu_seconds(gateway.process.pid)
        calls, per_second = load(gateway.url, script, seconds)
        return (cpu_seconds(gateway.process.pid) - before) / calls * 1e6, per_second


def load(url, script, seconds):
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "-s", str(script), f"{url}/"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        sys.exit(f"calls failed:\n{output}")
    calls = int(re.search(r"(\d+) requests in", output)[1])
    return calls, float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


def cpu_seconds(process):
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


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
