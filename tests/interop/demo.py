"""Runs every `curl` line that `thriftgate demo` prints, and compares the reply with what the line above it says."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from places import TESTS
from processes import Program

CURL_SECONDS = 30
LAST_LINE = "Ctrl-C ends it."

# By the beginning of the comment: the status, and what must hold of the envelope.
EXPECTED = {
    "A call, and its result": (200, lambda body: body["result"]["success"]["token"]),
    "The exception that the method declares": (200, lambda body: "success" not in body["result"]),
    "An argument of the wrong type": (400, lambda body: body["exception"]["path"] and body["exception"]["expected"]),
    "The method in the URL": (200, lambda body: body["result"]["success"]["id"]),
    "No arguments at all": (200, lambda body: len(body["result"]["success"]) > 0),
}


def printed(program):
    """The `curl` lines, each with the comment above it."""
    found = []
    comment = ""
    while (line := program.lines.get(timeout=CURL_SECONDS)) not in (None, LAST_LINE):
        if line.startswith("# "):
            comment = line.removeprefix("# ")
        elif line.startswith("curl "):
            found.append((comment, line))
    return found


def problem(comment, line):
    """Runs one line; says what is wrong with the reply, or `None`."""
    expected = next((check for start, check in EXPECTED.items() if comment.startswith(start)), None)
    if expected is None:
        return f"no expectation for {comment!r}"
    command = f"{line} --write-out '\\n%{{http_code}}'"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=CURL_SECONDS)
    if done.returncode != 0:
        return f"exit code {done.returncode}: {done.stderr}"
    text, status = done.stdout.rsplit("\n", 1)
    try:
        body = json.loads(text)
        holds = int(status) == expected[0] and next(iter(body)) == "method" and expected[1](body)
    except (ValueError, KeyError, TypeError) as error:
        return f"{status} {text}: {error!r}"
    return None if holds else f"{status} {text}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=TESTS.parent / "target" / "release" / "thriftgate")
    flags = parser.parse_args()
    passed = failed = 0
    with Program("demo", [flags.gateway.resolve(), "demo", "--listen", "127.0.0.1:0"]) as program:
        lines = printed(program)
        for comment, line in lines:
            found = problem(comment, line)
            passed, failed = passed + (found is None), failed + (found is not None)
            print(f"{'ok' if found is None else 'FAIL'} {line}" + (f"\n  {found}" if found else ""))
    if len(lines) < len(EXPECTED):
        failed += 1
        print(f"FAIL {len(lines)} curl lines, and {len(EXPECTED)} were expected")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
