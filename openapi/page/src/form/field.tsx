// A field: its name, type and comment, and the control for its value.

import { initial, initialField } from "../check/initial";
import { without, withValue, type Path } from "../json/edit";
import type { Json } from "../json/value";
import { InlineMarkdown } from "../markdown/view";
import { summary } from "../markdown/inline";
import type { Field } from "../model/api";
import { Icon } from "../views/icon";
import { FieldMarks, TypeLink } from "../views/parts";
import { describe, idOf, useForm, useWantedFocus } from "./context";
import { Faults } from "./faults";
import { Group } from "./group";
import { isInline, ValueView } from "./value";

interface Props {
  field: Field;
  value: Json | undefined;
  path: Path;
  place: string;
  /** Whether it is the chosen field of a union. */
  isMember?: boolean;
}

export function FieldView({ field, value, path, place, isMember = false }: Props) {
  const form = useForm();
  const type = form.catalogue.resolve(field.type);
  const head = <FieldHead field={field} place={place} />;
  // A required field may be left out in the JSON; in the form that would only be in the way.
  const remove = value !== undefined && field.requiredness !== "required" && !isMember && (
    <button
      type="button"
      class="icon small remove"
      aria-label={`Leave out ${field.name}`}
      title="Leave out"
      onClick={() => form.draft.change((tree) => without(tree, path))}
    >
      <Icon name="close" />
    </button>
  );
  const slot = { type: field.type, field, value, path, place, labelId: idOf(place, "name") };
  if (isInline(type, value)) {
    return (
      <div class="field">
        <div class="field-head">
          {head}
          {remove}
        </div>
        <ValueView {...slot} />
        <Faults place={place} />
        <FieldDoc field={field} place={place} />
      </div>
    );
  }
  if (value === undefined || value.kind === "null") {
    return (
      <div class="field">
        <div class="field-head">
          {head}
          {remove}
        </div>
        <FillButton {...{ field, path, place }} />
        <Faults place={place} />
        <FieldDoc field={field} place={place} />
      </div>
    );
  }
  return (
    <Group place={place} label={field.name} labelId={slot.labelId} head={head} tools={remove}>
      <Faults place={place} />
      <FieldDoc field={field} place={place} />
      <ValueView {...slot} />
    </Group>
  );
}

function FieldHead({ field, place }: { field: Field; place: string }) {
  return (
    <>
      <label class="name" id={idOf(place, "name")} for={idOf(place, "value")}>
        {field.name}
      </label>{" "}
      <TypeLink type={field.type} typedef={field.typedef} />{" "}
      <FieldMarks field={{ ...field, requiredness: marked(field) }} />
    </>
  );
}

/** That a field is optional shows in the button that added it. */
function marked(field: Field): Field["requiredness"] {
  return field.requiredness === "required" ? "required" : "default";
}

function FieldDoc({ field, place }: { field: Field; place: string }) {
  const { catalogue } = useForm();
  if (field.doc === undefined) return null;
  return (
    <p class="doc" id={idOf(place, "doc")}>
      <InlineMarkdown text={summary(field.doc)} catalogue={catalogue} />
    </p>
  );
}

/** A struct or container that is left out. */
function FillButton({ field, path, place }: { field: Field; path: Path; place: string }) {
  const form = useForm();
  const button = useWantedFocus<HTMLButtonElement>(place);
  const { invalid, by } = describe(form, place, field.doc !== undefined);
  const fill = () => {
    form.wanted.place = place;
    const filled = initialField(form.catalogue, form.style, field);
    const value = filled.kind === "null" ? initial(form.catalogue, form.style, field.type) : filled;
    form.draft.change((tree) => withValue(tree, path, value));
  };
  return (
    <button
      ref={button}
      type="button"
      class={invalid ? "add invalid" : "add"}
      id={idOf(place, "value")}
      aria-describedby={by}
      onClick={fill}
    >
      <Icon name="plus" />
      {field.default === undefined ? "Fill in" : "Fill in (else the default)"}
    </button>
  );
}
