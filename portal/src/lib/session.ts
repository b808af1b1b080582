import { type QueryClient, queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { ApiError, hawser } from "./api.ts";
import type { Me, Role } from "./contract.ts";
import { keys } from "./query.ts";

/** Who is signed in; null for nobody. */
export const meQuery = queryOptions({
  queryKey: keys.me,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await hawser.identity.me({ signal });
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** What the pages before sign-in must know. */
export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: ({ signal }) => hawser.identity.setup({ signal }),
});

/** The signed-in person; only below the signed-in routes, which wait for it. */
export function useMe(): Me {
  const { data } = useSuspenseQuery(meQuery);
  if (!data) throw new ApiError({ status: 401, code: "not_signed_in", detail: "You are signed out." });
  return data;
}

export interface CurrentWorkspace {
  /** For the API. */
  id: string;
  /** For addresses: `params={{ workspace: slug }}`. */
  slug: string;
  name: string;
  role: Role;
}

/** The workspace of the address. */
export function useWorkspace(): CurrentWorkspace {
  const me = useMe();
  const { workspace } = useParams({ strict: false });
  const found = me.workspaces.find((one) => one.slug === workspace || one.id === workspace);
  if (!found)
    throw new ApiError({
      status: 404,
      code: "not_found",
      detail: "There is nothing here, or you have no access to it.",
    });
  return found;
}

const order: Record<Role, number> = { viewer: 0, member: 1, admin: 2, owner: 3 };

export const hasRole = (own: Role, needed: Role) => order[own] >= order[needed];

/** Why the person may not do something, for a Button's `disabled`; undefined when they may. */
export function useForbidden(needed: Role): string | undefined {
  const { role } = useWorkspace();
  return hasRole(role, needed) ? undefined : `Needs the role ${needed}; yours is ${role}.`;
}

/** Nothing that was fetched for one person may be shown to the next. Only once no page shows it any more. */
export function forgetPerson(client: QueryClient): void {
  client.clear();
  client.setQueryData(keys.me, null);
}

const lastKey = "hawser-last-workspace";

/** Where "/" leads: the workspace last looked at in this browser. A name in an address bar, no secret. */
export function rememberWorkspace(slug: string): void {
  try {
    localStorage.setItem(lastKey, slug);
  } catch {
    // Without storage "/" leads to the first workspace.
  }
}

export function lastWorkspace(me: Me): string | undefined {
  let last: string | null = null;
  try {
    last = localStorage.getItem(lastKey);
  } catch {
    // As above.
  }
  return (me.workspaces.find((one) => one.slug === last) ?? me.workspaces[0])?.slug;
}
