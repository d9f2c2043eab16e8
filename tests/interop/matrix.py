"""Every door of the gateway against every kind of backend: each cell calls every method of Everything."""

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import defects
from defects import Peer
from json_door import cases, run_case
from peers import CLIENTS, SERVERS, SERVICE, browser, everything_server
from places import DATA
from processes import Gateway, end_with_parent

WIRE = ["binary", "compact", "json"]
TRANSPORTS = ["framed", "buffered", "http"]
CLIENT_SECONDS = 600
FEWEST_CHECKS = 90
BACKEND_DEADLINE = "3s"


def backend(server, protocol, transport):
    """The gateway's settings for a server."""
    address = f"http://{server.address}/" if transport == "http" else server.address
    return {"address": address, "protocol": protocol, "transport": transport, "deadline": BACKEND_DEADLINE}


def case_files(language):
    """The case files for what a language serves."""
    return {"Everything": ["everything"], "Keys": ["everything", "keys"]}.get(
        SERVICE[language], ["everything", "keys", "aliases"]
    )


def settle(report, section, cell, name, found, peers, door):
    """Notes one check: passed, a known defect of a peer, or failed for the reason given."""
    if found is None:
        report.passed(section, cell)
    elif any(defects.explains(peer, door, name) for peer in peers):
        report.known(section, cell, name)
    else:
        report.failed(section, cell, name, found)


def run_case_files(report, section, cell, url, names, peers=()):
    """Runs case files over the door for human-readable JSON."""
    for name in names:
        for case in cases(name):
            settle(report, section, cell, case["name"], run_case(url, case), peers, "json")


def run_client(client, protocol, urls, extensions=()):
    """Runs a stock client over URLs by label; gives by label the names of its checks, each with what was wrong."""
    words = [f"--{extension}" for extension in extensions] + [f"{label}={url}" for label, url in urls.items()]
    command, env = client("--protocol", protocol, *words)
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


def extensions(client, server):
    """The services beyond Everything that both languages can compile."""
    both = {SERVICE[client], SERVICE[server]}
    if both == {"Aliases"}:
        return ("keys", "aliases")
    return () if "Everything" in both or client == "go" else ("keys",)


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


def native_cells(report, language, callers, servers, gateway):
    """Runs stock clients over all the backends of a language. A caller is a section, a peer, its command and the
    services beyond Everything."""
    urls = {f"{wire}-{transport}": f"{gateway.url}/{wire}-{transport}" for wire, transport in servers}
    for section, caller, client, beyond in callers:
        results = run_client(client, caller.protocol, urls, beyond)
        for wire, transport in servers:
            cell = f"{language} {wire} {transport}"
            checks = results[f"{wire}-{transport}"]
            peers = [caller, Peer("server", language, wire, transport)]
            if len(checks) < FEWEST_CHECKS:
                report.failed(section, cell, "all", f"only {len(checks)} checks ran")
            for name, detail in checks.items():
                settle(report, section, cell, name, detail, peers, "native")


def native_callers(language):
    """The stock clients of native languages before the servers of a language."""
    for name, client in CLIENTS.items():
        for protocol in WIRE:
            caller = Peer("client", name, protocol, "http")
            yield f"{name} client, {protocol} over HTTP", caller, client, extensions(name, language)


def browser_callers(gateway, origin):
    """The browser's library, in a page of the gateway's own origin and in one of another."""
    for protocol in WIRE:
        caller = Peer("client", "node-browser", protocol, "http")
        yield f"browser, {protocol}, same origin", caller, browser(f"{gateway.url}/"), ()
        yield f"browser, {protocol}, another origin", caller, browser(origin), ()


def language_cells(report, binary, language, protocols, transports, native):
    """Starts the servers of a language and the gateway before them, and calls them through every door."""
    with ExitStack() as stack:
        servers = {
            (protocol, transport): stack.enter_context(everything_server(language, protocol, transport))
            for protocol in protocols
            for transport in transports
        }
        origin = stack.enter_context(other_origin())
        service = {"services": [SERVICE[language]], **({"cors": {"origins": [origin]}} if native else {})}
        settings = {
            "idl": [{"path": str(DATA / f"{SERVICE[language].lower()}.thrift")}],
            "backends": {f"{p}-{t}": backend(server, p, t) for (p, t), server in servers.items()},
            "routes": [{"path": f"/{p}-{t}", "backend": f"{p}-{t}", **service} for p, t in servers],
        }
        gateway = stack.enter_context(Gateway(binary, f"matrix-{language}", settings))
        for protocol, transport in servers:
            url = f"{gateway.url}/{protocol}-{transport}"
            peers = [Peer("server", language, protocol, transport)]
            cell = f"{language} {protocol} {transport}"
            run_case_files(report, "human-readable JSON", cell, url, case_files(language), peers)
        if native:
            native_cells(report, language, native_callers(language), servers, gateway)
            native_cells(report, language, browser_callers(gateway, origin), servers, gateway)


def run(report, binary, protocols, transports, native):
    """Runs the cells, two languages of backends at a time: human-readable JSON, and native clients where so told."""
    with ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(language_cells, report, binary, language, protocols, transports, native)
            for language in SERVERS
        ]
        for job in jobs:
            job.result()
