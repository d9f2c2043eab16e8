// The last requests, to be made again.

import { forget, history, type Past } from "../call/history";
import { methodAddress } from "../call/share";
import { layOut } from "../json/tokens";
import { Dialog } from "./dialog";
import type { Page } from "./page";

const MAX_SHOWN = 120;

export function HistoryDialog({ page, close }: { page: Page; close: () => void }) {
  const open = (past: Past) => {
    const entry = page.catalogue.entry(past.id);
    if (entry === undefined) return;
    page.draft(entry, undefined).text.value = layOut(past.text);
    close();
    location.hash = methodAddress(past.id);
  };
  return (
    <Dialog label="Last requests" close={close}>
      <h2>Last requests</h2>
      <p class="muted">Kept in this browser, without keys and sensitive values.</p>
      {history.value.length === 0 ? (
        <p>None yet.</p>
      ) : (
        <ul class="history">
          {history.value.map((past) => (
            <li key={`${past.at}`}>
              <button type="button" disabled={page.catalogue.entry(past.id) === undefined} onClick={() => open(past)}>
                <span class={past.status < 400 ? "status good" : "status bad"}>{past.status}</span>
                <strong>{past.id.replace(/^.*\//, "")}</strong>
                <time class="muted" dateTime={new Date(past.at).toISOString()}>
                  {new Date(past.at).toLocaleTimeString()}
                </time>
                <code class="past-text">{past.text.slice(0, MAX_SHOWN)}</code>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="row">
        {history.value.length > 0 && (
          <button type="button" onClick={forget}>
            Forget them
          </button>
        )}
        <button type="button" class="primary" onClick={close}>
          Close
        </button>
      </div>
    </Dialog>
  );
}
