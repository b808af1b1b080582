import { z } from "zod";

/** `GET /me`. Guests have no mail; the id stays when the name changes. */
export const userReply = z.object({
  id: z.string().min(1),
  userPrincipalName: z.string().nullish(),
  mail: z.string().nullish(),
  displayName: z.string().nullish(),
});

/** `GET /users/{user}/drive` and `GET /sites/{site}/drive`. */
export const driveReply = z.object({
  id: z.string().min(1),
  name: z.string().nullish(),
  webUrl: z.string().nullish(),
  owner: z
    .object({ user: z.object({ displayName: z.string().nullish(), email: z.string().nullish() }).optional() })
    .nullish(),
});

const failure = z.object({ error: z.object({ code: z.string(), message: z.string().optional() }) });

/** The code in a failure's body, in lower case: Graph writes it in several. */
export function codeIn(body: unknown): string | undefined {
  const read = failure.safeParse(body);
  return read.success ? read.data.error.code.toLowerCase() : undefined;
}
