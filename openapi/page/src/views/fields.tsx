// Fields in a table, with what they mean.

import { Markdown } from "../markdown/view";
import { fromPlain } from "../json/value";
import { compact } from "../json/print";
import type { Field } from "../model/api";
import { usePage } from "./page";
import { FieldMarks, TypeLink } from "./parts";

interface Props {
  fields: Field[];

  isUnion?: boolean;
}

export function FieldTable({ fields, isUnion = false }: Props) {
  const { catalogue } = usePage();
  if (fields.length === 0) return <p class="muted">None.</p>;
  return (
    <dl class="fields">
      {fields.map((field) => (
        <div>
          <dt>
            <code class="name">{field.name}</code> <TypeLink type={field.type} typedef={field.typedef} />{" "}
            <FieldMarks field={field} isUnion={isUnion} />
          </dt>
          <dd>
            <Markdown text={field.doc} catalogue={catalogue} />
            {field.default !== undefined && (
              <p class="muted">
                Default <code>{compact(fromPlain(field.default))}</code>
              </p>
            )}
            {typeof field.deprecated === "string" && <p class="muted">Deprecated: {field.deprecated}</p>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
