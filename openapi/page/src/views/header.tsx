// The bar at the top: what this is, the search, and what belongs to the reader.

import { credential } from "../call/credentials";
import { placeAddress } from "../call/share";
import { Icon } from "./icon";
import type { Page } from "./page";
import { theme, toggleTheme } from "./theme";

export function Header({ page, focusContent }: { page: Page; focusContent: () => void }) {
  const { title, version, security } = page.catalogue.api;
  const asksKey = security.keyHeader !== undefined || security.bearer;
  const open = page.isMenuOpen.value;
  return (
    <header class="bar">
      <a
        class="skip"
        href={placeAddress(page.place.value)}
        onClick={(event) => {
          // The address behind the `#` is the place in the page; it must stay.
          event.preventDefault();
          focusContent();
        }}
      >
        Skip to the content
      </a>
      <button
        type="button"
        class="icon menu-button"
        aria-label="Navigation"
        aria-expanded={open}
        aria-controls="navigation"
        onClick={() => (page.isMenuOpen.value = !open)}
      >
        <Icon name={open ? "close" : "menu"} />
      </button>
      <a class="title" href="#/">
        <strong>{title}</strong> <span class="version">{version}</span>
      </a>
      <button
        type="button"
        class="search-button"
        aria-label="Search"
        aria-keyshortcuts="/ Control+K"
        onClick={() => (page.dialog.value = "search")}
      >
        <Icon name="search" />
        <span class="wide">Search</span>
        <kbd class="wide" aria-hidden="true">
          /
        </kbd>
      </button>
      <div class="tools">
        <button
          type="button"
          class="icon"
          aria-label="History"
          title="Last requests"
          onClick={() => (page.dialog.value = "history")}
        >
          <Icon name="history" />
        </button>
        {asksKey && (
          <button
            type="button"
            class={credential.value === undefined ? "icon" : "icon active"}
            aria-label={credential.value === undefined ? "Key: none" : "Key: set"}
            title="Key or token"
            onClick={() => (page.dialog.value = "key")}
          >
            <Icon name="key" />
          </button>
        )}
        <button
          type="button"
          class="icon"
          aria-label={theme.value === "dark" ? "Light colours" : "Dark colours"}
          title={theme.value === "dark" ? "Light colours" : "Dark colours"}
          onClick={toggleTheme}
        >
          <Icon name={theme.value === "dark" ? "sun" : "moon"} />
        </button>
      </div>
    </header>
  );
}
