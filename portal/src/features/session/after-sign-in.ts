import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { Me } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

/** Takes over who is signed in now and goes on to where they wanted to be. */
export function useEnter(): (me: Me, next?: string) => void {
  const client = useQueryClient();
  const router = useRouter();
  return (me, next) => {
    // Nothing that another person fetched in this tab may be shown to this one.
    client.clear();
    client.setQueryData(keys.me, me);
    router.history.push(isOwnAddress(next) ? next : "/");
  };
}

/** Only addresses of this portal: "//evil.test" and "https://…" would lead elsewhere. */
function isOwnAddress(next: string | undefined): next is string {
  return next !== undefined && /^\/(?![/\\])/.test(next);
}
