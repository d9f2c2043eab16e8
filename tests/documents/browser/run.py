"""The documents page in headless Chromium, before gateways of this driver, and whether its assets are what its sources
make."""

import argparse
import json
import os
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

BROWSER = Path(__file__).resolve().parent
TESTS = BROWSER.parent.parent
sys.path.insert(0, str(TESTS / "interop"))

import large
from build import build_language
from drift import drift
from peers import everything_server
from places import CACHE, DATA, INTEROP, NODE_MODULES
from processes import Gateway, Program

SUITE_SECONDS = 420
FOLDER = CACHE / "documents"


def new_key(binary, file, caller, group):
    """Makes an API key and gives it."""
    command = [binary, "keys", "new", "--file", file, "--caller", caller, "--group", group]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[0]


def vendor_gateway(binary, backend):
    """A gateway whose callers have keys, before a real backend and a sandbox; with two keys, of which one sees less."""
    file = FOLDER / "keys.yaml"
    file.unlink(missing_ok=True)
    keys = {group: new_key(binary, file, f"{group}-caller", group) for group in ("partners", "readers")}
    settings = {
        "idl": [str(DATA / "everything.thrift"), str(BROWSER / "idl" / "payments.thrift")],
        "backends": {"everything": backend.address},
        "routes": [
            {"path": "/v1", "services": ["Everything"], "backend": "everything"},
            {"path": "/sandbox", "services": ["Payments"], "sandbox": True},
        ],
        "groups": {"partners": {}, "readers": {"allow": ["Everything.*"]}},
        "authentication": {"keys": {"file": str(file)}},
        "documents": {"title": "Acme API", "version": "1.4", "description": "What *vendors* call."},
    }
    return Gateway(binary, "documents-vendor", settings), keys


def changing_gateway(binary):
    """A sandbox whose IDL is a file that the checks write to."""
    idl = FOLDER / "changing.thrift"
    idl.write_text("service Shop { string greet(1: string name) }\n")
    settings = {
        "idl": [str(idl)],
        "routes": [{"path": "/", "sandbox": True}],
        "documents": {"title": "Shop"},
    }
    return Gateway(binary, "documents-changing", settings), idl


def large_gateway(binary):
    """A gateway of 5,000 structs and 500 methods."""
    idl = FOLDER / "large.thrift"
    idl.write_text(large.idl())
    settings = {"idl": [str(idl)], "routes": [{"path": "/", "sandbox": True}], "documents": {"title": "Large"}}
    return Gateway(binary, "documents-large", settings)


def browse(binary, shots):
    """Runs the suite in a browser; gives how many checks passed, and how many failed."""
    build_language("python")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        backend = stack.enter_context(everything_server("documents", "python", "binary", "framed"))
        vendor, keys = vendor_gateway(binary, backend)
        stack.enter_context(vendor)
        changing, idl = changing_gateway(binary)
        stack.enter_context(changing)
        demo = stack.enter_context(Program("documents-demo", [binary, "demo", "--listen", "127.0.0.1:0"]))
        places = {
            "demo": demo.line("listening "),
            "vendor": vendor.url,
            "keys": keys,
            "changing": {"url": changing.url, "idl": str(idl)},
            "large": stack.enter_context(large_gateway(binary)).url,
            "folder": str(FOLDER),
            "modules": str(NODE_MODULES),
            "globals": str(INTEROP / "browser" / "globals.js"),
            "shots": shots,
        }
        command = ["node", BROWSER / "suite" / "main.mjs", json.dumps(places)]
        env = {**os.environ, "GOCACHE": str(CACHE / "gocache"), "GO111MODULE": "off"}
        suite = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
        late = threading.Timer(SUITE_SECONDS, suite.kill)
        late.start()
        passed = failed = 0
        for line in suite.stdout:
            print(line, end="", flush=True)
            passed += line.startswith("ok ")
            failed += line.startswith("FAIL ")
        late.cancel()
    if suite.wait() != 0 and failed == 0:
        print(f"FAIL the suite ended with {suite.returncode}; it has {SUITE_SECONDS} s")
        failed = 1
    return passed, failed


def source(binary):
    """The checks of the page's source, beside a gateway whose routes are sandboxes; gives how many passed, and how many failed."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    routes = [{"path": "/", "sandbox": True}]
    settings = {"idl": [str(DATA / "everything.thrift")], "routes": routes, "documents": True}
    with Gateway(binary, "documents-agreement", settings) as sandbox:
        return drift(FOLDER, sandbox.url)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    parser.add_argument("--shots", action="store_true", help="keep screenshots of the views in tests/.cache/documents")
    parser.add_argument("--only", choices=("browser", "drift"), help="run this half alone")
    flags = parser.parse_args()
    binary = flags.gateway.resolve()
    passed = failed = 0
    for name, run in (("browser", lambda: browse(binary, flags.shots)), ("drift", lambda: source(binary))):
        if flags.only in (None, name):
            sums = run()
            passed, failed = passed + sums[0], failed + sums[1]
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
