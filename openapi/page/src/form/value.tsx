// The control for a value, by its type.

import type { Json } from "../json/value";
import { array, object } from "../json/value";
import { isObjectKey, typeName, type Resolved } from "../model/catalogue";
import { initial } from "../check/initial";
import { withValue } from "../json/edit";
import { useForm, type Slot } from "./context";
import { BoolControl, EnumControl } from "./choice";
import { TextControl } from "./text";
import { ListItems } from "./list";
import { MapEntries } from "./map";
import { StructFields } from "./struct";
import { UnionMember } from "./union";

/** Whether the value has a control of one line, beneath or beside its name. */
export function isInline(type: Resolved, value: Json | undefined): boolean {
  return (type.kind === "base" || type.kind === "enum") && value?.kind !== "object" && value?.kind !== "array";
}

export function ValueView(slot: Slot) {
  const { catalogue } = useForm();
  const { value, path, place } = slot;
  const type = catalogue.resolve(slot.type);
  if (isInline(type, value)) {
    if (type.kind === "enum") return <EnumControl slot={slot} type={type.type} />;
    if (type.kind === "base") {
      const isBool = type.base === "bool" && value?.kind !== "string" && value?.kind !== "number";
      return isBool ? <BoolControl slot={slot} /> : <TextControl slot={slot} base={type.base} />;
    }
  }
  if (type.kind === "struct" && value?.kind === "object") {
    if (type.isUnion) return <UnionMember fields={type.fields} value={value} path={path} place={place} />;
    return <StructFields fields={type.fields} value={value} path={path} place={place} />;
  }
  if ((type.kind === "list" || type.kind === "set") && value?.kind === "array") {
    return <ListItems element={type.element} isSet={type.kind === "set"} value={value} path={path} place={place} />;
  }
  if (type.kind === "map") {
    const isObject = isObjectKey(catalogue.resolve(type.key));
    if (value?.kind === (isObject ? "object" : "array")) {
      const entries =
        value.kind === "object" ? value : value.kind === "array" ? value : isObject ? object([]) : array([]);
      return <MapEntries keyType={type.key} valueType={type.value} value={entries} path={path} place={place} />;
    }
  }
  return <Misfit slot={slot} />;
}

/** Another kind of value than the type asks for, which only the JSON can show. */
function Misfit({ slot }: { slot: Slot }) {
  const { catalogue, style, draft } = useForm();
  const replace = () => draft.change((tree) => withValue(tree, slot.path, initial(catalogue, style, slot.type)));
  return (
    <p class="misfit">
      The JSON has {slot.value === undefined ? "nothing" : slot.value.kind} here.{" "}
      <button type="button" onClick={replace}>
        Replace by {typeName(slot.type)}
      </button>
    </p>
  );
}
