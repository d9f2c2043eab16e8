import { indent, type Language, type Subject } from "./snippet";
import { print } from "../json/print";

export const python: Language = {
  id: "python",
  name: "Python",
  hint: "Python 3, its standard library alone: python3 call.py",
  write({ url, headers, key, arguments: given }: Subject): string {
    const lines = [`"Content-Type": "application/json",`];
    if (key !== undefined) lines.push(`${quote(key.name)}: ${secret(key.prefix, key.variable)},`);
    for (const [name, value] of headers) lines.push(`${quote(name)}: ${quote(value)},`);
    return `import sys
${key === undefined ? "" : "import os\n"}import urllib.error
import urllib.request

body = ${text(print(given))}
request = urllib.request.Request(
    ${quote(url)},
    data=body.encode(),
    headers={
        ${lines.join("\n        ")}
    },
)
try:
    with urllib.request.urlopen(request) as response:
        reply = response.read()
except urllib.error.HTTPError as error:
    # The reply has the same form, whatever its status is.
    reply = error.read()
sys.stdout.buffer.write(reply)
`.replace(/^import sys\nimport os\n/, "import os\nimport sys\n");
  },
};

/** JSON as a string of Python: as it is, between quotes that it does not have. */
function text(json: string): string {
  const isPlain = !json.includes("\\") && !json.includes('"""');
  if (!isPlain) return quote(json);
  return json.includes("\n") ? `"""${indent(json, "")}"""` : json.includes("'") ? quote(json) : `'${json}'`;
}

/** The escapes of JSON are escapes of Python, but for halves of surrogate pairs, which no valid text has. */
function quote(value: string): string {
  return JSON.stringify(value);
}

function secret(prefix: string, variable: string): string {
  const value = `os.environ[${quote(variable)}]`;
  return prefix === "" ? value : `${quote(prefix)} + ${value}`;
}
