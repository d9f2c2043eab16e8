"""Drives the stock peers against the gateway. Prints tables of what ran and ends with `N passed, N failed`."""

import argparse
import sys
from pathlib import Path

from build import build
from places import TESTS
from report import Report
from services import services

LANGUAGES = ["python", "node", "go", "cpp", "java"]
PARTS = {"services": services}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("parts", nargs="*", help=f"which of {' '.join(PARTS)}; all, if none is named")
    flags = parser.parse_args()
    report = Report()
    for language, error in build(LANGUAGES).items():
        report.failed("build", language, "build", error)
    for name, part in PARTS.items():
        if not flags.parts or name in flags.parts:
            try:
                part(report, flags.gateway.resolve())
            except Exception as error:
                report.failed(name, "driver", type(error).__name__, error)
    sys.exit(0 if report.print() else 1)


main()
