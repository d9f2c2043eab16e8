import { compact, print } from "../json/print";
import type { Language, Subject } from "./snippet";

/** Bodies up to this length stand on one line. */
const MAX_LINE = 72;

export const curl: Language = {
  id: "curl",
  name: "curl",
  hint: "curl 7.82 or later",
  write({ url, headers, key, arguments: given }: Subject): string {
    const line = compact(given);
    const body = line.length <= MAX_LINE ? line : print(given);
    const parts = [`curl ${quote(url)}`];
    if (key !== undefined) parts.push(`--header "${key.name}: ${key.prefix}$${key.variable}"`);
    for (const [name, value] of headers) parts.push(`--header ${quote(`${name}: ${value}`)}`);
    parts.push(`--json ${quote(body)}`);
    return parts.join(" \\\n  ");
  },
};

/** A word of the shell. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
