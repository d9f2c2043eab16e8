// Sends a draft and shows what becomes of it.

import type { Page } from "../views/page";
import { credential, credentialHeader } from "./credentials";
import type { Draft } from "./draft";
import { remember } from "./history";
import { redactArguments } from "./redact";
import { callHeaders } from "./request";
import { send, toldFaults } from "./send";
import { compact } from "../json/print";

export async function call(page: Page, draft: Draft): Promise<void> {
  if (draft.sending.peek() !== undefined) return;
  const controller = new AbortController();
  const text = draft.text.peek();
  const { entry } = draft;
  draft.sending.value = controller;
  const headers = {
    ...Object.fromEntries(callHeaders(draft)),
    ...credentialHeader(credential.peek(), page.catalogue.api.security),
  };
  try {
    const reply = await send({ url: entry.method.path, headers, body: text }, controller.signal);
    draft.settle(text, reply, toldFaults(reply.body));
    page.tell(`Status ${reply.status}, ${reply.outcome ?? "no outcome"}`);
    const redacted = redactArguments(page.catalogue, entry.method.arguments, draft.tree.peek());
    const outcome = reply.outcome === undefined ? {} : { outcome: reply.outcome };
    const { status, milliseconds } = reply;
    remember({ id: entry.id, text: compact(redacted), status, milliseconds, at: Date.now(), ...outcome });
  } catch {
    const failure = controller.signal.aborted ? "Cancelled." : "The gateway could not be reached.";
    draft.settle(text, undefined, [], failure);
    page.tell(failure);
  }
}
