// Doc comments as blocks: the part of Markdown that people write in them. HTML in them is text.

export type Block =
  | { kind: "paragraph"; text: string }
  | { kind: "heading"; level: number; text: string }
  | { kind: "code"; text: string }
  | { kind: "quote"; blocks: Block[] }
  | { kind: "list"; start: number | undefined; items: Block[][] }
  | { kind: "table"; head: string[]; rows: string[][] }
  | { kind: "rule" };

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^( {0,3})([-*+]|[0-9]{1,9}[.)])( +|$)/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const TABLE = /^ *\|?( *:?-+:? *\|)+( *:?-+:? *)?\|? *$/;

/** Quotes and lists inside of one another that are taken apart. */
const MAX_DEPTH = 8;

export function blocks(text: string): Block[] {
  return read(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

function read(lines: string[], depth: number): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      at++;
      continue;
    }
    const [block, next] = readBlock(lines, at, depth);
    found.push(block);
    at = next;
  }
  return found;
}

/** The block that begins at this line, and the line behind it. */
function readBlock(lines: string[], at: number, depth: number): [Block, number] {
  const line = lines[at] ?? "";
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) return readFence(lines, at, fence);
  const heading = HEADING.exec(line);
  if (heading !== null) return [{ kind: "heading", level: heading[1]?.length ?? 1, text: heading[2] ?? "" }, at + 1];
  if (RULE.test(line)) return [{ kind: "rule" }, at + 1];
  if (/^( {4}|\t)/.test(line)) return readIndented(lines, at);
  if (depth < MAX_DEPTH && QUOTE.test(line)) {
    const end = endOf(lines, at, (next) => QUOTE.test(next));
    return [
      {
        kind: "quote",
        blocks: read(
          lines.slice(at, end).map((next) => next.replace(QUOTE, "")),
          depth + 1,
        ),
      },
      end,
    ];
  }
  if (depth < MAX_DEPTH && ITEM.test(line)) return readList(lines, at, depth);
  if (line.includes("|") && TABLE.test(lines[at + 1] ?? "")) return readTable(lines, at);
  const end = endOf(lines, at + 1, (next) => next.trim() !== "" && !opensBlock(next));
  return [
    {
      kind: "paragraph",
      text: lines
        .slice(at, end)
        .map((part) => part.trimStart())
        .join("\n"),
    },
    end,
  ];
}

function opensBlock(line: string): boolean {
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);
}

function endOf(lines: string[], at: number, belongs: (line: string) => boolean): number {
  let end = at;
  while (end < lines.length && belongs(lines[end] ?? "")) end++;
  return end;
}

function readFence(lines: string[], at: number, fence: string): [Block, number] {
  const end = endOf(lines, at + 1, (line) => !line.trim().startsWith(fence));
  return [{ kind: "code", text: lines.slice(at + 1, end).join("\n") }, end + 1];
}

function readIndented(lines: string[], at: number): [Block, number] {
  const end = endOf(lines, at, (line) => line.trim() === "" || /^( {4}|\t)/.test(line));
  const text = lines.slice(at, end).map((line) => line.replace(/^( {4}|\t)/, ""));
  return [{ kind: "code", text: text.join("\n").trimEnd() }, end];
}

function readList(lines: string[], at: number, depth: number): [Block, number] {
  const marker = ITEM.exec(lines[at] ?? "")?.[2] ?? "-";
  const isOrdered = /[0-9]/.test(marker);
  const items: Block[][] = [];
  let next = at;
  while (next < lines.length) {
    const found = ITEM.exec(lines[next] ?? "");
    if (found === null || /[0-9]/.test(found[2] ?? "") !== isOrdered) break;
    const width = found[0].length;
    let end = next + 1;
    while (end < lines.length && continuesItem(lines, end, width)) end++;
    const own = lines.slice(next, end).map((line, index) => {
      return index === 0 ? line.slice(width) : line.replace(new RegExp(`^ {0,${width}}`), "");
    });
    items.push(read(own, depth + 1));
    next = end;
    while ((lines[next] ?? "x").trim() === "" && ITEM.test(lines[next + 1] ?? "")) next++;
  }
  return [{ kind: "list", start: isOrdered ? parseInt(marker, 10) : undefined, items }, next];
}

/** Whether a line belongs to the item before it: it is indented, or goes on with its paragraph. */
function continuesItem(lines: string[], at: number, width: number): boolean {
  const line = lines[at] ?? "";
  const indent = line.length - line.trimStart().length;
  if (line.trim() === "") {
    const after = lines[at + 1] ?? "";
    return after.trim() !== "" && after.length - after.trimStart().length >= Math.min(width, 2);
  }
  if (indent >= Math.min(width, 2)) return true;
  return !opensBlock(line) && (lines[at - 1] ?? "").trim() !== "";
}

function readTable(lines: string[], at: number): [Block, number] {
  const end = endOf(lines, at + 2, (line) => line.includes("|"));
  const [head = [], ...rows] = [lines[at] ?? "", ...lines.slice(at + 2, end)].map(cells);
  return [{ kind: "table", head, rows }, end];
}

function cells(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}
