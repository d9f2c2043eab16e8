// The last requests, kept in the browser. Sensitive values and keys are not in them.

import { computed, signal } from "@preact/signals";
import { lasting } from "./storage";

const STORED = "thriftgate.history";
const MAX_ENTRIES = 30;
/** Longer arguments are not kept: the storage of an origin has a few megabytes for all. */
const MAX_TEXT = 20_000;

export interface Past {
  /** Of the method. */
  id: string;
  /** The arguments, as JSON. */
  text: string;
  status: number;
  outcome?: string;
  milliseconds: number;
  /** When it was sent, in milliseconds since 1970. */
  at: number;
}

function restore(): Past[] {
  try {
    const stored: unknown = JSON.parse(lasting.read(STORED) ?? "[]");
    return Array.isArray(stored) ? stored.filter(isPast) : [];
  } catch {
    return [];
  }
}

function isPast(value: unknown): value is Past {
  const past = value as Partial<Past> | null;
  return typeof past?.id === "string" && typeof past.text === "string" && typeof past.status === "number";
}

const entries = signal<Past[]>(restore());

/** The newest first. */
export const history = computed(() => entries.value);

export function remember(past: Past): void {
  if (past.text.length > MAX_TEXT) return;
  const others = entries.value.filter((other) => other.id !== past.id || other.text !== past.text);
  entries.value = [past, ...others].slice(0, MAX_ENTRIES);
  lasting.write(STORED, JSON.stringify(entries.value));
}

export function forget(): void {
  entries.value = [];
  lasting.drop(STORED);
}
