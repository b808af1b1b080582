import { useEffect, useState } from "react";

/** The value as it was when nothing changed for a while: for questions to the server while somebody types. */
export function useDebounced<T>(value: T, afterMs = 300): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), afterMs);
    return () => window.clearTimeout(timer);
  }, [value, afterMs]);
  return settled;
}
