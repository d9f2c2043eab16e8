// A link to a document of the gateway. One that asks for a key cannot be followed by the browser, which would not show
// the key; it is fetched and saved instead.

import { credential, credentialHeader } from "../call/credentials";
import { usePage } from "./page";

export function DocumentLink({ address, label }: { address: string; label?: string }) {
  const page = usePage();
  const save = async () => {
    const headers = credentialHeader(credential.peek(), page.catalogue.api.security);
    try {
      const response = await fetch(address, { headers, credentials: "omit" });
      if (!response.ok) return page.tell(`The gateway answered ${response.status}`);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await response.blob());
      link.download = address.replace(/^.*\//, "");
      link.click();
      URL.revokeObjectURL(link.href);
    } catch {
      page.tell("The gateway could not be reached");
    }
  };
  return (
    <a
      href={address}
      onClick={(event) => {
        if (credential.peek() === undefined) return;
        event.preventDefault();
        void save();
      }}
    >
      {label ?? address}
    </a>
  );
}
