import { z } from "zod";

/** `GET /about?fields=user`: the address can be hidden, the permission id is always there and never changes. */
export const aboutReply = z.object({
  user: z.object({
    permissionId: z.string().min(1),
    displayName: z.string().optional(),
    emailAddress: z.string().optional(),
  }),
});

const id = z.string().min(1);
/** 64 bits come as text. What JavaScript cannot count is refused. */
const int64 = z
  .string()
  .regex(/^\d{1,19}$/)
  .transform(Number)
  .refine(Number.isSafeInteger);
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));

const file = z.object({
  id,
  name: z.string(),
  mimeType: z.string(),
  parents: z.array(id).optional(),
  driveId: id.optional(),
  size: int64.optional(),
  md5Checksum: z.string().optional(),
  sha256Checksum: z.string().optional(),
  headRevisionId: z.string().optional(),
  createdTime: time.optional(),
  modifiedTime: time,
  sharedWithMeTime: time.optional(),
  trashed: z.boolean().optional(),
  webViewLink: z.string().optional(),
  resourceKey: z.string().optional(),
  shortcutDetails: z.object({ targetId: z.string().optional() }).optional(),
  capabilities: z.object({ canDownload: z.boolean().optional() }).optional(),
  lastModifyingUser: z.object({ displayName: z.string().optional(), emailAddress: z.string().optional() }).optional(),
});

export type DriveFile = z.infer<typeof file>;

/** What is asked of a file: the fields above. */
export const fileFields = [
  "id,name,mimeType,parents,driveId,size,md5Checksum,sha256Checksum,headRevisionId,createdTime,modifiedTime",
  "sharedWithMeTime,trashed,webViewLink,resourceKey,shortcutDetails(targetId),capabilities(canDownload)",
  "lastModifyingUser(displayName,emailAddress)",
].join(",");

export const fileReply = file;
export const idReply = z.object({ id });
export const stateReply = z.object({ trashed: z.boolean().optional() });
export const exportLinksReply = z.object({ exportLinks: z.record(z.string(), z.string()).optional() });

export const fileList = z.object({
  nextPageToken: z.string().optional(),
  incompleteSearch: z.boolean().optional(),
  files: z.array(file),
});
// Without its name a list would seem to end with its first page.
export const fileListFields = `nextPageToken,incompleteSearch,files(${fileFields})`;

export const driveList = z.object({
  nextPageToken: z.string().optional(),
  drives: z.array(z.object({ id, name: z.string() })),
});

export const startToken = z.object({ startPageToken: id });

const change = z.union([
  z.object({ changeType: z.literal("drive") }),
  z.object({ removed: z.literal(true), fileId: id }),
  z.object({ removed: z.literal(false).optional(), file }),
  z.object({ removed: z.literal(false).optional(), file: z.undefined().optional(), fileId: id }),
]);

export const changeList = z
  .object({
    nextPageToken: z.string().optional(),
    newStartPageToken: z.string().optional(),
    changes: z.array(change),
  })
  .transform(({ changes, nextPageToken, newStartPageToken }) => ({
    changes,
    next: nextPageToken ?? newStartPageToken,
    more: nextPageToken !== undefined,
  }))
  .refine(({ next }) => next !== undefined);
export const changeListFields = `nextPageToken,newStartPageToken,changes(changeType,removed,fileId,file(${fileFields}))`;

export type DriveChange = z.infer<typeof change>;

export const channelReply = z.object({ id, resourceId: id, expiration: int64.optional() });

const failure = z.object({
  error: z.object({
    message: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional(), location: z.string().optional() })).optional(),
  }),
});

/** The reason in a failure's body, which tells apart what has the same status, and the parameter that is to blame. */
export function reasonIn(body: unknown): { reason?: string | undefined; location?: string | undefined } {
  const read = failure.safeParse(body);
  return (read.success && read.data.error.errors?.[0]) || {};
}
