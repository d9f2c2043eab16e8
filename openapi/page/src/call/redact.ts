// What leaves the page in a link, or stays in the browser, has no sensitive value in it.

import type { Catalogue } from "../model/catalogue";
import type { Field, TypeRef } from "../model/api";
import { array, object, type Json } from "../json/value";

/** The arguments without the fields that the IDL marks as sensitive, at any depth. */
export function redactArguments(catalogue: Catalogue, fields: Field[], value: Json): Json {
  if (value.kind !== "object") return value;
  const kept = value.members.flatMap((member) => {
    const field = fields.find((candidate) => candidate.name === member.key);
    // A member that is no field may be a sensitive one with a slip in its name.
    if (field === undefined || field.sensitive === true) return [];
    return [{ ...member, value: redact(catalogue, field.type, member.value) }];
  });
  return object(kept);
}

function redact(catalogue: Catalogue, ref: TypeRef, value: Json): Json {
  const type = catalogue.resolve(ref);
  if (type.kind === "struct") return redactArguments(catalogue, type.fields, value);
  if (value.kind === "array" && (type.kind === "list" || type.kind === "set")) {
    return array(value.items.map((item) => redact(catalogue, type.element, item)));
  }
  if (type.kind !== "map") return value;
  if (value.kind === "object") {
    return object(value.members.map((member) => ({ ...member, value: redact(catalogue, type.value, member.value) })));
  }
  if (value.kind !== "array") return value;
  const pairs = value.items.map((pair) => {
    const [key, inner] = pair.kind === "array" ? pair.items : [];
    if (key === undefined || inner === undefined) return pair;
    return array([redact(catalogue, type.key, key), redact(catalogue, type.value, inner)]);
  });
  return array(pairs);
}
