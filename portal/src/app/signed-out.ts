import type { QueryClient } from "@tanstack/react-query";
import { ApiError } from "../lib/api.ts";
import { forgetPerson } from "../lib/session.ts";
import type { router } from "./router.tsx";

/** When the session has ended, whatever asked next is told so; the person comes back to the same address. */
export function leaveWhenSignedOut(client: QueryClient, portal: typeof router): void {
  let leaving = false;
  const onError = async (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== "not_signed_in" || leaving) return;
    leaving = true;
    await portal.navigate({ to: "/sign-in", search: { next: portal.state.location.href } });
    forgetPerson(client);
    leaving = false;
  };
  client.getQueryCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") void onError(event.action.error);
  });
  client.getMutationCache().subscribe((event) => {
    if (event.type === "updated" && event.action.type === "error") void onError(event.action.error);
  });
}
