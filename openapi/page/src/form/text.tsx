// Strings, numbers, binary and uuids: what is typed is what the JSON has, digit by digit.

import { useState } from "preact/hooks";
import { without, withValue } from "../json/edit";
import { isNumber, nothing, number, string, type Json } from "../json/value";
import { compact } from "../json/print";
import { fromPlain } from "../json/value";
import type { Base, Field } from "../model/api";
import { Icon } from "../views/icon";
import { describe, idOf, useForm, useWantedFocus, type Slot } from "./context";

// Their inputs are of type text: one of type number goes by way of a JavaScript number, and the numeric keyboards of some
// phones have no minus sign.
const NUMERIC: Base[] = ["i8", "i16", "i32", "i64", "double"];

export function TextControl({ slot, base }: { slot: Slot; base: Base }) {
  const form = useForm();
  const [isShown, show] = useState(false);
  const { field, value, place, path } = slot;
  const { invalid, by } = describe(form, place, field?.doc !== undefined);
  const isSecret = field?.sensitive === true && !isShown;
  const set = (text: string) => {
    form.draft.change((tree) => {
      const given = fromText(text, base, form.style.i64 === "string", field);
      return given === undefined ? without(tree, path) : withValue(tree, path, given);
    });
  };
  const common = {
    id: idOf(place, "value"),
    value: textOf(value),
    placeholder: placeholder(field, value),
    spellcheck: false,
    autocomplete: "off",
    "aria-invalid": invalid,
    "aria-describedby": by,
    "aria-labelledby": slot.labelId,
  } as const;
  const wanted = useWantedFocus<HTMLInputElement & HTMLTextAreaElement>(place);
  const onInput = (event: { currentTarget: { value: string } }) => set(event.currentTarget.value);
  const isLine = isSecret || NUMERIC.includes(base) || base === "uuid";
  return (
    <div class="control">
      {isSecret && <input ref={wanted} type="password" {...common} onInput={onInput} />}
      {isLine && !isSecret && <input ref={wanted} type="text" {...common} onInput={onInput} />}
      {!isLine && <textarea ref={wanted} rows={1} {...common} onInput={onInput} />}
      {field?.sensitive === true && (
        <button
          type="button"
          class="icon"
          aria-pressed={isShown}
          aria-label={`Show ${field.name}`}
          onClick={() => show(!isShown)}
        >
          <Icon name="eye" />
        </button>
      )}
      {base === "binary" && <FileButton set={set} />}
    </div>
  );
}

/** The bytes of a file as base64. */
function FileButton({ set }: { set: (text: string) => void }) {
  const read = (file: File | undefined) => {
    if (file === undefined) return;
    const reader = new FileReader();
    reader.onload = () => typeof reader.result === "string" && set(reader.result.replace(/^[^,]*,/, ""));
    reader.readAsDataURL(file);
  };
  return (
    <label class="file">
      File…
      <input type="file" class="hidden" onChange={(event) => read(event.currentTarget.files?.[0])} />
    </label>
  );
}

function textOf(value: Json | undefined): string {
  if (value?.kind === "string") return value.value;
  if (value?.kind === "number") return value.text;
  return value?.kind === "boolean" ? String(value.value) : "";
}

/** What a text stands for; undefined where the field is to be left out. What is no number yet stays a string, with a fault. */
function fromText(text: string, base: Base, areDigitsStrings: boolean, field: Field | undefined): Json | undefined {
  if (base === "bool")
    return text === "true" || text === "false"
      ? { ...nothing(), kind: "boolean", value: text === "true" }
      : string(text);
  if (!NUMERIC.includes(base)) return string(text);
  if (text === "") return field === undefined || field.requiredness === "optional" ? nothing() : undefined;
  if (!isNumber(text)) return string(text);
  return base === "i64" && areDigitsStrings && /^-?[0-9]+$/.test(text) ? string(text) : number(text);
}

function placeholder(field: Field | undefined, value: Json | undefined): string {
  if (value?.kind === "string") return "empty";
  if (field?.default !== undefined) return compact(fromPlain(field.default));
  return field === undefined || field.requiredness === "required" ? "" : "left out";
}
