// What the gateway would refuse in the arguments of a call, told while they are typed.

import { fieldPlace, itemPlace, keyPlace, namePlace, ROOT } from "./place";
import { checkBase, checkEnum, checkKey, wrongType, type Complaint } from "./scalar";
import { identity } from "./equal";
import { nearest } from "./nearest";
import { isObjectKey, typeName, type Catalogue, type Resolved } from "../model/catalogue";
import type { Field, Method, Style, TypeRef } from "../model/api";
import { string, type Json, type JsonArray, type JsonObject } from "../json/value";

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
type MapType = Extract<Resolved, { kind: "map" }>;

/** An element of a set or a key of a map that has no fault of its own. */
interface Compared {
  place: string;
  at: { from: number; to: number };
  value: Json;
}

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
        return this.items(type, value, place, depth);
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
        else (set++, this.value(field.type, member.value, fieldPlace(place, field.name), depth + 1));
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
    const suggestion = nearest(
      key,
      type.fields.map((field) => field.name),
    );
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

  /** Whether what is looked at has no fault. */
  private isSound(look: () => void): boolean {
    const before = this.faults.length;
    look();
    return this.faults.length === before;
  }

  private items(
    type: Extract<Resolved, { kind: "list" | "set" }>,
    value: JsonArray,
    place: string,
    depth: number,
  ): void {
    const compared: Compared[] = [];
    value.items.forEach((item, index) => {
      const inner = itemPlace(place, index);
      const isSound = this.isSound(() => this.value(type.element, item, inner, depth + 1));
      if (isSound && type.kind === "set") compared.push({ place: inner, at: item, value: item });
    });
    this.distinct(type.element, compared, "is equal to an element before it");
  }

  private map(type: MapType, name: string, value: Json, place: string, depth: number): void {
    const key = this.catalogue.resolve(type.key);
    const isObject = isObjectKey(key);
    const compared: Compared[] = [];
    if (isObject && value.kind === "object") {
      for (const member of value.members) {
        const inner = keyPlace(place, member.key);
        const at = { from: member.keyFrom, to: member.keyTo };
        const complaint = checkKey(key.kind === "base" ? key.base : key.type, member.key);
        this.note(inner, at, complaint);
        if (complaint === undefined) compared.push({ place: inner, at, value: string(member.key) });
        this.value(type.value, member.value, inner, depth + 1);
      }
    } else if (!isObject && value.kind === "array") {
      value.items.forEach((pair, index) => {
        const inner = itemPlace(place, index);
        const first = this.pair(type, name, pair, inner, depth);
        if (first !== undefined) compared.push({ place: inner, at: pair, value: first });
      });
    } else {
      this.note(place, value, wrongType(name, value));
    }
    this.distinct(type.key, compared, "is equal to a key before it");
  }

  /** The pair's key, where it has no fault. */
  private pair(type: MapType, name: string, pair: Json, place: string, depth: number): Json | undefined {
    const [key, value, more] = pair.kind === "array" ? pair.items : [];
    const isSound = key !== undefined && this.isSound(() => this.value(type.key, key, itemPlace(place, 0), depth + 1));
    if (value !== undefined) this.value(type.value, value, itemPlace(place, 1), depth + 1);
    if (key === undefined || value === undefined || more !== undefined) {
      this.note(place, pair, { text: `must be an array of a key and a value: ${name}` });
    }
    return isSound ? key : undefined;
  }

  /** Notes what equals something before it. */
  private distinct(type: TypeRef, compared: Compared[], text: string): void {
    const seen = new Set<string>();
    for (const { place, at, value } of compared) {
      const same = identity(this.catalogue, type, value);
      if (seen.has(same)) this.note(place, at, { text });
      seen.add(same);
    }
  }
}

/** Whether the gateway refuses a call without this field. */
function isWanted(field: Field, isArguments: boolean, style: Style): boolean {
  if (field.requiredness === "required") return true;
  if (field.requiredness === "optional" || field.default !== undefined) return false;
  return isArguments && style.missingArguments === "refuse";
}

/** A method, as far as its arguments go. */
type Called = Pick<Method, "name" | "arguments">;

/** The struct that the arguments of a method are. */
export function argumentsType({ name, arguments: fields }: Called): StructType {
  return { kind: "struct", type: { name: `${name}_args`, kind: "struct" }, fields, isUnion: false };
}

/** The faults in the arguments of a method, in the order of the text as far as it tells. */
export function check(catalogue: Catalogue, style: Style, method: Called, value: Json): Fault[] {
  const checker = new Checker(catalogue, style);
  const type = argumentsType(method);
  if (value.kind === "object") checker.struct(type, value, ROOT, 1, true);
  else if (value.kind === "null") checker.struct(type, { ...value, kind: "object", members: [] }, ROOT, 1, true);
  else checker.faults.push({ place: ROOT, from: value.from, to: value.to, ...wrongType(type.type.name, value) });
  return checker.faults;
}

/** A fault as a sentence without its place. */
export function sentence(fault: { text: string; suggestion?: string }): string {
  return fault.suggestion === undefined ? fault.text : `${fault.text}; did you mean ${fault.suggestion}?`;
}
