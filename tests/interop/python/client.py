"""Calls every method of Everything, as a user of Apache's Python library does, and compares the values.

client.py --protocol P LABEL=URL... where a URL is http://…, framed://HOST:PORT or buffered://HOST:PORT. A label that
ends in `+keys` or `+keys+aliases` names a server that has these services too. Prints `cell LABEL`, then `ok NAME` or
`FAIL NAME DETAIL` for each check.
"""

import argparse
import math
import time
from urllib.parse import urlsplit

from aliases import Aliases
from aliases.ttypes import Level
from everything.ttypes import (
    AllTypes,
    Chain,
    Choice,
    Color,
    Denied,
    NotFound,
    Point,
    Presence,
    Scalars,
    Tree,
)
from keys.ttypes import Cell, Key
from shared.ttypes import Fault, Severity
from thrift.protocol.TProtocol import TFrozenDict
from thrift.Thrift import TApplicationException, TMessageType, TType
from thrift.transport import THttpClient, TSocket

import serving

DEEP = {"a": {-1: [Choice(flag=True), Choice(numbers=[1, 2])], 7: []}, "": {}}
EVERYTHING = AllTypes(
    scalars=Scalars(True, -128, -32768, -2147483648, -(2**63), -0.0, "é", b"\x00\xff", Color.BLUE),
    presence=Presence(needed=1, plain=0, maybe=2),
    choice=Choice(point=Point(1, 2)),
    tree=Tree("root", [Tree("leaf"), Tree("twig", [])]),
    bools=[True, False],
    longs=[2**63 - 1, -(2**63)],
    blobs=[b"", b"\xfe"],
    numbers={1, 2, 3},
    colors={Color.RED, Color.INFRARED},
    strings={"k": "v", "": ""},
    points={-5: Point(0, 0)},
    colorNames={Color.VIOLET: "violet"},
    matrix=[[], [0.1, 1e300]],
    deep=DEEP,
    paths={"p": [1, -2]},
    far=-1,
    last="end",
)
ECHOES = {
    "Bool": [True, False],
    "I8": [-128, 127, 0],
    "I16": [-32768, 32767],
    "I32": [-(2**31), 2**31 - 1],
    "I64": [-(2**63), 2**63 - 1, 2**53 + 1, -5, 0],
    "Double": [0.1, -0.0, 1.7976931348623157e308, 5e-324, math.inf, -math.inf, math.nan, 1e22],
    "String": ["", "plain", "Zürich 東京 🦀", 'quote " \\ / \n\t\x01\x7f', "x" * 70000],
    "Binary": [b"", bytes(range(256)), b"\xff"],
    "Color": [Color.RED, Color.VIOLET, Color.INFRARED, 77],
    "Length": [-16],
    "Timestamp": [1700000000000],
    "Point": [Point(3, -4)],
    "Scalars": [Scalars(), EVERYTHING.scalars, Scalars(aBool=False, aString="", aBinary=b"")],
    "Presence": [Presence(needed=0, plain=3), Presence(5, "x", 6, 7, 8, 9, [], Color.RED, Point(9, 9), 1.5, False)],
    "Choice": [
        Choice(flag=False),
        Choice(number=-1),
        Choice(text="t"),
        Choice(bytes=b"b"),
        Choice(point=Point(0, 1)),
        Choice(numbers=[]),
        Choice(color=Color.GREEN),
    ],
    "Tree": [EVERYTHING.tree],
    "Chain": [Chain(1, Chain(2, Chain(3)))],
    "Everything": [AllTypes(), EVERYTHING],
    "BoolList": [[True, False, True], []],
    "I8List": [[-128, 0, 127]],
    "I64List": [[2**62, -1], list(range(40))],
    "DoubleList": [[0.5, -1e-7, 1.0]],
    "StringList": [["a", "", "ü"]],
    "BinaryList": [[b"", b"\x80"]],
    "ChoiceList": [[Choice(text="x"), Choice(number=2**40)]],
    "NestedList": [[[], [[1], [2, 3]], [[]]]],
    "MixedList": [[{"s": {1, 2}}, {}, {"": set()}]],
    "Path": [[1, 2, 3]],
    "I64Set": [{2**53 + 1, -1}, set()],
    "StringSet": [{"b", "a"}],
    "ColorSet": [{Color.BLUE, Color.GREEN}],
    "StringMap": [{"a": 1, "": -1}, {}],
    "BoolMap": [{True: "t", False: "f"}],
    "I8Map": [{-1: 300, 1: -300}],
    "I64Map": [{2**53 + 1: -(2**63), 16: 10}],
    "DoubleMap": [{0.1: "tenth", -2.5: ""}],
    "BinaryMap": [{b"\xff\x00": b"", b"k": b"\x80"}],
    "ColorMap": [{Color.INFRARED: Point(1, 1)}],
    "NestedMap": [{"x": {1: [Point(1, 2)], 2: []}}],
}
KEYS = {
    "StructMap": [{Cell(1, 2): "a", Cell(1, 2, "n"): "b"}],
    "UnionMap": [{Key(number=1): 1, Key(text="1"): 2}],
    "ListMap": [{(1, 2): "a", (): "b"}],
    "SetMap": [{frozenset(["a", "b"]): [Cell(0, 0)]}],
    "MapMap": [{TFrozenDict({"a": 1}): 2**40}],
    "StructSet": [{Cell(1, 1), Cell(1, 2)}],
    "ListSet": [{(1,), (1, 2)}],
}
ALIASES = {
    "Level": [Level.MINOR, Level.NONE],
    "LevelList": [[Level.LOW, Level.MAJOR]],
    "LevelMap": [{Level.HIGH: Color.BLUE}],
}


