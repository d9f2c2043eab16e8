// Doc comments on the page. Everything becomes elements of the page's own making; no HTML is ever parsed.

import type { ComponentChildren } from "preact";
import { blocks, type Block } from "./blocks";
import { inline, type Inline } from "./inline";
import type { Catalogue } from "../model/catalogue";
import { methodAddress, typeAddress } from "../call/share";

/** Names that look like ones: a plain word such as `User` or `read` in a sentence may be just a word. */
const NAME = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+|[A-Za-z][a-z0-9]*[A-Z_][A-Za-z0-9_]*/g;

export function Markdown({ text, catalogue }: { text: string | undefined; catalogue: Catalogue }) {
  if (text === undefined || text.trim() === "") return null;
  return <div class="markdown">{blocks(text).map((block) => blockView(block, catalogue))}</div>;
}

/** A doc comment within a line: its blocks as one run of text. */
export function InlineMarkdown({ text, catalogue }: { text: string | undefined; catalogue: Catalogue }) {
  return text === undefined ? null : <>{spans(text, catalogue)}</>;
}

function spans(text: string, catalogue: Catalogue): ComponentChildren {
  return inline(text).map((part) => inlineView(part, catalogue));
}

function blockView(block: Block, catalogue: Catalogue): ComponentChildren {
  switch (block.kind) {
    case "paragraph":
      return <p>{spans(block.text, catalogue)}</p>;
    case "heading":
      // The page's own headings go down to the third level; a comment's stand below them.
      return block.level < 3 ? <h4>{spans(block.text, catalogue)}</h4> : <h5>{spans(block.text, catalogue)}</h5>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote>{block.blocks.map((inner) => blockView(inner, catalogue))}</blockquote>;
    case "list": {
      const items = block.items.map((item) => <li>{itemView(item, catalogue)}</li>);
      return block.start === undefined ? <ul>{items}</ul> : <ol start={block.start}>{items}</ol>;
    }
    case "table":
      return tableView(block, catalogue);
    case "rule":
      return <hr />;
  }
}

/** An item of one paragraph stands without the paragraph's margins. */
function itemView(item: Block[], catalogue: Catalogue): ComponentChildren {
  return item.map((block, index) =>
    index === 0 && block.kind === "paragraph" ? spans(block.text, catalogue) : blockView(block, catalogue),
  );
}

function tableView({ head, rows }: { head: string[]; rows: string[][] }, catalogue: Catalogue): ComponentChildren {
  return (
    <table>
      <thead>
        <tr>
          {head.map((cell) => (
            <th scope="col">{spans(cell, catalogue)}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            {row.map((cell) => (
              <td>{spans(cell, catalogue)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inlineView(part: Inline, catalogue: Catalogue): ComponentChildren {
  switch (part.kind) {
    case "text":
      return linkedText(part.text, catalogue);
    case "code": {
      const address = addressOf(part.text, catalogue);
      const code = <code>{part.text}</code>;
      return address === undefined ? code : <a href={address}>{code}</a>;
    }
    case "break":
      return <br />;
    case "link":
      return (
        <a href={part.address} rel="noopener noreferrer" target="_blank">
          {part.inner.map((inner) => inlineView(inner, catalogue))}
        </a>
      );
    case "strong":
      return <strong>{part.inner.map((inner) => inlineView(inner, catalogue))}</strong>;
    case "emphasis":
      return <em>{part.inner.map((inner) => inlineView(inner, catalogue))}</em>;
    case "strike":
      return <s>{part.inner.map((inner) => inlineView(inner, catalogue))}</s>;
  }
}

function linkedText(text: string, catalogue: Catalogue): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let last = 0;
  for (const match of text.matchAll(NAME)) {
    const address = addressOf(match[0], catalogue);
    if (address === undefined) continue;
    parts.push(text.slice(last, match.index), <a href={address}>{match[0]}</a>);
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}

/** Where a name leads: a type, `Service.method`, or a method whose name no other has. */
function addressOf(name: string, catalogue: Catalogue): string | undefined {
  const plain = name.replace(/\(\)$/, "").replace("::", ".");
  if (catalogue.type(plain) !== undefined) return typeAddress(plain);
  const entry = catalogue.named(plain);
  return entry === undefined ? undefined : methodAddress(entry.id);
}
