import { z } from "zod";

export const bucketReply = z.object({ id: z.string(), name: z.string() });

export const storedReply = z.object({ Key: z.string() });

export const infoReply = z.object({
  size: z.number().int(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});

export const listReply = z.object({
  hasNext: z.boolean(),
  nextCursor: z.string().nullish(),
  objects: z.array(
    z.object({
      name: z.string(),
      key: z.string().optional(),
      metadata: z.object({ size: z.number().optional() }).nullish(),
    }),
  ),
});

/** The answer's real status stands in it, as a text nearly everywhere. */
export const errorReply = z.object({
  statusCode: z
    .union([z.string(), z.number()])
    .transform(String)
    .pipe(z.string().regex(/^\d{3}$/)),
  code: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});
