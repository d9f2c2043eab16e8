// Serves the built page as a gateway does, with the same headers, over a model of its own. It answers calls with their
// examples. `node dev/server.mjs [--many] [--locked]`, then http://127.0.0.1:8100/docs/.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { model } from "./model.mjs";

const PORT = Number(process.env.PORT ?? 8100);
const KEY = "secret";
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const KINDS = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", txt: "text/plain" };
const dist = new URL("../dist/", import.meta.url);
const api = model(process.argv.includes("--many"));
const isLocked = process.argv.includes("--locked");
const methods = new Map(
  api.routes
    .flatMap((route) => route.services.flatMap((service) => service.methods))
    .map((method) => [method.path, method]),
);

function reply(response, status, type, body, headers = {}) {
  response.writeHead(status, { "Content-Type": type, "Content-Security-Policy": CONTENT_SECURITY_POLICY, ...headers });
  response.end(body);
}

function json(response, status, value, outcome) {
  reply(response, status, "application/json", JSON.stringify(value), {
    "Thrift-Outcome": outcome,
    "X-Request-Id": "0123456789abcdef",
  });
}

async function page(response, path) {
  const name = path === "" ? "index.html" : path;
  try {
    reply(response, 200, KINDS[name.split(".").pop()] ?? "text/plain", await readFile(new URL(name, dist)));
  } catch {
    reply(response, 404, "text/plain", "not there");
  }
}

function exception(method, errors) {
  const [first] = errors;
  return {
    method,
    exception: { ...first, type: 7, code: "INVALID_ARGUMENT", errors, retryable: false, executed: "no" },
  };
}

async function call(request, response, method) {
  let text = "";
  for await (const part of request) text += part;
  if (method === undefined)
    return json(
      response,
      404,
      { method: null, exception: { message: "Unknown", type: 1, code: "UNKNOWN_METHOD" } },
      "exception",
    );
  if (text.includes("refuse me")) {
    const errors = [
      { message: "arguments.email is refused by the gateway", path: "arguments.email", expected: "string" },
    ];
    return json(response, 400, exception(method.name, errors), "exception");
  }
  const mock = request.headers["x-mock"];
  if (mock !== undefined && mock !== "success") {
    return json(
      response,
      200,
      { method: method.name, result: { [mock]: { errorCode: 401, message: "wrong" } } },
      "error",
    );
  }
  return json(response, method.oneway ? 202 : 200, { method: method.name, result: method.resultExample }, "success");
}

createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const shown = request.headers["x-api-key"] ?? request.headers.authorization?.replace("Bearer ", "");
  if (request.method === "POST") return call(request, response, methods.get(pathname));
  if (pathname === "/docs/api.json") {
    if (isLocked && shown !== KEY) return json(response, 401, {}, "exception");
    return reply(response, 200, "application/json", JSON.stringify(api));
  }
  if (pathname.startsWith("/docs/")) return page(response, pathname.slice("/docs/".length));
  return reply(response, 404, "text/plain", "not there");
}).listen(PORT, "127.0.0.1", () => console.log(`http://127.0.0.1:${PORT}/docs/`));
