"""The image of the container, as far as it can be checked without building it."""

import json
import os
import shlex
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from dockerfile_parse import DockerfileParser

from places import DEPLOY, IDL, ROOT, end_with_parent

# What `distroless/cc` has beside the program, and the kernel's own.
LIBRARIES = {"linux-vdso.so.1", "libc.so.6", "libm.so.6", "libgcc_s.so.1", "/lib64/ld-linux-x86-64.so.2"}


def stages():
    """The instructions of each stage."""
    found = []
    for line in DockerfileParser(str(DEPLOY / "Dockerfile")).structure:
        if line["instruction"] == "FROM":
            found.append([])
        if line["instruction"] != "COMMENT" and found:
            found[-1].append((line["instruction"], line["value"]))
    return found


def context(folder):
    """Copies what the build is sent: what git has, where the ignore file lets it through."""
    patterns = (DEPLOY / "Dockerfile.dockerignore").read_text().split()
    kept = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    command = ["git", "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *kept]
    files = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(ROOT / name)


def runs_alone(checks, gateway, arguments, user):
    """That the program runs where there is nothing else, may write nothing and is nobody, as in the image."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        checks.not_covered("the program with nothing around it", "needs root and unshare")
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        shared = subprocess.run(["ldd", gateway], capture_output=True, text=True, timeout=30).stdout.split()
        for library in (word for word in shared if word.startswith("/")):
            path = root / library.lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, path)
        for name in ("etc/thriftgate/idl", "proc", "usr/bin"):
            (root / name).mkdir(parents=True)
        shutil.copy(gateway, root / "usr" / "bin" / "thriftgate")
        shutil.copy(IDL, root / "etc" / "thriftgate" / "idl")
        # Every engine mounts one.
        (root / "etc" / "resolv.conf").write_text("nameserver 127.0.0.1\n")
        (root / "etc" / "thriftgate" / "thriftgate.yaml").write_text(
            "idl: idl\nlisten: 127.0.0.1:0\nadmin: {listen: \"127.0.0.1:0\"}\nbackends: {auth: localhost:9}\ndrain: {delay: 0s}\n"
        )
        script = f"""
            mount --bind {root} {root} && mount -o remount,ro,bind {root} && mount -t proc none {root}/proc &&
            chroot --userspec={":".join(user)} {root} /usr/bin/thriftgate {shlex.join(arguments)}
            exit $?
        """
        command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=end_with_parent
        ) as process:
            process.stdout.readline()
            address = process.stdout.readline().removeprefix("admin ").strip()
            ready = address and urllib.request.urlopen(f"{address}/readyz", timeout=30).read()
            process.kill()
            said = process.stderr.read()
        checks.equal("it runs with nothing around it", ready, b"ready\n")
        checks.check("and complains of nothing", '"ERROR"' not in said and '"WARN"' not in said, said)


def check(checks, gateway):
    """Everything about the image."""
    build, final = stages()
    checks.check("it is built by the lock file", any("--locked" in value for name, value in build if name == "RUN"))
    checks.check("it has no shell", dict(final)["FROM"].startswith("gcr.io/distroless/cc-"), final)
    user = dict(final)["USER"].split(":")
    checks.check("its user is a number, and not root", all(part.isdigit() and int(part) > 0 for part in user), user)
    chart = (DEPLOY / "helm" / "thriftgate" / "templates" / "deployment.yaml").read_text()
    checks.check("the user of the chart is the same", f"runAsUser: {user[0]}" in chart)
    entry, arguments = json.loads(dict(final)["ENTRYPOINT"]), json.loads(dict(final)["CMD"])
    copied = [shlex.split(value)[-1] for name, value in final if name == "COPY"]
    checks.equal("what it runs is what was copied", copied, [entry[0]])
    done = subprocess.run([gateway, *arguments], capture_output=True, text=True, timeout=30)
    checks.equal("its arguments are those of the command", (done.returncode, arguments[-1] in done.stderr), (1, True))
    with tempfile.TemporaryDirectory() as folder:
        context(Path(folder))
        command = ["cargo", "metadata", "--locked", "--no-deps", "--format-version=1"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
        checks.check("the build is sent every crate", done.returncode == 0, done.stderr)
    runs_alone(checks, gateway, arguments, user)
    done = subprocess.run(["ldd", gateway], capture_output=True, text=True, timeout=30)
    needed = {line.split()[0] for line in done.stdout.splitlines()}
    checks.check("it has every library that the program needs", needed and needed <= LIBRARIES, needed - LIBRARIES)
    checks.not_covered("building and running the image", "no container engine and no registry of images in the tests")
