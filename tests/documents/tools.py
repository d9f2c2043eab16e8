"""Stock readers of OpenAPI and the gateway's documents: linters read them, Schemathesis calls what they tell of, and a
client in TypeScript is compiled against them."""

import argparse
import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "interop"))

from client import client
from fuzzing import fuzzing
from linters import linters
from places import CACHE
from report import Report

PARTS = {"linters": linters, "fuzzing": fuzzing, "client": client}
FOLDER = CACHE / "openapi"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help=f"default: {' '.join(PARTS)}")
    flags = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    report = Report()
    for name in flags.parts or PARTS:
        started = time.monotonic()
        try:
            PARTS[name](report, flags.gateway.resolve(), FOLDER)
        except Exception as error:
            report.failed(name, "driver", type(error).__name__, error)
        print(f"{name}: {time.monotonic() - started:.0f} s", flush=True)
    sys.exit(0 if report.print() else 1)


main()
