// The text of a block: code, emphasis and links.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "emphasis" | "strike"; inner: Inline[] }
  | { kind: "link"; address: string; inner: Inline[] }
  | { kind: "break" };

const PATTERN = new RegExp(
  [
    /\\([!-/:-@[-`{-~])/, // 1 an escaped sign
    /(`+)(.+?)(?<!`)\2(?!`)/, // 2, 3 code
    /!?\[((?:[^\][]|\[[^\][]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\s*\)/, // 4, 5 a link
    /<((?:https?:\/\/|mailto:)[^\s<>]+)>/, // 6 an address in angle brackets
    /(https?:\/\/[^\s<>()"'`]*[^\s<>()"'`.,:;!?*_])/, // 7 a bare address
    /\*\*(?=\S)(.+?)(?<=\S)\*\*/, // 8 strong
    /(?<![A-Za-z0-9_])__(?=\S)(.+?)(?<=\S)__(?![A-Za-z0-9_])/, // 9 strong
    /\*(?=[^\s*])(.+?)(?<=[^\s*])\*(?!\*)/, // 10 emphasis
    /(?<![A-Za-z0-9_])_(?=[^\s_])(.+?)(?<=[^\s_])_(?![A-Za-z0-9_])/, // 11 emphasis
    /~~(?=\S)(.+?)(?<=\S)~~/, // 12 struck out
    /( {2,}|\\)\n/, // 13 a break of the line
  ]
    .map((part) => part.source)
    .join("|"),
  "gs",
);

const MAX_DEPTH = 6;

export function inline(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  let last = 0;
  const plain = (end: number) => {
    if (end > last) found.push({ kind: "text", text: text.slice(last, end) });
  };
  for (const match of depth > MAX_DEPTH ? [] : text.matchAll(PATTERN)) {
    plain(match.index);
    found.push(element(match, depth + 1));
    last = match.index + match[0].length;
  }
  plain(text.length);
  return found;
}

function element(match: RegExpExecArray, depth: number): Inline {
  const [all, escaped, , code, label, target, angled, bare, strong, strong2, em, em2, struck] = match;
  if (escaped !== undefined) return { kind: "text", text: escaped };
  if (code !== undefined) return { kind: "code", text: code.replace(/^ (.*\S.*) $/s, "$1") };
  if (label !== undefined) return link(target ?? "", inline(label, depth));
  const address = angled ?? bare;
  if (address !== undefined) return link(address, [{ kind: "text", text: address.replace(/^mailto:/, "") }]);
  const loud = strong ?? strong2;
  if (loud !== undefined) return { kind: "strong", inner: inline(loud, depth) };
  const soft = em ?? em2;
  if (soft !== undefined) return { kind: "emphasis", inner: inline(soft, depth) };
  if (struck !== undefined) return { kind: "strike", inner: inline(struck, depth) };
  return all.endsWith("\n") ? { kind: "break" } : { kind: "text", text: all };
}

/** A link, where its address leads out of the page and runs nothing; its label alone where it does not. */
function link(address: string, inner: Inline[]): Inline {
  return /^(https?:\/\/|mailto:)/i.test(address) ? { kind: "link", address, inner } : { kind: "emphasis", inner };
}

/** A text without its marks: for search, and for the summary in one line. */
export function plainText(text: string): string {
  return flatten(inline(text));
}

function flatten(parts: Inline[]): string {
  return parts
    .map((part) => {
      if (part.kind === "break") return " ";
      return "inner" in part ? flatten(part.inner) : part.text;
    })
    .join("");
}

/** The first sentence of a doc comment. */
export function summary(doc: string | undefined): string {
  const paragraph = (doc ?? "").trim().split(/\n\s*\n/)[0] ?? "";
  const text = plainText(paragraph.replace(/\s+/g, " "));
  return /^.*?(?<!\b(?:e\.g|i\.e|cf|vs))[.!?](?=\s|$)/s.exec(text)?.[0] ?? text;
}
