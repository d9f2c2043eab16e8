"""What the command says of itself to packagers: version, completions and manual pages."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from places import ROOT

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def output(*command, **options):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, **options)


def told(script, root, given=None):
    """What the build script tells cargo of the version of a source tree."""
    environment = {**os.environ, "CARGO_MANIFEST_DIR": str(root / "gateway"), "CARGO_PKG_VERSION": "1.2.3"}
    environment.pop("THRIFTGATE_COMMIT", None)
    if given is not None:
        environment["THRIFTGATE_COMMIT"] = given
    found = output(script, env=environment).stdout
    return re.search(r"^cargo:rustc-env=THRIFTGATE_VERSION=(.*)$", found, re.MULTILINE).group(1)


def versions(checks, folder):
    """The commit, in a checkout and out of one."""
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C"]
    checkout, package = folder / "checkout", folder / "package"
    for root in (checkout, package, checkout / "vendored"):
        (root / "gateway").mkdir(parents=True)
    output(*git, checkout, "init", "--quiet")
    output(*git, checkout, "commit", "--quiet", "--allow-empty", "--message", "First")
    commit = output(*git, checkout, "rev-parse", "HEAD").stdout.strip()
    script = folder / "build"
    done = output("rustc", "--edition", "2024", "-o", script, ROOT / "gateway" / "build.rs")
    checks.check("the build script", done.returncode == 0, done.stderr)
    checks.equal("a source package knows no commit", told(script, package), "1.2.3")
    checks.equal("a packager says it", told(script, package, COMMIT), "1.2.3 (0123456789ab)")
    checks.equal("or says nothing", told(script, package, ""), "1.2.3")
    checks.equal("a checkout has one", told(script, checkout), f"1.2.3 ({commit[:12]})")
    checks.equal("what a packager says goes first", told(script, checkout, COMMIT), "1.2.3 (0123456789ab)")
    checks.equal("a tree in a checkout of something else has none", told(script, checkout / "vendored"), "1.2.3")


def completions(checks, gateway):
    script = f"""
        source <("{gateway}" completions bash)
        COMP_WORDS=(thriftgate se) COMP_CWORD=1
        _thriftgate thriftgate se thriftgate
        echo "${{COMPREPLY[@]}}"
    """
    checks.equal("bash completes a verb", output("bash", "-c", script).stdout.strip(), "serve")
    for shell in ("zsh", "fish"):
        text = output(gateway, "completions", shell).stdout
        checks.check(f"{shell} has the verbs", all(verb in text for verb in ("serve", "check", "explain")), text)


def manual(checks, gateway, folder):
    """A page for each verb, without an error that the formatter would tell of."""
    pages = folder / "man"
    pages.mkdir()
    checks.equal("man", output(gateway, "man", pages).returncode, 0)
    help_text = output(gateway, "--help").stdout
    verbs = re.findall(r"^  ([a-z]+) ", help_text.split("Commands:")[1].split("Options:")[0], re.MULTILINE)
    expected = {"thriftgate.1"} | {f"thriftgate-{verb}.1" for verb in verbs if verb != "help"}
    names = {page.name for page in pages.iterdir()}
    checks.check("a page for each verb", expected <= names, expected - names)
    for page in sorted(pages.iterdir()):
        done = output("groff", "-man", "-Tutf8", "-ww", page)
        checks.check(page.name, done.returncode == 0 and not done.stderr, done.stderr)
    alone = output(gateway, "man").stdout
    checks.check("the page of the command", "serve" in alone and ".TH thriftgate 1" in alone, alone[:200])


def check(checks, gateway):
    """Everything that packagers ask the command for."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        versions(checks, folder)
        completions(checks, gateway)
        manual(checks, gateway, folder)
    said = output(gateway, "--version").stdout
    checks.check("--version", re.fullmatch(r"thriftgate \d+\.\d+\.\d+( \([0-9a-f]{12}\))?\n", said), said)
