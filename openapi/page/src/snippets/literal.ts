// A value as a literal of JavaScript.

import type { Json } from "../json/value";

const INDENT = "  ";
const MAX_LINE = 60;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

export function literal(value: Json, indent = ""): string {
  const inner = indent + INDENT;
  if (value.kind === "array") {
    const items = value.items.map((item) => literal(item, inner));
    const line = `[${items.join(", ")}]`;
    if (line.length <= MAX_LINE && !line.includes("\n")) return line;
    return `[\n${items.map((item) => `${inner}${item},\n`).join("")}${indent}]`;
  }
  if (value.kind === "object") {
    const members = value.members.map((member) => {
      // In a literal, this one would set the prototype.
      const key =
        member.key === "__proto__"
          ? '["__proto__"]'
          : IDENTIFIER.test(member.key)
            ? member.key
            : JSON.stringify(member.key);
      return `${key}: ${literal(member.value, inner)}`;
    });
    const line = `{ ${members.join(", ")} }`;
    if (members.length === 0) return "{}";
    if (line.length <= MAX_LINE && !line.includes("\n")) return line;
    return `{\n${members.map((member) => `${inner}${member},\n`).join("")}${indent}}`;
  }
  return value.kind === "string"
    ? JSON.stringify(value.value)
    : value.kind === "number"
      ? value.text
      : value.kind === "null"
        ? "null"
        : String(value.value);
}

/** Whether JavaScript writes the value as it reads it: no digits lost, no key twice, no negative zero. */
export function surelySame(value: Json): boolean {
  if (value.kind === "array") return value.items.every(surelySame);
  if (value.kind === "object") {
    const keys = value.members.map((member) => member.key);
    return new Set(keys).size === keys.length && value.members.every((member) => surelySame(member.value));
  }
  if (value.kind !== "number") return true;
  const digits = value.text
    .replace(/[eE].*$/, "")
    .replace(/[^0-9]/g, "")
    .replace(/^0+/, "");
  return digits.length <= 15 && !/^-0(\.0*)?($|[eE])/.test(value.text) && Number.isFinite(Number(value.text));
}
