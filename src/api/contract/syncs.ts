import { z } from "zod";
import { handoffView } from "./handoffs.ts";
import { failure, id, inWorkspace, inWorkspaceWithId, name, pageOf, paging, route, tags, time } from "./route.ts";

export const schedule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("manual") }),
  z.strictObject({ kind: z.literal("interval"), minutes: z.number().int().min(1).max(44640) }),
  z.strictObject({ kind: z.literal("cron"), expression: z.string().min(9).max(120), zone: z.string().min(1).max(64) }),
]);

/** A chosen folder. `locator` and `path` come from browsing and help to find and to show it. */
export const folderChoice = z.strictObject({
  id: z.string().min(1).max(4096),
  locator: z.string().max(8192).nullable().default(null),
  path: z.string().max(8192).default(""),
});

export const filters = z.strictObject({
  include: z.array(z.string().min(1).max(1024)).max(100).default([]).describe("Globs over the path; none: everything"),
  exclude: z.array(z.string().min(1).max(1024)).max(100).default([]),
  types: z.array(z.string().min(1).max(64)).max(200).default(["*"]).describe("Extensions such as `pdf`, or `*`"),
  min_bytes: z.number().int().min(0).nullable().default(null),
  max_bytes: z.number().int().min(0).nullable().default(null),
});

/**
 * A metadata rule: a pattern over the folder path with named parts, such as `/{system}/{equipment}/{document_type}/**`.
 * `parts` says for a named part how its value is normalised and which values it may be mapped to.
 */
export const metadataRule = z.strictObject({
  pattern: z.string().min(1).max(1024),
  parts: z
    .record(
      z.string().max(64),
      z.strictObject({
        normalize: z
          .array(z.enum(["trim", "collapse_spaces", "lower", "upper", "title", "strip_numbering"]))
          .max(6)
          .default(["trim"]),
        dictionary: z.record(z.string().max(255), z.string().max(255)).default({}),
      }),
    )
    .default({}),
  set: z.record(z.string().max(64), z.string().max(255)).default({}).describe("Fixed values for paths that match"),
});

export const destination = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("local-folder"),
    root: z.string().min(1).max(64).describe("One of the roots that the operator names"),
    folder: z
      .string()
      .trim()
      .min(1)
      .max(255)
      .describe("Folder below the workspace's own; it belongs to this sync alone"),
    layout: z.enum(["ids", "mirror"]).default("ids"),
  }),
  z.strictObject({
    kind: z.literal("store"),
    connection_id: id.describe("A connection whose provider stores files"),
    folder: z.string().trim().min(1).max(255).describe("Folder in its bucket; it belongs to this sync alone"),
    layout: z.enum(["ids", "mirror"]).default("ids"),
  }),
]);

const onDelete = z
  .enum(["mark", "remove", "keep"])
  .describe(
    "What becomes of a file that is gone at the source: its row is marked, its object is also taken away (for good after 30 days), or both stay",
  );
const exportFormats = z
  .array(z.string().regex(/^[a-z0-9.+-]{1,64}\/[A-Za-z0-9.+-]{1,127}$/))
  .max(20)
  .describe("Media types for documents without bytes of their own, most wanted first; none: the usual ones");

const handoff = z
  .strictObject({ connection_id: id.describe("A connection that takes documents") })
  .nullable()
  .describe("Who is told of every file that is stored");

const maxFilesPerRun = z.number().int().min(1).max(1_000_000_000);

const settings = {
  name,
  description: z.string().max(2000).default(""),
  tags: tags.default([]),
  enabled: z.boolean().default(true),
  folders: z.array(folderChoice).max(1000).default([]).describe("None chosen: the whole drive"),
  filters: filters.prefault({}),
  max_files_per_run: maxFilesPerRun.nullable().default(null),
  rules: z.array(metadataRule).max(50).default([]),
  destination: destination.default({ kind: "none" }),
  on_delete: onDelete.default("mark"),
  exports: exportFormats.default([]),
  schedule: schedule.default({ kind: "manual" }),
  handoff: handoff.default(null),
};
export const newSync = z.strictObject({
  connection_id: id,
  drive: z.strictObject({ id: z.string().min(1).max(1024), name: z.string().max(255).default("") }),
  ...settings,
});
export const syncChange = z.strictObject({
  name: settings.name.optional(),
  description: z.string().max(2000).optional(),
  tags: tags.optional(),
  folders: z.array(folderChoice).max(1000).optional(),
  filters: filters.optional(),
  max_files_per_run: maxFilesPerRun.nullable().optional(),
  rules: z.array(metadataRule).max(50).optional(),
  on_delete: onDelete.optional(),
  exports: exportFormats.optional(),
  schedule: schedule.optional(),
  handoff: handoff.optional(),
});

