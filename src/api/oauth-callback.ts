// Where providers send people back to. A GET that writes: OAuth leaves no choice. In the place of the rules for changes
// (SR-45) stand the state, its session and its single use.
import type { Hono, Context as HonoContext } from "hono";
import type { Visitor } from "#domain/connections/connect/flow.ts";
import { failedPage } from "#domain/connections/connect/outcome-page.ts";
import { findSession } from "#domain/identity/find-session.ts";
import type { AnswerDeps } from "./answer.ts";
import type { Client } from "./handle.ts";
import { isUnforeseen } from "./problem.ts";

interface CallbackEnv {
  Variables: { requestId: string; noted: Record<string, string> };
}

const PER_MINUTE = 60;

/** Every callback ends on a page of the portal, whose address has nothing of it (SR-35). */
export function serveOAuthCallback<E extends CallbackEnv>(
  app: Hono<E>,
  deps: AnswerDeps,
  clientOf: (c: HonoContext<E>) => Client,
): void {
  app.all("/oauth/callback/:place", async (c) => {
    const { address } = clientOf(c);
    const requestId = c.get("requestId");
    const noted = c.get("noted");
    noted.route = "oauth.callback";
    let page: string;
    try {
      deps.limiter.take(`callback ${address}`, PER_MINUTE);
      const visitor = await visitorOf(deps, c.req.raw, { address, requestId });
      if (visitor) noted.actor = `user:${visitor.user}`;
      page = await deps.finishConnect(visitor, {
        method: c.req.method,
        place: c.req.param("place"),
        params: new URL(c.req.url).searchParams,
      });
    } catch (failure) {
      // Never an answer at this address: it has the code in it.
      if (isUnforeseen(failure)) deps.log.error({ request_id: requestId, err: failure }, "a callback failed");
      page = failedPage;
    }
    return new Response(null, { status: 303, headers: { location: page, "cache-control": "no-store" } });
  });
}

async function visitorOf(
  deps: AnswerDeps,
  request: Request,
  from: { address: string; requestId: string },
): Promise<Visitor | undefined> {
  const token = deps.cookie.read(request.headers.get("cookie"));
  const person = token === undefined ? undefined : await findSession(deps.identity, token);
  return person && { user: person.id, name: person.name, session: person.sessionId, ...from };
}
