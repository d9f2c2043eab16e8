// What the gateway would refuse in the arguments of a call, told while they are typed.

import { fieldPlace, itemPlace, keyPlace, namePlace, ROOT } from "./place";
import { checkBase, checkEnum, checkKey, wrongType, type Complaint } from "./scalar";
import { identity } from "./equal";
import { nearest } from "./nearest";
import { isObjectKey, typeName, type Catalogue, type Resolved } from "../model/catalogue";
import type { Field, Style, TypeRef } from "../model/api";
import type { Json, JsonArray, JsonObject } from "../json/value";

/** A fault in the arguments. */
export interface Fault {
  /** Where, as the gateway says it: `arguments.user.roles[2]`. */
  place: string;
  /** What is wrong, without the place. */
  text: string;
  suggestion?: string;
  /** Where it is in the text. */
  from: number;
  to: number;
}

/** The gateway's own bound on nesting. */
const MAX_DEPTH = 64;

type StructType = Extract<Resolved, { kind: "struct" }>;

class Checker {
  readonly faults: Fault[] = [];

  constructor(
    private readonly catalogue: Catalogue,
    private readonly style: Style,
  ) {}

  private note(place: string, at: { from: number; to: number }, complaint: Complaint | undefined): void {
    if (complaint !== undefined) this.faults.push({ place, from: at.from, to: at.to, ...complaint });
  }

  value(ref: TypeRef, value: Json, place: string, depth: number): void {
    if (depth > MAX_DEPTH) return this.note(place, value, { text: "is nested too deep" });
    const type = this.catalogue.resolve(ref);
    if (value.kind === "null") return this.note(place, value, { text: `must not be null: ${typeName(ref)}` });
    switch (type.kind) {
      case "base":
        return this.note(place, value, checkBase(type.base, value));
      case "enum":
        return this.note(place, value, checkEnum(type.type, value));
      case "struct":
        if (value.kind !== "object") return this.note(place, value, wrongType(type.type.name, value));
        return this.struct(type, value, place, depth, false);
      case "map":
        return this.map(type, typeName(ref), value, place, depth);
      default:
        if (value.kind !== "array") return this.note(place, value, wrongType(typeName(ref), value));
        value.items.forEach((item, index) => this.value(type.element, item, itemPlace(place, index), depth + 1));
        if (type.kind === "set") this.distinct(type.element, value, place);
    }
  }

  struct(type: StructType, value: JsonObject, place: string, depth: number, isArguments: boolean): void {
    const seen = new Set<string>();
    let set = 0;
    for (const member of value.members) {
      const at = { from: member.keyFrom, to: member.keyTo };
      const field = type.fields.find((candidate) => candidate.name === member.key);
      if (field === undefined) {
        this.unknown(type, member.key, namePlace(place, member.key), at);
      } else if (seen.has(field.name)) {
        this.note(fieldPlace(place, field.name), at, { text: "is given twice" });
      } else {
        seen.add(field.name);
        if (member.value.kind === "null") this.absent(type, field, place, member.value, "null", isArguments);
        else set++, this.value(field.type, member.value, fieldPlace(place, field.name), depth + 1);
      }
    }
    for (const field of type.fields) {
      if (!seen.has(field.name)) this.absent(type, field, place, value, "missing", isArguments);
    }
    if (type.isUnion && set !== 1) {
      this.note(place, value, { text: `must have exactly one member of the union ${type.type.name}` });
    }
  }

  private unknown(type: StructType, key: string, place: string, at: { from: number; to: number }): void {
    if (this.style.unknownFields === "ignore") return;
    const suggestion = nearest(key, type.fields.map((field) => field.name));
    this.note(place, at, { text: "is not known here", ...(suggestion !== undefined && { suggestion }) });
  }

  private absent(
    type: StructType,
    field: Field,
    place: string,
    at: { from: number; to: number },
    how: "null" | "missing",
    isArguments: boolean,
  ): void {
    if (type.isUnion || !isWanted(field, isArguments, this.style)) return;
    const text = how === "null" ? "must not be null" : "is required";
    // A whole object is too much to underline for something that is not in it.
    const span = how === "null" ? at : { from: at.from, to: at.from + 1 };
    this.note(fieldPlace(place, field.name), span, { text: `${text}: ${typeName(field.type)}` });
  }

