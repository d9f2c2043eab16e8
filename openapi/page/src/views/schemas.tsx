// The JSON Schemas of a type. There may be one, or several: of requests and replies, and of each style. Their names are
// those of the OpenAPI document, which is fetched when the reader asks.

import { useState } from "preact/hooks";
import { credential, credentialHeader } from "../call/credentials";
import { DocumentLink } from "./document";
import { usePage } from "./page";

interface Document {
  components?: { schemas?: Record<string, unknown> };
}

export function Schemas({ name }: { name: string }) {
  const page = usePage();
  const { openapi, security } = page.catalogue.api;
  const [names, setNames] = useState<string[] | "unasked" | "failed">("unasked");
  const ask = async () => {
    try {
      const headers = credentialHeader(credential.peek(), security);
      const response = await fetch(openapi, { headers, credentials: "omit" });
      const { components } = (await response.json()) as Document;
      const all = Object.keys(components?.schemas ?? {});
      setNames(all.filter((schema) => schema === name || schema.startsWith(`${name}-`)));
    } catch {
      setNames("failed");
    }
  };
  const folder = `${openapi.replace(/\.json$/, "")}/schemas`;
  return (
    <details class="schemas" onToggle={(event) => event.currentTarget.open && names === "unasked" && void ask()}>
      <summary>JSON Schema</summary>
      {names === "unasked" && <p class="muted">Loading…</p>}
      {names === "failed" && <p class="fault">The OpenAPI document could not be read.</p>}
      {Array.isArray(names) && (
        <ul class="links">
          {names.map((schema) => (
            <li key={schema}>
              <DocumentLink address={`${folder}/${encodeURIComponent(schema)}.json`} label={schema} />
            </li>
          ))}
          {names.length === 0 && <li>None: its form is part of the schemas that use it.</li>}
        </ul>
      )}
    </details>
  );
}
