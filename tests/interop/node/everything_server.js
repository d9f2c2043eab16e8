// Everything, on npm's thrift.
'use strict';

const Int64 = require('node-int64');
const Everything = require('Everything');
const { ANSWER, Denied, NotFound, Point } = require('everything_types');
const { Fault, Severity, VERSION } = require('shared_types');
const { serve } = require('./serving');

let events = [];

function failure(kind) {
  switch (kind) {
    case 'fault':
      return new Fault({ severity: Severity.FATAL, message: 'broken', at: new Int64(1700000000000) });
    case 'notFound':
      return new NotFound({ name: 'it' });
    case 'denied':
      return new Denied({ reason: 'no', where: [new Point({ x: 1, y: -1 })] });
    case 'undeclared':
      return new Error('not in the throws list');
    default:
      return null;
  }
}

const handler = {
  ping: (result) => result(null),
  version: (result) => result(null, VERSION),
  join: (separator, text, times, result) => result(null, Array(times).fill(text).join(separator)),
  answer: (result) => result(null, ANSWER),
  emptyList: (result) => result(null, []),
  emptySet: (result) => result(null, []),
  emptyMap: (result) => result(null, {}),
  fail: (kind, result) => result(failure(kind), kind),
  failVoid: (kind, result) => result(failure(kind)),
  slow: (milliseconds, result) => setTimeout(() => result(null, milliseconds), milliseconds),
  notify: (event) => {
    events.push(event);
  },
  notified: (result) => result(null, events),
  reset: (result) => {
    events = [];
    result(null);
  },
};
for (const method of Object.getOwnPropertyNames(Everything.Client.prototype).concat('echoTimestamp')) {
  if (method.startsWith('echo')) {
    handler[method] = (value, result) => result(null, value);
  }
}

serve(Everything, handler, 'binary', 'framed');
