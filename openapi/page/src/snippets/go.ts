import type { Language, Subject } from "./snippet";
import { print } from "../json/print";

export const go: Language = {
  id: "go",
  name: "Go",
  hint: "Its standard library alone: go run call.go",
  write({ url, headers, key, arguments: given }: Subject): string {
    const lines = [`request.Header.Set("Content-Type", "application/json")`];
    if (key !== undefined) {
      const prefix = key.prefix === "" ? "" : `${quote(key.prefix)}+`;
      lines.push(`request.Header.Set(${quote(key.name)}, ${prefix}os.Getenv(${quote(key.variable)}))`);
    }
    for (const [name, value] of headers) lines.push(`request.Header.Set(${quote(name)}, ${quote(value)})`);
    return `package main

import (
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const body = ${text(print(given))}

func main() {
	request, err := http.NewRequest("POST", ${quote(url)}, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	${lines.join("\n\t")}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		log.Fatal(err)
	}
}
`;
  },
};

/** JSON as it is, unless it has what a raw string of Go cannot have. */
function text(json: string): string {
  return /[`\r\ufeff]/.test(json) ? quote(json) : `\`${json}\``;
}

/** The escapes of JSON are escapes of Go, but for halves of surrogate pairs, which no valid text has. */
function quote(value: string): string {
  return JSON.stringify(value);
}
