"""The units of systemd: what `systemd-analyze` says of them, and a systemd that runs them."""

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from places import IDL, UNITS, end_with_parent

PATIENCE = 30
# Of what `systemd-analyze security` counts from 0 to 100, the most that is exposed.
EXPOSURE = 20

CONFIGURATION = """
listen: systemd:http
admin: {listen: "127.0.0.1:9901"}
idl: auth.thrift
backends: {demo: "http://127.0.0.1:7000"}
drain: {delay: 1s, grace: 5s}
reload: {watch: false}
"""
# What the gateway stands before here.
DEMO = """
[Service]
ExecStart=/usr/bin/thriftgate demo --listen 127.0.0.1:7000
"""
CALL = '{"method": "login", "arguments": {"email": "ada@example.com", "password": "lovelace"}}'


class Machine:
    """A booted systemd in namespaces of its own, with nothing but these units. It ends with the `with`."""

    def __init__(self, folder, gateway):
        self.folder = folder
        self.log = folder / "log"
        for name in ("cgroup", "memory", "system", "etc"):
            (folder / name).mkdir()
        for unit in UNITS.iterdir():
            shutil.copy(unit, folder / "system")
        (folder / "system" / "demo.service").write_text(DEMO)
        (folder / "etc" / "thriftgate.yaml").write_text(CONFIGURATION)
        shutil.copy(IDL, folder / "etc" / "auth.thrift")
        script = Path(__file__).with_name("boot.sh")
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--fork", "--kill-child", "bash", script, folder, gateway],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_parent,
        )

    def first(self):
        """The first process within, seen from here."""
        found = self.process.pid
        for _ in range(2):
            text = Path(f"/proc/{found}/task/{found}/children").read_text().split()
            if not text:
                return None
            found = int(text[0])
        return found

    def booted(self):
        """Waits until systemd answers; says why it does not."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                return self.process.stderr.read().strip().splitlines()[-1:] or ["it ended"]
            if self.first() and Path(f"/proc/{self.first()}/comm").read_text() == "systemd\n":
                if self.run("systemctl", "is-active", "default.target").returncode == 0:
                    return None
            time.sleep(0.1)
        return ["it does not answer"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # The first process of a namespace takes all others along.
        if (first := self.first()) is not None:
            os.kill(first, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        # Its control groups stay behind, and can be seen in namespaces alone where the machine itself has the old ones.
        group = self.folder / "cgroup" / self.folder.name
        remove = f"mount -t cgroup2 none {group.parent} && find {group} -depth -type d -exec rmdir {{}} +"
        eventually(lambda: subprocess.run(["unshare", "--mount", "sh", "-c", remove], capture_output=True).returncode == 0)

    def run(self, *command):
        """Runs a command within."""
        enter = ["nsenter", "--target", str(self.first()), "--all", "--"]
        return subprocess.run(
            [*enter, *map(str, command)], capture_output=True, text=True, timeout=PATIENCE, stdin=subprocess.DEVNULL
        )

    def systemctl(self, *words):
        done = self.run("systemctl", *words)
        if done.returncode != 0:
            raise AssertionError(f"systemctl {' '.join(words)}: {done.stderr}{self.log.read_text()}")
        return done.stdout

    def show(self, *properties):
        """Properties of the service."""
        text = self.systemctl("show", "thriftgate.service", *(f"--property={name}" for name in properties))
        return dict(line.split("=", 1) for line in text.splitlines())

    def status(self):
        return self.show("StatusText")["StatusText"]

    def call(self):
        """Makes a call on a connection of its own: the status, or what curl says."""
        done = self.run(
            *("curl", "--silent", "--show-error", "--max-time", PATIENCE, "--output", "/dev/null"),
            *("--write-out", "%{http_code}", "--json", CALL, "http://127.0.0.1:8080/"),
        )
        return done.stdout if done.returncode == 0 else done.stderr


def eventually(condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def check(checks, gateway):
    """Everything about the units."""
    missing = [tool for tool in ("systemd-analyze", "unshare", "nsenter") if shutil.which(tool) is None]
    if missing or os.geteuid() != 0:
        checks.not_covered("units under systemd", f"needs root, and {', '.join(missing) or 'nothing else'}")
        return
    with tempfile.TemporaryDirectory(prefix="thriftgate-units-") as folder, Machine(Path(folder), gateway) as machine:
        if why := machine.booted():
            checks.not_covered("units under systemd", f"systemd does not boot in namespaces here: {why}")
            return
        analyzed(checks, machine)
        activated(checks, machine)
        reloaded(checks, machine)
        restarted(checks, machine)
        watched(checks, machine)
        stopped(checks, machine)


def analyzed(checks, machine):
    done = machine.run("systemd-analyze", "verify", "--man=no", "thriftgate.service", "thriftgate.socket")
    checks.check("systemd-analyze verify", done.returncode == 0 and not done.stderr, done.stderr)
    unit = "/etc/systemd/system/thriftgate.service"
    done = machine.run("systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE}", "--no-pager", unit)
    checks.check("systemd-analyze security", done.returncode == 0, done.stdout + done.stderr)


def activated(checks, machine):
    machine.systemctl("start", "demo.service", "thriftgate.socket")
    checks.equal("nothing runs before the first call", machine.show("ActiveState")["ActiveState"], "inactive")
    checks.check("the backend is there", eventually(lambda: machine.call() == "200"), machine.call())
    checks.equal("state", machine.show("ActiveState", "SubState"), {"ActiveState": "active", "SubState": "running"})
    checks.equal("status", machine.status(), "Answering calls, configuration 1")
    pid = machine.show("MainPID")["MainPID"]
    found = machine.run("cat", f"/proc/{pid}/status").stdout.splitlines()
    fields = dict(line.split(":\t", 1) for line in found)
    checks.check("it is nobody's user", int(fields["Uid"].split()[0]) >= 61184, fields["Uid"])
    checks.equal("without capabilities", fields["CapBnd"].strip("0"), "")
    checks.equal("system calls are filtered", fields["Seccomp"], "2")
    warned = [line for line in machine.log.read_text().splitlines() if '"WARN"' in line or '"ERROR"' in line]
    # Nobody is asked who they are in this test.
    warned = [line for line in warned if "can be reached from other machines" not in line]
    checks.equal("nothing is warned of", warned, [])
    ready = machine.run("curl", "--silent", "http://127.0.0.1:9901/readyz")
    checks.equal("ready", ready.stdout, "ready\n")


def reloaded(checks, machine):
    machine.systemctl("reload", "thriftgate.service")
    text = "Answering calls, configuration 2"
    checks.check("status after a reload", eventually(lambda: machine.status() == text), machine.status())
    machine.run("sh", "-c", "mv /etc/thriftgate/thriftgate.yaml /etc/thriftgate/good; echo wrong >/etc/thriftgate/thriftgate.yaml")
    machine.run("systemctl", "reload", "thriftgate.service")
    checks.check("status after a bad one", eventually(lambda: "refused" in machine.status()), machine.status())
    checks.equal("it goes on", (machine.call(), machine.show("ActiveState")["ActiveState"]), ("200", "active"))
    machine.run("mv", "/etc/thriftgate/good", "/etc/thriftgate/thriftgate.yaml")


def restarted(checks, machine):
    """FAULTS 85: a restart while clients call."""
    before = machine.show("MainPID")["MainPID"]
    replies, over = [], threading.Event()

    def client():
        while not over.is_set():
            replies.append(machine.call())

    clients = [threading.Thread(target=client) for _ in range(4)]
    for thread in clients:
        thread.start()
    try:
        machine.systemctl("restart", "thriftgate.service")
        during = len(replies)
        checks.check("calls after the restart", eventually(lambda: len(replies) > during + 8), len(replies))
    finally:
        over.set()
        for thread in clients:
            thread.join()
    checks.check("another process", machine.show("MainPID")["MainPID"] != before)
    checks.equal("every call was answered", set(replies), {"200"})


def watched(checks, machine):
    """That one that hangs is replaced."""
    machine.run(
        *("sh", "-c", "printf '[Service]\\nWatchdogSec=1\\n' >/etc/systemd/system/thriftgate.service.d/watchdog.conf")
    )
    machine.systemctl("daemon-reload")
    machine.systemctl("restart", "thriftgate.service")
    before = machine.show("MainPID", "NRestarts")
    time.sleep(2.5)
    checks.equal("one that lives is left alone", machine.show("MainPID", "NRestarts"), before)
    machine.run("kill", "-STOP", before["MainPID"])
    checks.check(
        "one that hangs is replaced",
        eventually(lambda: machine.show("NRestarts", "ActiveState") == {"NRestarts": "1", "ActiveState": "active"}),
        machine.show("NRestarts", "ActiveState", "Result"),
    )
    checks.equal("and answers", machine.call(), "200")


def stopped(checks, machine):
    machine.systemctl("stop", "thriftgate.service")
    checks.equal("its end", machine.show("Result", "ActiveState"), {"Result": "success", "ActiveState": "inactive"})
    checks.equal("the next call starts it", machine.call(), "200")
