import { useSyncExternalStore } from "react";

const narrow = window.matchMedia("(width < 48rem)");
const medium = window.matchMedia("(width < 80rem)");

/** Below 768 px: tables become two-line rows, sheets fill the screen. */
export const useNarrow = (): boolean => useMatch(narrow);

/** Below 1280 px: tables have no room for more than the columns that every row needs. */
export const useMedium = (): boolean => useMatch(medium);

function useMatch(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (changed) => {
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => query.matches,
  );
}
