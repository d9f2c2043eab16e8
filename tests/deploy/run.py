"""Checks what packages are made of: the command's own pages, and what `config/deploy` has for containers, Kubernetes and
systemd."""

import argparse
import sys
from pathlib import Path

import chart
import command
import image
import units
from checks import Checks
from places import ROOT


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=ROOT / "target" / "release" / "thriftgate")
    gateway = parser.parse_args().gateway.resolve()
    checks = Checks()
    for part in (command, image, chart, units):
        checks.section(part.__name__, part.check, gateway)
    print(f"{checks.passed} passed, {checks.failed} failed")
    sys.exit(1 if checks.failed or not checks.passed else 0)


main()
