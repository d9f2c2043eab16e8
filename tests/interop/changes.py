"""Holds what `thriftgate diff` says of the cases under `cases/diff` against real calls. A backend has the new IDL, on
thriftpy2, which reads it as it is; callers have the old one. A side, JSON or the wire, is compatible by the claims of
`diff` exactly if every call of the case goes as it went before, on every way that the side has."""

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor

from dynamic import Idl, Native, Server, Unfit
from json_door import post
from places import CACHE, TESTS
from processes import Gateway

CASES = TESTS / "cases" / "diff"
SECTION = "changes of the IDL"
SIDES = {"json": ("JSON, gateway with the new IDL",), "wire": ("native", "native through the gateway", "strict")}
COMMAND_SECONDS = 30


def covers(actual, wanted):
    """Whether a value has all that is wanted; more is allowed in objects, and null is absent."""
    if wanted is None:
        return actual is None
    if isinstance(wanted, dict):
        return isinstance(actual, dict) and all(covers(actual.get(key), wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(actual, list) and len(actual) == len(wanted) and all(map(covers, actual, wanted))
    return actual == wanted and isinstance(actual, bool) == isinstance(wanted, bool)


def goes_as_before(server, call, make):
    """Makes a call; says what is other than it was for the old caller, or `None`."""
    with server.answering(call["result"], call.get("serves")) as received:
        try:
            read = make(call)
        except Unfit as error:
            return f"the caller: {error}"
        got = received()
    wanted = call.get("received", call["arguments"])
    if not covers(got, wanted):
        return f"the backend got {got} in place of {wanted}"
    expected = call.get("expected", call["result"])
    return None if covers(read, expected) else f"the caller got {read} in place of {expected}"


def in_json(url, old):
    """A caller in JSON whose reader has the types of the old IDL."""

    def make(call):
        named = {"service": call["service"]} if "service" in call else {}
        style = call.get("style", "")
        headers = {"Accept": f"application/json; {style}"} if style else {}
        reply = post(url, {"method": call["method"], "arguments": call["arguments"], **named}, headers)
        if reply.body is None or "result" not in reply.body:
            raise Unfit(reply.text[:300])
        if reply.status != call.get("status", 200):
            raise Unfit(f"status {reply.status}")
        return old.read_result(call["method"], reply.body["result"], style)

    return make


def differences(case, binary, calls):
    """What goes otherwise, by the way that the calls take."""
    name = case.name
    old, new = (Idl(case / f"{side}.thrift", f"{name}_{side}_thrift") for side in ("old", "new"))
    with Server(new) as server:
        backend = {"backends": {"new": {"address": server.address, "deadline": "2s"}}}
        route = {"routes": [{"path": "/", "backend": "new"}]}

        def gateway(side):
            settings = {"idl": str(case / f"{side}.thrift"), **backend, **route}
            return Gateway(binary, f"diff-{name}-{side}", settings)

        # The gateway with the old IDL stands for a native client that checks what it reads, as those in C++ and Java.
        with gateway("new") as current, gateway("old") as strict, Native(old, server.address) as native:
            ways = {
                "JSON, gateway with the new IDL": in_json(current.url, old),
                "native": native.call,
                "native through the gateway": Native(old, current.url).call,
                "strict": in_json(strict.url, old),
            }
            # The style is a matter of JSON.
            plain = [{key: value for key, value in call.items() if key not in ("style", "status")} for call in calls]
            return {
                way: [found for call in (calls if way in SIDES["json"] else plain)
                      if (found := goes_as_before(server, call, make)) is not None]
                for way, make in ways.items()
            }


def claims(binary, case):
    """By the side, whether `diff` says that it is compatible."""
    command = [binary, "diff", case / "old.thrift", case / "new.thrift", "--format", "json"]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=COMMAND_SECONDS)
    document = json.loads(done.stdout)
    if done.returncode != (1 if document["breaking"] else 0):
        raise ValueError(f"exit code {done.returncode}")
    return {side: all(change[side] == "compatible" for change in document["changes"]) for side in SIDES}


def compiles(case):
    """What Apache's compiler has against the files of a case, or `None`."""
    out = CACHE / "gen" / "diff" / case.name
    out.mkdir(parents=True, exist_ok=True)
    for file in sorted(case.glob("*.thrift")):
        command = ["thrift", "--gen", "json", "-out", str(out), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_SECONDS)
        if done.returncode != 0:
            return done.stderr
    return None


def check(report, binary, case):
    document = json.loads((case / "calls.json").read_text())
    report.check(SECTION, "Apache's compiler", case.name, compiles(case), None)
    found = differences(case, binary, document["calls"])
    for side, is_compatible in claims(binary, case).items():
        same = all(not found[way] for way in SIDES[side])
        name = f"{case.name}: {side}"
        detail = f"diff says {'compatible' if is_compatible else 'not compatible'}, but {found}"
        if side in document.get("not_shown", {}):
            # A claim that these peers cannot show; one that they show after all is listed wrongly.
            report.check(SECTION, "not shown", name, (same, is_compatible), (True, False))
        elif same == is_compatible:
            report.passed(SECTION, "compatible" if is_compatible else "not compatible")
        else:
            report.failed(SECTION, "claims", name, detail)


def changes(report, binary):
    """Every case."""

    def guarded(case):
        try:
            check(report, binary, case)
        except Exception as error:
            report.failed(SECTION, "driver", case.name, repr(error))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(guarded, sorted(CASES.iterdir())))
