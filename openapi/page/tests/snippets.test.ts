// The programs are run, each by its own tools, against a server that answers what it is sent.

import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { languages } from "../src/snippets";
import { thrift } from "../src/snippets/thrift";
import { compact } from "../src/json/print";
import type { KeyHeader, Subject } from "../src/snippets/snippet";
import { catalogue, entry, json } from "./model";

const RUNNERS: Record<string, { file: string; command: string[] }> = {
  curl: { file: "call.sh", command: ["sh", "call.sh"] },
  javascript: { file: "call.mjs", command: ["node", "call.mjs"] },
  python: { file: "call.py", command: ["python3", "call.py"] },
  java: { file: "Call.java", command: ["java", "Call.java"] },
  go: { file: "call.go", command: ["go", "run", "call.go"] },
};

const TIMEOUT_MILLISECONDS = 60_000;

/** What each language has to bring over: digits, signs of its own strings, and letters of the world. */
const BODIES = [
  "{}",
  '{"id": 9007199254740993, "text": "it\'s"}',
  '{"a": -0.0, "b": 1e-7, "c": true, "d": null, "e": [], "f": "NaN"}',
  `{"text": "\\"'\`$HOME \${x} #{y} %s \\\\ \\n\\t\\u0001 \\u2028 \\"\\"\\" \\\\u0041 ä 漢 😀", "ключ": [[1, 2], {"x-y": "*/"}]}`,
  `{"long": "${"x".repeat(100)}", "quotes": "'''", "list": [${Array.from({ length: 40 }, (_, index) => index).join(", ")}]}`,
];

const KEY: KeyHeader = { name: "Authorization", prefix: "Bearer ", variable: "API_TOKEN" };

let server: Server;
let folder = "";
let origin = "";
/** What the server was sent last. */
let received: { headers: Record<string, unknown>; body: string } = { headers: {}, body: "" };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "snippets-"));
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => (body += part));
    request.on("end", () => {
      received = { headers: request.headers, body };
      // A refusal has a reply as well, which the programs print.
      response.writeHead(request.url === "/refused" ? 400 : 200, { "Content-Type": "application/json" });
      response.end(`{"echo": ${body}}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function subject(text: string, path = "/v1/Users/getUser"): Subject {
  return {
    catalogue,
    entry: entry("getUser"),
    url: origin + path,
    headers: [["X-Mock", 'it\'s "err"']],
    key: KEY,
    arguments: json(text),
  };
}

async function run(id: string, program: string): Promise<string> {
  const { file, command } = RUNNERS[id] ?? { file: "", command: [] };
  writeFileSync(join(folder, file), program);
  const [name = "", ...words] = command;
  const env = { ...process.env, API_TOKEN: "t0k3n", GOCACHE: join(tmpdir(), "snippets-go-cache"), HOME: folder };
  const { stdout } = await promisify(execFile)(name, words, { cwd: folder, env, timeout: TIMEOUT_MILLISECONDS });
  return stdout;
}

/** The value with every integer as it is written, and doubles by their values. */
function meaning(text: string): string {
  return compact(json(text)).replace(/-?[0-9.]+[eE][+-]?[0-9]+/g, (number) => String(Number(number)));
}

describe.each(languages.filter(({ id }) => id !== "thrift"))("$name", (language) => {
  const tool = RUNNERS[language.id]?.command[0] ?? "";
  const isHere = spawnSync(tool === "sh" ? "curl" : tool, [tool === "go" ? "version" : "--version"]).status === 0;

  test.skipIf(!isHere).each(BODIES)(
    "sends %s",
    async (body) => {
      const printed = await run(language.id, language.write(subject(body)));
      expect(meaning(received.body)).toBe(meaning(body));
      expect(meaning(printed)).toBe(`{"echo": ${meaning(body)}}`);
      expect(received.headers).toMatchObject({
        "content-type": "application/json",
        authorization: "Bearer t0k3n",
        "x-mock": 'it\'s "err"',
      });
    },
    TIMEOUT_MILLISECONDS,
  );

  test.skipIf(!isHere)(
    "prints a refusal",
    async () => {
      expect(await run(language.id, language.write(subject('{"id": 1}', "/refused")))).toContain('"echo"');
    },
    TIMEOUT_MILLISECONDS,
  );
});

test("the stock client writes every kind of value", () => {
  const { method } = entry("echo");
  const text = compact(json(JSON.stringify(method.example)));
  const program = thrift.write({ ...subject(text), entry: entry("echo") });
  for (const line of [
    'output.writeMessageBegin("echo", MessageType.CALL, 1);',
    "output.writeI64(thrift.fromBigInt(9007199254740993n));",
    "output.writeMapBegin(Type.STRUCT, Type.STRING, 1);",
    'output.writeFieldBegin("byPoint", Type.MAP, 16);',
    '"Color": { "0": "RED", "1": "GREEN", "5": "BLUE", "-3": "INFRARED" },',
    // The reply has a list of lists, which its TJSON misreads.
    "const Protocol = thrift.TBinaryProtocol;",
  ]) {
    expect(program).toContain(line);
  }
});

test("the stock client writes defaults as generated code does", () => {
  const program = thrift.write({ ...subject('{"user": {"id": 1, "email": "a"}}'), entry: entry("saveUser") });
  expect(program).toContain("output.writeI32(5); // BLUE");
  expect(program).toContain('output.writeFieldBegin("force", Type.BOOL, 2);\noutput.writeBool(false);');
  expect(program).toContain("const Protocol = thrift.TJSONProtocol;");
});

test("no secret is in a program", () => {
  for (const language of languages) expect(language.write(subject("{}"))).not.toContain("t0k3n");
});
