// The search dialog: a box and a list, moved through with the arrow keys while the focus stays in the box.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Dialog } from "./dialog";
import type { Page } from "./page";
import type { Found } from "../search/search";

export function SearchDialog({ page, close }: { page: Page; close: () => void }) {
  const [query, setQuery] = useState("");
  const [selected, select] = useState(0);
  const box = useRef<HTMLInputElement>(null);
  const found = useMemo(() => page.search().find(query), [page, query]);
  useLayoutEffect(() => box.current?.focus(), []);
  useEffect(() => document.getElementById(optionId(selected))?.scrollIntoView({ block: "nearest" }), [selected]);

  const go = (target: Found | undefined) => {
    if (target === undefined) return;
    close();
    location.hash = target.address;
  };
  const pressed = (event: KeyboardEvent) => {
    const last = found.length - 1;
    if (event.key === "ArrowDown") select(selected >= last ? 0 : selected + 1);
    else if (event.key === "ArrowUp") select(selected <= 0 ? Math.max(0, last) : selected - 1);
    else if (event.key === "Home") select(0);
    else if (event.key === "End") select(Math.max(0, last));
    else if (event.key === "Enter") go(found[selected]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog label="Search" class="search" close={close}>
      <input
        ref={box}
        type="text"
        class="search-box"
        placeholder="Methods, types, fields, comments"
        aria-label="Search"
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? optionId(selected) : undefined}
        autocomplete="off"
        spellcheck={false}
        value={query}
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          select(0);
        }}
        onKeyDown={pressed}
      />
      <ul id="found" class="found" role="listbox" aria-label="Found">
        {found.map((target, index) => (
          <li
            id={optionId(index)}
            key={`${target.address} ${target.kind} ${target.title}`}
            role="option"
            aria-selected={index === selected}
            onClick={() => go(target)}
            onPointerMove={() => index !== selected && select(index)}
          >
            <span class={`kind of-${target.kind}`}>{target.kind}</span>
            <span class="found-title">{target.title}</span>
            <span class="muted">{target.inside}</span>
            {target.doc !== "" && <span class="found-doc">{target.doc}</span>}
          </li>
        ))}
      </ul>
      <p class="muted" role="status">
        {query.trim() === "" ? "↑ ↓ to move, Enter to open, Esc to close" : found.length === 0 ? "Nothing found." : ""}
      </p>
    </Dialog>
  );
}

function optionId(index: number): string {
  return `found-${index}`;
}
