// JSON text as tokens: to show replies in colour and to lay them out anew, without ever reading a number.

type TokenKind = "key" | "string" | "number" | "word" | "punctuation" | "space" | "other";

export interface Token {
  kind: TokenKind;
  text: string;
}

const TOKEN = /(\s+)|("(?:[^"\\]|\\.)*")|(-?[0-9][0-9.eE+-]*)|(true|false|null)|([{}[\],:])|([^\s"{}[\],:]+|.)/gs;

/** The tokens of a text, which together are that text. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  let previous: Token | undefined;
  for (const [part, space, string, number, word, punctuation] of text.matchAll(TOKEN)) {
    let kind: TokenKind = "other";
    if (space !== undefined) kind = "space";
    else if (string !== undefined) kind = "string";
    else if (number !== undefined) kind = "number";
    else if (word !== undefined) kind = "word";
    else if (punctuation !== undefined) kind = "punctuation";
    const token = { kind, text: part };
    if (part === ":" && previous?.kind === "string") previous.kind = "key";
    if (kind !== "space") previous = token;
    found.push(token);
  }
  return found;
}

/** The text over several lines, two spaces for each level. What is no JSON keeps its tokens all the same. */
export function layOut(text: string): string {
  const parts: string[] = [];
  let depth = 0;
  const line = () => `\n${"  ".repeat(depth)}`;
  const solid = tokens(text).filter((token) => token.kind !== "space");
  solid.forEach(({ kind, text }, index) => {
    if (kind !== "punctuation") {
      parts.push(text);
    } else if (text === "{" || text === "[") {
      depth++;
      const isEmpty = "}]".includes(solid[index + 1]?.text ?? "x");
      parts.push(isEmpty ? text : text + line());
    } else if (text === "}" || text === "]") {
      depth = Math.max(0, depth - 1);
      const isEmpty = "{[".includes(solid[index - 1]?.text ?? "x");
      parts.push(isEmpty ? text : line() + text);
    } else {
      parts.push(text === "," ? text + line() : ": ");
    }
  });
  return parts.join("");
}
