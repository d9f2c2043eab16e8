"""The gateway under load, and what a call costs it."""

import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "interop"))

from places import CACHE  # noqa: E402
from processes import Gateway  # noqa: E402

BODY = '{"method":"echoI32","arguments":{"value":1}}'
TICKS_PER_SECOND = 100
CONNECTIONS = 16


def measure(binary, settings, seconds, key=None):
    """Microseconds of the gateway's CPU time a call, and calls a second; with this API key."""
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
