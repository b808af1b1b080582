import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** What stands behind the `?` of every page: tab, filters, sort, search, selection, open sheet. Always strings. */
export type PageSearch = Record<string, string | undefined>;

/** One value of the address. "" and the default take it out, so that plain addresses stay plain. */
export function useSearchState(key: string, byDefault = ""): [string, (value: string) => void] {
  const search = useSearch({ strict: false });
  const navigate = useNavigate();
  const value = search[key] ?? byDefault;
  const set = useCallback(
    (next: string) => {
      void navigate({
        to: ".",
        search: (before: PageSearch) => ({ ...before, [key]: next === "" || next === byDefault ? undefined : next }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate, key, byDefault],
  );
  return [value, set];
}

/** Takes several values out of the address at once: *Clear filters*. */
export function useClearSearch(...keys: string[]): () => void {
  const navigate = useNavigate();
  return () => {
    void navigate({
      to: ".",
      search: (before: PageSearch) => Object.fromEntries(Object.entries(before).filter(([key]) => !keys.includes(key))),
      replace: true,
      resetScroll: false,
    });
  };
}
