"""Stock clients that show no credentials: every call is an exception of the server for them, and none hangs."""

from concurrent.futures import ThreadPoolExecutor
from itertools import product

from matrix import PROTOCOLS, run_client
from peers import CLIENTS, everything_server
from places import CACHE, DATA
from processes import Gateway

SECTION = "refused for want of credentials"
# What a check tells of a refusal: the message, but in Python the class of the exception and in Go its type.
REFUSAL = "Credentials are missing"
REFUSALS = {"python": "TApplicationException(", "go": '"0" is not'}
BACKEND = ("go", "binary", "framed")
FEWEST_REFUSALS = 95


def policy(report, binary):
    """Runs each client in each protocol against a gateway that knows no key."""
    keys = CACHE / "policy-keys.yaml"
    keys.write_text("keys: []\n")
    with everything_server("policy", *BACKEND) as server:
        settings = {
            "idl": [{"path": str(DATA / "everything.thrift")}],
            "backends": {"everything": server.address},
            "groups": {"partners": {}},
            "authentication": {"keys": {"file": str(keys)}},
        }
        with Gateway(binary, "policy", settings) as gateway, ThreadPoolExecutor(2) as pool:
            callers = list(product(CLIENTS, PROTOCOLS))
            run = lambda caller: run_client(CLIENTS[caller[0]], caller[1], {"refused": f"{gateway.url}/"})["refused"]
            for (language, protocol), checks in zip(callers, pool.map(run, callers)):
                judge(report, f"{language} {protocol}", REFUSALS.get(language, REFUSAL), checks)


def judge(report, cell, refusal, checks):
    """A client that tells each refusal as an exception of the server has understood it."""
    refused = [name for name, detail in checks.items() if refusal in (detail or "")]
    if len(refused) >= FEWEST_REFUSALS:
        report.passed(SECTION, cell)
    else:
        other = next((f"{name} {detail}" for name, detail in checks.items() if name not in refused), "nothing else")
        report.failed(SECTION, cell, "refusals", f"{len(refused)} of {len(checks)} checks were refused; another: {other}")
