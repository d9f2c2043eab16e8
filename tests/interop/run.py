"""Drives the stock peers against the gateway. Prints tables of what ran and ends with `N passed, N failed`."""

import argparse
import sys
from pathlib import Path

import direct
import matrix
from build import build
from places import TESTS
from report import Report
from services import services


def sockets(report, binary):
    """Human-readable JSON to every stock server over a socket."""
    matrix.run(report, binary, ["binary", "compact"], ["framed", "buffered"], native=False)
    direct.show(report, ["binary", "compact"], ["framed", "buffered"], native=False)


def doors(report, binary):
    """Every door to every stock server, over sockets and over HTTP."""
    matrix.run(report, binary, matrix.WIRE, matrix.TRANSPORTS, native=True)
    direct.show(report, matrix.WIRE, matrix.TRANSPORTS, native=True)


LANGUAGES = ["python", "node", "go", "cpp", "java", "browser"]
PARTS = {"services": services, "sockets": sockets, "doors": doors}
DEFAULT = ["services", "sockets"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=f"default: {' '.join(DEFAULT)}")
    flags = parser.parse_args()
    report = Report()
    for language, error in build(LANGUAGES).items():
        report.failed("build", language, "build", error)
    for name, part in PARTS.items():
        if name in (flags.parts or DEFAULT):
            try:
                part(report, flags.gateway.resolve())
            except Exception as error:
                report.failed(name, "driver", type(error).__name__, error)
    sys.exit(0 if report.print() else 1)


main()
