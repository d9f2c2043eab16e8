// The arguments as calls of a stock Thrift protocol.

import { integer } from "../check/scalar";
import { boolean, fromPlain, memberOf, nothing, number, string, type Json } from "../json/value";
import type { Base, Field, TypeRef } from "../model/api";
import type { Catalogue, Resolved } from "../model/catalogue";

const TYPES: Record<Base, string> = {
  bool: "BOOL",
  i8: "BYTE",
  i16: "I16",
  i32: "I32",
  i64: "I64",
  double: "DOUBLE",
  string: "STRING",
  binary: "STRING",
  uuid: "UUID",
};

const WRITERS: Record<Base, string> = {
  bool: "writeBool",
  i8: "writeByte",
  i16: "writeI16",
  i32: "writeI32",
  i64: "writeI64",
  double: "writeDouble",
  string: "writeString",
  binary: "writeBinary",
  uuid: "writeUuid",
};

/** Lines that write a struct, arguments included, to `output`. */
export function writeStruct(catalogue: Catalogue, name: string, fields: Field[], value: Json): string[] {
  return new Lines(catalogue).struct(name, fields, value);
}

class Lines {
  constructor(private readonly catalogue: Catalogue) {}

  struct(name: string, fields: Field[], value: Json): string[] {
    const lines = [`output.writeStructBegin(${JSON.stringify(name)});`];
    for (const field of fields) {
      const given = this.given(field, memberOf(value, field.name));
      if (given === undefined) continue;
      const type = this.wireType(field.type);
      lines.push(`output.writeFieldBegin(${JSON.stringify(field.name)}, ${type}, ${field.id});`);
      lines.push(...this.value(field.type, given), "output.writeFieldEnd();");
    }
    return [...lines, "output.writeFieldStop();", "output.writeStructEnd();"];
  }

  /** What is written for a field: its default where it is left out, as generated code does. */
  private given(field: Field, value: Json | undefined): Json | undefined {
    if (value !== undefined && value.kind !== "null") return value;
    return field.requiredness === "default" && field.default !== undefined ? fromPlain(field.default) : undefined;
  }

  private wireType(ref: TypeRef): string {
    const type = this.catalogue.resolve(ref);
    if (type.kind === "base") return `Type.${TYPES[type.base]}`;
    return `Type.${type.kind === "enum" ? "I32" : type.kind.toUpperCase()}`;
  }

  private value(ref: TypeRef, value: Json): string[] {
    const type = this.catalogue.resolve(ref);
    switch (type.kind) {
      case "base":
        return [`output.${WRITERS[type.base]}(${scalar(type.base, value)});`];
      case "enum":
        return [enumLine(type, value)];
      case "struct":
        return this.struct(type.type.name, type.fields, value);
      case "map":
        return this.map(type, value);
      default: {
        const items = value.kind === "array" ? value.items : [];
        const name = type.kind === "list" ? "List" : "Set";
        return [
          `output.write${name}Begin(${this.wireType(type.element)}, ${items.length});`,
          ...items.flatMap((item) => this.value(type.element, item)),
          `output.write${name}End();`,
        ];
      }
    }
  }

  private map(type: Extract<Resolved, { kind: "map" }>, value: Json): string[] {
    const pairs = this.pairs(type, value);
    return [
      `output.writeMapBegin(${this.wireType(type.key)}, ${this.wireType(type.value)}, ${pairs.length});`,
      ...pairs.flatMap(([key, inner]) => [...this.value(type.key, key), ...this.value(type.value, inner)]),
      "output.writeMapEnd();",
    ];
  }

  private pairs(type: Extract<Resolved, { kind: "map" }>, value: Json): [Json, Json][] {
    if (value.kind === "object") {
      const key = this.catalogue.resolve(type.key);
      return value.members.map((member) => [keyValue(key, member.key), member.value]);
    }
    const pairs = value.kind === "array" ? value.items : [];
    return pairs.map((pair) => {
      const [key = nothing(), inner = nothing()] = pair.kind === "array" ? pair.items : [];
      return [key, inner];
    });
  }
}

/** The value that the key of an object stands for. */
function keyValue(type: Resolved, key: string): Json {
  if (type.kind === "base" && type.base === "bool") return boolean(key === "true");
  const isText = type.kind === "base" && ["string", "binary", "uuid"].includes(type.base);
  return isText || !/^-?[0-9]/.test(key) ? string(key) : number(key);
}

/** An argument of a writer. What does not fit its type is told in place of it; the page shows the fault as well. */
function scalar(base: Base, value: Json): string {
  const text = value.kind === "number" ? value.text : value.kind === "string" ? value.value : "";
  switch (base) {
    case "bool":
      return String(value.kind === "boolean" && value.value);
    case "double":
      return value.kind === "string" && !["NaN", "Infinity", "-Infinity"].includes(text) ? "NaN" : text;
    case "string":
    case "uuid":
      return JSON.stringify(text);
    case "binary":
      return `Buffer.from(${JSON.stringify(text)}, "base64")`;
    default:
      return integerText(text);
  }
}

function integerText(text: string): string {
  const value = /^-?[0-9]/.test(text) ? integer(text) : 0n;
  if (typeof value === "string") return "0";
  const isSafe = BigInt(Number.MIN_SAFE_INTEGER) <= value && value <= BigInt(Number.MAX_SAFE_INTEGER);
  return isSafe ? value.toString() : `thrift.fromBigInt(${value}n)`;
}

function enumLine(type: Extract<Resolved, { kind: "enum" }>, value: Json): string {
  const named = value.kind === "string" ? type.type.members?.find(({ name }) => name === value.value) : undefined;
  const text = named?.value ?? (value.kind === "number" ? integerText(value.text) : 0);
  return `output.writeI32(${text});${named === undefined ? "" : ` // ${named.name}`}`;
}
