// A union: which of its fields, and that one's value.

import { initialField } from "../check/initial";
import { fieldPlace } from "../check/place";
import { withValue, type Path } from "../json/edit";
import { member, object, type JsonObject } from "../json/value";
import type { Field } from "../model/api";
import { describe, idOf, useForm } from "./context";
import { FieldView } from "./field";

interface Props {
  fields: Field[];
  value: JsonObject;
  path: Path;
  place: string;
}

export function UnionMember({ fields, value, path, place }: Props) {
  const form = useForm();
  const { invalid, by } = describe(form, place, false);
  const set = value.members.filter((entry) => entry.value.kind !== "null");
  const chosen = fields.find((field) => field.name === set[0]?.key);
  const choose = (name: string) => {
    const field = fields.find((candidate) => candidate.name === name);
    const inner = field === undefined ? [] : [member(name, initialField(form.catalogue, form.style, field))];
    form.draft.change((tree) => withValue(tree, path, object(inner)));
  };
  return (
    <div class="union">
      <select
        aria-label="Member of the union"
        id={idOf(place, "choice")}
        aria-invalid={invalid}
        aria-describedby={by}
        value={chosen?.name ?? ""}
        onChange={(event) => choose(event.currentTarget.value)}
      >
        {chosen === undefined && <option value="">choose one…</option>}
        {fields.map((field) => (
          <option value={field.name}>{field.name}</option>
        ))}
      </select>
      {set.map((entry) => {
        const field = fields.find((candidate) => candidate.name === entry.key);
        if (field === undefined) return null;
        return (
          <FieldView
            key={field.name}
            field={field}
            isMember
            value={entry.value}
            path={[...path, field.name]}
            place={fieldPlace(place, field.name)}
          />
        );
      })}
    </div>
  );
}
