// The fields of a struct, an exception, or the arguments.

import { initialField } from "../check/initial";
import { fieldPlace, namePlace } from "../check/place";
import { without, withValue, type Path } from "../json/edit";
import { memberOf, type JsonObject } from "../json/value";
import type { Field } from "../model/api";
import { Icon } from "../views/icon";
import { useForm } from "./context";
import { Faults } from "./faults";
import { FieldView } from "./field";

interface Props {
  fields: Field[];
  value: JsonObject;
  path: Path;
  place: string;
}

export function StructFields({ fields, value, path, place }: Props) {
  const names = new Set(fields.map((field) => field.name));
  const isShown = (field: Field) => field.requiredness !== "optional" || memberOf(value, field.name) !== undefined;
  const unknown = new Set(value.members.map((member) => member.key).filter((key) => !names.has(key)));
  return (
    <>
      {fields.filter(isShown).map((field) => (
        <FieldView
          key={field.name}
          field={field}
          value={memberOf(value, field.name)}
          path={[...path, field.name]}
          place={fieldPlace(place, field.name)}
        />
      ))}
      {[...unknown].map((key) => (
        <UnknownField key={`? ${key}`} name={key} path={[...path, key]} place={namePlace(place, key)} />
      ))}
      <AddRow fields={fields.filter((field) => !isShown(field))} path={path} place={place} />
    </>
  );
}

/** A member that is no field: most often a slip in the JSON. */
function UnknownField({ name, path, place }: { name: string; path: Path; place: string }) {
  const { draft } = useForm();
  return (
    <div class="field unknown">
      <div class="field-head">
        <code class="name">{name}</code> <span class="badge">unknown</span>
        <button
          type="button"
          class="icon small remove"
          aria-label={`Remove ${name}`}
          onClick={() => draft.change((tree) => without(tree, path))}
        >
          <Icon name="close" />
        </button>
      </div>
      <Faults place={place} />
    </div>
  );
}

/** Optional fields that are left out, each to be added. */
function AddRow({ fields, path, place }: { fields: Field[]; path: Path; place: string }) {
  const form = useForm();
  if (fields.length === 0) return null;
  const add = (field: Field) => {
    form.wanted.place = fieldPlace(place, field.name);
    form.draft.change((tree) =>
      withValue(tree, [...path, field.name], initialField(form.catalogue, form.style, field)),
    );
  };
  return (
    <div class="add-row" role="group" aria-label="Optional fields">
      {fields.map((field) => (
        <button type="button" class="add" aria-label={`Add ${field.name}`} onClick={() => add(field)}>
          <Icon name="plus" />
          {field.name}
        </button>
      ))}
    </div>
  );
}
