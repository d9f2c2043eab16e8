// What came back: status, outcome, headers, time, size, and the body.

import { useState } from "preact/hooks";
import type { Draft } from "../call/draft";
import type { Reply } from "../call/send";
import { layOut, tokens } from "../json/tokens";
import { usePage } from "./page";
import { CopyButton } from "./parts";

/** Longer bodies are shown without colours: every token is an element. */
const MAX_COLOURED = 200_000;
/** And cut, since a browser takes long over a line of megabytes; the whole is copied all the same. */
const MAX_SHOWN = 2_000_000;

export function ReplyView({ draft }: { draft: Draft }) {
  const reply = draft.reply.value;
  const failure = draft.failure.value;
  const sending = draft.sending.value !== undefined;
  if (reply === undefined) {
    return failure === undefined ? null : (
      <p class="fault reply" role="alert">
        {failure}
      </p>
    );
  }
  return (
    <div class={sending ? "reply stale" : "reply"} aria-busy={sending}>
      <Summary reply={reply} />
      <Body reply={reply} />
    </div>
  );
}

function Summary({ reply }: { reply: Reply }) {
  const page = usePage();
  const isGood = reply.status < 400 && reply.outcome !== "error";
  return (
    <div class="reply-summary">
      <h3>Reply</h3>
      <span class={`status ${isGood ? "good" : reply.outcome === "error" ? "declared" : "bad"}`}>
        {reply.status} {reply.statusText}
      </span>
      {reply.outcome !== undefined && (
        <span class="outcome" title="Thrift-Outcome">
          {OUTCOMES[reply.outcome] ?? reply.outcome}
        </span>
      )}
      <span class="muted">{formatTime(reply.milliseconds)}</span>
      <span class="muted">{formatSize(reply.bytes)}</span>
      {reply.status === 401 && (
        <button type="button" onClick={() => (page.dialog.value = "key")}>
          Use a key
        </button>
      )}
    </div>
  );
}

const OUTCOMES: Record<string, string> = {
  success: "success",
  error: "error (a declared exception)",
  exception: "exception",
};

function formatTime(milliseconds: number): string {
  return milliseconds < 1000
    ? `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`
    : `${(milliseconds / 1000).toFixed(2)} s`;
}

function formatSize(bytes: number): string {
  return bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 * 1024
      ? `${(bytes / 1024).toFixed(1)} KiB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function Body({ reply }: { reply: Reply }) {
  const [isRaw, setRaw] = useState(false);
  const text = isRaw ? reply.body : layOut(reply.body);
  return (
    <>
      <div class="reply-body">
        <div class="reply-tools">
          <button type="button" class="quiet" aria-pressed={isRaw} onClick={() => setRaw(!isRaw)}>
            Raw
          </button>
          <CopyButton label="Copy the reply" text={() => reply.body} />
        </div>
        <pre tabIndex={0} role="region" aria-label="Body of the reply">
          <code>{text.length > MAX_COLOURED ? text.slice(0, MAX_SHOWN) : <Coloured text={text} />}</code>
        </pre>
        {text.length > MAX_SHOWN && <p class="muted">Cut here; copying takes all of it.</p>}
      </div>
      <details class="headers">
        <summary>{reply.headers.length} headers</summary>
        <table>
          <tbody>
            {reply.headers.map(([name, value]) => (
              <tr>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

/** JSON in colours. */
function Coloured({ text }: { text: string }) {
  return (
    <>
      {tokens(text).map(({ kind, text }) =>
        kind === "space" || kind === "punctuation" || kind === "other" ? (
          text
        ) : (
          <span class={`json-${kind}`}>{text}</span>
        ),
      )}
    </>
  );
}
