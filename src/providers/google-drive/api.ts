import { z } from "zod";

/** `GET /about?fields=user`: the address can be hidden, the permission id is always there and never changes. */
export const aboutReply = z.object({
  user: z.object({
    permissionId: z.string().min(1),
    displayName: z.string().optional(),
    emailAddress: z.string().optional(),
  }),
});

const failure = z.object({
  error: z.object({
    message: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional() })).optional(),
  }),
});

/** The reason in a failure's body, which tells apart what has the same status. */
export function reasonIn(body: unknown): string | undefined {
  const read = failure.safeParse(body);
  return read.success ? read.data.error.errors?.[0]?.reason : undefined;
}
