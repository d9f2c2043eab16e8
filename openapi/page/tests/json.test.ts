import { expect, test } from "vitest";
import { parse } from "../src/json/parse";
import { compact, print } from "../src/json/print";
import { layOut, tokens } from "../src/json/tokens";
import { array, fromPlain, memberOf, number, string } from "../src/json/value";
import { valueAt, without, withItem, withKey, withMember, withSwapped, withValue } from "../src/json/edit";
import { json } from "./model";

test.each([
  "9223372036854775807",
  "-9007199254740993",
  "1.0",
  "-0.0",
  "3e2",
  "123456789.123456789012345678901234567890",
])("the digits of %s stay", (text) => {
  expect(print(json(text))).toBe(text);
  expect(layOut(`{"a":[${text}]}`)).toContain(text);
});

test("the same key twice stays", () => {
  const value = json('{"a": 1, "a": 2}');
  expect(compact(value)).toBe('{"a": 1, "a": 2}');
  expect(memberOf(value, "a")).toMatchObject({ text: "2" });
});

test("values know where they stand", () => {
  const text = ' {"a" : [1, "ä\\n"] } ';
  const value = json(text);
  expect(text.slice(value.from, value.to)).toBe('{"a" : [1, "ä\\n"] }');
  const list = valueAt(value, ["a"]);
  expect(text.slice(list?.from, list?.to)).toBe('[1, "ä\\n"]');
  const item = valueAt(value, ["a", 1]);
  expect(text.slice(item?.from, item?.to)).toBe('"ä\\n"');
  expect(item).toMatchObject({ kind: "string", value: "ä\n" });
});

test.each([
  ['{"a" 1}', "a colon expected", 5],
  ["{a: 1}", "a key in double quotes expected", 1],
  ["[1 2]", "a comma or ] expected", 3],
  ['{"a": 1,}', "a key in double quotes expected", 8],
  ["[1,]", "a value expected", 3],
  ["01", "a malformed number", 0],
  ["-", "a malformed number", 0],
  ["1.", "a malformed number", 0],
  ["tru", "a value expected", 0],
  ['"\\x"', "an unknown escape", 1],
  ['"a\nb"', "a control character that is not escaped", 2],
  ["{} {}", "characters after the end", 3],
  ['{"a": ', "the text ends too early", 6],
])("%s is refused", (text, message, at) => {
  expect(parse(text)).toEqual({ fault: { message, at } });
});

test("depth is bounded", () => {
  expect(parse("[".repeat(100_000))).toEqual({ fault: { message: "nested too deep", at: 500 } });
});

test("what JSON.parse takes is taken, and means the same", () => {
  const texts = ['{"a":[true,false,null,{"b":"\\u00e9\\ud83d\\ude00\\/"}],"c":-1.5e-3}', "[]", "{}", '"x"', " 0 "];
  for (const text of texts) expect(JSON.parse(compact(json(text)))).toEqual(JSON.parse(text));
});

test("a value of JSON.parse comes over", () => {
  expect(compact(fromPlain({ a: [1, "2", null, -0, true], b: {} }))).toBe('{"a": [1, "2", null, -0.0, true], "b": {}}');
});

test("a new layout changes nothing but space", () => {
  const text = '{"a":[1,{"b":[]}],"c":{},"d":"x, y: {z}"}';
  expect(JSON.parse(layOut(text))).toEqual(JSON.parse(text));
  expect(layOut(text)).toBe(print(json(text)));
  expect(
    tokens(text)
      .map((token) => token.text)
      .join(""),
  ).toBe(text);
});

test("what is no JSON keeps its tokens", () => {
  const text = "<html>\n upstream: {oops] 'x' \"";
  expect(
    tokens(text)
      .map((token) => token.text)
      .join(""),
  ).toBe(text);
  expect(() => layOut(text)).not.toThrow();
});

test("edits leave the rest as it is", () => {
  const root = json('{"a": [1, 2, 3], "b": {"c": 9007199254740993}}');
  expect(compact(withValue(root, ["b", "d"], string("x")))).toBe(
    '{"a": [1, 2, 3], "b": {"c": 9007199254740993, "d": "x"}}',
  );
  expect(compact(withValue(root, ["e", "f"], number("1")))).toBe(
    '{"a": [1, 2, 3], "b": {"c": 9007199254740993}, "e": {"f": 1}}',
  );
  expect(compact(without(root, ["a", 1]))).toBe('{"a": [1, 3], "b": {"c": 9007199254740993}}');
  expect(compact(without(root, ["b"]))).toBe('{"a": [1, 2, 3]}');
  expect(compact(withItem(root, ["a"], array([])))).toContain("[1, 2, 3, []]");
  expect(compact(withSwapped(root, ["a"], 1))).toContain("[1, 3, 2]");
  expect(compact(withSwapped(root, ["a"], 2))).toBe(compact(root));
  expect(compact(withKey(root, ["b"], 0, "x"))).toContain('{"x": 9007199254740993}');
});

test("a map may have a key twice while it is typed", () => {
  const root = withMember(json('{"m": {"": 1}}'), ["m"], { key: "", keyFrom: 0, keyTo: 0, value: number("2") });
  expect(compact(withValue(root, ["m", 0], number("3")))).toBe('{"m": {"": 3, "": 2}}');
  expect(compact(without(root, ["m", 0]))).toBe('{"m": {"": 2}}');
});
