// The form of a method's arguments.

import { useMemo } from "preact/hooks";
import type { Draft } from "../call/draft";
import { usePage } from "../views/page";
import { ROOT } from "../check/place";
import { object } from "../json/value";
import { FormContext, type FormContextValue } from "./context";
import { StructFields } from "./struct";
import { Faults } from "./faults";

export function Form({ draft }: { draft: Draft }) {
  const { catalogue } = usePage();
  const { route, method } = draft.entry;
  const form = useMemo<FormContextValue>(
    () => ({ catalogue, style: route.style, draft, wanted: { place: undefined } }),
    [catalogue, draft],
  );
  const isBroken = "fault" in draft.parsed.value;
  const tree = draft.tree.value;
  return (
    <FormContext.Provider value={form}>
      <form class="arguments" aria-label="Arguments" autocomplete="off" onSubmit={(event) => event.preventDefault()}>
        {isBroken && <p class="note">The JSON cannot be read just now; the form shows what it was before.</p>}
        <fieldset disabled={isBroken} class="plain">
          <legend class="hidden">Arguments</legend>
          {method.arguments.length === 0 && <p class="muted">This method takes no arguments.</p>}
          <Faults place={ROOT} />
          <StructFields
            fields={method.arguments}
            value={tree.kind === "object" ? tree : object([])}
            path={[]}
            place={ROOT}
          />
        </fieldset>
      </form>
    </FormContext.Provider>
  );
}
