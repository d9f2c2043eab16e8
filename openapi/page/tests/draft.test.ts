import { expect, test } from "vitest";
import { Draft } from "../src/call/draft";
import { without, withValue } from "../src/json/edit";
import { number, string } from "../src/json/value";
import { catalogue, entry } from "./model";

const draft = (name: string) => new Draft(catalogue, entry(name));

test("a draft begins with the example, which has no fault", () => {
  const { text, faults } = draft("saveUser");
  expect(JSON.parse(text.value)).toEqual(entry("saveUser").method.example);
  expect(faults.value).toEqual([]);
});

test("what changes in the form is in the text, digit by digit, and the rest stays", () => {
  const getUser = draft("getUser");
  getUser.text.value = '{"id": 1, "id": 2}';
  getUser.change((tree) => withValue(tree, ["id"], number("9223372036854775807")));
  expect(getUser.text.value).toBe('{\n  "id": 1,\n  "id": 9223372036854775807\n}');
});

test("what is typed in the text is in the form's tree", () => {
  const getUser = draft("getUser");
  getUser.text.value = ' {"id":"7"} ';
  expect(getUser.tree.value).toMatchObject({ members: [{ key: "id", value: { value: "7" } }] });
});

test("while the text is broken the form has the last value, and changes nothing", () => {
  const getUser = draft("getUser");
  const before = getUser.tree.value;
  getUser.text.value = '{"id": 4';
  expect(getUser.parsed.value).toHaveProperty("fault");
  expect(getUser.tree.value).toBe(before);
  getUser.change((tree) => without(tree, ["id"]));
  expect(getUser.text.value).toBe('{"id": 4');
});

test("an empty text is a call without arguments", () => {
  const getUser = draft("getUser");
  getUser.text.value = "  ";
  expect([...getUser.faultsAt.value]).toEqual([["arguments.id", ["is required: i64"]]]);
});

test("what the gateway tells is shown at its place, until the text is another", () => {
  const save = draft("saveUser");
  const text = '{"user": {"id": 1, "email": "a", "roles": ["x", "y"]}}';
  save.text.value = text;
  const told = [
    { place: "arguments.user.roles[1]", message: "arguments.user.roles[1] is not to be given" },
    { place: "arguments.user.manager.id", message: "arguments.user.manager.id is required: i64" },
  ];
  save.settle(text, undefined, told);
  const [role, manager] = save.faults.value;
  expect(role).toMatchObject({ text: "is not to be given", isTold: true });
  expect(text.slice(role?.from, role?.to)).toBe('"y"');
  expect(text[manager?.from ?? 0]).toBe("{");
  save.change((tree) => withValue(tree, ["user", "email"], string("b")));
  expect(save.faults.value).toEqual([]);
});

test("a fault that the page sees as well is shown once", () => {
  const getUser = draft("getUser");
  getUser.text.value = '{"id": "x"}';
  getUser.settle('{"id": "x"}', undefined, [
    { place: "arguments.id", message: "arguments.id is a string that is no i64" },
  ]);
  expect(getUser.faultsAt.value.get("arguments.id")).toEqual(["is a string that is no i64"]);
});
