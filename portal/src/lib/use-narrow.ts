import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(width < 48rem)");

/** Below 768 px: tables become two-line rows, sheets fill the screen. */
export function useNarrow(): boolean {
  return useSyncExternalStore(
    (changed) => {
      narrow.addEventListener("change", changed);
      return () => narrow.removeEventListener("change", changed);
    },
    () => narrow.matches,
  );
}