def same(left, right):
    """Equality that takes NaN for itself and tells -0.0 from 0.0."""
    if isinstance(left, float) and isinstance(right, float):
        return math.isnan(left) and math.isnan(right) or (
            left == right and math.copysign(1, left) == math.copysign(1, right)
        )
    return left == right


class Checks:
    """Runs the checks of one cell. After an error the client is made anew, since the connection may be broken."""

    def __init__(self, url, protocol):
        self.url = url
        self.protocol = protocol
        self.connect()

    def connect(self):
        transport = connect(self.url)
        transport.open()
        self.client = Aliases.Client(serving.PROTOCOLS[self.protocol]().getProtocol(transport))

    def close(self):
        self.client._oprot.trans.close()

    def check(self, name, call, expected):
        try:
            actual = call()
        except Exception as error:
            actual = error
            self.close()
            self.connect()
        if same(actual, expected):
            print(f"ok {name}")
        else:
            print(f"FAIL {name} {actual!r:.200} is not {expected!r:.200}")

    def echoes(self, table):
        for kind, values in table.items():
            name = f"echo{kind}"
            for position, value in enumerate(values):
                self.check(f"{name}.{position}", lambda: getattr(self.client, name)(value), value)

    def results(self):
        self.check("ping", lambda: self.client.ping(), None)
        self.check("version", lambda: self.client.version(), "1.0")
        self.check("join", lambda: self.client.join("+", "ab", 3), "ab+ab+ab")
        self.check("answer", lambda: self.client.answer(), 42)
        self.check("emptyList", lambda: self.client.emptyList(), [])
        self.check("emptySet", lambda: self.client.emptySet(), set())
        self.check("emptyMap", lambda: self.client.emptyMap(), {})
        self.check("slow", lambda: self.client.slow(20), 20)

    def exceptions(self):
        self.check("fail.none", lambda: self.client.fail("none"), "none")
        self.check("failVoid.none", lambda: self.client.failVoid("none"), None)
        denied = Denied("no", [Point(1, -1)], 13)
        fault = Fault(Severity.FATAL, "broken", 1700000000000)
        for method in ("fail", "failVoid"):
            self.check(f"{method}.notFound", lambda: self.raised(method, "notFound"), NotFound("it"))
            self.check(f"{method}.denied", lambda: self.raised(method, "denied"), denied)
            undeclared = lambda: type(self.raised(method, "undeclared"))
            self.check(f"{method}.undeclared", undeclared, TApplicationException)
        self.check("fail.fault", lambda: self.raised("fail", "fault"), fault)
        self.check("unknownMethod", self.unknown_method, TApplicationException.UNKNOWN_METHOD)
        self.check("afterUnknownMethod", lambda: self.client.answer(), 42)

    def raised(self, method, kind):
        """What a call raised."""
        try:
            return f"no error but {getattr(self.client, method)(kind)!r}"
        except Exception as error:
            return error

    def unknown_method(self):
        """The type of the error that a method not in the IDL gives."""
        client = self.client
        protocol = client._oprot
        protocol.writeMessageBegin("noSuchMethod", TMessageType.CALL, 0)
        protocol.writeStructBegin("noSuchMethod_args")
        protocol.writeFieldStop()
        protocol.writeStructEnd()
        protocol.writeMessageEnd()
        protocol.trans.flush()
        _, kind, _ = client._iprot.readMessageBegin()
        if kind != TMessageType.EXCEPTION:
            client._iprot.skip(TType.STRUCT)
            return f"a message of type {kind}"
        error = TApplicationException()
        error.read(client._iprot)
        client._iprot.readMessageEnd()
        return error.type

    def oneway(self):
        self.check("reset", lambda: self.client.reset(), None)
        self.check("notify.first", lambda: self.client.notify("one"), None)
        self.check("notify.second", lambda: self.client.notify("two"), None)
        arrived = lambda: sorted(eventually(lambda: self.client.notified(), 2))
        self.check("notified", arrived, ["one", "two"])
        self.check("reset.again", lambda: self.client.reset(), None)
        self.check("notified.none", lambda: self.client.notified(), [])


def eventually(events, count):
    """The events once there are so many, which a oneway call does not wait for."""
    for _ in range(100):
        found = events()
        if len(found) >= count:
            return found
        time.sleep(0.02)
    return found


def connect(url):
    """The transport for a URL."""
    if url.startswith("http"):
        client = THttpClient.THttpClient(url)
        client.setTimeout(15000)
        return client
    parts = urlsplit(url)
    socket = TSocket.TSocket(parts.hostname, parts.port)
    socket.setTimeout(15000)
    return serving.TRANSPORTS[parts.scheme]().getTransport(socket)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--protocol", choices=serving.PROTOCOLS, default="binary")
    parser.add_argument("cells", nargs="+")
    flags = parser.parse_args()
    for cell in flags.cells:
        label, url = cell.split("=", 1)
        print(f"cell {label}")
        checks = Checks(url, flags.protocol)
        checks.results()
        checks.echoes(ECHOES)
        checks.exceptions()
        checks.oneway()
        if "+keys" in label:
            checks.echoes(KEYS)
        if "+aliases" in label:
            checks.echoes(ALIASES)
        checks.close()


main()
