// New trees out of old ones. A path leads through names of members and positions: a position in an object is that of
// its member, since a map that is being typed may have the same key twice.

import { array, object, type Json, type JsonMember } from "./value";

type Step = string | number;
export type Path = readonly Step[];

/** The value at a path, if there is one. */
export function valueAt(root: Json | undefined, path: Path): Json | undefined {
  let at = root;
  for (const step of path) {
    if (at?.kind === "array" && typeof step === "number") at = at.items[step];
    else if (at?.kind === "object") at = at.members[positionOf(at.members, step)]?.value;
    else return undefined;
  }
  return at;
}

function positionOf(members: JsonMember[], step: Step): number {
  return typeof step === "number" ? step : members.findLastIndex((member) => member.key === step);
}

/** The tree with another value at the path. Objects that are missing on the way are made; a value that is in the way is replaced. */
export function withValue(root: Json | undefined, path: Path, value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (typeof step === "number" && root?.kind === "array") {
    return array(root.items.map((item, index) => (index === step ? withValue(item, rest, value) : item)));
  }
  const members = root?.kind === "object" ? root.members : [];
  const position = positionOf(members, step);
  if (position < 0 || position >= members.length) {
    const added = { key: String(step), keyFrom: 0, keyTo: 0, value: withValue(undefined, rest, value) };
    return object([...members, added]);
  }
  const replaced = members.map((member, index) =>
    index === position ? { ...member, value: withValue(member.value, rest, value) } : member,
  );
  return object(replaced);
}

/** The tree with what stands at the path changed; as it is where nothing does. */
function withChange(root: Json, path: Path, change: (value: Json) => Json): Json {
  const present = valueAt(root, path);
  return present === undefined ? root : withValue(root, path, change(present));
}

/** The tree without what the path leads to. */
export function without(root: Json, path: Path): Json {
  const step = path.at(-1);
  if (step === undefined) return root;
  return withChange(root, path.slice(0, -1), (parent) => {
    if (parent.kind === "array") return array(parent.items.filter((_, index) => index !== step));
    if (parent.kind !== "object") return parent;
    return object(parent.members.filter((member, index) => index !== step && member.key !== step));
  });
}

/** The tree with an element at the end of the array at the path. */
export function withItem(root: Json, path: Path, item: Json): Json {
  return withChange(root, path, (value) => (value.kind === "array" ? array([...value.items, item]) : value));
}

/** The tree with a member at the end of the object at the path. */
export function withMember(root: Json, path: Path, member: JsonMember): Json {
  return withChange(root, path, (value) => (value.kind === "object" ? object([...value.members, member]) : value));
}

/** The tree with another key for the member at this position of the object at the path. */
export function withKey(root: Json, path: Path, position: number, key: string): Json {
  return withChange(root, path, (value) => {
    if (value.kind !== "object") return value;
    return object(value.members.map((member, index) => (index === position ? { ...member, key } : member)));
  });
}

/** The tree with two neighbours of the array at the path in each other's place. */
export function withSwapped(root: Json, path: Path, first: number): Json {
  return withChange(root, path, (value) => {
    const [left, right] = value.kind === "array" ? [value.items[first], value.items[first + 1]] : [];
    if (value.kind !== "array" || left === undefined || right === undefined) return value;
    return array([...value.items.slice(0, first), right, left, ...value.items.slice(first + 2)]);
  });
}
