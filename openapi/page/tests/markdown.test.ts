import { expect, test } from "vitest";
import { blocks } from "../src/markdown/blocks";
import { inline, plainText, summary } from "../src/markdown/inline";

test("paragraphs, headings, code, quotes and rules", () => {
  const text = "One\nline.\n\n# Title #\n\n```js\na  < b\n```\n\n    indented\n\n> quoted\n> more\n\n---\nend";
  expect(blocks(text)).toEqual([
    { kind: "paragraph", text: "One\nline." },
    { kind: "heading", level: 1, text: "Title" },
    { kind: "code", text: "a  < b" },
    { kind: "code", text: "indented" },
    { kind: "quote", blocks: [{ kind: "paragraph", text: "quoted\nmore" }] },
    { kind: "rule" },
    { kind: "paragraph", text: "end" },
  ]);
});

test("lists hold lists, and paragraphs", () => {
  const [list] = blocks("- one\n  goes on\n- two\n  - inner\n\n  and more\n- three\n");
  expect(list).toEqual({
    kind: "list",
    start: undefined,
    items: [
      [{ kind: "paragraph", text: "one\ngoes on" }],
      [
        { kind: "paragraph", text: "two" },
        { kind: "list", start: undefined, items: [[{ kind: "paragraph", text: "inner" }]] },
        { kind: "paragraph", text: "and more" },
      ],
      [{ kind: "paragraph", text: "three" }],
    ],
  });
  expect(blocks("3. three\n4. four\n\ntext")).toMatchObject([{ kind: "list", start: 3 }, { kind: "paragraph" }]);
});

test("tables", () => {
  expect(blocks("| a | b |\n|---|:-:|\n| 1 | x \\| y |")).toEqual([
    { kind: "table", head: ["a", "b"], rows: [["1", "x | y"]] },
  ]);
});

test("code, emphasis and links in a line", () => {
  expect(inline("a `b*c*` **d _e_** [f](https://g.h/i) <https://j.k> \\*l* snake_case_name")).toEqual([
    { kind: "text", text: "a " },
    { kind: "code", text: "b*c*" },
    { kind: "text", text: " " },
    {
      kind: "strong",
      inner: [
        { kind: "text", text: "d " },
        { kind: "emphasis", inner: [{ kind: "text", text: "e" }] },
      ],
    },
    { kind: "text", text: " " },
    { kind: "link", address: "https://g.h/i", inner: [{ kind: "text", text: "f" }] },
    { kind: "text", text: " " },
    { kind: "link", address: "https://j.k", inner: [{ kind: "text", text: "https://j.k" }] },
    { kind: "text", text: " " },
    { kind: "text", text: "*" },
    { kind: "text", text: "l* snake_case_name" },
  ]);
});

test.each(["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x", "/admin", " https://a"])(
  "a link to %s is none",
  (address) => {
    expect(inline(`[x](${address})`).some((part) => part.kind === "link" && part.address !== "https://a")).toBe(false);
  },
);

test("HTML is text", () => {
  expect(plainText("<b onclick=x>no</b>")).toBe("<b onclick=x>no</b>");
});

test("hostile comments take no long time", () => {
  const began = performance.now();
  for (const part of ["*a", "_a ", "[", "`", "**", "![](", "> ", "- ", "<http://", "(("]) {
    blocks(part.repeat(5_000)).forEach((block) => block.kind === "paragraph" && inline(block.text));
  }
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("the summary is the first sentence, without its marks", () => {
  expect(summary("Gives the **user**, e.g. `Ada`.\nMore.\n\nRest.")).toBe("Gives the user, e.g. Ada.");
  expect(summary("No end")).toBe("No end");
  expect(summary(undefined)).toBe("");
});
