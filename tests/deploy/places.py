"""Where things are."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
DEPLOY = ROOT / "config" / "deploy"
CHART = DEPLOY / "helm" / "thriftgate"
UNITS = DEPLOY / "systemd"
NODE = Path(__file__).resolve().parent / "node"
IDL = ROOT / "gateway" / "src" / "demo" / "auth.thrift"
