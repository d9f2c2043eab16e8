"""Peers on thriftpy2 for any IDL: a client, a server that answers what it is told, and readers of JSON that hold it
against the types of an IDL."""

import base64
import queue
import socket
import threading
from contextlib import contextmanager

import thriftpy2
from thriftpy2.http import THttpClient
from thriftpy2.protocol.binary import TBinaryProtocol
from thriftpy2.thrift import TApplicationException, TClient, TException, TMessageType, TType
from thriftpy2.transport import TMemoryBuffer, TSocket
from thriftpy2.transport.framed import TFramedTransport

CALL_MILLISECONDS = 700
RECEIVED_SECONDS = 0.5
BITS = {TType.BYTE: 8, TType.I16: 16, TType.I32: 32, TType.I64: 64}
# The parser of thriftpy2 keeps its state in the module.
PARSER = threading.Lock()


class Unfit(Exception):
    """A value that is not of its type, or a call without a result."""


def fields(payload):
    """The name, the type, its inner types, and whether it is required, of each field of a class of thriftpy2."""
    for spec in payload.thrift_spec.values():
        ttype, name, *inner, required = spec
        yield name, (ttype, inner[0] if inner else None), required


def parts(inner):
    """An inner type with its own inner types."""
    return inner if isinstance(inner, tuple) else (inner, None)


def fit(condition, value, kind):
    if not condition:
        raise Unfit(f"{value!r} is no {kind}")


def from_json(ty, value, style=None):
    """A value of thriftpy2 from JSON. With a style, only what the gateway writes in it is accepted, since a reader
    counts on it."""
    ttype, inner = ty
    strict = style is not None
    if ttype == TType.STRUCT:
        fit(isinstance(value, dict), value, inner.__name__)
        made = inner()
        for name, of, required in fields(inner):
            given = value.get(name)
            if given is not None or name in value and not strict:
                setattr(made, name, None if given is None else from_json(of, given, style))
            elif strict:
                fit(not required, None, f"{inner.__name__}.{name}")
                setattr(made, name, None)
        if strict and is_union(inner):
            fit(len(value) == 1, value, inner.__name__)
        return made
    if ttype in (TType.LIST, TType.SET):
        fit(isinstance(value, list), value, "list")
        fit(not strict or ttype == TType.LIST or all(value.count(one) == 1 for one in value), value, "set")
        return [from_json(parts(inner), one, style) for one in value]
    if ttype == TType.MAP:
        fit(isinstance(value, dict), value, "map")
        key, of = map(parts, inner)
        return {from_key(key, name): from_json(of, one, style) for name, one in value.items()}
    return scalar(ttype, inner, value, style)


def scalar(ttype, inner, value, style):
    if ttype == TType.I32 and inner is not None:
        if isinstance(value, str):
            number = inner._NAMES_TO_VALUES.get(value)
            fit(number is not None and (style is None or first_name(inner, number) == value), value, inner.__name__)
            return number
        fit(style is None or value not in inner._VALUES_TO_NAMES, value, inner.__name__)
        return value
    if ttype in BITS:
        return integer(ttype, value, style)
    if ttype == TType.DOUBLE:
        fit(isinstance(value, (int, float)) and not isinstance(value, bool), value, "double")
        return float(value)
    if ttype == TType.BOOL:
        fit(isinstance(value, bool), value, "bool")
        return value
    fit(isinstance(value, str), value, "string")
    if ttype == TType.BINARY:
        fit(len(value) % 4 == 0, value, "base64")
        return base64.b64decode(value)
    return value


def integer(ttype, value, style):
    kind = TType._VALUES_TO_NAMES[ttype]
    if isinstance(value, str):
        fit(ttype == TType.I64 and style in (None, "i64=string"), value, kind)
        value = int(value)
    else:
        fit(isinstance(value, int) and not isinstance(value, bool), value, kind)
        fit(ttype != TType.I64 or style != "i64=string", value, kind)
    bound = 1 << BITS[ttype] - 1
    fit(-bound <= value < bound, value, kind)
    return value


def first_name(enum, number):
    """The name that is declared first of a number, or the number, if it has none. thriftpy2 itself prefers the last."""
    return next((name for name, value in enum._NAMES_TO_VALUES.items() if value == number), number)


def from_key(ty, name):
    ttype, inner = ty
    return int(name) if ttype in BITS and inner is None else from_json(ty, name)


def to_json(ty, value):
    """JSON of a value of thriftpy2, without fields that are unset."""
    ttype, inner = ty
    if ttype == TType.STRUCT:
        found = {name: (of, getattr(value, name, None)) for name, of, _ in fields(inner)}
        return {name: to_json(of, one) for name, (of, one) in found.items() if one is not None}
    if ttype in (TType.LIST, TType.SET):
        return [to_json(parts(inner), one) for one in value]
    if ttype == TType.MAP:
        key, of = map(parts, inner)
        return {str(to_json(key, name)): to_json(of, one) for name, one in value.items()}
    if ttype == TType.I32 and inner is not None:
        return first_name(inner, value)
    if ttype == TType.BINARY:
        return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()
    if ttype == TType.STRING:
        fit(isinstance(value, str), value, "string")
    return value


def is_union(payload):
    return getattr(payload, "__thrift_kind__", "") == "union"


