#!/usr/bin/env python3
"""What it costs a call to be seen: CPU time of the gateway with metrics, access log and traces, each alone and all, and with none.

    tests/run                                        # once: builds the release binary and the stock peers
    tests/.cache/venv/bin/python tests/benches/telemetry_cost.py [--binary PATH] [--rounds N] [--seconds N] [--sample SHARE] [--most RATIO]

Needs `wrk` (Debian: apt-get install wrk). Gateways of each kind take turns, so that what else the machine does meets them all; the
figures are lower quartiles of the rounds, since what else the machine does can only add: microseconds of user and system time of the whole
gateway for each call, the threads that write logs and spans included, and the ratio to the gateway without anything. Ends with 1 where all
together cost more than `--most`. The table is written as JSON to tests/.cache/telemetry_cost.json too."""

import argparse
import json
import statistics
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from load import TESTS, measure

from peers import everything_server
from places import CACHE, DATA

LOG = CACHE / "bench-access.log"
OFF = {"logging": {"access": False}, "metrics": {"calls": False}}


def main():
    arguments = parse()
    with everything_server("bench", "cpp", "binary", "framed") as server, Collector() as collector:
        plain = {"idl": str(DATA / "everything.thrift"), "backends": {"everything": server.address}}
        parts = {
            "metrics": {"metrics": {"calls": True}},
            "access log": {"logging": {"access": {"format": "json", "file": str(LOG)}}},
            "traces": {"tracing": {"otlp": collector.url, "sample": arguments.sample}},
        }
        kinds = {"none": OFF, **{name: {**OFF, **part} for name, part in parts.items()}}
        kinds["all"] = {key: value for part in parts.values() for key, value in part.items()}
        rounds = {name: [] for name in kinds}
        for _ in range(arguments.rounds):
            for name, settings in kinds.items():
                LOG.unlink(missing_ok=True)
                rounds[name].append(measure(arguments.binary, {**plain, **settings}, arguments.seconds))
    sys.exit(0 if report(rounds)["all"]["ratio"] <= arguments.most else 1)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--sample", type=float, default=0.01, help="share of the calls that are traced; that of the configuration")
    parser.add_argument("--most", type=float, default=1.05)
    return parser.parse_args()


class Collector:
    """Takes what is exported by OTLP, and throws it away."""

    def __enter__(self):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()


def quartile(values):
    return statistics.quantiles(values, n=4)[0]


def report(rounds):
    table = {}
    for name, runs in rounds.items():
        cpu = quartile(cpu for cpu, _ in runs)
        table[name] = {
            "cpu_us": cpu,
            "calls_per_second": statistics.median(rate for _, rate in runs),
            "ratio": cpu / quartile(cpu for cpu, _ in rounds["none"]),
        }
    for name, row in table.items():
        print(f"{name:10} {row['cpu_us']:7.1f} us/call {row['calls_per_second']:9.0f} calls/s   x {row['ratio']:.3f}")
    (CACHE / "telemetry_cost.json").write_text(json.dumps(table, indent=1) + "\n")
    return table


if __name__ == "__main__":
    main()
