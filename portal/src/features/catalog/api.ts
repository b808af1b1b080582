import { useQueryClient } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import type { Body } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

/** Whether a config and a credential would work, before anything is saved. */
export const testConfig = (workspace: string, config: Body<"connections.testConfig">) =>
  hawser.connections.testConfig({ workspace }, config);

export function useConnect(workspace: string) {
  const client = useQueryClient();
  return async (connection: Body<"connections.create">) => {
    const made = await hawser.connections.create({ workspace }, connection);
    client.setQueryData(keys.connection(workspace, made.id), made);
    void client.invalidateQueries({ queryKey: keys.connections(workspace) });
    void client.invalidateQueries({ queryKey: keys.catalog(workspace) });
    void client.invalidateQueries({ queryKey: keys.home(workspace) });
    return made;
  };
}
