// What the reply of a method can hold, as tables of JavaScript.

import type { Method, TypeRef } from "../model/api";
import type { Catalogue, Resolved } from "../model/catalogue";

export interface Tables {
  /** `{ id: [field, type] }` of the result itself. */
  result: string;
  /** `name: { id: [field, type] }`, a line each. */
  structs: string[];
  /** `name: { number: member }`, a line each. */
  enums: string[];
  /** Whether a container holds another one. */
  hasNested: boolean;
}

export function replyTables(catalogue: Catalogue, method: Method): Tables {
  const collector = new Collector(catalogue);
  const success = method.success === null ? [] : [{ id: 0, name: "success", type: method.success }];
  collector.tables.result = collector.struct([...success, ...method.throws]);
  for (const field of method.arguments) collector.look(field.type);
  return collector.tables;
}

class Collector {
  readonly tables: Tables = { result: "{}", structs: [], enums: [], hasNested: false };
  private readonly seen = new Set<string>();

  constructor(private readonly catalogue: Catalogue) {}

  /** `{ id: [field, type] }` */
  struct(fields: { id: number; name: string; type: TypeRef }[]): string {
    const parts = fields.map((field) => `${field.id}: [${JSON.stringify(field.name)}, ${this.type(field.type)}]`);
    return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
  }

  /** A type as the tables write it; structs and enums in it go into the tables. */
  private type(ref: TypeRef): string {
    const type = this.catalogue.resolve(ref);
    switch (type.kind) {
      case "base":
        return JSON.stringify(type.base);
      case "map":
        return `["map", ${this.inner(type.key)}, ${this.inner(type.value)}]`;
      case "struct":
      case "enum":
        this.named(type);
        return JSON.stringify(type.type.name);
      default:
        return `["${type.kind}", ${this.inner(type.element)}]`;
    }
  }

  private inner(ref: TypeRef): string {
    const { kind } = this.catalogue.resolve(ref);
    this.tables.hasNested ||= kind === "list" || kind === "set" || kind === "map";
    return this.type(ref);
  }

  private named(type: Extract<Resolved, { kind: "struct" | "enum" }>): void {
    const { name } = type.type;
    if (this.seen.has(name)) return;
    this.seen.add(name);
    if (type.kind === "struct") {
      this.tables.structs.push(`${JSON.stringify(name)}: ${this.struct(type.fields)},`);
      return;
    }
    // Of members of one number, the first declared gives the name.
    const members = new Map<number, string>();
    for (const member of type.type.members ?? [])
      if (!members.has(member.value)) members.set(member.value, member.name);
    const parts = [...members].map(([value, member]) => `${JSON.stringify(String(value))}: ${JSON.stringify(member)}`);
    this.tables.enums.push(`${JSON.stringify(name)}: { ${parts.join(", ")} },`);
  }

  /** Notes whether containers are in one another in a type that is only written. */
  look(ref: TypeRef, depth = 0, seen = new Set<string>()): void {
    const type = this.catalogue.resolve(ref);
    if (type.kind === "struct") {
      if (seen.has(type.type.name)) return;
      seen.add(type.type.name);
      for (const field of type.fields) this.look(field.type, 0, seen);
      return;
    }
    if (type.kind === "base" || type.kind === "enum") return;
    this.tables.hasNested ||= depth > 0;
    for (const part of type.kind === "map" ? [type.key, type.value] : [type.element]) this.look(part, depth + 1, seen);
  }
}
