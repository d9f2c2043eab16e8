// What may stand where the cursor is: names of fields, members of enums, true and false.

import {
  snippetCompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import { syntaxTree } from "@codemirror/language";
import type { EditorState } from "@codemirror/state";
import type { SyntaxNode } from "@lezer/common";
import { argumentsType } from "../check/check";
import { initialField } from "../check/initial";
import { compact } from "../json/print";
import { summary } from "../markdown/inline";
import { isObjectKey, typeName, type Catalogue, type Entry, type Resolved } from "../model/catalogue";
import type { Field, TypeRef } from "../model/api";

/** What is expected somewhere: a type, or the pair that is an entry of a map. */
type Expected = Resolved | { kind: "pair"; key: TypeRef; value: TypeRef } | undefined;

export function complete(context: CompletionContext, catalogue: Catalogue, entry: Entry): CompletionResult | null {
  const { state, pos } = context;
  const node = syntaxTree(state).resolveInner(pos, -1);
  const word = context.matchBefore(/"?[A-Za-z0-9_.-]*/);
  const from = word?.from ?? pos;
  const isInString = node.name === "String" || node.name === "PropertyName";
  const start = isInString ? node.from : from;
  const end = isInString && node.to > pos ? node.to : pos;
  if (!context.explicit && start === pos && !/[{,:[]\s*$/.test(state.sliceDoc(Math.max(0, pos - 20), pos))) return null;

  const holder = holderOf(node);
  if (holder?.name === "Object" && isKeyPosition(state, node, holder, start)) {
    const type = expectedAt(state, holder, catalogue, entry);
    return result(start, end, keys(state, holder, type, catalogue, entry, end));
  }
  const type = holder === undefined ? undefined : expectedInside(state, node, holder, catalogue, entry);
  return result(start, end, values(type));
}

function result(from: number, to: number, options: Completion[]): CompletionResult | null {
  return options.length === 0 ? null : { from, to, options, validFor: /^"?[A-Za-z0-9_.-]*"?$/ };
}

/** The object or array around a node. */
function holderOf(node: SyntaxNode): SyntaxNode | undefined {
  for (let at: SyntaxNode | null = node; at !== null; at = at.parent) {
    if (at.name === "Object" || at.name === "Array") return at;
  }
  return undefined;
}

/** Whether a key belongs here, rather than a value: nothing but space since the last comma or the brace. */
function isKeyPosition(state: EditorState, node: SyntaxNode, holder: SyntaxNode, start: number): boolean {
  if (node.name === "PropertyName") return true;
  const before = state.sliceDoc(holder.from, start).trimEnd();
  return before.endsWith("{") || before.endsWith(",");
}

/** The type of the value that a node is. */
function expectedAt(state: EditorState, node: SyntaxNode, catalogue: Catalogue, entry: Entry): Expected {
  let parent = node.parent;
  while (parent !== null && parent.name === "⚠") parent = parent.parent;
  if (parent === null || parent.name === "JsonText") return argumentsType(entry.method);
  if (parent.name === "Property") {
    const holder = parent.parent;
    const outer = holder === null ? undefined : expectedAt(state, holder, catalogue, entry);
    return member(outer, keyOf(state, parent), catalogue);
  }
  if (parent.name !== "Array") return undefined;
  return element(expectedAt(state, parent, catalogue, entry), position(parent, node.from), catalogue);
}

/** The type of a value that is to stand inside of a holder, where the cursor is. */
function expectedInside(
  state: EditorState,
  node: SyntaxNode,
  holder: SyntaxNode,
  catalogue: Catalogue,
  entry: Entry,
): Expected {
  const outer = expectedAt(state, holder, catalogue, entry);
  if (holder.name === "Array") return element(outer, position(holder, node.from), catalogue);
  let property: SyntaxNode | null = node;
  while (property !== null && property.name !== "Property") property = property.parent;
  return property === null ? undefined : member(outer, keyOf(state, property), catalogue);
}

function member(outer: Expected, key: string, catalogue: Catalogue): Expected {
  if (outer?.kind === "map") return catalogue.resolve(outer.value);
  const field = outer?.kind === "struct" ? outer.fields.find((candidate) => candidate.name === key) : undefined;
  return field === undefined ? undefined : catalogue.resolve(field.type);
}

function element(outer: Expected, index: number, catalogue: Catalogue): Expected {
  if (outer?.kind === "list" || outer?.kind === "set") return catalogue.resolve(outer.element);
  if (outer?.kind === "map") return { kind: "pair", key: outer.key, value: outer.value };
  return outer?.kind === "pair" ? catalogue.resolve(index === 0 ? outer.key : outer.value) : undefined;
}

/** How many elements of an array end before a position. */
function position(array: SyntaxNode, at: number): number {
  let count = 0;
  for (let child = array.firstChild; child !== null; child = child.nextSibling) {
    if (/^[A-Z]/.test(child.name) && child.to <= at) count++;
  }
  return count;
}

function keyOf(state: EditorState, property: SyntaxNode): string {
  const name = property.getChild("PropertyName");
  return name === null ? "" : unquote(state.sliceDoc(name.from, name.to));
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text.replace(/^"|"$/g, "");
  }
}

function keys(
  state: EditorState,
  holder: SyntaxNode,
  type: Expected,
  catalogue: Catalogue,
  entry: Entry,
  end: number,
): Completion[] {
  const hasColon = /^\s*:/.test(state.sliceDoc(end, end + 20));
  if (type?.kind === "map") {
    const key = catalogue.resolve(type.key);
    if (!isObjectKey(key)) return [];
    const names =
      key.kind === "enum"
        ? (key.type.members ?? []).map(({ name }) => name)
        : key.base === "bool"
          ? ["true", "false"]
          : [];
    return names.map((name) => keyCompletion(name, hasColon ? "" : ": ", "", ""));
  }
  if (type?.kind !== "struct") return [];
  const present = new Set<string>();
  for (let child = holder.firstChild; child !== null; child = child.nextSibling) {
    const name = child.name === "Property" ? child.getChild("PropertyName") : null;
    if (name !== null && !(name.from < end && end <= name.to)) present.add(unquote(state.sliceDoc(name.from, name.to)));
  }
  return type.fields
    .filter((field) => !present.has(field.name))
    .map((field) =>
      keyCompletion(
        field.name,
        hasColon ? "" : `: ${start(catalogue, entry, field)}`,
        typeName(field.type),
        summary(field.doc),
        field,
      ),
    );
}

function keyCompletion(name: string, rest: string, detail: string, info: string, field?: Field): Completion {
  return snippetCompletion(`${escape(JSON.stringify(name))}${rest}`, {
    label: JSON.stringify(name),
    displayLabel: name,
    detail,
    ...(info !== "" && { info }),
    boost: field?.requiredness === "required" ? 1 : 0,
  });
}

/** What is put behind a new key: the form of its value, with the cursor in it. */
function start(catalogue: Catalogue, { route }: Entry, field: Field): string {
  const type = catalogue.resolve(field.type);
  if (type.kind === "struct") return "{${}}";
  if (type.kind === "list" || type.kind === "set") return "[${}]";
  if (type.kind === "map") return isObjectKey(catalogue.resolve(type.key)) ? "{${}}" : "[${}]";
  if (type.kind === "base" && ["string", "binary", "uuid"].includes(type.base)) return '"${}"';
  return `\${${escape(compact(initialField(catalogue, route.style, field)))}}`;
}

/** Signs that mean something in a snippet. */
function escape(text: string): string {
  return text.replace(/[\\$}{]/g, "\\$&");
}

function values(type: Expected): Completion[] {
  if (type?.kind === "enum") {
    return (type.type.members ?? []).map((candidate) => ({
      label: JSON.stringify(candidate.name),
      displayLabel: candidate.name,
      detail: String(candidate.value),
      ...(candidate.doc !== undefined && { info: summary(candidate.doc) }),
    }));
  }
  if (type?.kind === "base" && type.base === "bool") return [{ label: "true" }, { label: "false" }];
  if (type?.kind === "base" && type.base === "double") {
    return ["NaN", "Infinity", "-Infinity"].map((name) => ({ label: `"${name}"`, displayLabel: name }));
  }
  return [];
}
