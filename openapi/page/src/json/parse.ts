// JSON text to a tree with positions, by the grammar of RFC 8259.

import type { Json, JsonMember } from "./value";

/** A text that is no JSON. */
export interface SyntaxFault {
  message: string;
  at: number;
}

export type Parsed = { value: Json } | { fault: SyntaxFault };

/** The gateway takes 64 levels; this only keeps the stack from overflowing. */
const MAX_DEPTH = 500;

class Stop {
  constructor(readonly fault: SyntaxFault) {}
}

const ESCAPES: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

class Parser {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  document(): Json {
    this.space();
    const value = this.value();
    this.space();
    if (this.at < this.text.length) this.stop("characters after the end");
    return value;
  }

  private stop(message: string, at = this.at): never {
    throw new Stop({ message: at >= this.text.length ? "the text ends too early" : message, at });
  }

  private space(): void {
    while (" \t\n\r".includes(this.text[this.at] ?? "x")) this.at++;
  }

  private value(): Json {
    const from = this.at;
    switch (this.text[from]) {
      case "{":
        return this.object();
      case "[":
        return this.array();
      case '"': {
        const value = this.string();
        return { kind: "string", value, from, to: this.at };
      }
      case "t":
        this.word("true");
        return { kind: "boolean", value: true, from, to: this.at };
      case "f":
        this.word("false");
        return { kind: "boolean", value: false, from, to: this.at };
      case "n":
        this.word("null");
        return { kind: "null", from, to: this.at };
      default:
        return this.number();
    }
  }

  private word(word: string): void {
    if (!this.text.startsWith(word, this.at)) this.stop("a value expected");
    this.at += word.length;
  }

  private number(): Json {
    const from = this.at;
    const pattern = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
    pattern.lastIndex = from;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined) this.stop(this.text[from] === "-" ? "a malformed number" : "a value expected");
    this.at += found.length;
    if (/[0-9.eE+-]/.test(this.text[this.at] ?? "")) this.stop("a malformed number", from);
    return { kind: "number", text: found, from, to: this.at };
  }

  private string(): string {
    let value = "";
    let start = ++this.at;
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) this.stop("");
      if (char === '"') break;
      if (char < " ") this.stop("a control character that is not escaped");
      if (char === "\\") {
        value += this.text.slice(start, this.at) + this.escape();
        start = this.at;
      } else {
        this.at++;
      }
    }
    value += this.text.slice(start, this.at);
    this.at++;
    return value;
  }

  private escape(): string {
    const char = this.text[this.at + 1] ?? "";
    const simple = ESCAPES[char];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    const digits = this.text.slice(this.at + 2, this.at + 6);
    if (char !== "u" || !/^[0-9a-fA-F]{4}$/.test(digits)) this.stop("an unknown escape");
    this.at += 6;
    return String.fromCharCode(parseInt(digits, 16));
  }

  private enter(): void {
    if (++this.depth > MAX_DEPTH) this.stop("nested too deep");
    this.at++;
    this.space();
  }

  /** Whether another element follows; passes the separator or the end. */
  private more(end: string): boolean {
    this.space();
    const char = this.text[this.at];
    if (char !== "," && char !== end) this.stop(`a comma or ${end} expected`);
    this.at++;
    this.space();
    return char === ",";
  }

  private array(): Json {
    const from = this.at;
    const items: Json[] = [];
    this.enter();
    if (this.text[this.at] === "]") this.at++;
    else
      do items.push(this.value());
      while (this.more("]"));
    this.depth--;
    return { kind: "array", items, from, to: this.end("]") };
  }

  private object(): Json {
    const from = this.at;
    const members: JsonMember[] = [];
    this.enter();
    if (this.text[this.at] === "}") this.at++;
    else
      do members.push(this.member());
      while (this.more("}"));
    this.depth--;
    return { kind: "object", members, from, to: this.end("}") };
  }

  /** The position behind the bracket, which white space may separate from here. */
  private end(bracket: string): number {
    return this.text.lastIndexOf(bracket, this.at - 1) + 1;
  }

  private member(): JsonMember {
    const keyFrom = this.at;
    if (this.text[keyFrom] !== '"') this.stop("a key in double quotes expected");
    const key = this.string();
    const keyTo = this.at;
    this.space();
    if (this.text[this.at] !== ":") this.stop("a colon expected");
    this.at++;
    this.space();
    return { key, keyFrom, keyTo, value: this.value() };
  }
}

/** The value of a text, or what is wrong with it first. */
export function parse(text: string): Parsed {
  try {
    return { value: new Parser(text).document() };
  } catch (stop) {
    if (stop instanceof Stop) return { fault: stop.fault };
    throw stop;
  }
}
