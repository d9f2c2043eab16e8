// Booleans and enums: one of a few.

import { useState } from "preact/hooks";
import { without, withValue } from "../json/edit";
import { boolean, fromPlain, isNumber, number, string } from "../json/value";
import { compact } from "../json/print";
import type { Field, Type } from "../model/api";
import { describe, idOf, useForm, useWantedFocus, type Slot } from "./context";

const LEFT_OUT = "";
const OTHER = "#";

export function BoolControl({ slot }: { slot: Slot }) {
  const form = useForm();
  const { field, value, place, path } = slot;
  const { invalid, by } = describe(form, place, field?.doc !== undefined);
  const select = useWantedFocus<HTMLSelectElement>(place);
  const set = (chosen: string) => {
    form.draft.change((tree) =>
      chosen === LEFT_OUT ? without(tree, path) : withValue(tree, path, boolean(chosen === "true")),
    );
  };
  return (
    <select
      ref={select}
      id={idOf(place, "value")}
      aria-invalid={invalid}
      aria-describedby={by}
      aria-labelledby={slot.labelId}
      value={value?.kind === "boolean" ? String(value.value) : LEFT_OUT}
      onChange={(event) => set(event.currentTarget.value)}
    >
      {(field !== undefined || value?.kind !== "boolean") && <option value={LEFT_OUT}>{leftOut(field)}</option>}
      <option value="true">true</option>
      <option value="false">false</option>
    </select>
  );
}

export function EnumControl({ slot, type }: { slot: Slot; type: Type }) {
  const form = useForm();
  const { field, value, place, path } = slot;
  const { invalid, by } = describe(form, place, field?.doc !== undefined);
  const [wantsNumber, wantNumber] = useState(false);
  const select = useWantedFocus<HTMLSelectElement>(place);
  const members = type.members ?? [];
  const named = members.find((member) => {
    return value?.kind === "string"
      ? member.name === value.value
      : value?.kind === "number" && String(member.value) === value.text;
  });
  const isOther = wantsNumber || (named === undefined && value !== undefined && value.kind !== "null");
  const set = (chosen: string) => {
    wantNumber(chosen === OTHER);
    const member = members.find((candidate) => candidate.name === chosen);
    form.draft.change((tree) => {
      if (chosen === LEFT_OUT) return without(tree, path);
      if (member === undefined) return withValue(tree, path, number(String(named?.value ?? 0)));
      return withValue(tree, path, form.style.enums === "number" ? number(String(member.value)) : string(member.name));
    });
  };
  const setText = (text: string) => {
    form.draft.change((tree) => withValue(tree, path, isNumber(text) ? number(text) : string(text)));
  };
  return (
    <div class="control">
      <select
        ref={select}
        id={idOf(place, "value")}
        aria-invalid={invalid}
        aria-describedby={by}
        aria-labelledby={slot.labelId}
        value={isOther ? OTHER : (named?.name ?? LEFT_OUT)}
        onChange={(event) => set(event.currentTarget.value)}
      >
        {(field !== undefined || (named === undefined && !isOther)) && (
          <option value={LEFT_OUT}>{leftOut(field)}</option>
        )}
        {members.map((member) => (
          <option value={member.name}>
            {member.name} = {member.value}
          </option>
        ))}
        <option value={OTHER}>another number…</option>
      </select>
      {isOther && (
        <input
          class="short"
          type="text"
          aria-label="Number"
          aria-invalid={invalid}
          aria-describedby={by}
          value={value?.kind === "number" ? value.text : value?.kind === "string" ? value.value : ""}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
    </div>
  );
}

function leftOut(field: Field | undefined): string {
  if (field?.default !== undefined) return `default: ${compact(fromPlain(field.default))}`;
  return field?.requiredness === "required" ? "choose…" : "left out";
}
