"""The commands of the stock servers and clients."""

import sys
from functools import cached_property
from itertools import product

from places import DATA, GENERATED, INTEROP, JARS, JAVA_CLASSES, NODE_MODULES, PROGRAMS
from processes import Program

BROWSER_PAGE = PROGRAMS / "browser" / "page.js"
PYTHON_ENV = {"PYTHONPATH": str(GENERATED / "python")}
NODE_ENV = {"NODE_PATH": f"{GENERATED / 'node'}:{NODE_MODULES}"}
JAVA_PATH = ":".join(str(jar) for jar in [*JARS, JAVA_CLASSES])
# Without the property, the JDK's HTTP server waits for an acknowledgement between the headers and the body of a reply.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-Dsun.net.httpserver.nodelay=true", "-cp", JAVA_PATH]


def python(script, *words):
    return [sys.executable, INTEROP / "python" / f"{script}.py", *words], PYTHON_ENV


def node_in(folder, script, *words):
    return ["node", INTEROP / folder / f"{script}.js", *words], NODE_ENV


def node(script, *words):
    return node_in("node", script, *words)


def native(language, program, *words):
    return [PROGRAMS / language / program, *words], None


def java(program, *words):
    return [*JAVA, program, *words], None


# Each serves Everything; `keys` and `aliases` say which of the services that extend it the language can serve too.
SERVERS = {
    "python": lambda *words: python("everything_server", *words),
    "cpp": lambda *words: native("cpp", "everything_server", *words),
    "go": lambda *words: native("go", "everything_server", *words),
    "node": lambda *words: node("everything_server", *words),
    "java": lambda *words: java("EverythingServer", *words),
    "rust": lambda *words: native("rust", "debug/everything-server", *words),
}
# How each server speaks: the protocol and the transport. The Rust crate has no TJSON and no HTTP.
EVERY_WAY = list(product(("binary", "compact", "json"), ("framed", "buffered", "http")))
WAYS = {language: EVERY_WAY for language in SERVERS}
WAYS["rust"] = list(product(("binary", "compact"), ("framed", "buffered")))
CLIENTS = {
    "python": lambda *words: python("client", *words),
    "cpp": lambda *words: native("cpp", "client", *words),
    "go": lambda *words: native("go", "client", *words),
    "node": lambda *words: node("client", *words),
    "java": lambda *words: java("Client", *words),
}
# The page of the browser client is loaded from an origin: that of the gateway, or another one.
def browser(origin):
    return lambda *words: node_in("browser", "client", "--page", BROWSER_PAGE, "--from", origin, *words)


SERVICE = {"python": "Aliases", "cpp": "Aliases", "java": "Keys"}
SERVICE |= dict.fromkeys(("go", "node", "node-browser", "rust"), "Everything")

REAL_SERVERS = {
    "contact": lambda: native("go", "contact_server"),
    "auth": lambda: python("auth_server"),
    "person": lambda: python("person_server"),
    "person-thriftpy2": lambda: python("person_thriftpy2_server", DATA / "person.thrift"),
    "user": lambda: node("user_server"),
    "halibut": lambda: native("cpp", "halibut_server"),
    "uuid": lambda: python("uuid_server"),
    "uuid-compact": lambda: python("uuid_server", "--protocol", "compact", "--transport", "buffered"),
}


class Server(Program):
    """A running stock server. Its port is known once it listens, which the first use of it waits for."""

    def __init__(self, name, command_and_env):
        command, env = command_and_env
        super().__init__(name, command, env)

    @cached_property
    def port(self):
        return int(self.line("listening "))

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"


def everything_server(purpose, language, protocol, transport):
    """Starts the server of Everything in a language; the purpose tells its log from those of others."""
    words = ["--protocol", protocol, "--transport", transport]
    return Server(f"{purpose}-{language}-{protocol}-{transport}", SERVERS[language](*words))
