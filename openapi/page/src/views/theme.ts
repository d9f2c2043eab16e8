// Light and dark: as the system has it, until the reader chooses.

import { computed, signal } from "@preact/signals";
import { lasting } from "../call/storage";

const STORED = "thriftgate.theme";
type Theme = "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemTheme = signal<Theme>(system.matches ? "dark" : "light");
const chosen = signal<Theme | undefined>(undefined);

export const theme = computed<Theme>(() => chosen.value ?? systemTheme.value);

export function startTheme(): void {
  const stored = lasting.read(STORED);
  if (stored === "light" || stored === "dark") chosen.value = stored;
  system.addEventListener("change", () => (systemTheme.value = system.matches ? "dark" : "light"));
  theme.subscribe((name) => (document.documentElement.dataset.theme = name));
}

export function toggleTheme(): void {
  const next = theme.peek() === "dark" ? "light" : "dark";
  chosen.value = next;
  if (next === systemTheme.peek()) lasting.drop(STORED);
  else lasting.write(STORED, next);
}
