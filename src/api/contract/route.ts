import { z } from "zod";

/** Roles of a workspace, least first. Each may do what those before it may (SR-55). */
export const roles = ["viewer", "member", "admin", "owner"] as const;
export type Role = (typeof roles)[number];

export type Method = "GET" | "POST" | "PATCH" | "DELETE";

/**
 * Who may call a route.
 * `anyone`: no identity is looked at. `user`: a signed-in person, by session. `workspace`: a member by session or an
 * API key, with at least `role`. `instance-admin`: a signed-in person who runs the installation.
 */
export type Access = { who: "anyone" } | { who: "user" } | { who: "workspace"; role: Role } | { who: "instance-admin" };

type Shape = z.ZodType | undefined;

/** One route, declared once: the server, the OpenAPI document, the SDK and the tests are made from it (SR-54). */
export interface Route<
  Params extends Shape = Shape,
  Query extends Shape = Shape,
  Body extends Shape = Shape,
  Reply extends Shape = Shape,
  Who extends Access = Access,
> {
  /** The name in the SDK and in OpenAPI (`operationId`), such as `syncs.create`. */
  name: string;
  method: Method;
  /** Below /api/v1, with parameters as `{name}`. */
  path: string;
  summary: string;
  access: Who;
  /** What the audit log calls it. Every route that changes something has one. */
  audit?: string;
  params?: Params;
  query?: Query;
  body?: Body;
  reply?: Reply;
  /** 200 unless said: 201 for what is made, 202 for what is begun, 204 for an empty answer. */
  status?: 200 | 201 | 202 | 204;
  /** Server-sent events instead of a JSON answer; `reply` is the shape of one event's data. */
  stream?: true;
  /** Takes an `Idempotency-Key` (SR-79). */
  idempotent?: true;
  /** Where a body may be larger than 1 MiB. */
  maxBodyBytes?: number;
  /** Calls a minute of one identity (before sign-in: of one address) where it differs from the default (SR-70). */
  perMinute?: number;
  /** The dangerous ones need a sign-in younger than ten minutes (SR-64). */
  recentSignIn?: true;
}

export const route = <
  P extends Shape = undefined,
  Q extends Shape = undefined,
  B extends Shape = undefined,
  R extends Shape = undefined,
  W extends Access = Access,
>(
  declared: Route<P, Q, B, R, W>,
): Route<P, Q, B, R, W> => declared;

/** Ids in paths are UUIDs; anything else is answered like an unknown id. */
export const id = z.string().max(64).describe("UUID");
export const inWorkspace = z.strictObject({ workspace: id });
export const inWorkspaceWithId = z.strictObject({ workspace: id, id });

export const time = z.iso.datetime().describe("RFC 3339, UTC");
export const name = z
  .string()
  .trim()
  .min(1, "Give it a name.")
  .max(255, "A name has at most 255 characters.")
  // One line, with something in it that can be seen.
  .regex(/^\P{Cc}*[^\p{Cc}\p{Cf}\p{Z}]\P{Cc}*$/u, "A name is one line of text.");
export const tags = z.array(z.string().trim().min(1).max(64)).max(32);

/** `?limit=&cursor=`: at most 200 rows a page; the cursor is signed and belongs to this query (SR-56). */
export const paging = {
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(2048).optional(),
};
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() });

const fieldError = z.object({ pointer: z.string(), code: z.string(), detail: z.string() });
/** RFC 9457. `code` is stable; `request_id` is what support asks for. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  request_id: z.string(),
  errors: z.array(fieldError).optional(),
});
export type Problem = z.infer<typeof problem>;

/** Why something outside failed, in words for a person; `kind` decides what happens next. */
export const failure = z.object({ kind: z.string(), message: z.string(), at: time.optional() });
