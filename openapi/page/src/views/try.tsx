// A call in the browser: form and JSON side by side, and the reply beneath.

import { useState } from "preact/hooks";
import { call } from "../call/call";
import type { Draft } from "../call/draft";
import { JsonEditor } from "../editor/view";
import { Form } from "../form/form";
import { layOut } from "../json/tokens";
import { print } from "../json/print";
import { fromPlain } from "../json/value";
import { isReachable } from "../call/request";
import { Icon } from "./icon";
import { usePage } from "./page";
import { ReplyView } from "./reply";

const IS_APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

export function Try({ draft }: { draft: Draft }) {
  const page = usePage();
  // On a narrow screen one of the two is shown.
  const [side, setSide] = useState<"form" | "json">("form");
  const { route, method } = draft.entry;
  const sending = draft.sending.value;
  const run = () => void call(page, draft);
  const isNear = isReachable(route, location);
  return (
    <section
      class={`try show-${side}`}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        run();
      }}
    >
      <div class="try-head">
        <h2>Try it</h2>
        <div class="switch" role="group" aria-label="Show">
          {(["form", "json"] as const).map((name) => (
            <button type="button" aria-pressed={side === name} onClick={() => setSide(name)}>
              {name === "form" ? "Form" : "JSON"}
            </button>
          ))}
        </div>
        <div class="try-tools">
          <button
            type="button"
            class="quiet"
            onClick={() => (draft.text.value = print(fromPlain(method.example ?? {})))}
          >
            Example
          </button>
          <button type="button" class="quiet" onClick={() => (draft.text.value = "{}")}>
            Clear
          </button>
          <button type="button" class="quiet json-only" onClick={() => (draft.text.value = layOut(draft.text.value))}>
            Tidy
          </button>
        </div>
      </div>
      <div class="try-sides">
        <div class="form-side">
          <Form draft={draft} />
        </div>
        <div class="json-side">
          <JsonEditor draft={draft} run={run} />
          <SyntaxFault draft={draft} />
        </div>
      </div>
      <div class="try-bar">
        {sending === undefined ? (
          <button type="button" class="primary send" disabled={!isNear} aria-keyshortcuts="Control+Enter" onClick={run}>
            <Icon name="send" /> Send <kbd aria-hidden="true">{IS_APPLE ? "⌘" : "Ctrl"} ↵</kbd>
          </button>
        ) : (
          <button type="button" class="send" onClick={() => sending.abort()}>
            Cancel
          </button>
        )}
        <FaultCount draft={draft} />
        {route.sandbox && <Mock draft={draft} />}
      </div>
      {!isNear && (
        <p class="note">
          This route answers on{" "}
          {route.hosts.map((host) => (
            <code>{host} </code>
          ))}{" "}
          alone. Open this page there to send from it.
        </p>
      )}
      <ReplyView draft={draft} />
    </section>
  );
}

function SyntaxFault({ draft }: { draft: Draft }) {
  const parsed = draft.parsed.value;
  return (
    <p class="fault syntax" id="syntax-fault" role="status">
      {"fault" in parsed && `Malformed JSON: ${parsed.fault.message}`}
    </p>
  );
}

function FaultCount({ draft }: { draft: Draft }) {
  const count = draft.faults.value.length;
  if (count === 0) return null;
  return <span class="fault">{count === 1 ? "1 fault in the arguments" : `${count} faults in the arguments`}</span>;
}

/** What a sandbox is asked to answer. */
function Mock({ draft }: { draft: Draft }) {
  const { outcome, latency } = draft.mock.value;
  return (
    <div class="mock">
      <label>
        Outcome{" "}
        <select
          value={outcome}
          onChange={(event) => (draft.mock.value = { latency, outcome: event.currentTarget.value })}
        >
          <option value="">success</option>
          {draft.entry.method.throws.map((field) => (
            <option value={field.name}>{field.name}</option>
          ))}
        </select>
      </label>
      <label>
        Latency{" "}
        <input
          type="number"
          min="0"
          step="any"
          placeholder="as set"
          value={latency}
          onInput={(event) => (draft.mock.value = { outcome, latency: event.currentTarget.value })}
        />{" "}
        s
      </label>
    </div>
  );
}
