"""Redocly and Spectral read every document, with the rules that they recommend."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from apis import of_configuration, of_files

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE / "node_modules" / ".bin"
SECONDS = 600
SECTION = "linters"

# What an IDL alone does not tell, and `documents` of a configuration does.
NOT_IN_IDL = {"info-license", "info-contact", "info-description"}


def linters(report, binary, folder):
    """Writes the documents to `folder` and has the linters read them."""
    written = folder / "documents"
    shutil.rmtree(written, ignore_errors=True)
    written.mkdir(parents=True)
    bare = list(of_files(binary, written))
    told = list(of_configuration(binary, written))
    for linter, read in (("Redocly", redocly), ("Spectral", spectral)):
        found = {file: [] for file in (*bare, *told)}
        for file, rule, problem in read(list(found), written):
            if not (file in bare and rule in NOT_IN_IDL):
                found[file].append(problem)
        for file, problems in found.items():
            report.check(SECTION, linter, file.name, problems, [])


def redocly(files, folder):
    """What Redocly says of the files: the file, the rule and what is wrong there."""
    environment = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    text = lint("Redocly", ["redocly", "lint", "--extends", "recommended", "--format", "json"], files, folder, environment)
    decoder = json.JSONDecoder()
    of_one_file = []
    while text:
        found, end = decoder.raw_decode(text)
        of_one_file.append(found["problems"])
        text = text[end:].lstrip()
    if len(of_one_file) != len(files):
        raise RuntimeError(f"Redocly read {len(of_one_file)} of {len(files)} documents")
    for problem in (problem for problems in of_one_file for problem in problems):
        place = problem["location"][0]
        where = f"{place.get('pointer', '')}: {problem['ruleId']}: {problem['message']}"
        yield (folder / place["source"]["ref"]).resolve(), problem["ruleId"], where


def spectral(files, folder):
    """What Spectral says of the files, as `redocly` gives it."""
    rules = folder / "spectral.yaml"
    rules.write_text("extends: [\"spectral:oas\"]\n")
    command = ["spectral", "lint", "--quiet", "--ruleset", rules, "--format", "json", "--fail-on-unmatched-globs"]
    for problem in json.loads(lint("Spectral", command, files, folder)):
        where = f"{'.'.join(str(part) for part in problem['path'])}: {problem['code']}: {problem['message']}"
        yield (folder / problem["source"]).resolve(), problem["code"], where


def lint(name, command, files, folder, environment=None):
    """Runs a linter on the files, in `folder`; its output is JSON, whatever its exit code says."""
    done = subprocess.run(
        [str(word) for word in (PROGRAMS / command[0], *command[1:], *files)],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode not in (0, 1) or not done.stdout.strip():
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.strip()
