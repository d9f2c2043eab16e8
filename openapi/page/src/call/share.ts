// Addresses inside of the page. All of it stands behind the `#`, so that no server sees what a form was filled with.

/** What the page shows. */
export type Place =
  | { kind: "home" }
  | { kind: "method"; id: string; arguments?: string }
  | { kind: "service"; route: string; name: string }
  | { kind: "type"; name: string };

const ARGUMENTS = "arguments";

export function readPlace(hash: string): Place {
  const [path = "", query = ""] = split(hash.replace(/^#/, ""), "?");
  if (path.startsWith("/method/")) {
    const id = decode(path.slice("/method".length));
    const given = new URLSearchParams(query).get(ARGUMENTS);
    return given === null ? { kind: "method", id } : { kind: "method", id, arguments: given };
  }
  if (path.startsWith("/type/")) return { kind: "type", name: decode(path.slice("/type/".length)) };
  if (path.startsWith("/service/")) {
    const parts = path.slice("/service".length).split("/");
    const name = decode(parts.pop() ?? "");
    return { kind: "service", route: parts.map(decode).join("/") || "/", name };
  }
  return { kind: "home" };
}

/** The address of a place, from the `#` on. */
export function placeAddress(place: Place): string {
  if (place.kind === "home") return "#/";
  if (place.kind === "type") return `#/type/${encodePath(place.name)}`;
  if (place.kind === "service") {
    return `#/service${place.route === "/" ? "" : encodePath(place.route)}/${encodePath(place.name)}`;
  }
  const query = place.arguments === undefined ? "" : `?${ARGUMENTS}=${encodeURIComponent(place.arguments)}`;
  return `#/method${encodePath(place.id)}${query}`;
}

export const methodAddress = (id: string): string => placeAddress({ kind: "method", id });
export const serviceAddress = (route: string, name: string): string => placeAddress({ kind: "service", route, name });
export const typeAddress = (name: string): string => placeAddress({ kind: "type", name });

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
