// The stock Thrift library of npm, without generated code: for a browser by way of a bundler, and for Node.

import { writeStruct } from "./thrift-write";
import { replyTables, type Tables } from "./thrift-types";
import { secret } from "./javascript";
import type { Language, Subject } from "./snippet";
import type { Style } from "../model/api";

export const thrift: Language = {
  id: "thrift",
  name: "Thrift (JS)",
  hint: "npm install thrift, then bundled for a browser, or: node call.mjs",
  write(subject: Subject): string {
    const { catalogue, entry, arguments: given } = subject;
    const { method, route } = entry;
    const tables = replyTables(catalogue, method);
    const arguments_ = writeStruct(catalogue, `${method.name}_args`, method.arguments, given);
    const parts = [
      opening(tables.hasNested),
      writing(method.name, method.oneway, arguments_),
      sending(subject, tables.hasNested),
    ];
    parts.push(
      method.oneway
        ? `console.log(JSON.stringify({ method: ${JSON.stringify(method.name)}, result: {} }));\n`
        : reading(tables, route.style),
    );
    return parts.join("\n");
  },
};

function opening(hasNested: boolean): string {
  // Version 0.24 of the library loses its way in TJSON where a container is in a container.
  const [name, comment] = hasNested
    ? ["TBinaryProtocol", "// TJSONProtocol of npm's thrift misreads containers in containers.\n"]
    : ["TJSONProtocol", ""];
  return `import thrift from "thrift";

const { TBufferedTransport, Thrift } = thrift;
const { MessageType, Type } = Thrift;
${comment}const Protocol = thrift.${name};
`;
}

function writing(name: string, isOneway: boolean, lines: string[]): string {
  return `let message;
const output = new Protocol(new TBufferedTransport(null, (bytes) => (message = bytes)));
output.writeMessageBegin(${JSON.stringify(name)}, MessageType.${isOneway ? "ONEWAY" : "CALL"}, 1);
${lines.join("\n")}
output.writeMessageEnd();
output.flush();
`;
}

function sending({ url, headers, key }: Subject, hasNested: boolean): string {
  const lines = [`"Content-Type": "application/vnd.apache.thrift.${hasNested ? "binary" : "json"}",`];
  if (key !== undefined) lines.push(`${JSON.stringify(key.name)}: ${secret(key.prefix, key.variable)},`);
  for (const [name, value] of headers) lines.push(`${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return `const response = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: {
    ${lines.join("\n    ")}
  },
  body: message,
});
if (!response.ok) throw new Error(\`status \${response.status}: \${await response.text()}\`);
`;
}

function reading({ result, structs, enums }: Tables, style: Style): string {
  const table = (lines: string[]) => (lines.length === 0 ? "{}" : `{\n  ${lines.join("\n  ")}\n}`);
  const integer =
    style.i64 === "string" ? "String(value)" : "Number.isSafeInteger(Number(value)) ? Number(value) : String(value)";
  const member = style.enums === "name" ? "enums[type][value] ?? value" : "value";
  return `// What the reply can hold: the fields of structs by their ids.
const result = ${result};
const structs = ${table(structs)};
const enums = ${table(enums)};

let input;
const receive = TBufferedTransport.receiver((transport) => (input = new Protocol(transport)));
receive(Buffer.from(await response.arrayBuffer()));
const { fname: method, mtype } = input.readMessageBegin();
if (mtype === MessageType.EXCEPTION) {
  const exception = new Thrift.TApplicationException();
  exception.read(input);
  console.log(JSON.stringify({ method, exception: { message: exception.message, type: exception.type } }));
} else {
  console.log(JSON.stringify({ method, result: readStruct(result) }));
}

function read(type) {
  if (Array.isArray(type)) return type[0] === "map" ? readMap(type) : readList(type);
  if (Object.hasOwn(structs, type)) return readStruct(structs[type]);
  if (Object.hasOwn(enums, type)) {
    const value = input.readI32();
    return ${member};
  }
  switch (type) {
    case "bool": return input.readBool();
    case "i8": return input.readByte();
    case "i16": return input.readI16();
    case "i32": return input.readI32();
    case "i64": {
      const value = thrift.toBigInt(input.readI64());
      return ${integer};
    }
    case "double": {
      const value = input.readDouble();
      return Number.isFinite(value) ? value : String(value);
    }
    case "binary": return input.readBinary().toString("base64");
    case "uuid": return input.readUuid();
    default: return input.readString();
  }
}

function readStruct(fields) {
  const value = {};
  input.readStructBegin();
  for (;;) {
    const { ftype, fid } = input.readFieldBegin();
    if (ftype === Type.STOP) break;
    const [name, type] = fields[fid] ?? [];
    if (name === undefined) input.skip(ftype);
    else value[name] = read(type);
    input.readFieldEnd();
  }
  input.readStructEnd();
  return value;
}

function readList([kind, element]) {
  const { size } = kind === "list" ? input.readListBegin() : input.readSetBegin();
  const items = Array.from({ length: size }, () => read(element));
  if (kind === "list") input.readListEnd();
  else input.readSetEnd();
  return items;
}

function readMap([, key, value]) {
  const { size } = input.readMapBegin();
  const pairs = Array.from({ length: size }, () => [read(key), read(value)]);
  input.readMapEnd();
  const isObject = !Array.isArray(key) && !Object.hasOwn(structs, key);
  return isObject ? Object.fromEntries(pairs) : pairs;
}
`;
}
