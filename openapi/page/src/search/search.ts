// Search over all names and comments.

import type { Catalogue } from "../model/catalogue";
import { methodAddress, serviceAddress, typeAddress } from "../call/share";
import { summary } from "../markdown/inline";

export interface Found {
  kind: "method" | "service" | "type" | "field" | "member";
  /** What was found: `getUser`, `User.email`. */
  title: string;
  /** What it is in: `Users · /v1`, `struct`. */
  inside: string;
  doc: string;
  address: string;
}

interface Indexed {
  found: Omit<Found, "doc">;
  doc: string | undefined;
  /** The name that is looked for, as it is and in lower case. */
  name: string;
  lower: string;
  lowerTitle: string;
  lowerDoc: string | undefined;
  /** Less is better among equals. */
  weight: number;
}

const MAX_FOUND = 50;
const WEIGHTS = { method: 0, service: 1, type: 2, member: 4, field: 4 } as const;

export class SearchIndex {
  private readonly all: Indexed[] = [];

  constructor(catalogue: Catalogue) {
    const { api } = catalogue;
    const many = api.routes.length > 1;
    const services = new Set<string>();
    for (const { method, service, route, id } of catalogue.entries) {
      const inside = many ? `${service.name} · ${route.path}` : service.name;
      const address = methodAddress(id);
      if (!services.has(inside)) {
        services.add(inside);
        this.add(
          {
            kind: "service",
            title: service.name,
            inside: route.path,
            address: serviceAddress(route.path, service.name),
          },
          service.name,
          service.doc,
        );
      }
      this.add(
        { kind: "method", title: method.name, inside, address },
        method.name,
        method.doc,
        `${service.name}.${method.name}`,
      );
      for (const field of [...method.arguments, ...method.throws]) {
        this.add({ kind: "field", title: `${method.name} ${field.name}`, inside, address }, field.name, field.doc);
      }
    }
    for (const type of api.types) {
      const address = typeAddress(type.name);
      this.add({ kind: "type", title: type.name, inside: type.kind, address }, type.name, type.doc);
      for (const field of type.fields ?? []) {
        this.add(
          { kind: "field", title: `${type.name}.${field.name}`, inside: type.kind, address },
          field.name,
          field.doc,
        );
      }
      for (const { name, doc } of type.members ?? []) {
        this.add({ kind: "member", title: `${type.name}.${name}`, inside: "enum", address }, name, doc);
      }
    }
  }

  private add(found: Omit<Found, "doc">, name: string, doc: string | undefined, full = found.title): void {
    this.all.push({
      found,
      doc,
      name,
      lower: name.toLowerCase(),
      lowerTitle: full.toLowerCase(),
      lowerDoc: doc?.toLowerCase(),
      weight: WEIGHTS[found.kind],
    });
  }

  /** What fits all words of the query, the best first. */
  find(query: string): Found[] {
    const words = query.trim().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    const scored: { score: number; indexed: Indexed }[] = [];
    for (const indexed of this.all) {
      let score = indexed.weight;
      for (const word of words) score += scoreOf(indexed, word);
      if (Number.isFinite(score)) scored.push({ score, indexed });
    }
    scored.sort((left, right) => left.score - right.score || left.indexed.name.length - right.indexed.name.length);
    return scored.slice(0, MAX_FOUND).map(({ indexed }) => ({ ...indexed.found, doc: summary(indexed.doc) }));
  }
}

/** How well a word fits; less is better, Infinity is not at all. */
function scoreOf({ name, lower, lowerTitle, lowerDoc }: Indexed, word: string): number {
  const wanted = word.toLowerCase();
  if (lower === wanted || lowerTitle === wanted) return 0;
  if (lower.startsWith(wanted)) return 5;
  if (word.length > 1 && humps(name).startsWith(wanted)) return 8;
  if (lower.includes(wanted)) return 10;
  if (lowerTitle.includes(wanted)) return 15;
  return lowerDoc?.includes(wanted) === true ? 30 : Infinity;
}

/** The letters that begin the words of a name: `gu` of `getUser` and `get_user`. */
function humps(name: string): string {
  const words = name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+/g) ?? [];
  return words
    .map((word) => word[0])
    .join("")
    .toLowerCase();
}
