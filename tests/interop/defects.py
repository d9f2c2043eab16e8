"""What a stock peer cannot do by a defect of its own. Each is shown without the gateway as well: see direct.py."""

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class Peer:
    """A stock program in one of its ways of speaking."""

    role: str
    language: str
    protocol: str
    transport: str


@dataclass(frozen=True)
class Defect:
    """Checks that fail with a peer; the patterns are those of file names. The door is the one through which they fail,
    `json` or `native`, or `*` for both; it is empty where the gateway makes up for the defect. A defect that shows
    `at_times` depends on the peer's timing, and need not show. The clients
    of `unseen_by` never say or hear what a server's defect spoils."""

    role: str
    language: str
    protocol: str
    transport: str
    checks: tuple
    reason: str
    door: str = "*"
    at_times: bool = False
    unseen_by: str = ""

    def speaks(self, peer):
        """Whether the defect is one of this peer."""
        mine = (self.role, self.language, self.protocol, self.transport)
        theirs = (peer.role, peer.language, peer.protocol, peer.transport)
        return all(fnmatchcase(value, pattern) for value, pattern in zip(theirs, mine))

    def fits(self, peer, door, check):
        """Whether it makes a check fail with this peer behind, or before, this door."""
        named = any(fnmatchcase(check, pattern) for pattern in self.checks)
        return named and self.speaks(peer) and fnmatchcase(door, self.door)


DEFECTS = [
    Defect("server", "go", "*", "*", ("empty*",), "a nil slice or map is left out of the reply", door=""),
    Defect("server", "node", "*", "*", ("echoDouble.1",), "-0.0 is read as 0.0"),
    Defect("server", "node", "*", "*", ("echoBoolMap.0",), "map keys become strings, and each string is true"),
    Defect("server", "node", "*", "*", ("echoI64Map.0",), "i64 keys become strings and are read as hexadecimal"),
    Defect("server", "node", "*", "*", ("echoBinaryMap.0",), "binary keys become text", unseen_by="node*"),
    Defect("server", "node", "*", "*", ("unknownMethod",), "the TApplicationException has no type", door=""),
    Defect("server", "node", "compact", "*", ("echoBoolList.0", "echoEverything.1"), "a bool in a list is read as false"),
    Defect("server", "node", "json", "*", ("echoEverything.1",), "a map in a map is misread"),
    Defect("server", "node", "json", "*", ("echoNestedList.0",), "an empty list at the end of a list is lost"),
    Defect("client", "node*", "*", "*", ("echoDouble.1",), "-0.0 is written as 0.0"),
    Defect("client", "node*", "*", "*", ("echoBoolMap.0",), "map keys become strings, and each string is true"),
    Defect("client", "node*", "*", "*", ("echoI64Map.0",), "i64 keys become strings and are read as hexadecimal"),
    Defect("client", "node*", "compact", "*", ("echoBoolList.0", "echoEverything.1"), "a bool in a list is read as false"),
    Defect("client", "node*", "json", "*", ("echoEverything.1",), "a map in a map is misread"),
    Defect("client", "node*", "json", "*", ("echoNestedList.0",), "an empty list at the end of a list is lost"),
    Defect("client", "cpp", "*", "http", ("notified",), "the HTTP response to a oneway call is left for the next one"),
    Defect("client", "cpp", "*", "http", ("notified.none",), "as before, later", at_times=True),
    Defect("client", "go", "json", "*", ("echoBinaryMap.0",), "binary keys are written as they are, not in base64"),
    Defect("server", "java", "*", "*", ("echoColor.3",), "an enum value without a name becomes null"),
]


def explaining(peers, door, check):
    """The defect of one of the peers that makes a check fail through a door, `json` (for people) or `native`."""
    clients = [peer.language for peer in peers if peer.role == "client"]
    for defect in DEFECTS:
        unseen = any(fnmatchcase(client, defect.unseen_by) for client in clients)
        if not unseen and any(defect.fits(peer, door, check) for peer in peers):
            return defect
    return None
