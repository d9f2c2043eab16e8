// The caller's key or token. It stays in the tab: never in a link, in the history, or in a snippet.

import { computed, signal } from "@preact/signals";
import type { Security } from "../model/api";
import { passing } from "./storage";

const STORED = "thriftgate.credential";

export interface Credential {
  /** Whether it goes into `Authorization: Bearer`, rather than into the header for keys. */
  isBearer: boolean;
  secret: string;
}

function restore(): Credential | undefined {
  const [kind, secret] = passing.read(STORED)?.split(/ (.*)/s) ?? [];
  return secret ? { isBearer: kind === "bearer", secret } : undefined;
}

const current = signal<Credential | undefined>(restore());

export const credential = computed(() => current.value);

export function setCredential(given: Credential | undefined): void {
  current.value = given?.secret ? given : undefined;
  if (given?.secret) passing.write(STORED, `${given.isBearer ? "bearer" : "key"} ${given.secret}`);
  else passing.drop(STORED);
}

/** The header that shows who calls. Before the model is there, a key goes as a token does: the gateway takes both so. */
export function credentialHeader(given: Credential | undefined, security?: Security): Record<string, string> {
  if (given === undefined) return {};
  if (given.isBearer || security?.keyHeader === undefined) return { Authorization: `Bearer ${given.secret}` };
  return { [security.keyHeader]: given.secret };
}
