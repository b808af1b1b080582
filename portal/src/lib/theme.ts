import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const key = "hawser-theme";
const listeners = new Set<() => void>();

/** What the person chose in this browser; `system` when nothing was chosen. */
function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(key);
    return stored === "light" || stored === "dark" ? stored : "system";
  } catch {
    return "system";
  }
}

/** Holds at once in this tab and, through the storage event, in all others. */
export function chooseTheme(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // Without storage the choice holds until the tab is closed.
  }
  show(theme);
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme);
}

const darkSystem = window.matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now, by choice or by the system: for what is drawn with colours that are worked out. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, () => {
    const theme = readTheme();
    return theme === "system" ? darkSystem.matches : theme === "dark";
  });
}

function subscribe(changed: () => void): () => void {
  listeners.add(changed);
  return () => listeners.delete(changed);
}

function show(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  for (const changed of listeners) changed();
}

darkSystem.addEventListener("change", () => {
  for (const changed of listeners) changed();
});

window.addEventListener("storage", (event) => {
  if (event.key === key) show(readTheme());
});
