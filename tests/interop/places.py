"""Where things are."""

from pathlib import Path

INTEROP = Path(__file__).resolve().parent
TESTS = INTEROP.parent
DATA = TESTS / "data"
CHANGED_IDL = TESTS / "cases" / "diff"
CACHE = TESTS / ".cache"
GENERATED = CACHE / "gen"
PROGRAMS = CACHE / "peers"
LOGS = CACHE / "logs"
NODE_MODULES = INTEROP / "node" / "node_modules"
GOCODE = Path("/usr/share/gocode")
JARS = [Path("/usr/share/java") / f"{name}.jar" for name in ("thrift", "slf4j-api", "slf4j-nop")]
JAVA_CLASSES = PROGRAMS / "java"
REREADER_CLASSES = PROGRAMS / "rereader"
