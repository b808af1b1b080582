// Where receivers report what became of documents. A change without a session, as with push notices: in the place of the
// rules for those (SR-45) stand the unguessable place and the signature, and what is not in order is answered alike (SR-67).
import type { Hono, Context as HonoContext } from "hono";
import { AppError, notFound } from "#core/errors.ts";
import type { TakeResult } from "#domain/syncs/handoffs/take-result.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { readLimited } from "./read-request.ts";

interface ResultEnv {
  Variables: { noted: Record<string, string> };
}

const MOST_BYTES = 64 * 1024;
const PER_MINUTE = 6_000;
/** From one address, of what is not from whom we expect it. */
const STRANGE_PER_MINUTE = 60;

export function serveResults<E extends ResultEnv>(
  app: Hono<E>,
  { takeResult, limiter }: { takeResult: TakeResult; limiter: RateLimiter },
  addressOf: (c: HonoContext<E>) => string,
): void {
  app.post("/hooks/results/:place", async (c) => {
    c.get("noted").route = "handoffs.result";
    const address = addressOf(c);
    limiter.take(`result ${address}`, PER_MINUTE);
    const request = c.req.raw;
    const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
    if (type !== "application/json") throw new AppError("unsupported_media_type", "A result is application/json.");
    const body = await readLimited(request, MOST_BYTES);
    const delivery = { headers: request.headers, query: new URL(request.url).searchParams, body };
    if ((await takeResult(c.req.param("place"), delivery)) === "taken") {
      return new Response("{}", { status: 202, headers: { "content-type": "application/json" } });
    }
    limiter.take(`strange result ${address}`, STRANGE_PER_MINUTE);
    throw notFound();
  });
}
