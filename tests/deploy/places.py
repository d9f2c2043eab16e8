"""Where things are, and that nothing stays."""

import ctypes
import signal
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
ROOT = TESTS.parent
DEPLOY = ROOT / "config" / "deploy"
CHART = DEPLOY / "helm" / "thriftgate"
UNITS = DEPLOY / "systemd"
NODE = Path(__file__).resolve().parent / "node"
IDL = ROOT / "gateway" / "src" / "demo" / "auth.thrift"

PR_SET_PDEATHSIG = 1


def end_with_parent():
    """Has the kernel end the child when the tests die, and `unshare --kill-child` all that it started."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
