import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../lib/api.ts";
import { keys } from "../lib/query.ts";
import type { router } from "./router.tsx";

/** When the session has ended, whatever asked next is told so; the person comes back to the same address. */
export function leaveWhenSignedOut(client: QueryClient, portal: typeof router): void {
  const onError = (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== "not_signed_in") return;
    if (client.getQueryData(keys.me) === null) return;
    client.setQueryData(keys.me, null);
    void portal.navigate({ to: "/sign-in", search: { next: portal.state.location.href } });
  };
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") onError(event.action.error);
  });
  client.getMutationCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") onError(event.action.error);
  });
}
