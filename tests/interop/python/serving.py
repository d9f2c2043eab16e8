"""How every Python peer listens: on loopback, telling its port, until its standard input closes."""

import argparse
import os
import sys
import threading

from thrift.protocol import TBinaryProtocol, TCompactProtocol, TJSONProtocol
from thrift.server import THttpServer, TServer
from thrift.transport import TSocket, TTransport

PROTOCOLS = {
    "binary": TBinaryProtocol.TBinaryProtocolFactory,
    "compact": TCompactProtocol.TCompactProtocolFactory,
    "json": TJSONProtocol.TJSONProtocolFactory,
}
TRANSPORTS = {
    "framed": TTransport.TFramedTransportFactory,
    "buffered": TTransport.TBufferedTransportFactory,
}


class AnnouncingSocket(TSocket.TServerSocket):
    """A server socket that prints the port it got."""

    def listen(self):
        super().listen()
        announce(self.handle.getsockname()[1])


def announce(port):
    """Tells the driver where this process listens."""
    print(f"listening {port}", flush=True)


def end_with_stdin():
    """Ends the process when its standard input closes, so that none outlives the driver."""

    def watch():
        while sys.stdin.buffer.read(4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def arguments(protocol, transport):
    """The flags of a server, with its own defaults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--protocol", choices=PROTOCOLS, default=protocol)
    parser.add_argument("--transport", choices=[*TRANSPORTS, "http"], default=transport)
    parser.add_argument("--port", type=int, default=0)
    return parser.parse_args()


def serve(processor, protocol, transport, server=TServer.TThreadedServer):
    """Serves a processor as the flags say; returns when the server does."""
    flags = arguments(protocol, transport)
    end_with_stdin()
    protocols = PROTOCOLS[flags.protocol]()
    if flags.transport == "http":
        http = THttpServer.THttpServer(processor, ("127.0.0.1", flags.port), protocols)
        announce(http.httpd.server_address[1])
        http.serve()
        return
    socket = AnnouncingSocket(host="127.0.0.1", port=flags.port)
    server(processor, socket, TRANSPORTS[flags.transport](), protocols).serve()
