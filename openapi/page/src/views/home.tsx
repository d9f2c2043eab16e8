// What the API is, and how it is called at all.

import { methodAddress, serviceAddress } from "../call/share";
import { summary } from "../markdown/inline";
import { InlineMarkdown, Markdown } from "../markdown/view";
import type { Route, Service } from "../model/api";
import { DocumentLink } from "./document";
import { usePage } from "./page";

/** Methods of a service that the overview names. */
const MAX_METHODS = 12;

export function Home() {
  const { catalogue } = usePage();
  const { api } = catalogue;
  return (
    <article>
      <h1 tabIndex={-1}>{api.title}</h1>
      <Markdown text={api.description} catalogue={catalogue} />
      <Servers servers={api.servers.filter((server) => server !== "/")} />
      <Access />
      <section>
        <h2>Services</h2>
        <ul class="cards">
          {api.routes.flatMap((route) => route.services.map((service) => <Card route={route} service={service} />))}
        </ul>
      </section>
      <Basics />
    </article>
  );
}

function Card({ route, service }: { route: Route; service: Service }) {
  const { catalogue } = usePage();
  const address = serviceAddress(route.path, service.name);
  const entries = catalogue.of(service);
  return (
    <li class="card">
      <h3>
        <a href={address}>{service.name}</a>
      </h3>
      <p class="muted">
        on <code>{route.path}</code>
        {route.hosts.length > 0 && ` of ${route.hosts.join(", ")}`}
        {route.sandbox && <span class="badge sandbox">sandbox</span>}
      </p>
      <p>
        <InlineMarkdown text={summary(service.doc)} catalogue={catalogue} />
      </p>
      <ul class="links">
        {entries.slice(0, MAX_METHODS).map((entry) => (
          <li>
            <a href={methodAddress(entry.id)}>{entry.method.name}</a>
          </li>
        ))}
        {entries.length > MAX_METHODS && (
          <li>
            <a href={address}>all {entries.length}</a>
          </li>
        )}
      </ul>
    </li>
  );
}

function Servers({ servers }: { servers: string[] }) {
  if (servers.length === 0) return null;
  return (
    <p>
      Served at{" "}
      {servers.map((server, index) => (
        <>
          {index > 0 && ", "}
          <code>{server}</code>
        </>
      ))}
      .
    </p>
  );
}

function Access() {
  const { catalogue } = usePage();
  const { security } = catalogue.api;
  if (security.keyHeader === undefined && !security.bearer) return null;
  return (
    <section>
      <h2>Access</h2>
      <p>
        {security.required ? "Every call shows who makes it" : "A call may show who makes it"}:{" "}
        {security.keyHeader !== undefined && (
          <>
            an API key in the header <code>{security.keyHeader}</code>
          </>
        )}
        {security.keyHeader !== undefined && security.bearer && ", or "}
        {security.bearer && (
          <>
            a token in <code>Authorization: Bearer</code>
          </>
        )}
        .
      </p>
    </section>
  );
}

function Basics() {
  const { catalogue } = usePage();
  const { api } = catalogue;
  return (
    <section>
      <h2>How a call works</h2>
      <p>
        A method is called with <code>POST</code> and <code>Content-Type: application/json</code>; the body is an object
        with its arguments. The reply is always one object:
      </p>
      <table>
        <thead>
          <tr>
            <th scope="col">What happened</th>
            <th scope="col">Reply</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <td>It succeeded</td>
            <td>
              <code>{'{"method": …, "result": {"success": …}}'}</code>
            </td>
          </tr>
          <tr>
            <td>It threw an exception that it declares</td>
            <td>
              <code>{'{"method": …, "result": {"err": …}}'}</code>
            </td>
          </tr>
          <tr>
            <td>Anything else</td>
            <td>
              <code>{'{"method": …, "exception": {"code": …, "message": …}}'}</code>
            </td>
          </tr>
        </tbody>
      </table>
      <p>
        The header <code>Thrift-Outcome</code> says which: <code>success</code>, <code>error</code> or{" "}
        <code>exception</code>. The same API as OpenAPI: <DocumentLink address={api.openapi} />
        {api.routes.length > 1 &&
          api.routes.map((route) => (
            <>
              , <DocumentLink address={route.openapi} />
            </>
          ))}
        .
      </p>
    </section>
  );
}
