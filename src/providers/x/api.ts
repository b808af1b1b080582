/** X's own words, as far as we read them. */
import { z } from "zod";

/** Ids are decimal numbers beyond what a JavaScript number can hold; they stay text. */
const id = z.string().regex(/^\d{1,19}$/);

/** `GET /2/users/me`. */
export const userReply = z.object({
  data: z.object({ id, username: z.string().regex(/^\w{1,50}$/) }),
});

/** Unknown members and odd types tell nothing; they are no reason to fail while a failure is read. */
const text = z.string().optional().catch(undefined);

const problem = z.object({
  type: text,
  title: text,
  detail: text,
  errors: z
    .array(z.object({ code: z.number().optional().catch(undefined), message: text }))
    .optional()
    .catch(undefined),
});

export interface Problem {
  /** Last segment of the type's address: X writes it under two hosts. `about:blank` where it says no more than the status. */
  name: string | undefined;
  detail: string | undefined;
  /** Code of the older list of errors; 88 is its word for too many requests. */
  code: number | undefined;
}

/** A failure in either of X's two shapes; the content type does not tell which. A body that is neither has no members. */
export function problemIn(body: unknown): Problem {
  const read = problem.safeParse(body);
  const { type, detail, errors } = read.success ? read.data : {};
  return { name: type?.split("/").at(-1), detail, code: errors?.find(({ code }) => code !== undefined)?.code };
}
