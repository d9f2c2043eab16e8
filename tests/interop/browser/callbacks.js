// Calls that fail: the library must call back, with what the gateway says.
'use strict';

const { Thrift } = require('thrift');
const { Choice } = require('everything_types');
const { callUnknown } = require('../node/checks');

const CALLBACK_MILLISECONDS = 10000;
// Beyond the deadline of the gateway's backend.
const SLOW_MILLISECONDS = 2000;
const { UNKNOWN_METHOD, INTERNAL_ERROR, PROTOCOL_ERROR } = Thrift.TApplicationExceptionType;

const CHECKS = {
  unknownMethod: [callUnknown, UNKNOWN_METHOD],
  // A union of nothing, which the library sends as it is.
  refusedArgument: [(client) => client.echoChoice(new Choice()), PROTOCOL_ERROR],
  deadline: [(client) => client.slow(SLOW_MILLISECONDS), INTERNAL_ERROR],
};

/** What is wrong with how a call ends, or nothing. */
function problem(client, call, type) {
  return new Promise((resolve) => {
    setTimeout(() => resolve('no callback'), CALLBACK_MILLISECONDS);
    const failed = (error) => {
      const told = error instanceof Thrift.TApplicationException;
      resolve(told && error.type === type ? '' : `type ${error && error.type}: ${error}`);
    };
    call(client).then((value) => resolve(`answered ${value}`), failed);
  });
}

/** Runs the checks over the clients that `connect` makes; `print` takes a line for each. */
async function runCallbacks(connect, print) {
  for (const [name, [call, type]] of Object.entries(CHECKS)) {
    const found = await problem(connect(() => {}), call, type);
    print(found ? `FAIL ${name} ${found}` : `ok ${name}`);
  }
}

module.exports = { runCallbacks };
