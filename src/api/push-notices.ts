// Where providers tell us that something has changed. A change without a session: in the place of the rules for those
// (SR-45) stand the unguessable place and the proof of who sent it. Whatever is not in order is answered alike (SR-67).
import type { Hono, Context as HonoContext } from "hono";
import { AppError, notFound } from "#core/errors.ts";
import type { TakeNotice } from "#domain/syncs/push/take-notice.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { readLimited } from "./read-request.ts";

interface NoticeEnv {
  Variables: { noted: Record<string, string> };
}

export interface NoticeDeps {
  takeNotice: TakeNotice;
  limiter: RateLimiter;
}

const MOST_BYTES = 64 * 1024;
/** From one address, whoever is behind it: a provider tells of many drives. */
const PER_MINUTE = 6_000;
/** From one address, of what is not from whom we expect it. */
const STRANGE_PER_MINUTE = 60;
const types = ["application/json", "text/plain"];

export function serveNotices<E extends NoticeEnv>(
  app: Hono<E>,
  { takeNotice, limiter }: NoticeDeps,
  addressOf: (c: HonoContext<E>) => string,
): void {
  app.on(["GET", "POST"], "/hooks/push/:place", async (c) => {
    c.get("noted").route = "push.notice";
    const address = addressOf(c);
    limiter.take(`notice ${address}`, PER_MINUTE);
    const request = c.req.raw;
    const body = await readLimited(request, MOST_BYTES);
    refuseOtherTypes(request.headers, body);
    const { headers } = request;
    const answer = await takeNotice(c.req.param("place"), { headers, query: new URL(request.url).searchParams, body });
    switch (answer.kind) {
      case "taken":
        return new Response("{}", { status: 202, headers: { "content-type": "application/json" } });
      case "handshake":
        return new Response(answer.body, {
          status: answer.status,
          headers: { "content-type": "text/plain; charset=utf-8" },
        });
      case "unknown":
        limiter.take(`strange notice ${address}`, STRANGE_PER_MINUTE);
        throw notFound();
    }
  });
}

function refuseOtherTypes(headers: Headers, body: Uint8Array): void {
  const type = (headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (body.byteLength === 0 || types.includes(type)) return;
  throw new AppError("unsupported_media_type", "A notice is application/json or text/plain.");
}
