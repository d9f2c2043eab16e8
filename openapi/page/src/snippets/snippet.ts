// Programs that make the call of a draft, each running as it stands.

import type { Catalogue, Entry } from "../model/catalogue";
import type { Json } from "../json/value";

/** The call that a program is to make. */
export interface Subject {
  catalogue: Catalogue;
  entry: Entry;
  /** The absolute address. */
  url: string;
  /** Beside `Content-Type` and the key. */
  headers: [string, string][];
  key: KeyHeader | undefined;
  arguments: Json;
}

/** Where a program takes the caller's key from. */
export interface KeyHeader {
  name: string;
  /** In front of the secret. */
  prefix: string;
  /** The environment variable that the reader sets. */
  variable: string;
}

export interface Language {
  id: string;
  name: string;
  /** How it is run, shown beside it. */
  hint: string;
  write: (subject: Subject) => string;
}

/** Lines behind the first one moved to the right. */
export function indent(text: string, by: string): string {
  return text.replaceAll("\n", `\n${by}`);
}
