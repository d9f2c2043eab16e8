// The values that the checks send, as npm's thrift represents them: an i64 is an Int64, a set an array, a map an object.
'use strict';

const Int64 = require('node-int64');
const { AllTypes, Chain, Choice, Color, Point, Presence, Scalars, Tree } = require('everything_types');

/** An Int64 of any i64, given as a bigint. */
function long(value) {
  const bits = BigInt.asUintN(64, BigInt(value));
  return new Int64(Number(bits >> 32n), Number(bits & 0xffffffffn));
}

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;
const point = (x, y) => new Point({ x, y });

const scalars = new Scalars({
  aBool: true,
  anI8: -128,
  anI16: -32768,
  anI32: -2147483648,
  anI64: long(MIN),
  aDouble: -0.5,
  aString: 'é',
  aBinary: Buffer.from([0, 255]),
  aColor: Color.BLUE,
});
const told = new Presence({
  needed: 5,
  neededDefault: 'x',
  plain: 6,
  plainDefault: 7,
  maybe: 8,
  maybeDefault: 9,
  plainList: [],
  plainColor: Color.RED,
  plainPoint: point(9, 9),
  plainDouble: 1.5,
  plainBool: false,
});
const tree = new Tree({
  label: 'root',
  children: [new Tree({ label: 'leaf' }), new Tree({ label: 'twig', children: [] })],
});
const everything = new AllTypes({
  scalars,
  presence: new Presence({ needed: 1, neededDefault: 'n', plain: 0, maybe: 2 }),
  choice: new Choice({ point: point(1, 2) }),
  tree,
  bools: [true, false],
  longs: [long(MAX), long(MIN)],
  blobs: [Buffer.alloc(0), Buffer.from([0xfe])],
  numbers: [1],
  colors: [Color.INFRARED],
  strings: { k: 'v', '': '' },
  points: { '-5': point(0, 0) },
  colorNames: { [Color.VIOLET]: 'violet' },
  matrix: [[], [0.1, 1e300]],
  deep: {
    a: { '-1': [new Choice({ flag: true }), new Choice({ numbers: [1, 2] })], 7: [] },
    '': {},
  },
  paths: { p: [1, -2] },
  far: -1,
  last: 'end',
});

const ECHOES = {
  Bool: [true, false],
  I8: [-128, 127, 0],
  I16: [-32768, 32767],
  I32: [-2147483648, 2147483647],
  I64: [long(MIN), long(MAX), long(2n ** 53n + 1n), long(-5), long(0)],
  Double: [0.1, -0, Number.MAX_VALUE, Number.MIN_VALUE, Infinity, -Infinity, NaN, 1e22],
  String: ['', 'plain', 'Zürich 東京 🦀', 'quote " \\ / \n\t\x01\x7f', 'x'.repeat(70000)],
  Binary: [Buffer.alloc(0), Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), Buffer.from([255])],
  Color: [Color.RED, Color.VIOLET, Color.INFRARED, 77],
  Length: [-16],
  Timestamp: [long(1700000000000)],
  Point: [point(3, -4)],
  Scalars: [new Scalars(), scalars, new Scalars({ aBool: false, aString: '', aBinary: Buffer.alloc(0) })],
  Presence: [new Presence({ needed: 0, neededDefault: 'needed', plain: 3 }), told],
  Choice: [
    new Choice({ flag: false }),
    new Choice({ number: long(-1) }),
    new Choice({ text: 't' }),
    new Choice({ bytes: Buffer.from('b') }),
    new Choice({ point: point(0, 1) }),
    new Choice({ numbers: [] }),
    new Choice({ color: Color.GREEN }),
  ],
  Tree: [tree],
  Chain: [new Chain({ number: long(1), rest: new Chain({ number: long(2), rest: new Chain({ number: long(3) }) }) })],
  Everything: [new AllTypes(), everything],
  BoolList: [[true, false, true], []],
  I8List: [[-128, 0, 127]],
  I64List: [[long(2n ** 62n), long(-1)], Array.from({ length: 40 }, (_, value) => long(value))],
  DoubleList: [[0.5, -1e-7, 1.0]],
  StringList: [['a', '', 'ü']],
  BinaryList: [[Buffer.alloc(0), Buffer.from([0x80])]],
  ChoiceList: [[new Choice({ text: 'x' }), new Choice({ number: long(2n ** 40n) })]],
  NestedList: [[[], [[1], [2, 3]], [[]]]],
  MixedList: [[{ s: [1] }, {}, { '': [] }]],
  Path: [[1, 2, 3]],
  I64Set: [[long(2n ** 53n + 1n), long(-1)], []],
  StringSet: [['b', 'a']],
  ColorSet: [[Color.BLUE, Color.GREEN]],
  StringMap: [{ a: 1, '': -1 }, {}],
  BoolMap: [{ true: 't', false: 'f' }],
  I8Map: [{ '-1': 300, 1: -300 }],
  I64Map: [{ '9007199254740993': long(MIN), 16: long(10) }],
  DoubleMap: [{ '0.1': 'tenth', '-2.5': '' }],
  BinaryMap: [{ [Buffer.from([255, 0])]: Buffer.alloc(0), k: Buffer.from([0x80]) }],
  ColorMap: [{ [Color.INFRARED]: point(1, 1) }],
  NestedMap: [{ x: { 1: [point(1, 2)], 2: [] } }],
};

/** The methods whose value is a set, in no order. */
const SETS = new Set(['I64Set', 'StringSet', 'ColorSet']);

/** A value as text that is equal for equal values: an i64 in hexadecimal, bytes in base64, -0 apart from 0. */
function text(value) {
  if (Buffer.isBuffer(value)) {
    return `bytes ${value.toString('base64')}`;
  }
  if (value instanceof Int64 || (value && value.buffer && value.offset !== undefined)) {
    return `long ${value.toOctetString()}`;
  }
  if (Object.is(value, -0)) {
    return '-0';
  }
  if (Array.isArray(value)) {
    return `[${value.map(text).join(', ')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const entries = Object.keys(value).sort().map((key) => `${key}: ${text(value[key])}`);
    return `{${entries.filter((entry) => !entry.endsWith(': null')).join(', ')}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

module.exports = { ECHOES, SETS, text };
