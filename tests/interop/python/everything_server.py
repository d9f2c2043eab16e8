"""Aliases, and with it Keys and Everything, on Apache's Python library."""

import threading
import time

from aliases import Aliases
from everything import constants
from everything.ttypes import Denied, NotFound, Point
from shared.ttypes import Fault, Severity

import serving


class Handler:
    def __init__(self):
        self.lock = threading.Lock()
        self.events = []

    def __getattr__(self, name):
        if name.startswith("echo"):
            return lambda value: value
        raise AttributeError(name)

    def ping(self):
        pass

    def version(self):
        return "1.0"

    def join(self, separator, text, times):
        return separator.join([text] * times)

    def answer(self):
        return constants.ANSWER

    def emptyList(self):
        return []

    def emptySet(self):
        return set()

    def emptyMap(self):
        return {}

    def fail(self, kind):
        if kind == "fault":
            raise Fault(severity=Severity.FATAL, message="broken", at=1700000000000)
        self.failVoid(kind)
        return kind

    def failVoid(self, kind):
        if kind == "notFound":
            raise NotFound(name="it")
        if kind == "denied":
            raise Denied(reason="no", where=[Point(x=1, y=-1)])
        if kind == "undeclared":
            raise RuntimeError("not in the throws list")

    def slow(self, milliseconds):
        time.sleep(milliseconds / 1000)
        return milliseconds

    def notify(self, event):
        with self.lock:
            self.events.append(event)

    def notified(self):
        with self.lock:
            return list(self.events)

    def reset(self):
        with self.lock:
            self.events.clear()


serving.serve(Aliases.Processor(Handler()), "binary", "framed")
