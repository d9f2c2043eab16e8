// The value that a field, element or key starts with when it is added to the form.

import { isObjectKey, type Catalogue } from "../model/catalogue";
import type { Base, Field, Style, TypeRef } from "../model/api";
import { array, boolean, fromPlain, member, nothing, number, object, string, type Json } from "../json/value";

/** Structs inside of structs that are filled in; a struct that requires itself would never end. */
const MAX_DEPTH = 8;

const NIL_UUID = "00000000-0000-0000-0000-000000000000";

export function initialField(catalogue: Catalogue, style: Style, field: Field): Json {
  const given = field.default ?? field.example;
  return given === undefined ? initial(catalogue, style, field.type) : fromPlain(given);
}

/** The least value of a type: what is required, and nothing else. */
export function initial(catalogue: Catalogue, style: Style, ref: TypeRef, depth = 0): Json {
  const type = catalogue.resolve(ref);
  switch (type.kind) {
    case "base":
      return initialBase(type.base, style);
    case "enum": {
      const first = type.type.members?.[0];
      return first === undefined || style.enums === "number" ? number(String(first?.value ?? 0)) : string(first.name);
    }
    case "map":
      return isObjectKey(catalogue.resolve(type.key)) ? object([]) : array([]);
    case "struct": {
      if (depth >= MAX_DEPTH) return nothing();
      const fields = type.isUnion ? type.fields.slice(0, 1) : type.fields.filter((f) => f.requiredness === "required");
      return object(fields.map((field) => member(field.name, inner(catalogue, style, field, depth + 1))));
    }
    default:
      return array([]);
  }
}

function inner(catalogue: Catalogue, style: Style, field: Field, depth: number): Json {
  return field.default === undefined ? initial(catalogue, style, field.type, depth) : fromPlain(field.default);
}

function initialBase(base: Base, style: Style): Json {
  if (base === "bool") return boolean(false);
  if (base === "uuid") return string(NIL_UUID);
  if (base === "string" || base === "binary") return string("");
  return base === "i64" && style.i64 === "string" ? string("0") : number("0");
}
