// The page model that the tests look at.

// @ts-expect-error: it is a script of Node, without types.
import { model as build } from "../dev/model.mjs";
import { Catalogue, type Entry } from "../src/model/catalogue";
import type { Api, Field, Style, TypeRef } from "../src/model/api";
import { parse } from "../src/json/parse";
import type { Json } from "../src/json/value";

export const catalogue = new Catalogue((build as (many: boolean) => Api)(false));

export const style: Style = { i64: "number", enums: "name", unknownFields: "refuse", missingArguments: "allow" };

export function entry(name: string): Entry {
  const found = catalogue.named(name);
  if (found === undefined) throw new Error(`no method ${name}`);
  return found;
}

export function json(text: string): Json {
  const parsed = parse(text);
  if ("fault" in parsed) throw new Error(`${parsed.fault.message} at ${parsed.fault.at}`);
  return parsed.value;
}

export function field(name: string, type: TypeRef, more: Partial<Field> = {}): Field {
  return { id: 1, name, type, requiredness: "default", ...more };
}
