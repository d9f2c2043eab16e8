// The frame: header, navigation, content, and what opens above them.

import { useEffect, useRef } from "preact/hooks";
import { credential, setCredential } from "../call/credentials";
import { methodAddress, placeAddress, readPlace, type Place } from "../call/share";
import { Dialog } from "./dialog";
import { Header } from "./header";
import { HistoryDialog } from "./history";
import { Home } from "./home";
import { KeyForm } from "./key";
import { MethodView } from "./method";
import { Navigation } from "./navigation";
import type { Page } from "./page";
import { SearchDialog } from "./search";
import { ServiceView } from "./service";
import { TypeView } from "./type";

export function Shell({ page, reload }: { page: Page; reload: () => Promise<void> }) {
  const main = useRef<HTMLElement>(null);
  useKeys(page);
  usePlace(page, main);
  return (
    <>
      <Header page={page} focusContent={() => main.current?.focus()} />
      <div class="frame">
        <Navigation page={page} />
        <main id="content" ref={main} tabIndex={-1}>
          <Content page={page} place={page.place.value} />
        </main>
      </div>
      <Dialogs page={page} reload={reload} />
      <div class="hidden" role="status">
        {page.news.value}
      </div>
    </>
  );
}

function Content({ page, place }: { page: Page; place: Place }) {
  const { catalogue } = page;
  if (place.kind === "home") return <Home />;
  if (place.kind === "service") {
    const route = catalogue.api.routes.find((candidate) => candidate.path === place.route);
    const service = route?.services.find((candidate) => candidate.name === place.name);
    if (route !== undefined && service !== undefined) return <ServiceView route={route} service={service} />;
  }
  if (place.kind === "method") {
    const entry = catalogue.entry(place.id);
    if (entry !== undefined) return <MethodView key={entry.id} entry={entry} given={place.arguments} />;
  }
  if (place.kind === "type") {
    const type = catalogue.type(place.name);
    if (type !== undefined) return <TypeView key={type.name} type={type} />;
  }
  return <NotThere page={page} />;
}

function NotThere({ page }: { page: Page }) {
  return (
    <article class="notice">
      <h1 tabIndex={-1}>There is nothing of that name</h1>
      <p>The API may have changed since the link was made, or the caller may not see this part of it.</p>
      <p>
        <button type="button" onClick={() => (page.dialog.value = "search")}>
          Search
        </button>
      </p>
    </article>
  );
}

function Dialogs({ page, reload }: { page: Page; reload: () => Promise<void> }) {
  const close = () => (page.dialog.value = undefined);
  switch (page.dialog.value) {
    case "search":
      return <SearchDialog page={page} close={close} />;
    case "history":
      return <HistoryDialog page={page} close={close} />;
    case "key":
      return (
        <Dialog label="Key or token" close={close}>
          <h2>{credential.value === undefined ? "Call with a key" : "The key you call with"}</h2>
          <p>It stays in this tab, and goes to this gateway alone.</p>
          <KeyForm
            security={page.catalogue.api.security}
            submit={(given) => {
              setCredential(given);
              close();
              void reload();
            }}
          />
        </Dialog>
      );
    case undefined:
      return null;
  }
}

/** `/` and Ctrl+K open the search, wherever the focus is; `/` not where it would be typed. */
function useKeys(page: Page): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event);
      if (page.dialog.peek() === undefined && (isCommand || isSlash)) {
        event.preventDefault();
        page.dialog.value = "search";
      }
    };
    window.addEventListener("keydown", pressed, true);
    return () => window.removeEventListener("keydown", pressed, true);
  }, [page]);
}

function isTyping(event: Event): boolean {
  const target = event.composedPath()[0];
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
}

/** Follows the address, names the document after the place, and brings the reader to its beginning. */
function usePlace(page: Page, main: { current: HTMLElement | null }): void {
  useEffect(() => {
    const moved = () => {
      page.isMenuOpen.value = false;
      page.place.value = readPlace(location.hash);
    };
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, [page]);
  const isFirst = useRef(true);
  const place = page.place.value;
  const address = addressWithoutArguments(place);
  useEffect(() => {
    document.title = titleOf(page, place);
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    window.scrollTo(0, 0);
    main.current?.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, [address]);
}

function addressWithoutArguments(place: Place): string {
  return place.kind === "method" ? methodAddress(place.id) : placeAddress(place);
}

function titleOf(page: Page, place: Place): string {
  const { title } = page.catalogue.api;
  if (place.kind === "method") return `${page.catalogue.entry(place.id)?.method.name ?? "?"} – ${title}`;
  if (place.kind === "home") return title;
  return `${place.name} – ${title}`;
}
