import { useState } from "react";

/** Things that a form asks of the server, one at a time: which one is under way, and why the last one failed. */
export function useAttempts<What extends string>() {
  const [busy, setBusy] = useState<What>();
  const [failure, setFailure] = useState<unknown>();
  const attempt = async (what: What, work: () => Promise<void>) => {
    setBusy(what);
    setFailure(undefined);
    try {
      await work();
    } catch (error) {
      setFailure(error);
    } finally {
      setBusy(undefined);
    }
  };
  return { busy, failure, attempt, forget: () => setFailure(undefined) };
}
