// A tree to JSON text.

import type { Json } from "./value";

const INDENT = "  ";

/** Arrays of short scalars stand on one line up to this width. */
const MAX_LINE = 60;

/** The value over several lines, as people read it. */
export function print(value: Json, indent = ""): string {
  const inner = indent + INDENT;
  if (value.kind === "array") {
    if (value.items.length === 0) return "[]";
    const line = compact(value);
    if (line.length <= MAX_LINE && value.items.every(isScalar)) return line;
    return `[\n${value.items.map((item) => inner + print(item, inner)).join(",\n")}\n${indent}]`;
  }
  if (value.kind === "object") {
    if (value.members.length === 0) return "{}";
    const lines = value.members.map(({ key, value }) => `${inner}${JSON.stringify(key)}: ${print(value, inner)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  return compact(value);
}

function isScalar(value: Json): boolean {
  return value.kind !== "array" && value.kind !== "object";
}

/** The value on one line; a space behind commas and colons. */
export function compact(value: Json): string {
  switch (value.kind) {
    case "null":
      return "null";
    case "boolean":
      return String(value.value);
    case "number":
      return value.text;
    case "string":
      return JSON.stringify(value.value);
    case "array":
      return `[${value.items.map(compact).join(", ")}]`;
    case "object":
      return `{${value.members.map(({ key, value }) => `${JSON.stringify(key)}: ${compact(value)}`).join(", ")}}`;
  }
}