  private map(type: Extract<Resolved, { kind: "map" }>, name: string, value: Json, place: string, depth: number): void {
    const key = this.catalogue.resolve(type.key);
    const isObject = isObjectKey(key);
    if (isObject && value.kind === "object") {
      for (const member of value.members) {
        const inner = keyPlace(place, member.key);
        const at = { from: member.keyFrom, to: member.keyTo };
        this.note(inner, at, checkKey(key.kind === "base" ? key.base : key.type, member.key));
        this.value(type.value, member.value, inner, depth + 1);
      }
      this.distinctKeys(type.key, value, place);
    } else if (!isObject && value.kind === "array") {
      value.items.forEach((pair, index) => this.pair(type, name, pair, itemPlace(place, index), depth));
      this.distinctPairs(type.key, value, place);
    } else {
      this.note(place, value, wrongType(name, value));
    }
  }

  private pair(type: Extract<Resolved, { kind: "map" }>, name: string, pair: Json, place: string, depth: number): void {
    const [key, value, more] = pair.kind === "array" ? pair.items : [];
    if (key !== undefined) this.value(type.key, key, itemPlace(place, 0), depth + 1);
    if (value !== undefined) this.value(type.value, value, itemPlace(place, 1), depth + 1);
    if (key === undefined || value === undefined || more !== undefined) {
      this.note(place, pair, { text: `must be an array of a key and a value: ${name}` });
    }
  }

  private distinct(element: TypeRef, value: JsonArray, place: string): void {
    const seen = new Set<string>();
    value.items.forEach((item, index) => {
      const same = identity(this.catalogue, element, item);
      if (seen.has(same)) this.note(itemPlace(place, index), item, { text: "is equal to an element before it" });
      seen.add(same);
    });
  }

  private distinctKeys(key: TypeRef, value: JsonObject, place: string): void {
    const seen = new Set<string>();
    for (const { key: text, keyFrom, keyTo } of value.members) {
      const same = identity(this.catalogue, key, { kind: "string", value: text, from: 0, to: 0 });
      if (seen.has(same)) {
        this.note(keyPlace(place, text), { from: keyFrom, to: keyTo }, { text: "is equal to a key before it" });
      }
      seen.add(same);
    }
  }

  private distinctPairs(key: TypeRef, value: JsonArray, place: string): void {
    const seen = new Set<string>();
    value.items.forEach((pair, index) => {
      const first = pair.kind === "array" ? pair.items[0] : undefined;
      if (first === undefined) return;
      const same = identity(this.catalogue, key, first);
      if (seen.has(same)) this.note(itemPlace(place, index), pair, { text: "is equal to a key before it" });
      seen.add(same);
    });
  }
}

/** Whether the gateway refuses a call without this field. */
export function isWanted(field: Field, isArguments: boolean, style: Style): boolean {
  if (field.requiredness === "required") return true;
  if (field.requiredness === "optional" || field.default !== undefined) return false;
  return isArguments && style.missingArguments === "refuse";
}

/** The faults in the arguments of a method, in the order of the text as far as it tells. */
export function check(catalogue: Catalogue, style: Style, fields: Field[], value: Json): Fault[] {
  const checker = new Checker(catalogue, style);
  const type: StructType = { kind: "struct", type: { name: ROOT, kind: "struct" }, fields, isUnion: false };
  if (value.kind === "object") checker.struct(type, value, ROOT, 1, true);
  else if (value.kind === "null") checker.struct(type, { ...value, kind: "object", members: [] }, ROOT, 1, true);
  else checker.faults.push({ place: ROOT, from: value.from, to: value.to, ...wrongType("an object", value) });
  return checker.faults;
}

/** A fault as a sentence without its place. */
export function sentence(fault: { text: string; suggestion?: string }): string {
  return fault.suggestion === undefined ? fault.text : `${fault.text}; did you mean ${fault.suggestion}?`;
}