export const runStatus = z.enum(["queued", "running", "paused", "done", "done_with_failures", "failed", "cancelled"]);
const runTrigger = z.enum(["manual", "schedule", "push", "retry", "removals"]);
export const syncRunView = z.object({
  id,
  sync_id: id,
  trigger: runTrigger,
  status: runStatus,
  phase: z.enum(["listing", "sweeping", "copying", "finished"]),
  /** found = created + updated + moved + unchanged + skipped + failed + remaining, at any moment. */
  counts: z.object({
    found: z.number(),
    created: z.number(),
    updated: z.number(),
    moved: z.number(),
    unchanged: z.number(),
    skipped: z.number(),
    failed: z.number(),
    remaining: z.number(),
    deleted: z.number(),
    held: z.number(),
    folders: z.number(),
    folders_failed: z.number(),
    bytes: z.number(),
    remaining_bytes: z.number(),
  }),
  stopped_at_maximum: z.boolean(),
  slowed: z
    .object({ at: time, until: time.nullable() })
    .nullable()
    .describe("When the source last said “not so fast”, and until when it asked to be left alone"),
  requests: z.number().describe("Requests to the source, those that were repeated too"),
  quota: z
    .object({
      limit: z.number().nullable().describe("From one renewal to the next"),
      remaining: z.number(),
      resets_at: time.nullable().describe("When it is renewed"),
      counted_by: z
        .enum(["provider", "hawser"])
        .describe("`provider`: as its answers tell. `hawser`: a published limit less what this process has asked"),
      note: z.string().nullable().describe("What is to be known of the limit"),
    })
    .nullable()
    .describe("What the source may still be asked, while the run works; null where that is not known"),
  failure: failure.nullable(),
  created_at: time,
  created_by: z.string().nullable(),
  scheduled_for: time.nullable(),
  started_at: time.nullable(),
  listed_at: time.nullable(),
  finished_at: time.nullable(),
  updated_at: time,
});

export const syncView = z.object({
  id,
  connection: z.object({ id, name: z.string(), provider: z.string(), status: z.string() }),
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  /** What the page shows: one word, worked out from the sync, its open run and its last one. */
  status: z.enum([
    "running",
    "queued",
    "paused",
    "held",
    "failed",
    "done_with_failures",
    "active",
    "inactive",
    "needs_authorization",
  ]),
  enabled: z.boolean(),
  drive: z.object({ id: z.string(), name: z.string() }),
  folders: z.array(folderChoice),
  filters,
  max_files_per_run: z.number().nullable(),
  rules: z.array(metadataRule),
  destination,
  on_delete: onDelete,
  exports: exportFormats,
  schedule,
  next_run_at: time.nullable(),
  schedule_failure: z.string().nullable(),
  handoff: z
    .object({ connection_id: id, connection_name: z.string(), connection_status: z.string() })
    .nullable()
    .describe("Who is told of every file that is stored"),
  push: z
    .object({
      state: z.enum(["live", "pending", "schedule_only", "failing"]),
      since: time.nullable(),
      expires_at: time.nullable().describe("It is renewed before"),
      last_notice_at: time.nullable(),
      reason: z.string().nullable(),
    })
    .describe("How soon changes at the source are heard of: unless it is live, the schedule alone starts runs"),
  totals: z.object({
    files: z.number(),
    bytes: z.number(),
    stored: z.number(),
    indexed: z.number(),
    waiting: z.number(),
    failed: z.number(),
    skipped: z.number(),
    removed: z.number(),
  }),
  held_removals: z.object({ files: z.number(), of: z.number(), since: time }).nullable(),
  open_run: syncRunView.nullable(),
  last_run: syncRunView.nullable(),
  created_at: time,
  created_by: z.string().nullable(),
  updated_at: time,
});

const one = { params: inWorkspaceWithId } as const;
const viewer = { who: "workspace", role: "viewer" } as const;
const member = { who: "workspace", role: "member" } as const;

