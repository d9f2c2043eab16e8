// A dialog above the page; the browser keeps the focus in it and closes it with Escape.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  label: string;
  class?: string;
  close: () => void;
  children: ComponentChildren;
}

export function Dialog({ label, class: name = "", close, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  // Before the next key is pressed: it is for the dialog.
  useLayoutEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={name}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        // The dialog's own area is its backdrop: its content lies in an element that fills it.
        if (event.target === element.current) close();
      }}
    >
      <div class="dialog-content">{children}</div>
    </dialog>
  );
}
