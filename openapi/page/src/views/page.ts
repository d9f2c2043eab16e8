// What the parts of the page share: the model, the place in it, and the drafts of calls.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { signal } from "@preact/signals";
import { Catalogue, type Entry } from "../model/catalogue";
import type { Api } from "../model/api";
import { readPlace, type Place } from "../call/share";
import { Draft } from "../call/draft";
import { SearchIndex } from "../search/search";
import { layOut } from "../json/tokens";

type DialogName = "search" | "history" | "key";

/** After that the index is made even if the browser is busy. */
const IDLE_MILLISECONDS = 5000;

export class Page {
  readonly catalogue: Catalogue;
  readonly place = signal<Place>(readPlace(location.hash));
  /** The dialog that is open. */
  readonly dialog = signal<DialogName | undefined>(undefined);
  /** Whether the navigation is open where it has no room of its own. */
  readonly isMenuOpen = signal(false);
  /** What a screen reader is told. */
  readonly news = signal("");
  private readonly drafts = new Map<string, Draft>();
  private readonly taken = new Map<string, string>();
  private index: SearchIndex | undefined;

  /** A page after another one keeps what its forms were filled with. */
  constructor(
    api: Api,
    private readonly previous?: Page,
  ) {
    this.catalogue = new Catalogue(api);
    // While the reader looks around; not every browser has it.
    globalThis.requestIdleCallback?.(() => this.search(), { timeout: IDLE_MILLISECONDS });
  }

  /** The draft of a call. Arguments out of a link are taken once, so that going back to the link keeps later changes. */
  draft(entry: Entry, given: string | undefined): Draft {
    let draft = this.drafts.get(entry.id);
    if (draft === undefined) {
      draft = new Draft(this.catalogue, entry);
      this.drafts.set(entry.id, draft);
      const before = this.previous?.drafts.get(entry.id)?.text.peek();
      if (before !== undefined) draft.text.value = before;
    }
    if (given !== undefined && (this.taken.get(entry.id) ?? this.previous?.taken.get(entry.id)) !== given) {
      this.taken.set(entry.id, given);
      draft.text.value = layOut(given);
    }
    return draft;
  }

  /** Made once, when it is first asked for: a large model takes a while. */
  search(): SearchIndex {
    this.index ??= new SearchIndex(this.catalogue);
    return this.index;
  }

  /** Tells a screen reader; the same words twice are told twice. */
  tell(words: string): void {
    this.news.value = this.news.value === words ? `${words}\u00a0` : words;
  }
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error("outside of the page");
  return page;
}
