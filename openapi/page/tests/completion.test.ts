import { CompletionContext } from "@codemirror/autocomplete";
import { json } from "@codemirror/lang-json";
import { EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { complete } from "../src/editor/completion";
import { catalogue, entry } from "./model";

/** What is offered at the `|` of a text. */
function offered(method: string, marked: string): string[] {
  const at = marked.indexOf("|");
  const state = EditorState.create({ doc: marked.replace("|", ""), extensions: [json()] });
  const result = complete(new CompletionContext(state, at, true), catalogue, entry(method));
  return result?.options.map((option) => option.displayLabel ?? option.label) ?? [];
}

test.each([
  ["saveUser", "{|}", ["user", "force"]],
  ["saveUser", '{"user": {"id": 1, |}}', ["email", "displayName", "roles", "color", "manager"]],
  ["saveUser", '{"user": {"id": 1, "em|": 2}}', ["email", "displayName", "roles", "color", "manager"]],
  ["saveUser", '{"user": {"manager": {"id": 1, "|"}}}', ["email", "displayName", "roles", "color", "manager"]],
  ["saveUser", '{"user": {"color": |}}', ["RED", "GREEN", "BLUE", "INFRARED"]],
  ["saveUser", '{"user": {"color": "R|"}}', ["RED", "GREEN", "BLUE", "INFRARED"]],
  ["saveUser", '{"force": |}', ["true", "false"]],
  ["saveUser", '{"force": t|}', ["true", "false"]],
  ["echo", '{"value": {"choice": {|}}}', ["flag", "number", "text", "bytes", "point", "numbers"]],
  ["echo", '{"value": {"points": [{"x": 1, "y": 2}, {|}]}}', ["x", "y"]],
  ["echo", '{"value": {"byColor": {|}}}', ["RED", "GREEN", "BLUE", "INFRARED"]],
  ["echo", '{"value": {"byColor": {"RED": {|}}}}', ["x", "y"]],
  ["echo", '{"value": {"byPoint": [[{|}, ""]]}}', ["x", "y"]],
  ["echo", '{"value": {"matrix": [[1, |]]}}', ["NaN", "Infinity", "-Infinity"]],
  ["echo", '{"value": {"strings": {|}}}', []],
  ["saveUser", '{"unknown": {|}}', []],
])("%s offers in %s", (method, text, expected) => {
  expect(offered(method, text)).toEqual(expected);
});
