// A struct, union, exception, enum or typedef, and where it is used.

import { methodAddress, typeAddress } from "../call/share";
import { Markdown } from "../markdown/view";
import type { Type } from "../model/api";
import { FieldTable } from "./fields";
import { usePage } from "./page";
import { Deprecated, TypeLink } from "./parts";
import { Schemas } from "./schemas";

/** Uses that are listed. */
const MAX_USES = 60;

export function TypeView({ type }: { type: Type }) {
  const { catalogue } = usePage();
  return (
    <article>
      <p class="crumbs">{type.kind}</p>
      <h1 tabIndex={-1}>
        {type.name} <Deprecated mark={type.deprecated} />
      </h1>
      <Markdown text={type.doc} catalogue={catalogue} />
      {type.target !== undefined && (
        <p>
          Stands for <TypeLink type={type.target} />.
        </p>
      )}
      {type.kind === "union" && <p>Exactly one of these is set.</p>}
      {type.fields !== undefined && <FieldTable fields={type.fields} isUnion={type.kind === "union"} />}
      {type.members !== undefined && <Members type={type} />}
      <Uses name={type.name} />
      {type.kind !== "typedef" && <Schemas name={type.name} />}
    </article>
  );
}

function Members({ type }: { type: Type }) {
  const { catalogue } = usePage();
  return (
    <table>
      <caption class="hidden">Members</caption>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Number</th>
          <th scope="col">Meaning</th>
        </tr>
      </thead>
      <tbody>
        {type.members?.map((member) => (
          <tr>
            <th scope="row">
              <code>{member.name}</code>
            </th>
            <td>{member.value}</td>
            <td>
              <Markdown text={member.doc} catalogue={catalogue} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Uses({ name }: { name: string }) {
  const { catalogue } = usePage();
  const { methods, types } = catalogue.uses(name);
  if (methods.length + types.length === 0) return null;
  const hidden = methods.length + types.length - MAX_USES;
  return (
    <section>
      <h2>Used by</h2>
      <ul class="links">
        {methods.slice(0, MAX_USES).map((entry) => (
          <li>
            <a href={methodAddress(entry.id)}>
              {entry.service.name}.{entry.method.name}
            </a>
          </li>
        ))}
        {types.slice(0, Math.max(0, MAX_USES - methods.length)).map((user) => (
          <li>
            <a href={typeAddress(user.name)}>{user.name}</a>
          </li>
        ))}
        {hidden > 0 && <li>and {hidden} more</li>}
      </ul>
    </section>
  );
}
