// Runs the checks in a page: `runCells({label: url}, protocol)` gives the lines that the other clients print. The cell
// `callbacks` is for calls that fail.
'use strict';

const thrift = require('thrift');
const Everything = require('Everything');
const { runChecks } = require('../node/checks');
const { runCallbacks } = require('./callbacks');

const protocols = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
};

/** A client for a URL; errors of its connection go to `failed`. */
function connect(where, name, failed) {
  const url = new URL(where);
  const connection = thrift.createXHRConnection(url.hostname, url.port, {
    transport: thrift.TBufferedTransport,
    protocol: protocols[name],
    path: url.pathname,
    headers: { 'Content-Type': `application/vnd.apache.thrift.${name}; charset=utf-8` },
  });
  connection.on('error', failed);
  return thrift.createXHRClient(Everything, connection);
}

window.runCells = async (urls, protocol) => {
  const lines = [];
  for (const [label, url] of Object.entries(urls)) {
    lines.push(`cell ${label}`);
    const run = label === 'callbacks' ? runCallbacks : runChecks;
    await run((failed) => connect(url, protocol, failed), (line) => lines.push(line));
  }
  return lines;
};
