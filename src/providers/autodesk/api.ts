import { z } from "zod";

/** `GET /userinfo`. */
export const userReply = z.object({
  sub: z.string().min(1),
  email: z.string().optional(),
  preferred_username: z.string().optional(),
  name: z.string().optional(),
});

/** `GET /project/v1/hubs`. An app that no account has let in gets an empty list with warnings, and status 200. */
export const hubsReply = z.object({
  data: z.array(z.object({ id: z.string().min(1), attributes: z.object({ name: z.string() }) })),
});

const failure = z.object({ errorCode: z.string().optional(), developerMessage: z.string().optional() });

/** The code of the gateway's failures: `AUTH-006`. */
export function codeIn(body: unknown): string | undefined {
  const read = failure.safeParse(body);
  return read.success ? read.data.errorCode : undefined;
}
