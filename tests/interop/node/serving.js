// How every Node peer listens: on loopback, telling its port, until its standard input closes.
'use strict';

const thrift = require('thrift');

const protocols = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
};
const transports = {
  framed: thrift.TFramedTransport,
  buffered: thrift.TBufferedTransport,
};

/** The flags `--name value` of the command line; what stands alone is under `cells`. */
function flags() {
  const found = { cells: [] };
  const words = process.argv.slice(2);
  while (words.length > 0) {
    const word = words.shift();
    if (word.startsWith('--')) {
      found[word.slice(2)] = words.shift();
    } else {
      found.cells.push(word);
    }
  }
  return found;
}

/** Serves a service as the flags say; protocol and transport are the server's own defaults. */
function serve(service, handler, protocol, transport) {
  const given = flags();
  const chosen = protocols[given.protocol || protocol];
  const layer = given.transport || transport;
  const server =
    layer === 'http'
      ? thrift.createWebServer({
          services: {
            '/': { processor: service, handler, protocol: chosen, transport: transports.buffered },
          },
        })
      : thrift.createServer(service, handler, { protocol: chosen, transport: transports[layer] });
  server.on('error', (error) => console.error(error));
  server.listen(Number(given.port || 0), '127.0.0.1', () => {
    console.log(`listening ${server.address().port}`);
  });
  process.stdin.on('end', () => process.exit(0));
  process.stdin.resume();
}

module.exports = { flags, protocols, serve, transports };
