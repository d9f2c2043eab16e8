"""Whether the committed assets of the documents page are what its sources make, and the checks of those sources."""

import filecmp
import os
import shutil
import subprocess
import time
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "openapi" / "page"
STEP_SECONDS = 240
# Of the last lines of a step that failed.
SHOWN_LINES = 60


def run(name, *command, folder, **environment):
    """Runs one step as a check; says what went wrong, if anything."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=STEP_SECONDS,
        )
        fault = "" if done.returncode == 0 else "\n".join(done.stdout.splitlines()[-SHOWN_LINES:])
        failed = done.returncode != 0
    except subprocess.TimeoutExpired:
        fault, failed = f"not done within {STEP_SECONDS} s", True
    print(f"{'FAIL' if failed else 'ok'} {name} ({time.monotonic() - started:.1f} s)" + (f"\n{fault}" if failed else ""))
    return not failed


def files(folder):
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def same(committed, built):
    """Whether both folders have the same files with the same bytes; tells those that differ."""
    names = sorted({*files(committed), *files(built)})
    _, differing, missing = filecmp.cmpfiles(committed, built, names, shallow=False)
    for name in [*differing, *missing]:
        print(f"  {name} is not what the sources make")
    return not differing and not missing


def drift(folder, sandbox):
    """Builds a clean copy of the page and compares, and runs its tests, one of which compares the faults that it finds with those of
    a gateway whose routes are sandboxes; gives how many checks passed, and how many failed."""
    copy = folder / "page"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(PAGE, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    npm = ("npm", "--loglevel=error")
    results = [run("the page's packages", *npm, "ci", "--prefer-offline", folder=copy)]
    if results[0]:
        results.append(run("the page's types, and its assets", *npm, "run", "build", folder=copy))
        is_same = results[-1] and same(PAGE / "dist", copy / "dist")
        print(f"{'ok' if is_same else 'FAIL'} the committed assets are what the sources make")
        results.append(is_same)
        results.append(run("the page's tests", *npm, "test", folder=copy, GATEWAY=f"{sandbox}/docs/"))
    return sum(results), results.count(False)
