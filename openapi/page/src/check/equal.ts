// Whether two elements of a set, or two keys of a map, are the same value to Thrift.

import { isObjectKey, type Catalogue } from "../model/catalogue";
import type { Field, TypeRef } from "../model/api";
import { fromPlain, memberOf, string, type Json } from "../json/value";

/** A text that equal values of the type share. The value has been checked: what does not fit is compared as it is written. */
export function identity(catalogue: Catalogue, ref: TypeRef, value: Json): string {
  const type = catalogue.resolve(ref);
  if (type.kind === "base" || type.kind === "enum") {
    return scalarIdentity(type.kind === "enum" ? memberValue(type.type.members, value) : value, type);
  }
  if ((type.kind === "list" || type.kind === "set") && value.kind === "array") {
    const items = value.items.map((item) => identity(catalogue, type.element, item));
    return `[${(type.kind === "set" ? items.sort() : items).join()}]`;
  }
  if (type.kind === "map") return mapIdentity(catalogue, type.key, type.value, value);
  if (type.kind === "struct" && value.kind === "object") {
    const fields = [...type.fields].sort((left, right) => left.id - right.id);
    return `{${fields.map((field) => fieldIdentity(catalogue, field, memberOf(value, field.name))).join()}}`;
  }
  return JSON.stringify(value);
}

function fieldIdentity(catalogue: Catalogue, field: Field, value: Json | undefined): string {
  const isSet = value !== undefined && value.kind !== "null";
  if (isSet) return identity(catalogue, field.type, value);
  const hasDefault = field.requiredness === "default" && field.default !== undefined;
  return hasDefault ? identity(catalogue, field.type, fromPlain(field.default)) : "";
}

function mapIdentity(catalogue: Catalogue, key: TypeRef, inner: TypeRef, value: Json): string {
  const pairs: [Json, Json][] = [];
  if (value.kind === "object") for (const member of value.members) pairs.push([string(member.key), member.value]);
  if (value.kind === "array") {
    for (const pair of value.items) {
      const [left, right] = pair.kind === "array" ? pair.items : [];
      if (left !== undefined && right !== undefined) pairs.push([left, right]);
    }
  }
  const parts = pairs.map(([left, right]) => `${identity(catalogue, key, left)}:${identity(catalogue, inner, right)}`);
  return `<${parts.sort().join()}>`;
}

/** A member's number, where its name or number is given. */
function memberValue(members: { name: string; value: number }[] | undefined, value: Json): Json {
  const found = value.kind === "string" ? members?.find((member) => member.name === value.value) : undefined;
  return found === undefined ? value : { kind: "number", text: String(found.value), from: 0, to: 0 };
}

function scalarIdentity(value: Json, type: ReturnType<Catalogue["resolve"]>): string {
  if (!isObjectKey(type)) return "";
  const base = type.kind === "base" ? type.base : "i32";
  const text =
    value.kind === "number"
      ? value.text
      : value.kind === "string"
        ? value.value
        : String(value.kind === "boolean" && value.value);
  if (base === "string") return JSON.stringify(text);
  if (base === "uuid") return text.toLowerCase();
  if (base === "binary") return text.replace(/=+$/, "").replaceAll("-", "+").replaceAll("_", "/");
  if (base === "double") return String(Number(text) + 0);
  if (/^-?[0-9]+$/.test(text)) return BigInt(text).toString();
  return base === "bool" ? text : String(Number(text));
}
