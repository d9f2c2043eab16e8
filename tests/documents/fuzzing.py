"""Schemathesis calls what documents tell of, with all of its checks, and must find nothing."""

import json
import os
import subprocess
import sys
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from apis import KEY_HEADER, STYLED, new_key
from places import DATA
from processes import Gateway, Program

HERE = Path(__file__).resolve().parent
SECTION = "Schemathesis"
SECONDS = 600
FETCH_SECONDS = 30
SEED = "1"
# Calls of each operation beside those that the examples, the bounds of types and the like give.
CALLS = {"demo": 50, "sandbox": 15, "styled": 5}
# Those whose arguments or replies the style changes, and those that end in other ways than with success.
STYLED_METHODS = ["echoI64*", "echoColor*", "echoPresence", "echoChoice", "echoScalars", "fail*", "notify", "join"]
PHASES = ("examples", "coverage", "fuzzing")


def fuzzing(report, binary, folder):
    """Starts the gateways and has Schemathesis call one after the other."""
    with ExitStack() as stack:
        demo = stack.enter_context(Program("fuzzed-demo", [binary, "demo", "--listen", "127.0.0.1:0"]))
        fuzz(report, folder, "demo", demo.line("listening "))
        settings = {
            "idl": [str(DATA / "everything.thrift")],
            "routes": [{"path": "/", "sandbox": True}],
            "documents": {"title": "Everything"},
        }
        sandbox = stack.enter_context(Gateway(binary, "fuzzed-sandbox", settings))
        fuzz(report, folder, "sandbox", sandbox.url)
        file = folder / "fuzzed-keys.yaml"
        key = new_key(binary, file, "partners")
        route = {**STYLED["routes"][1], "services": ["Everything"], "methods": STYLED_METHODS}
        settings = {
            "idl": [str(DATA / "everything.thrift"), str(DATA / "user.thrift")],
            "routes": [route, {"path": "/users", "services": ["UserService"], "sandbox": True}],
            "groups": {"partners": STYLED["groups"]["partners"]},
            "authentication": {"keys": {"file": str(file), "header": KEY_HEADER}},
            "documents": {"title": "Acme API"},
        }
        styled = stack.enter_context(Gateway(binary, "fuzzed-styled", settings))
        fuzz(report, folder, "styled", styled.url, key)


def document(url, folder, key):
    """Fetches the document of all routes; gives the file."""
    request = urllib.request.Request(f"{url}/openapi.json", headers={KEY_HEADER: key} if key else {})
    file = folder / "fuzzed.json"
    with urllib.request.urlopen(request, timeout=FETCH_SECONDS) as reply:
        file.write_bytes(reply.read())
    return file


def fuzz(report, folder, name, url, key=None):
    """One run: every operation was called, in every phase there is, and nothing was found."""
    settings = folder / "schemathesis.toml"
    settings.write_text(f'[auth.openapi.apiKey]\napi_key = "{key}"\n' if key else "")
    result = folder / f"schemathesis-{name}.json"
    result.unlink(missing_ok=True)
    command = [Path(sys.executable).with_name("schemathesis"), "--config-file", settings]
    command += ["run", document(url, folder, key), "--url", url, "--checks", "all"]
    command += ["--seed", SEED, "--max-examples", str(CALLS[name]), "--workers", "2", "--continue-on-failure"]
    command += ["--generation-database", "none", "--report", "json", "--report-json-path", result]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "schema_limits"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if not result.exists():
        raise RuntimeError(f"Schemathesis on {name} wrote no report: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    found = json.loads(result.read_text())
    report.check(SECTION, name, "found nothing", (found["failures"], found["errors"]), ([], []))
    operations = found["operations"]
    report.check(SECTION, name, "operations", (operations["tested"], operations["errored"]), (operations["total"], 0))
    phases = {phase: found["phases"][phase]["status"] for phase in PHASES}
    report.check(SECTION, name, "phases", phases, dict.fromkeys(PHASES, "success"))
    report.check(SECTION, name, "exit code", done.returncode, 0)
    calls = found["test_cases"]["generated"]
    print(f"Schemathesis, {name}: {calls} calls of {operations['tested']} operations, {found['running_time']:.0f} s")
    if done.returncode != 0:
        print(done.stdout, flush=True)
