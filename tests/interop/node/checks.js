// The checks of one cell, for Node and browsers alike.
'use strict';

const thrift = require('thrift');
const { Denied, NotFound, Point } = require('everything_types');
const { Fault, Severity } = require('shared_types');
const Int64 = require('node-int64');
const { ECHOES, SETS, text } = require('./values');

const CALL_MILLISECONDS = 15000;
const UNKNOWN_METHOD = 1;

/** The fields of the declared exceptions; an error of JavaScript has others beside them. */
const FIELDS = new Map([
  [NotFound, ['name']],
  [Denied, ['reason', 'where', 'code']],
  [Fault, ['severity', 'message', 'at']],
]);

function fields(error) {
  const names = FIELDS.get(error.constructor);
  return names && error instanceof Error ? Object.fromEntries(names.map((name) => [name, error[name]])) : error;
}

/** The cell under way. After an error the client is made anew, since the connection may be broken. */
class Cell {
  /** `connect` makes a client and tells errors of its connection; `print` takes `ok NAME` or `FAIL NAME DETAIL`. */
  constructor(connect, print) {
    this.print = print;
    this.connect = () => {
      this.client = connect((error) => this.broken(error));
    };
    this.connect();
  }

  /** What a call answers, or the error that it gives, which a call without an answer is as well. */
  async outcome(call) {
    let timer;
    const ended = new Promise((_, reject) => {
      this.broken = reject;
      timer = setTimeout(() => reject(new Error('never answered')), CALL_MILLISECONDS);
    });
    ended.catch(() => {});
    try {
      return await Promise.race([call(this.client), ended]);
    } catch (error) {
      this.connect();
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      clearTimeout(timer);
    }
  }

  report(name, actual, expected) {
    if (text(actual) === text(expected)) {
      this.print(`ok ${name}`);
    } else {
      const shown = actual instanceof Error ? `${actual.constructor.name}: ${actual.message}` : text(actual);
      this.print(`FAIL ${name} ${shown.slice(0, 200)} is not ${text(expected).slice(0, 200)}`);
    }
  }

  async check(name, call, expected) {
    this.report(name, await this.outcome(call), expected);
  }

  async raises(name, call, expected) {
    this.report(name, fields(await this.outcome(call)), fields(expected));
  }

  async undeclared(name, call) {
    const error = await this.outcome(call);
    const expected = 'application exception';
    this.report(name, error instanceof thrift.Thrift.TApplicationException ? expected : error, expected);
  }
}

async function results(cell) {
  await cell.check('ping', (client) => client.ping(), undefined);
  await cell.check('version', (client) => client.version(), '1.0');
  await cell.check('join', (client) => client.join('+', 'ab', 3), 'ab+ab+ab');
  await cell.check('answer', (client) => client.answer(), 42);
  await cell.check('emptyList', (client) => client.emptyList(), []);
  await cell.check('emptySet', (client) => client.emptySet(), []);
  await cell.check('emptyMap', (client) => client.emptyMap(), {});
  await cell.check('slow', (client) => client.slow(20), 20);
}

async function echoes(cell) {
  for (const [kind, values] of Object.entries(ECHOES)) {
    for (const [position, value] of values.entries()) {
      let actual = await cell.outcome((client) => client[`echo${kind}`](value));
      let expected = value;
      if (SETS.has(kind) && Array.isArray(actual)) {
        actual = actual.map(text).sort();
        expected = value.map(text).sort();
      }
      cell.report(`echo${kind}.${position}`, actual, expected);
    }
  }
}

async function exceptions(cell) {
  const denied = new Denied({ reason: 'no', where: [new Point({ x: 1, y: -1 })], code: 13 });
  const fault = new Fault({ severity: Severity.FATAL, message: 'broken', at: new Int64(1700000000000) });
  await cell.check('fail.none', (client) => client.fail('none'), 'none');
  await cell.check('failVoid.none', (client) => client.failVoid('none'), undefined);
  for (const method of ['fail', 'failVoid']) {
    await cell.raises(`${method}.notFound`, (client) => client[method]('notFound'), new NotFound({ name: 'it' }));
    await cell.raises(`${method}.denied`, (client) => client[method]('denied'), denied);
    await cell.undeclared(`${method}.undeclared`, (client) => client[method]('undeclared'));
  }
  await cell.raises('fail.fault', (client) => client.fail('fault'), fault);
  const error = await cell.outcome(callUnknown);
  const told = error instanceof thrift.Thrift.TApplicationException;
  cell.report('unknownMethod', told ? error.type : error, UNKNOWN_METHOD);
  await cell.check('afterUnknownMethod', (client) => client.answer(), 42);
}

/** Calls a method that the IDL does not have, by way of one that it has. */
function callUnknown(client) {
  client.recv_noSuchMethod = client.recv_answer;
  client.send_noSuchMethod = function () {
    const output = new this.pClass(this.output);
    output.writeMessageBegin('noSuchMethod', thrift.Thrift.MessageType.CALL, this.seqid());
    output.writeStructBegin('noSuchMethod_args');
    output.writeFieldStop();
    output.writeStructEnd();
    output.writeMessageEnd();
    return this.output.flush();
  };
  return new Promise((resolve, reject) => {
    client._seqid = client.new_seqid();
    client._reqs[client.seqid()] = (error, result) => (error ? reject(error) : resolve(result));
    client.send_noSuchMethod();
  });
}

async function oneway(cell) {
  await cell.check('reset', (client) => client.reset(), undefined);
  await cell.check('notify.first', (client) => client.notify('one'), undefined);
  await cell.check('notify.second', (client) => client.notify('two'), undefined);
  let events = [];
  for (let attempt = 0; attempt < 100 && events.length < 2; attempt += 1) {
    events = await cell.outcome((client) => client.notified());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  cell.report('notified', Array.isArray(events) ? events.sort() : events, ['one', 'two']);
  await cell.check('reset.again', (client) => client.reset(), undefined);
  await cell.check('notified.none', (client) => client.notified(), []);
}

/** Runs every check over the clients that `connect` makes. */
async function runChecks(connect, print) {
  const cell = new Cell(connect, print);
  await results(cell);
  await echoes(cell);
  await exceptions(cell);
  await oneway(cell);
}

module.exports = { callUnknown, runChecks };
