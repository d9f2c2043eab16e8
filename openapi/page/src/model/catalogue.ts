// The page model with its names looked up.

import type { Api, Base, Field, Method, Route, Service, Type, TypeRef } from "./api";

/** A method with what it is in. */
export interface Entry {
  route: Route;
  service: Service;
  method: Method;
  /** What addresses it in links: its path, with a number behind it where several routes share the path. */
  id: string;
}

/** A type with its typedefs followed. */
export type Resolved =
  | { kind: "base"; base: Base }
  | { kind: "list" | "set"; element: TypeRef }
  | { kind: "map"; key: TypeRef; value: TypeRef }
  | { kind: "struct"; type: Type; fields: Field[]; isUnion: boolean }
  | { kind: "enum"; type: Type };

/** Typedefs that are followed before they count as going in circles. */
const MAX_TYPEDEFS = 64;

export class Catalogue {
  readonly entries: Entry[] = [];
  private readonly types = new Map<string, Type>();
  private readonly byId = new Map<string, Entry>();
  private readonly byService = new Map<Service, Entry[]>();
  /** By `method` and `Service.method`; undefined where several have the name. */
  private readonly byName = new Map<string, Entry | undefined>();

  constructor(readonly api: Api) {
    for (const type of api.types) this.types.set(type.name, type);
    for (const route of api.routes) {
      for (const service of route.services) {
        for (const method of service.methods) this.add({ route, service, method, id: method.path });
      }
    }
  }

  private add(entry: Entry): void {
    for (let count = 2; this.byId.has(entry.id); count++) entry.id = `${entry.method.path}~${count}`;
    this.byId.set(entry.id, entry);
    this.entries.push(entry);
    const siblings = this.byService.get(entry.service) ?? [];
    siblings.push(entry);
    this.byService.set(entry.service, siblings);
    for (const name of [entry.method.name, `${entry.service.name}.${entry.method.name}`]) {
      this.byName.set(name, this.byName.has(name) ? undefined : entry);
    }
  }

  /** The methods of a service. */
  of(service: Service): Entry[] {
    return this.byService.get(service) ?? [];
  }

  /** The methods and types that mention a type. */
  uses(name: string): { methods: Entry[]; types: Type[] } {
    const mentions = (ref: TypeRef | null | undefined, typedef?: string) =>
      typedef === name || (ref !== null && ref !== undefined && namesIn(ref).includes(name));
    const mentioned = (fields: Field[] = []) => fields.some((field) => mentions(field.type, field.typedef));
    return {
      methods: this.entries.filter(({ method }) => {
        return mentioned(method.arguments) || mentioned(method.throws) || mentions(method.success);
      }),
      types: this.api.types.filter((type) => mentioned(type.fields) || mentions(type.target)),
    };
  }

  entry(id: string): Entry | undefined {
    return this.byId.get(id);
  }

  /** The one method of this name, `method` or `Service.method`. */
  named(name: string): Entry | undefined {
    return this.byName.get(name);
  }

  type(name: string): Type | undefined {
    return this.types.get(name);
  }

  /** What a reference stands for. A name that the model lacks counts as an empty struct, so that the page still works. */
  resolve(ref: TypeRef): Resolved {
    let at = ref;
    for (let steps = 0; steps < MAX_TYPEDEFS; steps++) {
      if (typeof at === "string") return { kind: "base", base: at };
      if ("list" in at) return { kind: "list", element: at.list };
      if ("set" in at) return { kind: "set", element: at.set };
      if ("map" in at) return { kind: "map", key: at.map[0], value: at.map[1] };
      const type = this.types.get(at.ref);
      if (type === undefined) break;
      if (type.kind === "enum") return { kind: "enum", type };
      if (type.kind !== "typedef") {
        return { kind: "struct", type, fields: type.fields ?? [], isUnion: type.kind === "union" };
      }
      if (type.target === undefined) break;
      at = type.target;
    }
    const name = typeof at === "object" && "ref" in at ? at.ref : "?";
    return { kind: "struct", type: { name, kind: "struct", fields: [] }, fields: [], isUnion: false };
  }
}

/** A type as the IDL writes it. */
export function typeName(ref: TypeRef): string {
  if (typeof ref === "string") return ref;
  if ("list" in ref) return `list<${typeName(ref.list)}>`;
  if ("set" in ref) return `set<${typeName(ref.set)}>`;
  if ("map" in ref) return `map<${typeName(ref.map[0])}, ${typeName(ref.map[1])}>`;
  return ref.ref;
}

/** The names of types that a reference mentions, in their order. */
function namesIn(ref: TypeRef): string[] {
  if (typeof ref === "string") return [];
  if ("list" in ref) return namesIn(ref.list);
  if ("set" in ref) return namesIn(ref.set);
  if ("map" in ref) return [...namesIn(ref.map[0]), ...namesIn(ref.map[1])];
  return [ref.ref];
}

/** Whether a map with keys of this type is an object in JSON, rather than an array of pairs. */
export function isObjectKey(key: Resolved): key is Extract<Resolved, { kind: "base" | "enum" }> {
  return key.kind === "base" || key.kind === "enum";
}
