"""Runs what README shows, as a reader would who copies it; only the ports are others."""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

from build import build
from peers import REAL_SERVERS, Server, node_in
from places import CACHE, INTEROP, NODE_MODULES, TESTS
from processes import Program
from report import Report

ROOT = TESTS.parent
DEMO_IDL = ROOT / "gateway" / "src" / "demo"
FOLDER = CACHE / "readme"
COMMAND_SECONDS = 120
TOKEN = "5b1f0c6e-demo"
# What these commands install is there already.
INSTALLS = ("pip install ", "npm install ")
SECTION = re.compile(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORT = re.compile(r"(?::|port )(\d+)")
NATIVE = "Native clients"


class Snippets:
    """README's fenced blocks, by the heading above them and their language, in their order."""

    def __init__(self, text):
        self.text = text
        self.blocks = {title: BLOCK.findall(body) for title, body in SECTION.findall(text)}

    def of(self, title, language):
        return [text for tag, text in self.blocks[title] if tag == language]

    def source(self, title, language):
        """The one block in a language under a heading, and the shell block that follows it."""
        (position,) = [place for place, (tag, _) in enumerate(self.blocks[title]) if tag == language]
        (_, text), (tag, commands) = self.blocks[title][position : position + 2]
        if tag != "sh":
            raise ValueError(f"a {tag} block follows the {language} block under {title}")
        return text, commands

    def lines(self, title, start):
        """The lines that begin so, of the shell blocks under a heading."""
        return [line for text in self.of(title, "sh") for line in text.splitlines() if line.startswith(start)]

    def inline(self, start):
        """The commands in running text that begin so."""
        return re.findall(f"`({start}[^`]+)`", self.text)


class Reader:
    """Somebody who follows README in an empty folder, where other ports are free than the ones it names."""

    def __init__(self, gateway):
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        shutil.copy(DEMO_IDL / "auth.thrift", FOLDER)
        (FOLDER / "node_modules").symlink_to(NODE_MODULES)
        commands = FOLDER / "bin"
        commands.mkdir()
        (commands / "thriftgate").symlink_to(gateway)
        self.ports = {}
        self.env = {
            "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "THRIFTGATE_LISTEN": "127.0.0.1:0",
            "THRIFTGATE_ADMIN": "127.0.0.1:0",
        }

    def translated(self, text):
        """The text with the ports that are in use here."""
        return re.sub(r"\b\d{4}\b", lambda found: str(self.ports.get(found[0], found[0])), text)

    def write(self, name, text):
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(self.translated(text))

    def run(self, commands):
        """The output of shell lines; what is wrong with it, where one of them fails."""
        wanted = [line for line in commands.splitlines() if not line.startswith(INSTALLS)]
        done = subprocess.run(
            ["bash", "-ec", self.translated("\n".join(wanted))],
            cwd=FOLDER,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        if done.returncode != 0:
            return f"exit code {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    @contextmanager
    def running(self, name, command):
        """Runs a command that does not end by itself, and gives the port that it says it listens on."""
        line = f"cd '{FOLDER}' && exec {self.translated(command)}"
        with Program(name, ["bash", "-c", line], self.env) as program:
            prefix = "listening " if command.startswith("thriftgate ") else "Serving HTTP "
            yield int(PORT.search(program.line(prefix))[1])


def vendors(report, reader, snippets):
    """The requests under "A call"."""
    in_body, in_url = snippets.lines("A call", "curl ")
    for line in (in_body, in_url):
        try:
            reply = json.loads(reader.run(line))
            outcome = reply["result"]["success"]["user"]["id"]
        except (ValueError, KeyError) as error:
            outcome = repr(error)
        report.check("README", "JSON", line, outcome, 1815)


def native_clients(report, reader, snippets):
    """The programs under "Native clients" that are no page."""
    for language, name in {"python": "login.py", "java": "Login.java"}.items():
        source, commands = snippets.source(NATIVE, language)
        reader.write(name, source)
        report.check("README", "native clients", name, reader.run(commands), TOKEN)


def browser(report, reader, snippets):
    """The page under "Native clients", from another origin than that of the gateway that it calls."""
    (settings,) = snippets.of(NATIVE, "yaml")
    (page,) = snippets.of(NATIVE, "html")
    script, commands = snippets.source(NATIVE, "js")
    (gateway,) = snippets.lines(NATIVE, "thriftgate serve ")
    (files,) = snippets.lines(NATIVE, "python3 -m http.server ")
    with ExitStack() as stack:
        reader.ports["8000"] = 0
        reader.ports["8000"] = stack.enter_context(reader.running("readme-files", files))
        reader.write("gateway.yaml", settings)
        reader.ports["8081"] = stack.enter_context(reader.running("readme-gateway", gateway))
        reader.write("index.html", page)
        reader.write("login.js", script)
        report.check("README", "native clients", "bundle", reader.run(commands), "")
        words = ["--page", INTEROP / "browser" / "shown.js", "--from", f"http://localhost:{reader.ports['8000']}/"]
        command, env = node_in("browser", "client", *words)
        done = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        report.check("README", "native clients", "page", done.stdout.strip() or done.stderr, TOKEN)


def configuration(report, reader, snippets):
    """The example under "Configuration" is one that `check` accepts."""
    (settings,) = snippets.of("Configuration", "yaml")
    reader.write("example/thriftgate.yaml", settings)
    (FOLDER / "example" / "idl").mkdir()
    for name in ("auth.thrift", "contact.thrift"):
        shutil.copy(DEMO_IDL / name, FOLDER / "example" / "idl")
    said = reader.run("thriftgate check --config example/thriftgate.yaml")
    report.check("README", "configuration", "check", "ok" if said.startswith("ok:") else said, "ok")


def keys(report, reader, snippets):
    """The vendor under "Vendors" gets a key, and calls with it."""
    (settings,) = snippets.of("Vendors", "yaml")
    (new,) = snippets.lines("Vendors", "thriftgate keys new ")
    (gateway,) = snippets.lines("Vendors", "thriftgate serve ")
    (call,) = snippets.lines("Vendors", "curl ")
    reader.write("gateway.yaml", settings)
    report.check("README", "vendors", new, reader.run(new), "")
    with reader.running("readme-vendors", gateway) as port:
        reader.ports["8081"] = port
        for line, wanted in {call: TOKEN, call.replace("$(cat acme.key)", "tg_wrong"): "UNAUTHENTICATED"}.items():
            said = reader.run(line)
            report.check("README", "vendors", line, wanted if wanted in said else said, wanted)


def changed_idl(report, reader, snippets):
    """What `diff` says of the change that README shows."""
    (line,) = snippets.lines("Changing the IDL", "thriftgate diff ")
    (wanted,) = snippets.of("Changing the IDL", "text")
    idl = (DEMO_IDL / "auth.thrift").read_text()
    reader.write("changed/old.thrift", idl)
    reader.write("changed/auth.thrift", idl.replace("string token", "string accessToken"))
    command = line.partition("#")[0].strip()
    report.check("README", "changed IDL", command, reader.run(f"cd changed\n{command} || echo exit code $?"),
                 f"{wanted}exit code 1")


def command_line(report, reader, snippets):
    """`serve`, `call` and `probe` as README writes them, before a stock server."""
    with Server("readme-auth", REAL_SERVERS["auth"]()) as server:
        reader.ports["9090"] = server.port
        (serve,) = snippets.lines("A call", "thriftgate serve ")
        (probe,) = snippets.inline("thriftgate probe ")
        (call,) = snippets.inline("thriftgate call ")
        with reader.running("readme-serve", serve) as port:
            report.check("README", "command line", serve, port > 0, True)
        for line, wanted in {probe: "speaks framed binary", call: '"err":{"errorCode":401'}.items():
            said = reader.run(line)
            report.check("README", "command line", line, wanted if wanted in said else said, wanted)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gateway", type=Path, default=ROOT / "target" / "release" / "thriftgate")
    flags = parser.parse_args()
    report = Report()
    for language, error in build(["python"]).items():
        report.failed("README", "build", language, error)
    snippets = Snippets((ROOT / "README.md").read_text())
    reader = Reader(flags.gateway.resolve())
    with reader.running("readme-demo", "thriftgate demo --listen 127.0.0.1:0") as port:
        reader.ports["8080"] = port
        for part in (vendors, native_clients, browser, keys, configuration, changed_idl, command_line):
            try:
                part(report, reader, snippets)
            except Exception as error:
                report.failed("README", part.__name__, type(error).__name__, error)
    sys.exit(0 if report.print() else 1)


main()
