import { indent, type Language, type Subject } from "./snippet";
import { literal, surelySame } from "./literal";
import { print } from "../json/print";

export const javascript: Language = {
  id: "javascript",
  name: "JavaScript",
  hint: "A browser, Deno, Bun, or Node 18 or later: node call.mjs",
  write({ url, headers, key, arguments: given }: Subject): string {
    const lines = [`"Content-Type": "application/json",`];
    if (key !== undefined) lines.push(`${JSON.stringify(key.name)}: ${secret(key.prefix, key.variable)},`);
    for (const [name, value] of headers) lines.push(`${JSON.stringify(name)}: ${JSON.stringify(value)},`);
    // What JavaScript's numbers would change is sent as text.
    const body = surelySame(given) ? `JSON.stringify(${indent(literal(given), "  ")})` : JSON.stringify(print(given));
    return `const response = await fetch(${JSON.stringify(url)}, {
  method: "POST",
  headers: {
    ${lines.join("\n    ")}
  },
  body: ${body},
});
// The text has every digit of an i64; JSON.parse rounds beyond 2^53.
console.log(await response.text());
`;
  },
};

export function secret(prefix: string, variable: string): string {
  return prefix === "" ? `process.env.${variable}` : `\`${prefix}\${process.env.${variable}}\``;
}
