// What a base type or an enum takes: the rules of the gateway, by the digits of a number and never by its value as a
// JavaScript number.

import type { Base, Type } from "../model/api";
import { isNumber, type Json } from "../json/value";
import { nearest } from "./nearest";

/** What is wrong with a value, without the place: "must be i32, not a string". */
export interface Complaint {
  text: string;
  suggestion?: string;
}

const BITS: Partial<Record<Base, bigint>> = { i8: 8n, i16: 16n, i32: 32n, i64: 64n };

/** Digits in front of the exponent's end beyond which no i64 lies. */
const MAX_DIGITS = 19;

const DOUBLE_NAMES = ["NaN", "Infinity", "-Infinity"];
const DIGITS = /^-?[0-9]+$/;
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const ARTICLES: Record<Json["kind"], string> = {
  null: "null",
  boolean: "a boolean",
  number: "a number",
  string: "a string",
  array: "an array",
  object: "an object",
};

export function wrongType(expected: string, value: Json): Complaint {
  return { text: `must be ${expected}, not ${ARTICLES[value.kind]}` };
}

/** The value of a JSON number if it is integral; `3.0` and `3e2` are. */
export function integer(text: string): bigint | "fraction" | "range" {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(text) ?? [];
  const digits = (whole + fraction).replace(/^0+/, "").replace(/0+$/, "");
  if (digits === "") return 0n;
  const trailing = (whole + fraction).length - (whole + fraction).replace(/0+$/, "").length;
  const zeros = Number(exponent) - fraction.length + trailing;
  if (zeros < 0) return "fraction";
  if (digits.length + zeros > MAX_DIGITS) return "range";
  return BigInt(sign + digits + "0".repeat(zeros));
}

function inRange(value: bigint, bits: bigint): boolean {
  return BigInt.asIntN(Number(bits), value) === value;
}

function checkInteger(name: string, bits: bigint, value: bigint | "fraction" | "range"): Complaint | undefined {
  if (value === "fraction") return { text: `must be a whole number for ${name}` };
  return value === "range" || !inRange(value, bits) ? { text: `is outside of the range of ${name}` } : undefined;
}

const notText = (name: string): Complaint => ({ text: `is a string that is no ${name}` });

/** What is wrong with a value of a base type. */
export function checkBase(base: Base, value: Json): Complaint | undefined {
  const bits = BITS[base];
  if (bits !== undefined) {
    if (value.kind === "number") return checkInteger(base, bits, integer(value.text));
    if (base !== "i64" || value.kind !== "string") return wrongType(base, value);
    return DIGITS.test(value.value) ? checkInteger(base, bits, BigInt(value.value)) : notText(base);
  }
  if (base === "bool") return value.kind === "boolean" ? undefined : wrongType(base, value);
  if (base === "double") return checkDouble(value);
  if (value.kind !== "string") return wrongType(base, value);
  if (base === "binary") return isBase64(value.value) ? undefined : { text: "is not base64" };
  if (base === "uuid") return UUID.test(value.value) ? undefined : { text: "is not a uuid of 36 characters" };
  return undefined;
}

function checkDouble(value: Json): Complaint | undefined {
  if (value.kind === "string") return DOUBLE_NAMES.includes(value.value) ? undefined : notText("double");
  if (value.kind !== "number") return wrongType("double", value);
  return Number.isFinite(Number(value.text)) ? undefined : { text: "is outside of the range of double" };
}

/** Base64 of either alphabet, padded or not; bits that stand for nothing have to be zero. */
export function isBase64(text: string): boolean {
  const body = text.replace(/={1,2}$/, "");
  if (text !== body && text.length % 4 !== 0) return false;
  if (!/^[A-Za-z0-9+/]*$/.test(body) && !/^[A-Za-z0-9_-]*$/.test(body)) return false;
  const rest = body.length % 4;
  const last = body.at(-1) ?? "A";
  if (rest === 2) return "AQgw".includes(last);
  if (rest === 3) return "AEIMQUYcgkosw048".includes(last);
  return rest === 0;
}

/** What is wrong with a member of an enum: a name, or any i32. */
export function checkEnum(type: Type, value: Json): Complaint | undefined {
  if (value.kind === "number") return checkInteger(type.name, 32n, integer(value.text));
  if (value.kind !== "string") return wrongType(type.name, value);
  return checkName(type, value.value);
}

function checkName(type: Type, name: string): Complaint | undefined {
  const names = (type.members ?? []).map((member) => member.name);
  if (names.includes(name)) return undefined;
  const suggestion = nearest(name, names);
  return { text: `names no member of ${type.name}`, ...(suggestion !== undefined && { suggestion }) };
}

/** What is wrong with the key of an object that is a map: what the value would be, in a string. */
export function checkKey(base: Base | Type, key: string): Complaint | undefined {
  if (typeof base === "object") {
    return DIGITS.test(key) ? checkInteger(base.name, 32n, BigInt(key)) : checkName(base, key);
  }
  const bits = BITS[base];
  if (bits !== undefined) return DIGITS.test(key) ? checkInteger(base, bits, BigInt(key)) : notText(base);
  if (base === "bool") return key === "true" || key === "false" ? undefined : notText(base);
  if (base === "double" && isNumber(key)) return checkBase(base, { kind: "number", text: key, from: 0, to: 0 });
  return checkBase(base, { kind: "string", value: key, from: 0, to: 0 });
}
