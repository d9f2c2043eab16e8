// A part of the form that can be closed.

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Icon } from "../views/icon";
import { idOf, useForm, useWantedFocus } from "./context";

interface Props {
  place: string;
  /** What it is called, for the button that closes it. */
  label: string;
  labelId: string;
  head: ComponentChildren;
  tools: ComponentChildren;
  children: ComponentChildren;
}

export function Group({ place, label, labelId, head, tools, children }: Props) {
  const { draft } = useForm();
  const [isOpen, setOpen] = useState(true);
  const button = useWantedFocus<HTMLButtonElement>(place);
  const hasFault = !isOpen && [...draft.faultsAt.value.keys()].some((fault) => fault.startsWith(place));
  return (
    <div class={hasFault ? "field group invalid" : "field group"} role="group" aria-labelledby={labelId}>
      <div class="field-head">
        <button
          ref={button}
          type="button"
          class="icon small"
          id={idOf(place, "value")}
          aria-expanded={isOpen}
          aria-label={`${isOpen ? "Close" : "Open"} ${label}`}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name={isOpen ? "down" : "right"} />
        </button>
        {head}
        {tools}
      </div>
      {isOpen && <div class="group-body">{children}</div>}
    </div>
  );
}
