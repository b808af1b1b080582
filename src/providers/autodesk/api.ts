import { z } from "zod";

/** `GET /userinfo`. */
export const userReply = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  preferred_username: z.string().optional(),
  name: z.string().optional(),
});

const id = z.string().min(1);
const text = z.string().optional();
const related = z.object({ data: z.object({ id }) });
/** Where it leads is left out here and there, or nothing. */
const perhaps = z.object({ data: z.object({ id }).nullish() }).optional();

/** A link is an object, now and then a plain text, and nothing where there is none. */
const link = z
  .union([z.object({ href: z.string() }).transform(({ href }) => href), z.string()])
  .nullish()
  .transform((told) => told ?? undefined);
const links = z.object({ next: link }).optional();

const hub = z.object({ id, attributes: z.object({ name: z.string(), region: text }) });

/** `GET /project/v1/hubs`. An app that no account has let in gets an empty list with warnings, and status 200. */
export const hubsReply = z.object({ data: z.array(hub) });
export const hubReply = z.object({ data: hub });

export const projectsReply = z.object({
  data: z.array(
    z.object({
      id,
      attributes: z.object({ name: z.string() }),
      relationships: z.object({ rootFolder: related }),
    }),
  ),
  links,
});

const times = { createTime: text, lastModifiedTime: text };
const people = { createUserName: text, lastModifiedUserName: text };

const folder = z.object({
  type: z.literal("folders"),
  id,
  attributes: z.object({
    ...times,
    ...people,
    name: z.string(),
    displayName: text,
    lastModifiedTimeRollup: text,
    hidden: z.boolean().optional(),
    extension: z
      .object({
        data: z.object({ folderParents: z.array(z.object({ title: text })).optional() }).optional(),
      })
      .optional(),
  }),
  relationships: z.object({ parent: perhaps }).optional(),
});

const item = z.object({
  type: z.literal("items"),
  id,
  attributes: z.object({
    ...times,
    ...people,
    displayName: text,
    hidden: z.boolean().optional(),
    reserved: z.boolean().optional(),
  }),
  relationships: z.object({ tip: perhaps, parent: perhaps }).optional(),
});

const version = z.object({
  type: z.literal("versions"),
  id,
  attributes: z.object({
    ...times,
    ...people,
    name: text,
    displayName: text,
    versionNumber: z.number().optional(),
    mimeType: z.string().nullish(),
    fileType: z.string().nullish(),
    storageSize: z.number().int().nonnegative().nullish(),
    extension: z
      .object({
        type: text,
        data: z
          .object({
            processState: text,
            reviewState: text,
            revisionDisplayLabel: text,
            storageUrn: text,
            isCompositeDesign: z.boolean().optional(),
          })
          .optional(),
      })
      .optional(),
  }),
  links: z.object({ webView: link }).optional(),
  relationships: z.object({ storage: perhaps }).optional(),
});

export type ApiFolder = z.infer<typeof folder>;
export type ApiItem = z.infer<typeof item>;
export type ApiVersion = z.infer<typeof version>;

/** Folders and items together; `included` has the newest version of each item of the page. */
export const contentsReply = z.object({
  data: z.array(z.discriminatedUnion("type", [folder, item])),
  included: z.array(version).optional(),
  links,
});

export const folderReply = z.object({ data: folder });
export const itemReply = z.object({ data: item, included: z.array(version).optional() });

/** `GET …/signeds3download`: one address, or one for each part while the object is still being put together. */
export const downloadReply = z.discriminatedUnion("status", [
  z.object({
    status: z.enum(["complete", "fallback"]),
    url: z.url(),
    size: z.number().int().nonnegative().optional(),
    sha1: z
      .string()
      .regex(/^[0-9a-f]{40}$/i)
      .nullish(),
  }),
  z.object({
    status: z.literal("chunked"),
    urls: z.record(z.string().regex(/^\d{1,15}-\d{1,15}$/), z.url()),
    size: z.number().int().nonnegative(),
  }),
]);

export type Download = z.infer<typeof downloadReply>;

/** A page of `GET /webhooks/v1/systems/data/events/{event}/hooks`. */
export const hooksReply = z.object({
  data: z.array(z.object({ hookId: id, callbackUrl: z.string(), scope: z.object({ folder: text }) })),
  links,
});

const failure = z.object({ errorCode: z.string().optional(), developerMessage: z.string().optional() });
const documentFailure = z.object({ errors: z.array(z.object({ code: z.string() })).min(1) });

/** The code of a failure: `AUTH-006` of the gateway, `BIM360DM_ERROR` of the services behind it. */
export function codeIn(body: unknown): string | undefined {
  const ofGateway = failure.safeParse(body);
  if (ofGateway.success && ofGateway.data.errorCode !== undefined) return ofGateway.data.errorCode;
  const ofDocument = documentFailure.safeParse(body);
  return ofDocument.success ? ofDocument.data.errors[0]?.code : undefined;
}
