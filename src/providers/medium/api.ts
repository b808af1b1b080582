/** Medium's own words, as far as we read them. */
import { z } from "zod";

/** `GET /me`. */
export const userReply = z.object({
  data: z.object({ id: z.string().regex(/^\w{1,128}$/), username: z.string().min(1) }),
});

const failure = z.object({ errors: z.array(z.object({ message: z.string(), code: z.number().optional() })).min(1) });

/** The first error of Medium's own list; absent in answers that are not Medium's, such as its front proxy's pages. */
export function errorIn(body: unknown): { message: string; code?: number | undefined } | undefined {
  const read = failure.safeParse(body);
  return read.success ? read.data.errors[0] : undefined;
}
