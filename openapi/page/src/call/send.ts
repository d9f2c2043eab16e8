// One call of the gateway, as any client makes it.

import { ROOT } from "../check/place";

export interface Request {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** What came back. */
export interface Reply {
  status: number;
  statusText: string;
  /** The header `Thrift-Outcome`: success, error (a declared exception) or exception. */
  outcome?: string;
  headers: [string, string][];
  body: string;
  milliseconds: number;
  bytes: number;
}

/** A fault that the gateway found in the request. */
export interface ToldFault {
  place: string;
  message: string;
}

export async function send(request: Request, signal: AbortSignal): Promise<Reply> {
  const began = performance.now();
  const response = await fetch(request.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...request.headers },
    body: request.body,
    signal,
    // The gateway knows callers by their headers alone.
    credentials: "omit",
  });
  const body = await response.text();
  const milliseconds = performance.now() - began;
  const outcome = response.headers.get("Thrift-Outcome") ?? undefined;
  return {
    status: response.status,
    statusText: response.statusText,
    ...(outcome !== undefined && { outcome }),
    headers: [...response.headers],
    body,
    milliseconds,
    bytes: new TextEncoder().encode(body).length,
  };
}

/** The faults in the arguments that a reply tells of. */
export function toldFaults(body: string): ToldFault[] {
  const exception = memberOf(attempt(body), "exception");
  const told = memberOf(exception, "errors");
  const faults = Array.isArray(told) && told.length > 0 ? told : [exception];
  return faults.flatMap((fault) => {
    const [place, message] = [memberOf(fault, "path"), memberOf(fault, "message")];
    return typeof place === "string" && typeof message === "string" && place.startsWith(ROOT)
      ? [{ place, message }]
      : [];
  });
}

function attempt(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
