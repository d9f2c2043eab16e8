// A method: what it does, a call of it, and what goes in and comes out.

import { placeAddress, serviceAddress } from "../call/share";
import { redactArguments } from "../call/redact";
import { compact } from "../json/print";
import { Markdown } from "../markdown/view";
import type { Entry } from "../model/catalogue";
import { FieldTable } from "./fields";
import { usePage } from "./page";
import { CopyButton, Deprecated, TypeLink } from "./parts";
import { Snippets } from "./snippets";
import { Try } from "./try";

export function MethodView({ entry, given }: { entry: Entry; given: string | undefined }) {
  const page = usePage();
  const { catalogue } = page;
  const { route, service, method } = entry;
  const draft = page.draft(entry, given);
  const link = () => {
    const shared = compact(redactArguments(catalogue, method.arguments, draft.tree.peek()));
    const address = placeAddress({ kind: "method", id: entry.id, arguments: shared });
    return `${location.href.replace(/#.*$/, "")}${address}`;
  };
  return (
    <article class="method">
      <div class="method-head">
        <p class="crumbs">
          <a href={serviceAddress(route.path, service.name)}>{service.name}</a> on <code>{route.path}</code>
        </p>
        <h1 tabIndex={-1}>
          {method.name}
          {method.oneway && <span class="badge">oneway</span>}
          {route.sandbox && (
            <span class="badge sandbox" title="Answered from the IDL alone; no backend is called">
              sandbox
            </span>
          )}
          <Deprecated mark={method.deprecated} />
        </h1>
        <div class="endpoint">
          <span class="verb">POST</span> <code>{method.path}</code>
          <CopyButton label="Copy the address" text={() => location.origin + method.path} />
          <CopyButton label="Copy a link with the form" icon="link" text={link} isWide />
        </div>
      </div>
      {typeof method.deprecated === "string" && <p class="note">Deprecated: {method.deprecated}</p>}
      <Markdown text={method.doc} catalogue={catalogue} />
      <Signature entry={entry} />
      <Try key={entry.id} draft={draft} />
      <Snippets draft={draft} />
      <section>
        <h2>Arguments</h2>
        <FieldTable fields={method.arguments} />
      </section>
      <Returns entry={entry} />
      <Exceptions entry={entry} />
    </article>
  );
}

function Signature({ entry: { method } }: { entry: Entry }) {
  return (
    <p class="signature" aria-label="Signature">
      <code>
        {method.oneway ? <span class="type">oneway void</span> : <TypeLink type={method.success} />}{" "}
        <strong>{method.name}</strong>(
        {method.arguments.map((field, index) => (
          <>
            {index > 0 && ", "}
            <TypeLink type={field.type} typedef={field.typedef} /> {field.name}
          </>
        ))}
        )
        {method.throws.length > 0 && (
          <>
            {" "}
            throws{" "}
            {method.throws.map((field, index) => (
              <>
                {index > 0 && ", "}
                <TypeLink type={field.type} /> {field.name}
              </>
            ))}
          </>
        )}
      </code>
    </p>
  );
}

function Returns({ entry: { method } }: { entry: Entry }) {
  const { catalogue } = usePage();
  const success = method.success === null ? undefined : catalogue.resolve(method.success);
  return (
    <section>
      <h2>Reply</h2>
      {method.oneway ? (
        <p>None is waited for: status 202 says that the call was handed on.</p>
      ) : (
        <p>
          <code>result.success</code>: <TypeLink type={method.success} />
          {method.success === null && ", so that the result is empty"}
        </p>
      )}
      {success?.kind === "struct" && <FieldTable fields={success.fields} isUnion={success.isUnion} />}
    </section>
  );
}

function Exceptions({ entry: { method } }: { entry: Entry }) {
  const { catalogue } = usePage();
  if (method.throws.length === 0) return null;
  return (
    <section>
      <h2>Exceptions</h2>
      {method.throws.map((field) => {
        const type = catalogue.resolve(field.type);
        return (
          <div key={field.name}>
            <h3>
              <code>result.{field.name}</code>: <TypeLink type={field.type} />
            </h3>
            <Markdown text={field.doc ?? (type.kind === "struct" ? type.type.doc : undefined)} catalogue={catalogue} />
            {type.kind === "struct" && <FieldTable fields={type.fields} />}
          </div>
        );
      })}
    </section>
  );
}
