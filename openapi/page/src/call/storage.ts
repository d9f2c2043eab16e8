// The browser's storage, which may be full, or forbidden.

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** Kept for good. */
export const lasting = {
  read: (key: string): string | undefined => attempt(() => localStorage.getItem(key)) ?? undefined,
  write: (key: string, value: string): void => attempt(() => localStorage.setItem(key, value)),
  drop: (key: string): void => attempt(() => localStorage.removeItem(key)),
};

/** Kept until the tab is closed. */
export const passing = {
  read: (key: string): string | undefined => attempt(() => sessionStorage.getItem(key)) ?? undefined,
  write: (key: string, value: string): void => attempt(() => sessionStorage.setItem(key, value)),
  drop: (key: string): void => attempt(() => sessionStorage.removeItem(key)),
};
