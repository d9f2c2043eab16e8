"""Drives the stock peers against the gateway. Prints tables of what ran and ends with `N passed, N failed`."""

import argparse
import sys
import time
from pathlib import Path

import direct
from build import BUILDS, build
from changes import changes
from matrix import doors
from metrics import metrics
from places import TESTS
from policy import policy
from report import Report
from services import services

PARTS = {"services": services, "doors": doors, "direct": direct.show, "changes": changes, "policy": policy, "metrics": metrics}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=f"default: {' '.join(PARTS)}")
    flags = parser.parse_args()
    report = Report()
    for language, error in build(BUILDS).items():
        report.failed("build", language, "build", error)
    for name in flags.parts or PARTS:
        started = time.monotonic()
        try:
            PARTS[name](report, flags.gateway.resolve())
        except Exception as error:
            report.failed(name, "driver", type(error).__name__, error)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    sys.exit(0 if report.print() else 1)


main()
