import { useRef } from "react";

/**
 * Several forms of one page under one button. Whichever is submitted first asks the others to check themselves too;
 * `onAllValid` is called once all are right, with their values in the order of `ids`.
 */
export function useFormsTogether<Value>(ids: readonly string[], onAllValid: (values: Value[]) => void) {
  const valid = useRef(new Map<string, Value>());
  return {
    /** For `onSubmit` of the form with this id. */
    onValid(id: string, value: Value) {
      valid.current.set(id, value);
      const next = ids.find((one) => !valid.current.has(one));
      if (next === undefined) {
        const values = ids.flatMap((one) => valid.current.get(one) ?? []);
        valid.current.clear();
        onAllValid(values);
        return;
      }
      const form = document.getElementById(next);
      if (form instanceof HTMLFormElement) form.requestSubmit();
    },
    /** Whenever anything was changed: what was right before may be wrong now. */
    forget: () => valid.current.clear(),
  };
}
