import { z } from "zod";
import type { SyncId, SyncRunId, WorkspaceId } from "#core/ids.ts";

const liveKinds = ["connections", "syncs", "files", "handoffs", "members"] as const;
export type LiveKind = (typeof liveKinds)[number];

export type LiveNotice =
  | { workspace: WorkspaceId; type: "sync_run"; sync_id: SyncId; run_id: SyncRunId }
  /** Something of this kind changed: whoever shows it fetches it again. */
  | { workspace: WorkspaceId; type: "changed"; what: LiveKind; sync_id?: SyncId };

const id = <T extends string>() => z.uuid().transform((text) => text as T);

const notice: z.ZodType<LiveNotice, unknown> = z.union([
  z.object({
    workspace: id<WorkspaceId>(),
    type: z.literal("sync_run"),
    sync_id: id<SyncId>(),
    run_id: id<SyncRunId>(),
  }),
  z.object({
    workspace: id<WorkspaceId>(),
    type: z.literal("changed"),
    what: z.enum(liveKinds),
    sync_id: id<SyncId>().exactOptional(),
  }),
]);

/** What was sent on the channel, or nothing where that is no notice of ours. */
export function readNotice(payload: string): LiveNotice | undefined {
  try {
    return notice.parse(JSON.parse(payload));
  } catch {
    return undefined;
  }
}
