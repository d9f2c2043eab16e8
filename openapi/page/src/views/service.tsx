// A service and its methods.

import { methodAddress } from "../call/share";
import { summary } from "../markdown/inline";
import { InlineMarkdown, Markdown } from "../markdown/view";
import type { Route, Service } from "../model/api";
import { usePage } from "./page";
import { Deprecated } from "./parts";

export function ServiceView({ route, service }: { route: Route; service: Service }) {
  const { catalogue } = usePage();
  return (
    <article>
      <p class="crumbs">
        Service on <code>{route.path}</code>
      </p>
      <h1 tabIndex={-1}>
        {service.name} <Deprecated mark={service.deprecated} />
      </h1>
      {service.extends !== undefined && (
        <p>
          Extends <code>{service.extends}</code>.
        </p>
      )}
      <Markdown text={service.doc} catalogue={catalogue} />
      <h2>Methods</h2>
      <dl class="methods">
        {catalogue.of(service).map((entry) => (
          <div>
            <dt>
              <a href={methodAddress(entry.id)}>
                <code>{entry.method.name}</code>
              </a>{" "}
              <Deprecated mark={entry.method.deprecated} />
            </dt>
            <dd>
              <InlineMarkdown text={summary(entry.method.doc)} catalogue={catalogue} />
            </dd>
          </div>
        ))}
      </dl>
    </article>
  );
}
