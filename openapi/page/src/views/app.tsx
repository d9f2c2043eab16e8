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

/** Fetches the page model with the caller's credential, which decides what is in it. */
export async function load(): Promise<void> {
  const shown = credential.peek();
  try {
    const response = await fetch("api.json", { headers: credentialHeader(shown), credentials: "omit" });
    if (response.status === 401 || response.status === 403) {
      state.value = { kind: "locked", isWrong: shown !== undefined };
    } else if (response.ok) {
      state.value = { kind: "ready", page: new Page((await response.json()) as Api) };
    } else {
      state.value = { kind: "failed", message: `The gateway answered ${response.status} ${response.statusText}.` };
    }
  } catch {
    state.value = { kind: "failed", message: "The gateway could not be reached." };
  }
}

export function App() {
  useEffect(() => void load(), []);
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
          <Shell page={now.page} reload={load} />
        </PageContext.Provider>
      );
  }
}

function Locked({ isWrong }: { isWrong: boolean }) {
  return (
    <main class="notice">
      <h1>This API asks who you are</h1>
      <p>With a key or a token, the page shows what it may call. It stays in this tab, and goes to this gateway alone.</p>
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
