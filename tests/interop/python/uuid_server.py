"""UuidTracking on Apache's library, which knows the type; Debian's compiler does not, so the specifications that it
would generate are written out here."""

from thrift.Thrift import TApplicationException, TMessageType, TType
from thrift.protocol.TBase import TBase

import serving

UUIDS = (TType.UUID, None, False)
LABELS = (TType.UUID, None, TType.STRING, "UTF8", False)


class Parcel(TBase):
    thrift_spec = (
        None,
        (1, TType.UUID, "id", None, None),
        (2, TType.UUID, "parent", None, None),
        (3, TType.LIST, "contents", UUIDS, None),
        (4, TType.MAP, "labels", LABELS, None),
    )
    id = parent = contents = labels = None


def echo(ttype, spec):
    """The arguments and the result of a method that answers its argument: one field each, of id 1 and of id 0."""

    class Arguments(TBase):
        thrift_spec = (None, (1, ttype, "value", spec, None))
        value = None

    class Result(TBase):
        thrift_spec = ((0, ttype, "success", spec, None),)
        success = None

    return Arguments, Result


METHODS = {
    "echoUuid": echo(TType.UUID, None),
    "echoUuids": echo(TType.LIST, UUIDS),
    "echoUuidMap": echo(TType.MAP, LABELS),
    "echoParcel": echo(TType.STRUCT, (Parcel, Parcel.thrift_spec)),
}


class Processor:
    """What the compiler generates for a service, for methods that answer their argument."""

    def process(self, iprot, oprot):
        name, _, seqid = iprot.readMessageBegin()
        if name not in METHODS:
            iprot.skip(TType.STRUCT)
            kind = TMessageType.EXCEPTION
            reply = TApplicationException(
                TApplicationException.UNKNOWN_METHOD, f"Unknown function {name}"
            )
        else:
            arguments, reply = (part() for part in METHODS[name])
            arguments.read(iprot)
            kind = TMessageType.REPLY
            reply.success = arguments.value
        iprot.readMessageEnd()
        oprot.writeMessageBegin(name, kind, seqid)
        reply.write(oprot)
        oprot.writeMessageEnd()
        oprot.trans.flush()


serving.serve(Processor(), "binary", "framed")
