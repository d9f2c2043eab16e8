// Calls the demo by the types that openapi-typescript makes of its document. Each check prints a line; the types have to
// refuse what is marked, or the compiler does not take this file.

import assert from "node:assert/strict";

import type { components, paths } from "./demo.js";

type Path = keyof paths;
type Arguments<P extends Path> = paths[P]["post"]["requestBody"]["content"]["application/json"];
type Responses<P extends Path> = paths[P]["post"]["responses"];

/** A reply is told by its status. */
type Reply<P extends Path> = {
  [S in keyof Responses<P>]: Responses<P>[S] extends { content: { "application/json": infer Body } }
    ? { status: S; body: Body }
    : never;
}[keyof Responses<P>];

const origin = process.argv[2];

async function call<P extends Path>(path: P, body: Arguments<P>): Promise<Reply<P>> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${origin}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() } as Reply<P>;
}

async function check(name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    console.log(`passed ${name}`);
  } catch (error) {
    console.log(`failed ${name}: ${String(error).replaceAll("\n", " ")}`);
  }
}

/** What the call has to end with: the compiler then knows which reply it is. */
function is<R extends { status: number }, S extends R["status"]>(reply: R, status: S): asserts reply is Extract<R, { status: S }> {
  assert.equal(reply.status, status, JSON.stringify(reply));
}

await check("login", async () => {
  const reply = await call("/AuthenticationService/login", { email: "ada@example.com", password: "lovelace" });
  is(reply, 200);
  assert("success" in reply.body.result);
  const { user, token } = reply.body.result.success;
  const id: number = user.id;
  assert.equal(id, 1815);
  assert.deepEqual(user.roles, ["analyst", "admin"]);
  assert.match(token, /demo/);
});

await check("declared exception", async () => {
  const reply = await call("/AuthenticationService/login", { email: "ada@example.com", password: "byron" });
  is(reply, 200);
  assert("err" in reply.body.result);
  assert.equal(reply.body.result.err.errorCode, 401);
});

await check("phonebook", async () => {
  const name = "Grace Hopper";
  const made = await call("/ContactSvc/ContactSvc/create", { name, phone: "+1 202 555 0143" });
  is(made, 200);
  const contact: components["schemas"]["Contact-Output"] = made.body.result.success;
  const read = await call("/ContactSvc/ContactSvc/read", { id: contact.id });
  is(read, 200);
  assert.deepEqual(read.body.result.success, contact);
  assert.deepEqual({ name: contact.name, email: contact.email }, { name, email: undefined });
  const all = await call("/ContactSvc/ContactSvc/fetch", {});
  is(all, 200);
  assert(all.body.result.success.some((other) => other.id === contact.id));
});

await check("declared exception with a status", async () => {
  const reply = await call("/ContactSvc/ContactSvc/read", { id: "nobody" });
  is(reply, 404);
  assert("result" in reply.body);
  assert.match(reply.body.result.notFound.message, /nobody/);
});

await check("error", async () => {
  // @ts-expect-error A password is a string.
  const reply = await call("/AuthenticationService/login", { email: "ada@example.com", password: 1815 });
  is(reply, 400);
  assert.equal(reply.body.exception.code, "INVALID_ARGUMENT");
  assert.equal(reply.body.exception.path, "arguments.password");
});

await check("unknown argument", async () => {
  // @ts-expect-error There is no such argument.
  const reply = await call("/ContactSvc/ContactSvc/read", { ident: "1" });
  is(reply, 400);
  // @ts-expect-error There is no such code.
  assert(reply.body.exception.code !== "NO_SUCH_CODE");
});

await check("missing field", async () => {
  // @ts-expect-error A contact has a phone.
  const reply = await call("/ContactSvc/ContactSvc/update", { contact: { id: "1", name: "Ada", created: "" } });
  is(reply, 400);
  assert.equal(reply.body.exception.path, "arguments.contact.phone");
});
