// From the first request to the page: loading, asking for a key, showing.

import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { credential, credentialHeader, setCredential } from "../call/credentials";
import type { Api } from "../model/api";
import { KeyForm } from "./key";
import { Page, PageContext } from "./page";
import { Shell } from "./shell";

type State =
  | { kind: "loading" }
  | { kind: "locked"; isWrong: boolean }
  | { kind: "failed"; message: string }
  | { kind: "ready"; page: Page };

const state = signal<State>({ kind: "loading" });

/** The version of the model that is shown. */
let shownVersion: string | null = null;
/** Whether the gateway has another one by now. */
const isOutdated = signal(false);

/** Fetches the page model with the caller's credential, which decides what is in it. */
async function fetchModel(): Promise<Response> {
  const headers = credentialHeader(credential.peek(), currentPage()?.catalogue.api.security);
  return fetch("api.json", { headers, credentials: "omit", cache: "no-cache" });
}

function currentPage(): Page | undefined {
  const now = state.peek();
  return now.kind === "ready" ? now.page : undefined;
}

export async function load(): Promise<void> {
  try {
    const response = await fetchModel();
    if (response.status === 401 || response.status === 403) {
      state.value = { kind: "locked", isWrong: credential.peek() !== undefined };
    } else if (response.ok) {
      const page = new Page((await response.json()) as Api, currentPage());
      shownVersion = response.headers.get("ETag");
      isOutdated.value = false;
      state.value = { kind: "ready", page };
    } else {
      state.value = { kind: "failed", message: `The gateway answered ${response.status} ${response.statusText}.` };
    }
  } catch {
    state.value = { kind: "failed", message: "The gateway could not be reached." };
  }
}

/** Looks for another version whenever the reader comes back to the page. */
async function lookAgain(): Promise<void> {
  if (document.visibilityState !== "visible" || shownVersion === null) return;
  try {
    const response = await fetchModel();
    isOutdated.value = response.ok && response.headers.get("ETag") !== shownVersion;
  } catch {
    // The gateway may be down for a moment; the page shows what it has.
  }
}

export function App() {
  useEffect(() => {
    void load();
    const look = () => void lookAgain();
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  const now = state.value;
  switch (now.kind) {
    case "loading":
      return (
        <main class="notice" aria-busy="true">
          <p>Loading…</p>
        </main>
      );
    case "locked":
      return <Locked isWrong={now.isWrong} />;
    case "failed":
      return (
        <main class="notice">
          <h1>The description of the API is not there</h1>
          <p>{now.message}</p>
          <button type="button" class="primary" onClick={() => void load()}>
            Try again
          </button>
        </main>
      );
    case "ready":
      return (
        <PageContext.Provider value={now.page}>
          {isOutdated.value && (
            <p class="note outdated" role="status">
              The API has changed since this page was loaded.{" "}
              <button type="button" onClick={() => void load()}>
                Show what is new
              </button>
            </p>
          )}
          <Shell page={now.page} reload={load} />
        </PageContext.Provider>
      );
  }
}

function Locked({ isWrong }: { isWrong: boolean }) {
  return (
    <main class="notice">
      <h1>This API asks who you are</h1>
      <p>
        With a key or a token, the page shows what it may call. It stays in this tab, and goes to this gateway alone.
      </p>
      <KeyForm
        security={undefined}
        fault={isWrong ? "The gateway does not take this one." : undefined}
        submit={(given) => {
          setCredential(given);
          void load();
        }}
      />
    </main>
  );
}