class Idl:
    """An IDL file, and which of its names are unions, which thriftpy2 does not keep."""

    def __init__(self, path, name):
        with PARSER:
            self.module = thriftpy2.load(str(path), module_name=name)
        words = path.read_text().split()
        for word, name in zip(words, words[1:]):
            if word == "union":
                getattr(self.module, name).__thrift_kind__ = "union"

    def service(self, method, name=None):
        """The first service that has the method, of that name where one is given."""
        services = [one for one in self.module.__thrift_meta__["services"] if name in (None, one.__name__)]
        return next((service for service in services if method in service.thrift_services), None)

    def payload(self, method, part):
        """The class of the arguments (`args`) or of the result (`result`) of a method."""
        return getattr(self.service(method), f"{method}_{part}")

    def read_result(self, method, value, style):
        """A result in JSON as a reader with the types of this IDL gets it."""
        payload = self.payload(method, "result")
        return to_json((TType.STRUCT, payload), from_json((TType.STRUCT, payload), value, style))


    def classes(self, package, method, part):
        """The names that Java may give the arguments or the result of a method: of each service that may declare it."""
        modules = [self.module, *self.module.__thrift_meta__["includes"]]
        services = [service.__name__ for module in modules for service in module.__thrift_meta__["services"]]
        return ",".join(f"{package}.{service}${method}_{part}" for service in services)

    def write(self, method, part, value):
        """The bytes of arguments or of a result in the binary protocol."""
        buffer = TMemoryBuffer()
        payload = self.payload(method, part)
        TBinaryProtocol(buffer).write_struct(from_json((TType.STRUCT, payload), value))
        return buffer.getvalue()

    def read(self, method, part, data):
        """JSON of such bytes."""
        payload = self.payload(method, part)
        struct = payload()
        TBinaryProtocol(TMemoryBuffer(data)).read_struct(struct)
        return to_json((TType.STRUCT, payload), struct)


class Native:
    """A client, over a framed connection to an address or over HTTP to a URL."""

    def __init__(self, idl, where):
        self.idl = idl
        if where.startswith("http://"):
            self.transport = THttpClient(f"{where}/")
        else:
            host, port = where.rsplit(":", 1)
            plain = TSocket(host, int(port), socket_timeout=CALL_MILLISECONDS, connect_timeout=CALL_MILLISECONDS)
            self.transport = TFramedTransport(plain)
            self.transport.open()

    def call(self, call):
        """Makes a call, and gives its result as JSON. Afterwards the connection is as the library leaves it."""
        method = call["method"]
        service, result = self.idl.service(method), self.idl.payload(method, "result")
        arguments = from_json((TType.STRUCT, self.idl.payload(method, "args")), call["arguments"])
        client = TClient(service, TBinaryProtocol(self.transport))
        members = {name: of for name, of, _ in fields(result)}
        try:
            success = getattr(client, method)(**{key: one for key, one in vars(arguments).items() if one is not None})
        except (TApplicationException, OSError) as error:
            raise Unfit(repr(error)) from error
        except TException as error:
            thrown = {name: of for name, of in members.items() if name != "success" and isinstance(error, of[1])}
            if not thrown:
                raise Unfit(repr(error)) from error
            return {name: to_json(of, error) for name, of in thrown.items()}
        except Exception as error:
            raise Unfit(repr(error)) from error
        return {} if success is None else {"success": to_json(members["success"], success)}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.transport.close()


class Server:
    """A server of the services of an IDL, framed and binary, which answers what it is told."""

    def __init__(self, idl):
        self.idl = idl
        self.answer = self.service = None
        self.received = queue.Queue()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    @contextmanager
    def answering(self, answer, service=None):
        """Answers so, `None` being an internal error, as that service alone where one is given; what is given back
        tells the arguments that came, `None` if none did."""
        self.answer, self.service, self.received = answer, service, queue.Queue()

        def received():
            try:
                return self.received.get(timeout=RECEIVED_SECONDS)
            except queue.Empty:
                return None

        yield received

    def _accept(self):
        try:
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        except OSError:
            pass

    def _serve(self, connection):
        transport = TFramedTransport(TSocket(sock=connection))
        protocol = TBinaryProtocol(transport)
        try:
            while True:
                self._one(protocol)
        except (TException, OSError):
            transport.close()

    def _one(self, protocol):
        method, _, number = protocol.read_message_begin()
        if self.idl.service(method, self.service) is None:
            protocol.skip(TType.STRUCT)
            self._fail(protocol, method, number, TApplicationException.UNKNOWN_METHOD)
            return
        arguments, result = (self.idl.payload(method, part) for part in ("args", "result"))
        got = arguments()
        protocol.read_struct(got)
        try:
            self.received.put(to_json((TType.STRUCT, arguments), got))
        except Unfit as error:
            self.received.put(str(error))
        if result.oneway:
            return
        if self.answer is None:
            self._fail(protocol, method, number, TApplicationException.INTERNAL_ERROR)
            return
        protocol.write_message_begin(method, TMessageType.REPLY, number)
        protocol.write_struct(from_json((TType.STRUCT, result), self.answer))
        protocol.trans.flush()

    def _fail(self, protocol, method, number, kind):
        protocol.write_message_begin(method, TMessageType.EXCEPTION, number)
        protocol.write_struct(TApplicationException(kind, "it failed"))
        protocol.trans.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()
