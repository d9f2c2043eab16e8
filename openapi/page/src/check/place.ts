// Where in a request something is, written as the gateway writes it: `arguments.user.roles[2]`, `arguments.prices["de"]`.
// Faults of the page and of the gateway meet by this text.

/** The longest part of a path that the gateway takes over from a request, in characters. */
const MAX_NAME = 64;

export const ROOT = "arguments";

export function fieldPlace(parent: string, name: string): string {
  return `${parent}.${name}`;
}

export function itemPlace(parent: string, index: number): string {
  return `${parent}[${index}]`;
}

export function keyPlace(parent: string, key: string): string {
  return `${parent}[${JSON.stringify(cut(key))}]`;
}

/** A name that the request has, which may be no identifier. */
export function namePlace(parent: string, name: string): string {
  const short = cut(name);
  return /^[A-Za-z0-9_.…]+$/.test(short) ? fieldPlace(parent, short) : keyPlace(parent, name);
}

function cut(name: string): string {
  const chars = [...name];
  return chars.length > MAX_NAME ? `${chars.slice(0, MAX_NAME).join("")}…` : name;
}
