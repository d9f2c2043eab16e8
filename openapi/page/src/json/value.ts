// JSON that keeps what `JSON.parse` loses: the digits of a number, the same key twice, and where each value stands.

/** Where a value stands in its text; both 0 where it came from no text. */
interface Span {
  from: number;
  to: number;
}

export type Json = JsonNull | JsonBoolean | JsonNumber | JsonString | JsonArray | JsonObject;

interface JsonNull extends Span {
  kind: "null";
}

interface JsonBoolean extends Span {
  kind: "boolean";
  value: boolean;
}

/** A number, by its text: an i64 has digits that no JavaScript number holds. */
interface JsonNumber extends Span {
  kind: "number";
  text: string;
}

interface JsonString extends Span {
  kind: "string";
  value: string;
}

export interface JsonArray extends Span {
  kind: "array";
  items: Json[];
}

export interface JsonObject extends Span {
  kind: "object";
  members: JsonMember[];
}

export interface JsonMember {
  key: string;
  keyFrom: number;
  keyTo: number;
  value: Json;
}

export const nothing = (): Json => ({ kind: "null", from: 0, to: 0 });
export const boolean = (value: boolean): Json => ({ kind: "boolean", value, from: 0, to: 0 });
export const number = (text: string): Json => ({ kind: "number", text, from: 0, to: 0 });
export const string = (value: string): Json => ({ kind: "string", value, from: 0, to: 0 });
export const array = (items: Json[]): JsonArray => ({ kind: "array", items, from: 0, to: 0 });
export const member = (key: string, value: Json): JsonMember => ({ key, keyFrom: 0, keyTo: 0, value });
export const object = (members: JsonMember[]): JsonObject => ({ kind: "object", members, from: 0, to: 0 });

/** The grammar of a JSON number. */
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

export function isNumber(text: string): boolean {
  return NUMBER.test(text);
}

/** A value that `JSON.parse` made; its integers beyond 2^53 were strings before that. */
export function fromPlain(value: unknown): Json {
  if (value === null || value === undefined) return nothing();
  if (typeof value === "boolean") return boolean(value);
  if (typeof value === "number") return number(Object.is(value, -0) ? "-0.0" : String(value));
  if (typeof value === "string") return string(value);
  if (Array.isArray(value)) return array(value.map(fromPlain));
  return object(Object.entries(value).map(([key, inner]) => member(key, fromPlain(inner))));
}

/** The last member of this name: the one that counts where there are several. */
export function memberOf(value: Json | undefined, key: string): Json | undefined {
  return value?.kind === "object" ? value.members.findLast((candidate) => candidate.key === key)?.value : undefined;
}
