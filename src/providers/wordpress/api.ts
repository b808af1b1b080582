/** WordPress's own words, as far as we read them. */
import { z } from "zod";

/** The relation by which every page of a site names its REST API. */
export const restRelation = "https://api.w.org/";

/** The index of the REST API. */
export const indexReply = z.object({
  home: z.string().optional().catch(undefined),
  namespaces: z.array(z.string()),
  /** An object where application passwords can be used, an empty list where not. */
  authentication: z.unknown(),
});

export type SiteIndex = z.infer<typeof indexReply>;

export const offersApplicationPasswords = ({ authentication }: SiteIndex): boolean =>
  typeof authentication === "object" && authentication !== null && "application-passwords" in authentication;

/** PHP writes an object without members as an empty list. */
const flags = z.preprocess((value) => (Array.isArray(value) ? {} : value), z.record(z.string(), z.unknown()));

/** `GET wp/v2/users/me` with `context=edit`. Only who is signed in gets roles and capabilities. */
export const userReply = z.object({
  id: z.number().int().positive(),
  name: z.string(),
  roles: z.unknown(),
  capabilities: flags,
});

const failure = z.object({ code: z.string() });

/** The code of a failure, also where warnings of PHP stand before it; absent in answers that are not WordPress's own. */
export function codeIn(body: unknown): string | undefined {
  const read = failure.safeParse(typeof body === "string" ? jsonAtEndOf(body) : body);
  return read.success ? read.data.code : undefined;
}

function jsonAtEndOf(text: string): unknown {
  const start = text.indexOf('{"code":');
  if (start < 0) return undefined;
  try {
    return JSON.parse(text.slice(start));
  } catch {
    return undefined;
  }
}
