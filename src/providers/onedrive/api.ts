import { z } from "zod";

/** `GET /me`. Guests have no mail; the id stays when the name changes. */
export const userReply = z.object({
  id: z.string().min(1),
  userPrincipalName: z.string().nullish(),
  mail: z.string().nullish(),
  displayName: z.string().nullish(),
});

export const driveReply = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  webUrl: z.string().nullish(),
  owner: z
    .object({ user: z.object({ displayName: z.string().nullish(), email: z.string().nullish() }).optional() })
    .nullish(),
});

/** A page of a collection. Unknown properties of entries are none of our business. */
const pageOf = <T>(entry: z.ZodType<T>) =>
  z.object({ value: z.array(entry), "@odata.nextLink": z.string().min(1).optional() });

export const drivesReply = pageOf(driveReply);

const site = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  displayName: z.string().nullish(),
  webUrl: z.string().nullish(),
});
export const sitesReply = pageOf(site);
export type Site = z.infer<typeof site>;

export const batchReply = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.number().int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

/** That it is there says what sort of item this is. */
const facet = z.object({}).nullish();
const person = z.object({ displayName: z.string().nullish(), email: z.string().nullish() }).nullish();

export const itemReply = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  size: z.number().nonnegative().nullish(),
  eTag: z.string().nullish(),
  createdDateTime: z.string().nullish(),
  lastModifiedDateTime: z.string().nullish(),
  webUrl: z.string().nullish(),
  lastModifiedBy: z.object({ user: person, application: person }).nullish(),
  parentReference: z
    .object({ driveId: z.string().nullish(), id: z.string().nullish(), path: z.string().nullish() })
    .nullish(),
  file: z
    .object({
      mimeType: z.string().nullish(),
      hashes: z
        .object({
          quickXorHash: z.string().nullish(),
          sha1Hash: z.string().nullish(),
          sha256Hash: z.string().nullish(),
        })
        .nullish(),
    })
    .nullish(),
  folder: facet,
  root: facet,
  package: facet,
  remoteItem: facet,
  deleted: facet,
  malware: facet,
  "@microsoft.graph.downloadUrl": z.string().min(1).nullish(),
});
export type Item = z.infer<typeof itemReply>;

export const itemsReply = pageOf(itemReply);
export const deltaReply = itemsReply.extend({ "@odata.deltaLink": z.string().min(1).optional() });

/** What is asked for of an item, and no more: each property costs the service, and the wire. */
export const ITEM =
  "id,name,size,eTag,createdDateTime,lastModifiedDateTime,webUrl,lastModifiedBy,parentReference,file,folder,root,package,remoteItem,deleted,malware";

export const subscriptionReply = z.object({ id: z.string().min(1), expirationDateTime: z.string().nullish() });

/** What Graph sends to where a subscription points. */
export const noticesBody = z.object({
  value: z
    .array(
      z.object({
        id: z.string().min(1).nullish(),
        clientState: z.string().nullish(),
        lifecycleEvent: z.string().nullish(),
      }),
    )
    .min(1)
    .max(10_000),
});

const failure = z.object({ error: z.object({ code: z.string().nullish() }).catchall(z.unknown()) });

/**
 * The codes in a failure's body, the outer one first, in lower case: Graph writes them in several. Inside of `innerError`,
 * which is also spelled `innererror`, there may be another one that says more, and so on.
 */
export function codesIn(body: unknown): string[] {
  const codes: string[] = [];
  const read = failure.safeParse(body);
  for (let at: unknown = read.data?.error, depth = 0; depth < 8 && isRecord(at); depth++) {
    if (typeof at.code === "string" && at.code !== "") codes.push(at.code.toLowerCase());
    at = at.innerError ?? at.innererror;
  }
  return codes;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
