import { expect, test } from "vitest";
import { redactArguments } from "../src/call/redact";
import { placeAddress, readPlace, type Place } from "../src/call/share";
import { toldFaults } from "../src/call/send";
import { isReachable, keyHeader } from "../src/call/request";
import { credentialHeader } from "../src/call/credentials";
import { compact } from "../src/json/print";
import type { Route } from "../src/model/api";
import { catalogue, entry, field, json, style } from "./model";

test.each<Place>([
  { kind: "home" },
  { kind: "method", id: "/v1/Users/getUser" },
  { kind: "method", id: "/Ünder/Users/a?b~2", arguments: '{"id": 9007199254740993, "text": "ä & # + % ?"}' },
  { kind: "type", name: "accounts.auth.User" },
  { kind: "service", route: "/", name: "Users" },
  { kind: "service", route: "/vendors/v1", name: "Users" },
])("the address of %j leads back to it", (place) => {
  expect(readPlace(placeAddress(place))).toEqual(place);
});

test("what is no address is the overview", () => {
  for (const hash of ["", "#", "#content", "#/nonsense"]) expect(readPlace(hash)).toEqual({ kind: "home" });
  expect(readPlace("#/type/%E0%A4%A")).toEqual({ kind: "type", name: "%E0%A4%A" });
});

test("sensitive values are in no link", () => {
  const { method } = entry("login");
  const given = json('{"email": "a", "password": "hush", "pasword": "hush"}');
  expect(compact(redactArguments(catalogue, method.arguments, given))).toBe('{"email": "a"}');
});

test("sensitive values are taken out at any depth", () => {
  const fields = [
    field("list", { list: { ref: "LoginResult" } }),
    field("map", { map: ["string", { ref: "LoginResult" }] }),
    field("pairs", { map: [{ ref: "LoginResult" }, { ref: "LoginResult" }] }),
  ];
  const secret = '{"token": "hush", "expiresIn": 1}';
  const given = json(`{"list": [${secret}], "map": {"a": ${secret}}, "pairs": [[${secret}, ${secret}]]}`);
  const text = compact(redactArguments(catalogue, fields, given));
  expect(text).not.toContain("hush");
  expect(text.match(/expiresIn/g)).toHaveLength(4);
});

test("the gateway's faults are found by their paths", () => {
  const errors = [{ path: "arguments.a", message: "arguments.a is required: i32" }, { message: "elsewhere" }];
  expect(toldFaults(JSON.stringify({ exception: { message: "m", errors } }))).toEqual([
    { place: "arguments.a", message: "arguments.a is required: i32" },
  ]);
  expect(toldFaults('{"exception": {"message": "arguments.b is wrong", "path": "arguments.b"}}')).toHaveLength(1);
  for (const body of ["", "null", "<html>", '{"result": {}}', '{"exception": 1}']) expect(toldFaults(body)).toEqual([]);
});

test("a route of another host is out of the page's reach", () => {
  const route = (hosts: string[]): Route => ({ path: "/", hosts, style, sandbox: false, openapi: "", services: [] });
  const here = { hostname: "api.example.com" };
  expect(isReachable(route([]), here)).toBe(true);
  expect(isReachable(route(["other.org", "API.example.com"]), here)).toBe(true);
  expect(isReachable(route(["*.example.com"]), here)).toBe(true);
  expect(isReachable(route(["example.com", "*.ample.com"]), here)).toBe(false);
});

test("keys go where the gateway looks for them", () => {
  const both = { keyHeader: "X-API-Key", bearer: true, required: true };
  expect(credentialHeader({ isBearer: false, secret: "s" }, both)).toEqual({ "X-API-Key": "s" });
  expect(credentialHeader({ isBearer: true, secret: "s" }, both)).toEqual({ Authorization: "Bearer s" });
  expect(credentialHeader({ isBearer: false, secret: "s" })).toEqual({ Authorization: "Bearer s" });
  expect(credentialHeader(undefined, both)).toEqual({});
  expect(keyHeader(both, undefined)).toEqual({ name: "X-API-Key", prefix: "", variable: "API_KEY" });
  expect(keyHeader({ ...both, required: false }, undefined)).toBeUndefined();
  expect(keyHeader({ bearer: true, required: true }, undefined)?.name).toBe("Authorization");
  expect(JSON.stringify(keyHeader(both, { isBearer: false, secret: "hush" }))).not.toContain("hush");
});
