"""Every door of the gateway against every kind of backend: each cell calls every method of Everything.

One process of a client and protocol runs all its cells. Two clients run at a time, each before servers of its own,
since a server keeps what oneway calls tell it.
"""

import queue
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import defects
from defects import Peer
from json_door import cases, run_case
from peers import CLIENTS, SERVERS, SERVICE, WAYS, browser, everything_server
from places import DATA
from processes import Gateway, end_with_parent

PROTOCOLS = ["binary", "compact", "json"]
PEOPLE = "human-readable JSON"
CLIENT_SECONDS = 900
FEWEST_CHECKS = 90
BACKEND_DEADLINE = "5s"
CALLBACKS = "callbacks"
CALLBACK_CHECKS = 3
SHORT_DEADLINE = "300ms"


def server_peers():
    """The stock servers, each in one of the ways that its library can speak."""
    for language in SERVERS:
        for protocol, transport in WAYS[language]:
            yield Peer("server", language, protocol, transport)


def backend(peer, server, deadline=BACKEND_DEADLINE):
    """The gateway's settings for a server."""
    address = f"http://{server.address}/" if peer.transport == "http" else server.address
    return {"address": address, "protocol": peer.protocol, "transport": peer.transport, "deadline": deadline}


def case_files(language):
    """The case files for what a language serves."""
    return {"Everything": ["everything"], "Keys": ["everything", "keys"]}.get(
        SERVICE[language], ["everything", "keys", "aliases"]
    )


def settle(report, section, cell, name, found, peers=(), door="json"):
    """Notes one check: passed, a known defect of a peer, or failed for the reason given. A known defect that does not
    show is a failure too."""
    excuse = defects.explaining(peers, door, name)
    if excuse is None or (found is None and excuse.at_times):
        if found is None:
            report.passed(section, cell)
        else:
            report.failed(section, cell, name, found)
    elif found is None:
        report.failed(section, cell, name, f"passes, and is no longer a defect: {excuse.reason}")
    else:
        report.known(section, cell, name)


def run_case_files(report, section, cell, url, names, peers=()):
    """Runs case files over the door for human-readable JSON."""
    for name in names:
        for case in cases(name):
            settle(report, section, cell, case["name"], run_case(url, case), peers)


def run_client(client, protocol, urls):
    """Runs a stock client over URLs by label; gives by label the names of its checks, each with what was wrong."""
    command, env = client("--protocol", protocol, *(f"{label}={url}" for label, url in urls.items()))
    done = subprocess.run(
        [str(word) for word in command],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=CLIENT_SECONDS,
        preexec_fn=end_with_parent,
    )
    found = {label: {} for label in urls}
    label = None
    for line in done.stdout.splitlines():
        kind, _, rest = line.partition(" ")
        name, _, detail = rest.partition(" ")
        if kind == "cell":
            label = rest
        elif kind in ("ok", "FAIL"):
            found[label][name] = detail if kind == "FAIL" else None
    if done.returncode != 0:
        found[label or next(iter(urls))]["exit"] = f"exit code {done.returncode}: {done.stderr[-500:]}"
    return found


def place(peer):
    """The last part of the URL before a server, which also names its backend."""
    return f"{peer.language}-{peer.protocol}-{peer.transport}"


def label(client, peer):
    """The name of a cell for a client: the server, and the services beyond Everything that both languages can
    compile."""
    both = {SERVICE[client], SERVICE[peer.language]}
    beyond = ["keys"] if "Everything" not in both else []
    beyond += ["aliases"] if both == {"Aliases"} else []
    return "+".join([place(peer), *beyond])


class BlankPage(BaseHTTPRequestHandler):
    """A page on an origin that is not the gateway's."""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


@contextmanager
def other_origin():
    """Serves the page as long as the context lasts; gives its origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BlankPage)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class World:
    """Every stock server, and one gateway before them all."""

    def __init__(self, stack, binary, name):
        peers = list(server_peers())
        servers = {
            peer: stack.enter_context(everything_server(name, peer.language, peer.protocol, peer.transport))
            for peer in peers
        }
        self.origin = stack.enter_context(other_origin())
        slow = Peer("server", "python", "binary", "framed")
        backends = {place(peer): backend(peer, server) for peer, server in servers.items()}
        routes = [self.route(place(peer), SERVICE[peer.language]) for peer in peers]
        settings = {
            "idl": [{"path": str(DATA / "aliases.thrift")}],
            "backends": {**backends, CALLBACKS: backend(slow, servers[slow], SHORT_DEADLINE)},
            "routes": [*routes, self.route(CALLBACKS, "Everything")],
        }
        gateway = stack.enter_context(Gateway(binary, f"matrix-{name}", settings))
        self.gateway = f"{gateway.url}/"
        self.urls = {peer: f"{gateway.url}/{place(peer)}" for peer in peers}

    def route(self, name, service):
        """The route to a backend, by its name."""
        return {"path": f"/{name}", "backend": name, "services": [service], "cors": {"origins": [self.origin]}}


def cell_of(peer):
    """Where the tables show what ran before a server."""
    return (peer.language, peer.protocol, peer.transport)


def people(report, world):
    """Calls in human-readable JSON."""
    for peer, url in world.urls.items():
        run_case_files(report, PEOPLE, cell_of(peer), url, case_files(peer.language), [peer])


def native(report, world, section, caller, client, more=None):
    """Runs one process of a stock client over all its cells, and over the further URLs given."""
    labels = {label(caller.language, peer): peer for peer in world.urls}
    urls = {name: world.urls[peer] for name, peer in labels.items()}
    results = run_client(client, caller.protocol, urls | (more or {}))
    for name, peer in labels.items():
        checks = results[name]
        if len(checks) < FEWEST_CHECKS:
            report.failed(section, cell_of(peer), "all", f"only {len(checks)} checks ran")
        for check, found in checks.items():
            settle(report, section, cell_of(peer), check, found, [caller, peer], "native")
    return results


def in_browser(report, world, protocol, own):
    """Runs the browser's library in a page of the gateway's own origin, or of another one."""
    origin = world.gateway if own else world.origin
    section = f"browser {protocol}, {'same' if own else 'another'} origin"
    caller = Peer("client", "node-browser", protocol, "http")
    results = native(report, world, section, caller, browser(origin), {CALLBACKS: f"{world.gateway}{CALLBACKS}"})
    checks = results[CALLBACKS]
    report.check("callbacks of the browser's library", section, "count", len(checks), CALLBACK_CHECKS)
    for name, found in checks.items():
        settle(report, "callbacks of the browser's library", section, name, found)


def jobs():
    """What runs before the servers of a world, the longest first."""
    for protocol in PROTOCOLS:
        for own in (True, False):
            yield lambda report, world, p=protocol, o=own: in_browser(report, world, p, o)
    yield people
    for name, client in CLIENTS.items():
        for protocol in PROTOCOLS:
            caller = Peer("client", name, protocol, "http")
            section = f"{name} {protocol}"
            yield lambda report, world, s=section, c=caller, run=client: native(report, world, s, c, run)


def doors(report, binary):
    """Every door to every stock server, over sockets and over HTTP."""
    waiting = queue.SimpleQueue()
    for job in jobs():
        waiting.put(job)

    def work(name):
        with ExitStack() as stack:
            world = World(stack, binary, name)
            while True:
                try:
                    job = waiting.get_nowait()
                except queue.Empty:
                    return
                job(report, world)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, ("one", "two")))