export const listSyncs = route({
  name: "syncs.list",
  method: "GET",
  path: "/workspaces/{workspace}/syncs",
  summary: "Syncs by name",
  access: viewer,
  params: inWorkspace,
  query: z.strictObject({
    ...paging,
    search: z.string().max(255).optional(),
    connection: id.optional(),
    tag: z.string().max(64).optional(),
  }),
  reply: pageOf(syncView),
});
export const createSync = route({
  name: "syncs.create",
  method: "POST",
  path: "/workspaces/{workspace}/syncs",
  summary: "Make a sync",
  access: member,
  audit: "sync.created",
  params: inWorkspace,
  query: z.strictObject({ run: z.enum(["true", "false"]).default("false").describe("Start its first run at once") }),
  body: newSync,
  reply: syncView,
  status: 201,
  idempotent: true,
});
export const getSync = route({
  name: "syncs.get",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{id}",
  summary: "One sync",
  access: viewer,
  ...one,
  reply: syncView,
});
export const updateSync = route({
  name: "syncs.update",
  method: "PATCH",
  path: "/workspaces/{workspace}/syncs/{id}",
  summary: "Change a sync; the next run applies it",
  access: member,
  audit: "sync.updated",
  ...one,
  body: syncChange,
  reply: syncView,
});
export const deleteSync = route({
  name: "syncs.delete",
  method: "DELETE",
  path: "/workspaces/{workspace}/syncs/{id}",
  summary: "Delete a sync and its history; stored files stay at the destination",
  access: member,
  audit: "sync.deleted",
  ...one,
  status: 204,
});
export const runSync = route({
  name: "syncs.run",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/run",
  summary: "Run now",
  access: member,
  audit: "sync.run_started",
  ...one,
  reply: syncRunView,
  status: 202,
  idempotent: true,
});
export const pauseSync = route({
  name: "syncs.pause",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/pause",
  summary: "Stop the schedule and hold the open run where it is",
  access: member,
  audit: "sync.paused",
  ...one,
  reply: syncView,
});
export const resumeSync = route({
  name: "syncs.resume",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/resume",
  summary: "Take up schedule and held run again",
  access: member,
  audit: "sync.resumed",
  ...one,
  reply: syncView,
});
export const cancelRun = route({
  name: "syncs.cancel",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/cancel",
  summary: "Cancel the open run; what is stored stays",
  access: member,
  audit: "sync.run_cancelled",
  ...one,
  reply: syncRunView,
});
export const retryFailed = route({
  name: "syncs.retryFailed",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/retry-failed",
  summary:
    "Copy failed files again, without listing the source: all of them, or those named, also where they are stored",
  access: member,
  audit: "sync.retry_started",
  ...one,
  body: z.strictObject({ files: z.array(id).min(1).max(1000).optional() }),
  reply: syncRunView,
  status: 202,
  idempotent: true,
});
export const decideRemovals = route({
  name: "syncs.decideRemovals",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/removals",
  summary: "Approve the held removals, or keep the files",
  access: member,
  audit: "sync.removals_decided",
  ...one,
  body: z.strictObject({ decision: z.enum(["approve", "keep"]) }),
  reply: syncRunView,
  status: 202,
});
export const verification = z.object({
  state: z.enum(["queued", "running", "done", "failed"]),
  checked: z.number().describe("Files and folders looked at so far"),
  different: z.number().describe("How many differences there are; of them the first thousand are listed"),
  differences: z.array(
    z.object({
      kind: z.enum(["missing_here", "missing_at_source", "different", "bytes_missing", "not_listed"]),
      name: z.string(),
      path: z.string().describe("Of the folder"),
      file_id: id.nullable(),
      detail: z.string(),
    }),
  ),
  failure: failure.nullable(),
  created_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
});
export const verifySync = route({
  name: "syncs.verify",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/{id}/verification",
  summary: "Hold the replica against the source",
  access: member,
  audit: "sync.verified",
  ...one,
  body: z.strictObject({
    bytes: z.boolean().default(false).describe("Read the stored objects again, too: takes as long as copying them"),
  }),
  reply: verification,
  status: 202,
});
export const getVerification = route({
  name: "syncs.verification",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{id}/verification",
  summary: "The latest comparison with the source",
  access: viewer,
  ...one,
  reply: z.object({ latest: verification.nullable() }),
});
export const upcomingTicks = route({
  name: "schedules.preview",
  method: "POST",
  path: "/workspaces/{workspace}/schedules/preview",
  summary: "The next times of a schedule",
  access: viewer,
  params: inWorkspace,
  body: z.strictObject({ schedule }),
  reply: z.object({ next: z.array(time) }),
});
export const previewSelection = route({
  name: "syncs.preview",
  method: "POST",
  path: "/workspaces/{workspace}/syncs/preview",
  summary: "What filters and rules would do to real files; looks at up to 2,000 files of the source",
  access: member,
  params: inWorkspace,
  body: z.strictObject({
    connection_id: id,
    drive: z.string().min(1).max(1024),
    folders: z.array(folderChoice).max(1000).default([]),
    filters: filters.prefault({}),
    rules: z.array(metadataRule).max(50).default([]),
    exports: exportFormats.default([]),
  }),
  reply: z.object({
    files_seen: z.number(),
    files_kept: z.number(),
    /** There was more than the preview looks at. */
    truncated: z.boolean(),
    folders_seen: z.number(),
    folders_matched: z.number(),
    /** Paths that no rule matches come first. `matches` are offsets into `path`. */
    paths: z.array(
      z.object({
        path: z.string(),
        files: z.number(),
        values: z.record(z.string(), z.string()),
        matches: z.array(
          z.object({ rule: z.number(), part: z.string(), value: z.string(), start: z.number(), end: z.number() }),
        ),
      }),
    ),
    values: z.record(z.string(), z.array(z.object({ value: z.string(), folders: z.number() }))),
    documents: z
      .array(z.object({ media_type: z.string(), as: z.string(), files: z.number() }))
      .describe("Kept files without bytes of their own, and the media type they are exported to"),
    unreadable: z
      .array(z.object({ reason: z.string(), files: z.number() }))
      .describe("Files of which nothing can be read: shortcut, not_exportable, not_downloadable, …"),
  }),
  perMinute: 120,
});

