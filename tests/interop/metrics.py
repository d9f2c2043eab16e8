"""The text of `/metrics`, read by the parser of Prometheus' own Python client, which checks the format to the letter."""

import re
import urllib.error
import urllib.request
from collections import Counter

from peers import everything_server
from places import DATA, TESTS
from processes import Gateway
from prometheus_client.openmetrics.parser import text_string_to_metric_families

SECTION = "metrics, by prometheus-client"
BACKEND = ("go", "binary", "framed")
REFERENCE = TESTS.parent / "config" / "REFERENCE.md"
CALLS = [
    ("echoI32", '{"value":1}', 3),
    ("echoI32", '{"value":"one"}', 2),
    ("nothing", "{}", 1),
]
OUTCOMES = {"success": 3, "INVALID_ARGUMENT": 2, "UNKNOWN_METHOD": 1}


def metrics(report, binary):
    """Makes calls, parses what is told of them, and compares it with the calls and with the reference."""
    with everything_server("metrics", *BACKEND) as server:
        settings = {
            "idl": [{"path": str(DATA / "everything.thrift")}],
            "backends": {'every "thing" \\ all': server.address},
            "logging": {"access": False},
        }
        with Gateway(binary, "metrics", settings) as gateway:
            for method, arguments, times in CALLS:
                for _ in range(times):
                    call(gateway.url, method, arguments)
            families = {family.name: family for family in text_string_to_metric_families(scrape(gateway.admin))}
    check(report, "names and types", listed(), {named(family) for family in families.values()})
    outcomes = Counter()
    for sample in families["thriftgate_calls"].samples:
        outcomes[sample.labels["outcome"]] += sample.value
    check(report, "calls by outcome", OUTCOMES, dict(outcomes))
    count = sum(sample.value for sample in families["thriftgate_call_duration_seconds"].samples if sample.name.endswith("_count"))
    check(report, "calls that were timed", sum(OUTCOMES.values()), count)
    backends = {sample.labels["backend"] for sample in families["thriftgate_backend_connections"].samples}
    check(report, "a name that needs escaping", {'every "thing" \\ all'}, backends)


def check(report, name, expected, found):
    if expected == found:
        report.passed(SECTION, name)
    else:
        report.failed(SECTION, name, "compared", f"expected {expected}, found {found}")


def named(family):
    """The name that queries use, and the type."""
    return family.name + {"counter": "_total", "info": "_info"}.get(family.type, ""), family.type


def listed():
    """Those of the reference, but for what this gateway has nothing to tell of: a series comes with its first event."""
    rows = re.findall(r"^\| `((?:thriftgate|process)_\w+)` \| (\w+) \|", REFERENCE.read_text(), re.MULTILINE)
    absent = {"thriftgate_mirrored_calls_total", "thriftgate_discovery_failures_total", "thriftgate_endpoint_latency_seconds"}
    return {(name, kind) for name, kind in rows if name not in absent}


def call(url, method, arguments):
    body = f'{{"method":"{method}","arguments":{arguments}}}'.encode()
    request = urllib.request.Request(f"{url}/", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()
    except urllib.error.HTTPError as refusal:
        refusal.read()


def scrape(admin):
    with urllib.request.urlopen(f"{admin}/metrics", timeout=10) as answer:
        return answer.read().decode()
