import { indent, type Language, type Subject } from "./snippet";
import { print } from "../json/print";

export const java: Language = {
  id: "java",
  name: "Java",
  hint: "Java 17 or later: java Call.java",
  write({ url, headers, key, arguments: given }: Subject): string {
    const lines = [`.header("Content-Type", "application/json")`];
    if (key !== undefined) {
      const prefix = key.prefix === "" ? "" : `${quote(key.prefix)} + `;
      lines.push(`.header(${quote(key.name)}, ${prefix}System.getenv(${quote(key.variable)}))`);
    }
    for (const [name, value] of headers) lines.push(`.header(${quote(name)}, ${quote(value)})`);
    return `import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;

public class Call {
    public static void main(String[] arguments) throws Exception {
        var body = ${indent(text(print(given)), "            ")};
        var request = HttpRequest.newBuilder(URI.create(${quote(url)}))
            ${lines.join("\n            ")}
            .POST(BodyPublishers.ofString(body))
            .build();
        var response = HttpClient.newHttpClient().send(request, BodyHandlers.ofByteArray());
        System.out.writeBytes(response.body());
        System.out.flush();
    }
}
`;
  },
};

/** JSON as a string of Java, over several lines as a text block. */
function text(json: string): string {
  if (!json.includes("\n")) return quote(json);
  return `"""\n${ascii(json.replaceAll("\\", "\\\\").replaceAll('"""', '""\\"'))}"""`;
}

function quote(value: string): string {
  // Java has no \\/ and reads \\u before anything else, which is no matter for what JSON.stringify writes.
  return ascii(JSON.stringify(value));
}

/** The compiler takes the source in the encoding of the system. */
function ascii(value: string): string {
  return value.replace(/[^\x00-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
