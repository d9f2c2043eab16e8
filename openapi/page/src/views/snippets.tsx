// The call as a program, to be copied.

import { signal } from "@preact/signals";
import type { Draft } from "../call/draft";
import { credential } from "../call/credentials";
import { callAddress, callHeaders, keyHeader } from "../call/request";
import { lasting } from "../call/storage";
import { languages } from "../snippets";
import { usePage } from "./page";
import { CopyButton } from "./parts";
import { useTabs } from "./tabs";

const STORED = "thriftgate.language";
const chosen = signal(lasting.read(STORED) ?? "curl");

export function Snippets({ draft }: { draft: Draft }) {
  const { catalogue } = usePage();
  const language = languages.find(({ id }) => id === chosen.value) ?? languages[0];
  const tabs = useTabs(
    languages.map(({ id }) => id),
    language?.id ?? "",
    (id) => {
      chosen.value = id;
      lasting.write(STORED, id);
    },
  );
  if (language === undefined) return null;
  const write = () =>
    language.write({
      catalogue,
      entry: draft.entry,
      url: callAddress(draft, location),
      headers: callHeaders(draft),
      key: keyHeader(catalogue.api.security, credential.value),
      arguments: draft.tree.value,
    });
  return (
    <section class="snippets">
      <div class="snippets-head">
        <h2 id="snippets">Call it from</h2>
        <div class="tabs" role="tablist" aria-labelledby="snippets" onKeyDown={tabs.pressed}>
          {languages.map(({ id, name }) => (
            <button
              type="button"
              role="tab"
              id={`tab-${id}`}
              aria-selected={id === language.id}
              aria-controls="snippet"
              tabIndex={id === language.id ? 0 : -1}
              onClick={() => tabs.choose(id)}
            >
              {name}
            </button>
          ))}
        </div>
      </div>
      <div class="snippet" id="snippet" role="tabpanel" aria-labelledby={`tab-${language.id}`}>
        <div class="snippet-tools">
          <span class="muted">{language.hint}</span>
          <CopyButton label={`Copy as ${language.name}`} text={write} />
        </div>
        <pre tabIndex={0}>
          <code>{write()}</code>
        </pre>
      </div>
    </section>
  );
}
