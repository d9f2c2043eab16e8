"""Generates the code of the peers with Debian's compiler and builds them, a language only where its inputs changed."""

import hashlib
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

from places import (
    CACHE, CHANGED_IDL, DATA, GENERATED, GOCODE, INTEROP, JARS, JAVA_CLASSES, NODE_MODULES, PROGRAMS, REREADER_CLASSES
)

BUILD_SECONDS = 900
CPP_EVERYTHING = ["Aliases", "Keys", "Everything", "Base", "aliases_types", "keys_types", "everything_types"]
CPP_EVERYTHING += ["shared_types", "everything_constants", "shared_constants"]
# Java's generator makes a `switch` of the numbers of an enum, which must not have one twice.
NOT_IN_JAVA = ("value_alias_added", "value_alias_removed", "value_written_by_another_name")
CPP_HALIBUT = ["HalibutTracking", "halibut_types"]


class BuildError(Exception):
    """A command that failed, with what it said."""


def run(command, folder, env=None):
    """Runs a command; its output is shown only where it fails."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=BUILD_SECONDS,
    )
    if done.returncode != 0:
        raise BuildError(f"{' '.join(str(word) for word in command)}\n{done.stdout}")


def generate(generator, folder, *names):
    """Generates code for IDL files and all that they include."""
    out = GENERATED / folder
    out.mkdir(parents=True, exist_ok=True)
    for name in names:
        run(["thrift", "-r", "--gen", generator, "-out", out, DATA / f"{name}.thrift"], DATA)
    return out


def build_python():
    generate("py", "python", "auth", "person", "aliases")


def build_node():
    generate("js:node,es6", "node", "everything", "user")


def build_go():
    generated = generate("go:skip_remote", "go/src", "contact", "everything").parent
    env = {
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": f"{INTEROP / 'go'}:{generated}:{GOCODE}",
        "GOCACHE": str(CACHE / "gocache"),
    }
    for program in ("contact_server", "everything_server", "client"):
        run(["go", "build", "-o", PROGRAMS / "go" / program, program], INTEROP / "go", env)


def build_cpp():
    generated = generate("cpp:no_skeleton", "cpp", "halibut", "aliases")
    objects = PROGRAMS / "cpp"
    objects.mkdir(parents=True, exist_ok=True)
    sources = [generated / f"{name}.cpp" for name in CPP_EVERYTHING + CPP_HALIBUT]
    own = INTEROP / "cpp"
    sources += [own / f"{name}.cpp" for name in ("ordering", "everything_server", "halibut_server", "client", "values")]

    def compile_one(source):
        run(["g++", "-std=c++20", "-O0", "-I", generated, "-c", source, "-o", objects / f"{source.stem}.o"], own)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(compile_one, sources))
    programs = {
        "everything_server": ["ordering", *CPP_EVERYTHING],
        "client": ["values", "ordering", *CPP_EVERYTHING],
        "halibut_server": CPP_HALIBUT,
    }
    for program, parts in programs.items():
        linked = [objects / f"{name}.o" for name in [program, *parts]]
        libraries = ["-lthriftnb", "-lthrift", "-levent", "-lpthread"]
        run(["g++", *linked, *libraries, "-o", objects / program], own)


def build_java():
    generated = generate("java:generated_annotations=suppress", "java", "keys")
    sources = [*generated.rglob("*.java"), *(INTEROP / "java").glob("*.java")]
    JAVA_CLASSES.mkdir(parents=True, exist_ok=True)
    path = ":".join(str(jar) for jar in JARS)
    run(["javac", "-nowarn", "-cp", path, "-d", JAVA_CLASSES, *sources], INTEROP)


def build_rereader():
    """Java of the old and the new IDL of every case, each in a package of its own; those that are none in Java apart."""
    generated = GENERATED / "rereader"
    idl = generated / "idl"
    idl.mkdir(parents=True)
    for case in CHANGED_IDL.iterdir():
        if case.name in NOT_IN_JAVA:
            continue
        for side in ("old", "new"):
            package = f"{case.name}_{side}"
            (idl / package).mkdir()
            for file in case.glob("*.thrift"):
                (idl / package / file.name).write_text(f"namespace java {package}\n{file.read_text()}")
            java = "java:generated_annotations=suppress"
            run(["thrift", "-r", "--gen", java, "-out", generated, idl / package / f"{side}.thrift"], generated)
    sources = generated / "sources"
    sources.write_text("\n".join(str(file) for file in generated.rglob("*.java")))
    REREADER_CLASSES.mkdir(parents=True, exist_ok=True)
    path = ":".join(str(jar) for jar in JARS)
    own = INTEROP / "rereader" / "Rereader.java"
    run(["javac", "-nowarn", "-cp", path, "-d", REREADER_CLASSES, f"@{sources}", own], INTEROP)


def build_browser():
    generated = generate("js:node,es6", "browser", "everything")
    own = INTEROP / "browser"
    bundle = PROGRAMS / "browser" / "page.js"
    command = [NODE_MODULES / ".bin" / "esbuild", own / "page.js", "--bundle", "--platform=browser"]
    command += ["--define:global=window", f"--inject:{own / 'globals.js'}", f"--outfile={bundle}", "--log-level=warning"]
    run(command, INTEROP, {"NODE_PATH": f"{generated}:{NODE_MODULES}"})


def build_rust():
    generate("rs", "rust", "everything")
    run(["cargo", "build", "--locked", "--quiet"], INTEROP / "rust", {"CARGO_TARGET_DIR": str(PROGRAMS / "rust")})


BUILDS = {
    "python": build_python,
    "node": build_node,
    "go": build_go,
    "cpp": build_cpp,
    "java": build_java,
    "rereader": build_rereader,
    "browser": build_browser,
    "rust": build_rust,
}


def fingerprint(language):
    """What the build of a language depends on: the IDL, its sources and this file."""
    digest = hashlib.sha256()
    folders = [CHANGED_IDL if language == "rereader" else DATA, INTEROP / language]
    folders += [INTEROP / "node"] if language == "browser" else []
    files = [INTEROP / "build.py"]
    for folder in folders:
        files += [file for file in folder.rglob("*") if file.is_file() and "node_modules" not in file.parts]
    for file in sorted(files):
        digest.update(str(file).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def build_language(language):
    """Builds one language unless it is up to date."""
    stamp = PROGRAMS / f"{language}.stamp"
    wanted = fingerprint(language)
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(GENERATED / language, ignore_errors=True)
    BUILDS[language]()
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(wanted)


def build(languages):
    """Builds languages two at a time, and gives the errors of those that failed, by language."""
    errors = {}
    with ThreadPoolExecutor(2) as pool:
        jobs = {language: pool.submit(build_language, language) for language in languages}
        for language, job in jobs.items():
            try:
                job.result()
            except (BuildError, OSError, subprocess.TimeoutExpired) as error:
                errors[language] = str(error)
    return errors
