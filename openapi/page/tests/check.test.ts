import { expect, test } from "vitest";
import { check, sentence } from "../src/check/check";
import { initial } from "../src/check/initial";
import { isBase64 } from "../src/check/scalar";
import type { Field, Style, TypeRef } from "../src/model/api";
import { print } from "../src/json/print";
import { catalogue, entry, field, json, style } from "./model";

function faults(fields: Field[], text: string, how: Style = style): string[] {
  return check(catalogue, how, { name: "call", arguments: fields }, json(text)).map(
    (fault) => `${fault.place} ${sentence(fault)}`,
  );
}

function faultsOf(type: TypeRef, text: string): string[] {
  return faults([field("v", type)], `{"v": ${text}}`);
}

test.each<[TypeRef, string[]]>([
  ["bool", ["true", "false"]],
  ["i8", ["-128", "127", "3.0", "3e1", "300e-1", "0e400"]],
  ["i32", ["2147483647", "-2147483648"]],
  [
    "i64",
    ["9223372036854775807", '"9223372036854775807"', '"-007"', "-9223372036854775808", "92233720368547758070e-1"],
  ],
  ["double", ["1", "-0.0", "1e308", '"NaN"', '"Infinity"', '"-Infinity"']],
  ["string", ['""', '"é"']],
  ["binary", ['""', '"AA=="', '"AA"', '"_-8"', '"+/8="']],
  ["uuid", ['"123e4567-e89b-12d3-a456-426614174000"']],
  [{ ref: "Color" }, ['"RED"', "5", "7", "-3"]],
  [{ ref: "Length" }, ["1"]],
  [{ list: "i32" }, ["[]", "[1, 1]"]],
  [{ set: "double" }, ["[]", "[1, 2]"]],
  [{ map: ["i32", "string"] }, ["{}", '{"1": "a", "-2": "b"}']],
  [{ map: [{ ref: "Color" }, "bool"] }, ['{"RED": true, "5": false}']],
  [{ map: [{ ref: "Point" }, "string"] }, ["[]", '[[{"x": 1, "y": 2}, "a"]]']],
  [{ ref: "Choice" }, ['{"flag": true}', '{"flag": null, "number": 1}']],
  [{ ref: "Everything" }, ["{}", '{"anI8": null}']],
])("values of %j are taken", (type, texts) => {
  for (const text of texts) expect(faultsOf(type, text), text).toEqual([]);
});

test.each<[TypeRef, string, string[]]>([
  ["i8", "128", ["arguments.v is outside of the range of i8"]],
  ["i32", "1.5", ["arguments.v must be a whole number for i32"]],
  ["i32", '"1"', ["arguments.v must be i32, not a string"]],
  ["i64", "9223372036854775808", ["arguments.v is outside of the range of i64"]],
  ["i64", '"1.0"', ["arguments.v is a string that is no i64"]],
  ["i64", "1e99999999999", ["arguments.v is outside of the range of i64"]],
  ["double", "1e400", ["arguments.v is outside of the range of double"]],
  ["double", '"nan"', ["arguments.v is a string that is no double"]],
  ["string", "5", ["arguments.v must be string, not a number"]],
  ["binary", '"A"', ["arguments.v is not base64"]],
  ["uuid", '"x"', ["arguments.v is not a uuid of 36 characters"]],
  [{ ref: "Color" }, '"RDE"', ["arguments.v names no member of Color; did you mean RED?"]],
  [{ ref: "Color" }, "2147483648", ["arguments.v is outside of the range of Color"]],
  [{ list: "i32" }, "[1, null]", ["arguments.v[1] must not be null: i32"]],
  [{ list: "i32" }, "{}", ["arguments.v must be list<i32>, not an object"]],
  [{ set: "double" }, "[0, 1, -0.0]", ["arguments.v[2] is equal to an element before it"]],
  [{ set: { ref: "Color" } }, '["BLUE", 5]', ["arguments.v[1] is equal to an element before it"]],
  [{ map: ["string", "i32"] }, '{"a": 1, "b": "x"}', ['arguments.v["b"] must be i32, not a string']],
  [{ map: ["i32", "i32"] }, '{"1": 1, "01": 2}', ['arguments.v["01"] is equal to a key before it']],
  [{ map: ["i32", "i32"] }, '{"x": 1}', ['arguments.v["x"] is a string that is no i32']],
  [
    { map: [{ ref: "Point" }, "i32"] },
    "[[1]]",
    [
      "arguments.v[0][0] must be Point, not a number",
      "arguments.v[0] must be an array of a key and a value: map<Point, i32>",
    ],
  ],
  [
    { map: ["i32", "i32"] },
    '{"x": 1, "x": 2}',
    ['arguments.v["x"] is a string that is no i32', 'arguments.v["x"] is a string that is no i32'],
  ],
  [
    { ref: "Point" },
    '{"x": 1, "z": 2}',
    ["arguments.v.z is not known here; did you mean x?", "arguments.v.y is required: i32"],
  ],
  [
    { ref: "Point" },
    '{"x": 1, "x": 2, "y": null}',
    ["arguments.v.x is given twice", "arguments.v.y must not be null: i32"],
  ],
  [{ ref: "Choice" }, "{}", ["arguments.v must have exactly one member of the union Choice"]],
  [{ ref: "Choice" }, '{"flag": true, "number": 1}', ["arguments.v must have exactly one member of the union Choice"]],
])("%j refuses %s", (type, text, expected) => {
  expect(faultsOf(type, text)).toEqual(expected);
});

test("sets of structs compare by their values, defaults included", () => {
  const type: TypeRef = { set: { ref: "LoginResult" } };
  const one = '{"user": {"id": 1, "email": "a"}, "token": "t"}';
  const same = '{"token": "t", "expiresIn": 3600, "user": {"email": "a", "id": "1"}}';
  expect(faultsOf(type, `[${one}, ${same}]`)).toEqual(["arguments.v[1] is equal to an element before it"]);
});

test("the route's style decides about what is unknown or missing", () => {
  expect(faults([field("a", "i32")], '{"b": 1}', { ...style, unknownFields: "ignore" })).toEqual([]);
  expect(faults([field("a", "i32")], "{}", { ...style, missingArguments: "refuse" })).toEqual([
    "arguments.a is required: i32",
  ]);
  const full: Style = { ...style, missingArguments: "refuse" };
  expect(
    faults([field("a", "i32", { default: 1 }), field("b", "i32", { requiredness: "optional" })], "{}", full),
  ).toEqual([]);
});

test("the arguments may be null, and nothing else but an object", () => {
  expect(faults([field("a", "i32", { requiredness: "required" })], "null")).toEqual(["arguments.a is required: i32"]);
  expect(faults([], "[]")).toEqual(["arguments must be call_args, not an array"]);
});

test("examples have no fault", () => {
  for (const { method, route } of catalogue.entries) {
    expect(check(catalogue, route.style, method, json(JSON.stringify(method.example))), method.name).toEqual([]);
  }
  expect(entry("echo").method.example).toBeDefined();
});

test("what a type starts with has no fault", () => {
  for (const type of catalogue.api.types) {
    const value = initial(catalogue, style, { ref: type.name });
    expect(faultsOf({ ref: type.name }, print(value))).toEqual([]);
  }
});

test("base64 is that of either alphabet", () => {
  for (const text of ["", "AA==", "AAA=", "AAAA", "AA", "AAA", "-_-_"]) expect(isBase64(text), text).toBe(true);
  for (const text of ["A", "AA=", "AB==", "A-+A", "AAAA=", "AA==AA==", "Ä"]) expect(isBase64(text), text).toBe(false);
});
