// What every part of the form needs.

import { createContext } from "preact";
import { useContext, useLayoutEffect, useRef } from "preact/hooks";
import type { Catalogue } from "../model/catalogue";
import type { Field, Style, TypeRef } from "../model/api";
import type { Draft } from "../call/draft";
import type { Json } from "../json/value";
import type { Path } from "../json/edit";

export interface FormContextValue {
  catalogue: Catalogue;
  style: Style;
  draft: Draft;
  /** The place of a control that was just added and wants the focus. */
  wanted: { place: string | undefined };
}

export const FormContext = createContext<FormContextValue | undefined>(undefined);

export function useForm(): FormContextValue {
  const form = useContext(FormContext);
  if (form === undefined) throw new Error("outside of a form");
  return form;
}

/** A value in the form. */
export interface Slot {
  type: TypeRef;
  /** The field that it is of; elements, keys and values have none. */
  field?: Field | undefined;
  /** Undefined where it is left out. */
  value: Json | undefined;
  path: Path;
  place: string;
  /** The id of what names it. */
  labelId: string;
}

export function idOf(place: string, part: string): string {
  return `${part}:${place.replace(/\s/g, "␠")}`;
}

/** What a control at this place tells of its faults and its comment. */
export function describe(
  form: FormContextValue,
  place: string,
  hasDoc: boolean,
): { invalid: boolean; by: string | undefined } {
  const invalid = form.draft.faultsAt.value.has(place);
  const ids = [invalid && idOf(place, "fault"), hasDoc && idOf(place, "doc")].filter(Boolean);
  return { invalid, by: ids.length === 0 ? undefined : ids.join(" ") };
}

/** Gives a control the focus when it was added by the reader. */
export function useWantedFocus<E extends HTMLElement>(place: string) {
  const { wanted } = useForm();
  const element = useRef<E>(null);
  useLayoutEffect(() => {
    if (wanted.place !== place || element.current === null) return;
    wanted.place = undefined;
    element.current.focus();
    // What is typed next takes the place of what it started with.
    if (element.current instanceof HTMLInputElement || element.current instanceof HTMLTextAreaElement) {
      element.current.select();
    }
  });
  return element;
}
