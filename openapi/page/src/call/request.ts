// The request that a draft stands for: what Send sends, and what the snippets show.

import type { Route, Security } from "../model/api";
import type { KeyHeader } from "../snippets/snippet";
import type { Credential } from "./credentials";
import type { Draft } from "./draft";

/** Whether a call of the route can be made from a page of this address. */
export function isReachable(route: Route, { hostname }: { hostname: string }): boolean {
  return route.hosts.length === 0 || route.hosts.some((host) => fits(host, hostname));
}

/** Whether a host of a route, which may begin with `*.`, is this one. */
function fits(host: string, hostname: string): boolean {
  if (!host.startsWith("*.")) return host.toLowerCase() === hostname.toLowerCase();
  return hostname.toLowerCase().endsWith(host.slice(1).toLowerCase());
}

/** Where the method is called: on the page's own origin, unless its route is another host's. */
export function callAddress(draft: Draft, at: { origin: string; hostname: string }): string {
  const { route, method } = draft.entry;
  const [host = ""] = route.hosts;
  const origin = isReachable(route, at) ? at.origin : at.origin.replace(at.hostname, host.replace(/^\*\./, "www."));
  return origin + method.path;
}

/** The headers beside `Content-Type` and the key. */
export function callHeaders(draft: Draft): [string, string][] {
  const headers = Object.entries(draft.entry.route.headers ?? {});
  const { outcome, latency } = draft.mock.value;
  if (draft.entry.route.sandbox) {
    if (outcome !== "") headers.push(["X-Mock", outcome]);
    if (latency !== "") headers.push(["X-Mock-Latency", latency]);
  }
  return headers;
}

/** How a program shows who calls: as the page does, with the secret out of the environment. */
export function keyHeader(security: Security, given: Credential | undefined): KeyHeader | undefined {
  if (given === undefined && !security.required) return undefined;
  const isBearer = given?.isBearer ?? security.keyHeader === undefined;
  if (!isBearer && security.keyHeader !== undefined)
    return { name: security.keyHeader, prefix: "", variable: "API_KEY" };
  return security.bearer || given !== undefined
    ? { name: "Authorization", prefix: "Bearer ", variable: "API_TOKEN" }
    : undefined;
}
