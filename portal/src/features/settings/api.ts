import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { hawser } from "../../lib/api.ts";
import type { Body } from "../../lib/contract.ts";
import { keys } from "../../lib/query.ts";

export const membersQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.members(workspace),
    queryFn: ({ signal }) => hawser.members.list({ workspace }, { signal }),
  });

export const invitationsQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.invitations(workspace),
    queryFn: ({ signal }) => hawser.invitations.list({ workspace }, { signal }),
  });

export const apiKeysQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.apiKeys(workspace),
    queryFn: ({ signal }) => hawser.apiKeys.list({ workspace }, { signal }),
  });

/** A mutation after which one key of the cache is fetched again. */
function useChange<Input, Output>(
  change: (input: Input) => Promise<Output>,
  outdated: readonly (readonly unknown[])[],
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => Promise.all(outdated.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

export const useChangeRole = (workspace: string) =>
  useChange(
    ({ id, role }: { id: string } & Body<"members.update">) => hawser.members.update({ workspace, id }, { role }),
    [keys.members(workspace), keys.me],
  );

export const useRemoveMember = (workspace: string) =>
  useChange((id: string) => hawser.members.remove({ workspace, id }), [keys.members(workspace)]);

export const useLeave = (workspace: string) => useChange(() => hawser.members.leave({ workspace }), []);

export const useInvite = (workspace: string) =>
  useChange(
    (body: Body<"invitations.create">) => hawser.invitations.create({ workspace }, body),
    [keys.invitations(workspace)],
  );

export const useRevokeInvitation = (workspace: string) =>
  useChange((id: string) => hawser.invitations.revoke({ workspace, id }), [keys.invitations(workspace)]);

export const useCreateApiKey = (workspace: string) =>
  useChange((body: Body<"apiKeys.create">) => hawser.apiKeys.create({ workspace }, body), [keys.apiKeys(workspace)]);

export const useRevokeApiKey = (workspace: string) =>
  useChange((id: string) => hawser.apiKeys.revoke({ workspace, id }), [keys.apiKeys(workspace)]);

export const secretsQuery = (workspace: string) =>
  queryOptions({
    queryKey: keys.secrets(workspace),
    queryFn: ({ signal }) => hawser.secrets.list({ workspace }, { signal }),
  });

export const useCreateSecret = (workspace: string) =>
  useChange((body: Body<"secrets.create">) => hawser.secrets.create({ workspace }, body), [keys.secrets(workspace)]);

export const useSetSecret = (workspace: string) =>
  useChange(
    ({ id, ...body }: { id: string } & Body<"secrets.set">) => hawser.secrets.set({ workspace, id }, body),
    [keys.secrets(workspace)],
  );

export const useDeleteSecret = (workspace: string) =>
  useChange((id: string) => hawser.secrets.delete({ workspace, id }), [keys.secrets(workspace)]);

export const useRenameWorkspace = (workspace: string) =>
  useChange((name: string) => hawser.workspaces.update({ workspace }, { name }), [keys.me]);

export const useDeleteWorkspace = (workspace: string) =>
  useChange((name: string) => hawser.workspaces.delete({ workspace }, { name }), []);