export const fileView = z.object({
  id,
  sync_id: id,
  remote_id: z.string(),
  name: z.string(),
  folder: z.string().describe("Path of its folder at the source"),
  state: z.enum(["waiting", "indexed", "stored", "skipped", "failed", "removed"]),
  /** What is still to be done about it. */
  work: z.enum(["copy", "move"]).nullable(),
  held: z.boolean(),
  reason: z.string().nullable(),
  failure: failure.nullable(),
  attempts: z.number(),
  size: z.number().nullable(),
  media_type: z.string().nullable(),
  link: z.string().nullable(),
  version: z.string(),
  metadata: z.record(z.string(), z.string()),
  created_at: time.nullable(),
  modified_at: time.nullable(),
  object: z.object({ key: z.string(), size: z.number(), sha256: z.string(), stored_at: time }).nullable(),
  first_seen_at: time,
  changed_at: time,
  removed_at: time.nullable(),
});
export const listFiles = route({
  name: "files.list",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{id}/files",
  summary: "Files of a sync",
  access: viewer,
  ...one,
  query: z.strictObject({
    ...paging,
    search: z.string().max(255).optional().describe("Part of a name or of a folder's path"),
    state: z.enum(["waiting", "indexed", "stored", "skipped", "failed", "removed", "held"]).optional(),
    sort: z.enum(["changed", "name", "size"]).default("changed"),
    metadata: z.string().max(512).optional().describe("`part=value`"),
  }),
  reply: pageOf(fileView).extend({
    total: z.number().nullable().describe("How many match; null when counting took too long"),
  }),
});
export const getFile = route({
  name: "files.get",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{sync}/files/{id}",
  summary: "One file",
  access: viewer,
  params: z.strictObject({ workspace: id, sync: id, id }),
  reply: fileView.extend({
    metadata_from: z.array(z.object({ part: z.string(), value: z.string(), rule: z.number(), pattern: z.string() })),
    stored_version: z.string().nullable().describe("The version that the stored bytes are of"),
    export_as: z.string().nullable().describe("The media type that a document without bytes of its own is turned into"),
    source_metadata: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
    handoff: handoffView.nullable().describe("What a receiver was told of it last"),
  }),
});
export const fileHistory = route({
  name: "files.history",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{sync}/files/{id}/history",
  summary: "What happened to a file, newest first",
  access: viewer,
  params: z.strictObject({ workspace: id, sync: id, id }),
  reply: z.object({
    items: z.array(
      z.object({
        at: time,
        what: z.enum(["found", "stored", "failed", "gone", "logged"]),
        level: z.enum(["info", "warning", "error"]),
        message: z.string().nullable(),
        run: z.object({ id, trigger: runTrigger, status: runStatus }).nullable(),
      }),
    ),
  }),
});
export const listProblems = route({
  name: "syncs.problems",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{id}/problems",
  summary: "Failed files, and folders that could not be listed, by cause",
  access: viewer,
  ...one,
  reply: z.object({
    items: z.array(
      z.object({
        kind: z.string(),
        message: z.string(),
        files: z.number(),
        folders: z.number().describe("Folders that could not be listed; a cause is of files or of folders"),
        since: time.nullable(),
        examples: z.array(z.object({ id, name: z.string(), folder: z.string() })),
      }),
    ),
  }),
});
export const listRuns = route({
  name: "syncRuns.list",
  method: "GET",
  path: "/workspaces/{workspace}/syncs/{id}/runs",
  summary: "Runs of a sync, newest first",
  access: viewer,
  ...one,
  query: z.strictObject({ ...paging, status: runStatus.optional() }),
  reply: pageOf(syncRunView),
});
export const getRun = route({
  name: "syncRuns.get",
  method: "GET",
  path: "/workspaces/{workspace}/sync-runs/{id}",
  summary: "One run",
  access: viewer,
  ...one,
  reply: syncRunView,
});
export const runLog = route({
  name: "syncRuns.log",
  method: "GET",
  path: "/workspaces/{workspace}/sync-runs/{id}/log",
  summary: "What a run did, oldest first",
  access: viewer,
  ...one,
  query: z.strictObject({ ...paging, level: z.enum(["info", "warning", "error"]).optional() }),
  reply: pageOf(
    z.object({
      sequence: z.number(),
      at: time,
      level: z.enum(["info", "warning", "error"]),
      code: z.string(),
      message: z.string(),
      file_id: id.nullable(),
    }),
  ),
});

