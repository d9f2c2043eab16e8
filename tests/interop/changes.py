"""Holds what `thriftgate diff` says of the cases under `cases/diff` against real calls. A backend has the new IDL, on
thriftpy2, which reads it as it is; callers have the old one. A side, JSON or the wire, is compatible by the claims of
`diff` exactly if every call of the case goes as it went before, on every way that the side has."""

import json
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor

from build import NOT_IN_JAVA
from dynamic import Idl, Native, Server, Unfit
from json_door import post
from places import CACHE, CHANGED_IDL, JARS, REREADER_CLASSES
from processes import Gateway, Program

SECTION = "changes of the IDL"
SIDES = {
    "json": ("JSON, gateway with the new IDL",),
    "wire": ("native", "native through the gateway", "strict", "structs in Java"),
}
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


class Rereader(Program):
    """Generated Java that reads structs of any case and writes them again."""

    def __init__(self):
        classes = ":".join(str(path) for path in [*JARS, REREADER_CLASSES])
        super().__init__("rereader", ["java", "-XX:TieredStopAtLevel=1", "-cp", classes, "Rereader"])
        self.turn = threading.Lock()

    def reread(self, classes, data):
        """What generated code makes of the bytes of a struct."""
        with self.turn:
            self.process.stdin.write(f"{classes} {data.hex()}\n")
            self.process.stdin.flush()
            answer = self.line("")
        if answer.startswith("!"):
            raise Unfit(answer[1:])
        return bytes.fromhex(answer)


def reread(java, case, old, new, call):
    """The structs of a call, each written by one IDL and read by Java of the other; says what is other than it was."""
    method = call["method"]
    if case.name in NOT_IN_JAVA or new.service(method) is None:
        return
    arguments, result = call["arguments"], call["result"]
    steps = [("args", old, new, "new", arguments, call.get("received", arguments))]
    is_answered = not (old.payload(method, "result").oneway or new.payload(method, "result").oneway)
    if result is not None and is_answered:
        steps.append(("result", new, old, "old", result, call.get("expected", result)))
    for part, writer, reader, side, value, wanted in steps:
        try:
            data = writer.write(method, part, value)
            data = java.reread(reader.classes(f"{case.name}_{side}", method, part), data)
            read = reader.read(method, part, data)
        except Unfit as error:
            yield f"{part}: {error}"
            continue
        if not covers(read, wanted):
            yield f"{part}: {read} in place of {wanted}"


def differences(case, binary, java, calls):
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
            found = {
                way: [other for call in (calls if way in SIDES["json"] else plain)
                      if (other := goes_as_before(server, call, make)) is not None]
                for way, make in ways.items()
            }
    return {**found, "structs in Java": [other for call in calls for other in reread(java, case, old, new, call)]}


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


def check(report, binary, java, case):
    document = json.loads((case / "calls.json").read_text())
    report.check(SECTION, "Apache's compiler", case.name, compiles(case), None)
    found = differences(case, binary, java, document["calls"])
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
            check(report, binary, java, case)
        except Exception as error:
            report.failed(SECTION, "driver", case.name, repr(error))

    with Rereader() as java, ThreadPoolExecutor(2) as pool:
        list(pool.map(guarded, sorted(CHANGED_IDL.iterdir())))
