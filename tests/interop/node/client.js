// Calls every method of Everything, as a user of npm's thrift does, and compares the values.
//
//   client.js --protocol P LABEL=URL...
//
// A URL is http://…, framed://HOST:PORT or buffered://HOST:PORT. Prints `cell LABEL`, then `ok NAME` or
// `FAIL NAME DETAIL` for each check.
'use strict';

const thrift = require('thrift');
const Everything = require('Everything');
const { runChecks } = require('./checks');
const { flags, protocols, transports } = require('./serving');

/** A client for a URL; errors of its connection go to `failed`. */
function connect(where, protocol, failed) {
  const url = new URL(where);
  const kind = url.protocol.slice(0, -1);
  const options = { protocol, transport: transports[kind] || transports.buffered, path: url.pathname };
  const http = kind === 'http';
  const open = http ? thrift.createHttpConnection : thrift.createConnection;
  const connection = open(url.hostname, Number(url.port), options);
  connection.on('error', failed);
  return (http ? thrift.createHttpClient : thrift.createClient)(Everything, connection);
}

async function main() {
  const given = flags();
  for (const word of given.cells) {
    const split = word.indexOf('=');
    console.log(`cell ${word.slice(0, split)}`);
    const protocol = protocols[given.protocol || 'binary'];
    await runChecks((failed) => connect(word.slice(split + 1), protocol, failed), console.log);
  }
  process.exit(0);
}

main();