export const listDestinations = route({
  name: "destinations.list",
  method: "GET",
  path: "/workspaces/{workspace}/destinations",
  summary: "Where files can be put",
  access: viewer,
  params: inWorkspace,
  reply: z.object({
    roots: z.array(z.object({ kind: z.literal("local-folder"), root: z.string() })),
    stores: z
      .array(z.object({ kind: z.literal("store"), connection_id: id, name: z.string(), provider: z.string() }))
      .describe("Connections in whose buckets files can be put"),
  }),
});
export const testDestination = route({
  name: "destinations.test",
  method: "POST",
  path: "/workspaces/{workspace}/destinations/test",
  summary: "Write, read back and delete a small file there",
  access: member,
  audit: "destination.tested",
  params: inWorkspace,
  body: z.strictObject({ destination }),
  reply: z.object({
    ok: z.boolean(),
    free_bytes: z.number().nullable(),
    failure: failure.nullable(),
    took_ms: z.number(),
  }),
  perMinute: 60,
});

/** One thing that waits for a person, with the button that mends it. */
export const attention = z.object({
  kind: z.enum([
    "connection_error",
    "connection_needs_authorization",
    "sign_in_ends",
    "removals_held",
    "sync_failed",
    "files_failed",
    "folders_failed",
    "handoffs_failed",
    "schedule_failed",
  ]),
  title: z.string(),
  detail: z.string(),
  since: time.nullable(),
  connection_id: id.nullable(),
  sync_id: id.nullable(),
});
export const home = route({
  name: "workspaces.home",
  method: "GET",
  path: "/workspaces/{workspace}/home",
  summary: "What needs a person, what runs, what comes next",
  access: viewer,
  params: inWorkspace,
  reply: z.object({
    attention: z.array(attention),
    running: z.array(
      z.object({
        sync: z.object({ id, name: z.string(), provider: z.string(), destination: z.string() }),
        run: syncRunView,
      }),
    ),
    next: z.array(
      z.object({
        at: time,
        sync: z.object({ id, name: z.string(), provider: z.string(), destination: z.string() }),
        schedule,
      }),
    ),
    connections: z.object({ total: z.number(), in_order: z.number() }),
    files: z.object({ total: z.number(), bytes: z.number(), changed_today: z.number() }),
    runs_24h: z.object({
      total: z.number(),
      failed: z.number(),
      by_hour: z.array(z.object({ at: time, done: z.number(), failed: z.number() })),
    }),
    first_steps: z.object({ connected: z.boolean(), sync_made: z.boolean(), file_synced: z.boolean() }),
  }),
});

export const liveEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("sync_run"), sync_id: id, run: syncRunView }),
  /** Something of this kind changed: fetch what is on the page again. */
  z.object({
    type: z.literal("changed"),
    what: z.enum(["connections", "syncs", "files", "handoffs", "members"]),
    sync_id: id.optional(),
  }),
  /** The figures may have missed something (a reconnect): fetch everything again. */
  z.object({ type: z.literal("resync") }),
]);
export type LiveEvent = z.infer<typeof liveEvent>;
export const live = route({
  name: "workspaces.live",
  method: "GET",
  path: "/workspaces/{workspace}/live",
  summary: "Progress as server-sent events, at most 4 a second for one run",
  access: viewer,
  params: inWorkspace,
  reply: liveEvent,
  stream: true,
});
