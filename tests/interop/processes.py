"""Starting and ending the programs under test. Every wait has an end, and a process is ended by its own handle."""

import ctypes
import json
import os
import queue
import signal
import subprocess
import threading

from places import CACHE, LOGS

START_SECONDS = 30
END_SECONDS = 10
PR_SET_PDEATHSIG = 1


class StartError(Exception):
    """A program that did not tell where it listens."""


def end_with_parent():
    """Has the kernel end the child when the driver dies, for programs that do not watch their standard input."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Program:
    """A running program. Its standard error goes to a log file, its standard output is read line by line."""

    def __init__(self, name, command, env=None):
        LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = LOGS / f"{name}.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **(env or {})},
                preexec_fn=end_with_parent,
            )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def line(self, prefix):
        """What follows the prefix on the first line that has it."""
        try:
            while (line := self.lines.get(timeout=START_SECONDS)) is not None:
                if line.startswith(prefix):
                    return line.removeprefix(prefix)
        except queue.Empty:
            pass
        self.stop()
        raise StartError(f"{self.name} printed no line `{prefix}…`; it said:\n{self.log.read_text()[-2000:]}")

    def stop(self):
        """Ends the program: by its standard input, then by signals. Gives its exit code."""
        try:
            self.process.stdin.close()
        except OSError:
            pass
        self.process.terminate()
        try:
            return self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait(END_SECONDS)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Gateway(Program):
    """The gateway with a configuration, given as the mapping that its YAML file holds."""

    def __init__(self, binary, name, settings):
        configuration = CACHE / f"{name}.yaml"
        settings = {"listen": "127.0.0.1:0", "admin": {"listen": "127.0.0.1:0"}, "drain": {"delay": "0s"}, **settings}
        configuration.write_text(json.dumps(settings, indent=1))
        super().__init__(name, [binary, "serve", "--config", configuration])
        self.url = self.line("listening ")
        self.admin = self.line("admin ")
