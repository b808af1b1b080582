/** LinkedIn's own words, as far as we read them. */
import { z } from "zod";

/** `GET /v2/userinfo`. `sub` is this app's name for the member. Everything else may be missing or of another type than documented. */
export const memberReply = z.object({
  sub: z.string().regex(/^[\w-]{1,128}$/),
  name: z.string().optional(),
  email: z.string().optional(),
});

const text = z.string().optional().catch(undefined);

const failure = z.object({ code: text, message: text });

/** The members of a failure that we look at; a body that is none of LinkedIn's has neither. */
export function failureIn(body: unknown): { code?: string | undefined; message?: string | undefined } {
  const read = failure.safeParse(body);
  return read.success ? read.data : {};
}
