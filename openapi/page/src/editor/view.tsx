// The JSON editor on the page. The editor's code is fetched when the first method is shown; until then there is a plain
// text area, which stays if it cannot be had.

import { useEffect, useRef, useState } from "preact/hooks";
import { effect } from "@preact/signals";
import type { Draft } from "../call/draft";
import { usePage } from "../views/page";

interface Props {
  draft: Draft;
  /** Sends the call. */
  run: () => void;
}

export function JsonEditor({ draft, run }: Props) {
  const { catalogue } = usePage();
  const host = useRef<HTMLDivElement>(null);
  const [isReady, setReady] = useState(false);
  const latestRun = useRef(run);
  latestRun.current = run;

  useEffect(() => {
    let stop: (() => void) | undefined;
    let isGone = false;
    const start = async () => {
      const { createEditor } = await import("./codemirror");
      if (isGone || host.current === null) return;
      const editor = createEditor({
        parent: host.current,
        text: draft.text.peek(),
        draft,
        catalogue,
        changed: (text) => (draft.text.value = text),
        run: () => latestRun.current(),
      });
      const unfollow = effect(() => editor.show(draft.text.value));
      const unlint = effect(() => editor.setFaults(draft.parsed.value, draft.faults.value));
      stop = () => {
        unfollow();
        unlint();
        editor.destroy();
      };
      setReady(true);
    };
    start().catch(() => undefined);
    return () => {
      isGone = true;
      stop?.();
    };
  }, [draft]);

  return (
    <div class="editor">
      <div class="editor-host" ref={host} />
      {!isReady && (
        <textarea
          class="editor-plain"
          aria-label="Arguments as JSON"
          aria-describedby="syntax-fault"
          spellcheck={false}
          value={draft.text.value}
          onInput={(event) => (draft.text.value = event.currentTarget.value)}
        />
      )}
    </div>
  );
}
