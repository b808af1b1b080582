import { useEffect, useState } from "react";
import { goAndAuthorize } from "../../lib/authorize.ts";
import type { Body } from "../../lib/contract.ts";
import { useWorkspace } from "../../lib/session.ts";
import { toastError } from "../toast.tsx";

/** Goes to the provider for the sign-in of a connection. Busy until the page is left. */
export function useAuthorize(connection: string) {
  const workspace = useWorkspace();
  const [busy, setBusy] = useState(false);
  // Whoever comes back by the browser's own button finds the page as it was left.
  useEffect(() => {
    const wake = () => setBusy(false);
    window.addEventListener("pageshow", wake);
    return () => window.removeEventListener("pageshow", wake);
  }, []);
  const authorize = async (wish?: Body<"connections.authorize">) => {
    setBusy(true);
    try {
      await goAndAuthorize(workspace.id, connection, wish);
    } catch (error) {
      toastError("The sign-in could not be begun", error);
      setBusy(false);
    }
  };
  return { busy, authorize };
}
