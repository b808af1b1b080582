import { useEffect, useRef, useState } from "react";
import { useSearchState } from "./search-state.ts";
import { useDebounced } from "./use-debounced.ts";

/** A search box whose words stand in the address once they rest: what is typed, how to change it, what to ask for. */
export function useSearchText(key: string): [typed: string, type: (text: string) => void, asked: string] {
  const [asked, ask] = useSearchState(key);
  const [typed, type] = useState(asked);
  const settled = useDebounced(typed, 250);
  const sent = useRef(asked);
  useEffect(() => {
    if (settled === sent.current) return;
    sent.current = settled;
    ask(settled);
  }, [settled, ask]);
  // The address changed by something else: the back button, *Clear filters*.
  useEffect(() => {
    if (asked === sent.current) return;
    sent.current = asked;
    type(asked);
  }, [asked]);
  return [typed, type, asked];
}
