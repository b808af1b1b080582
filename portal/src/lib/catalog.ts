import { queryOptions, useQuery } from "@tanstack/react-query";
import { hawser } from "./api.ts";
import type { ProviderView } from "./contract.ts";
import { keys } from "./query.ts";

/** Everything that can be connected; with `sandbox` the simulators that stand in for the providers. */
export const catalogQuery = (workspace: string, sandbox = false) =>
  queryOptions({
    queryKey: keys.catalog(workspace, sandbox),
    queryFn: ({ signal }) => hawser.catalog.list({ workspace }, { sandbox: sandbox ? "true" : "false" }, { signal }),
    staleTime: 60_000,
  });

/** Nothing of it leaves this machine. The hosts of others may only be known once an address has been entered. */
export const staysHere = ({ addresses, sign_in }: ProviderView): boolean =>
  addresses.length === 0 && sign_in.every(({ type }) => type === "none");

/** The provider that a connection was made with; `provider` is undefined where it is no longer offered. */
export function useProviderOf(
  workspace: string,
  connection: { provider: string; sandbox: boolean } | undefined,
): { provider: ProviderView | undefined; sandboxAddress: string | null; isPending: boolean } {
  const { data, isPending } = useQuery({
    ...catalogQuery(workspace, connection?.sandbox),
    enabled: connection !== undefined,
  });
  return {
    provider: data?.items.find((one) => one.key === connection?.provider),
    sandboxAddress: data?.sandbox.address ?? null,
    isPending,
  };
}
