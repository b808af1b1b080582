import { useQuery } from "@tanstack/react-query";
import { hawser } from "./api.ts";
import { useDebounced } from "./use-debounced.ts";

export interface NameCheck {
  /** What is wrong with it, for the field. */
  error: string | undefined;
  /** "Free" once it was asked. */
  hint: string | undefined;
}

/** Says while somebody types whether a name is still free in the workspace. The server has the last word on saving. */
export function useNameCheck(
  workspace: string,
  kind: "connection" | "sync" | "provider",
  name: string,
  except?: string,
): NameCheck {
  const asked = useDebounced(name.trim());
  const { data } = useQuery({
    queryKey: ["w", workspace, "names", kind, asked, except],
    queryFn: ({ signal }) => hawser.names.check({ workspace }, { kind, name: asked, except }, { signal }),
    enabled: asked !== "",
    staleTime: 5000,
    // Without an answer the field stays quiet: saving checks again.
    retry: false,
  });
  if (asked === "" || asked !== name.trim() || !data) return { error: undefined, hint: undefined };
  if (data.free) return { error: undefined, hint: "This name is free." };
  return { error: `A ${kind} with this name exists already. Choose another one.`, hint: undefined };
}
