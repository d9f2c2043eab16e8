"""Shows every listed defect of a peer without the gateway between: a defect that does not show is a failure."""

from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase

from defects import DEFECTS, Peer
from matrix import PROTOCOLS, run_client, server_peers
from peers import CLIENTS, everything_server

SECTION = "defects shown without the gateway"
REFERENCE_CLIENT = "python"
REFERENCE_SERVER = "go"


def failing(client, server, protocol, transport):
    """The names of the checks that fail between a client and a server that speak directly."""
    with everything_server("direct", server, protocol, transport) as running:
        scheme = "http" if transport == "http" else transport
        checks = run_client(CLIENTS[client], protocol, {"direct": f"{scheme}://{running.address}"})["direct"]
    return {name for name, detail in checks.items() if detail is not None}


def show(report, _binary):
    """Runs each peer that has a listed defect against one that has not."""
    peers = [*server_peers(), *(Peer("client", language, p, "http") for language in CLIENTS for p in PROTOCOLS)]
    steady = [defect for defect in DEFECTS if not defect.at_times]
    suspects = {peer: [defect for defect in steady if defect.speaks(peer)] for peer in peers}
    suspects = {peer: found for peer, found in suspects.items() if found}

    def run(peer):
        if peer.role == "server":
            return failing(REFERENCE_CLIENT, peer.language, peer.protocol, peer.transport)
        return failing(peer.language, REFERENCE_SERVER, peer.protocol, peer.transport)

    with ThreadPoolExecutor(2) as pool:
        for peer, names in zip(suspects, pool.map(run, suspects)):
            for defect in suspects[peer]:
                for pattern in defect.checks:
                    cell = f"{peer.language} {peer.role}"
                    if any(fnmatchcase(name, pattern) for name in names):
                        report.passed(SECTION, cell)
                    else:
                        where = f"{pattern} over {peer.protocol} {peer.transport}"
                        report.failed(SECTION, cell, where, f"passes: {defect.reason}")
