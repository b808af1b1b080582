/** One request from its headers to its reply, in the order that the rules ask for. */
import { z } from "zod";
import { AppError } from "#core/errors.ts";
import { claimKey, completeClaim, releaseClaim } from "#domain/workspaces/idempotency.ts";
import type { Route } from "./contract/route.ts";
import type { Client, Context, Handler, UserCaller, WorkspaceCaller } from "./handle.ts";
import { admit, type Identified, identify } from "./identify.ts";
import type { RateLimiter } from "./rate-limit.ts";
import { readBody, readParams, readQuery, refuseForgery } from "./read-request.ts";
import type { ServerDeps } from "./server-deps.ts";
import type { SessionCookie } from "./session-cookie.ts";
import { toEventStream } from "./sse.ts";

export interface AnswerDeps extends ServerDeps {
  limiter: RateLimiter;
  cookie: SessionCookie;
  ownOrigins: ReadonlySet<string>;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
}

export interface Incoming {
  request: Request;
  params: Record<string, string>;
  client: Client;
  requestId: string;
  /** Tells the request log who it was. */
  note(fields: { workspace?: string; actor?: string }): void;
}

const perMinute = { workspace: 600, person: 600, address: 60 };
const recentMs = 10 * 60_000;

/** @throws AppError, ProviderError, or anything else for what is our own mistake */
export async function answer(
  deps: AnswerDeps,
  { route, answer: handler }: Handler,
  incoming: Incoming,
): Promise<Response> {
  const { request, params, client, requestId } = incoming;
  const who = await whoAsks(deps, route, incoming);
  refuseForgery(route, who, request.headers, deps.ownOrigins);
  const caller = await admit(deps, route.access, who, params, { address: client.address, requestId }).catch(
    (refusal: unknown) => {
      // A workspace pays for its own members only; whoever tries doors that are not theirs pays for it themselves.
      deps.limiter.take(`refused ${identityOf(who, client)}`, perMinute.person);
      throw refusal;
    },
  );
  incoming.note(describeCaller(caller));
  limit(deps.limiter, route, who, caller, client);
  if (route.recentSignIn) refuseOldSession(who);

  const parsed = {
    params: readParams(route, params),
    query: openCursor(deps, route, params, readQuery(route, new URL(request.url).searchParams)),
  };
  const { body, text } = await readBody(route, request);
  const headers = new Headers();
  const context: Context = {
    ...caller,
    ...parsed,
    body,
    client,
    requestId,
    signal: AbortSignal.any([request.signal, deps.stopping]),
    complete: async () => {},
    header: (name, value) => headers.append(name, value),
  };
  const done = { route, params, query: parsed.query, headers };
  if (route.stream) return stream(deps, done, context, handler, () => mayStay(deps, route, incoming), request.method);
  if (route.idempotent && caller && "workspace" in caller) {
    return once(deps, done, { ...context, ...caller }, handler, request, text);
  }
  return reply(deps, done, await handler(context));
}

/** Before somebody is known, their address pays; so it does for keys and sessions that do not work. */
async function whoAsks(deps: AnswerDeps, route: Route, { request, client }: Incoming): Promise<Identified> {
  try {
    const who = route.access.who === "anyone" ? nobody : await identify(deps, deps.cookie, request.headers);
    if (who.kind === "nobody") deps.limiter.take(`address ${client.address}`, perMinute.address);
    return who;
  } catch (failure) {
    deps.limiter.take(`address ${client.address}`, perMinute.address);
    throw failure;
  }
}
const nobody: Identified = { kind: "nobody" };

function limit(
  limiter: RateLimiter,
  route: Route,
  who: Identified,
  caller: WorkspaceCaller | UserCaller | undefined,
  client: Client,
): void {
  if (caller && "workspace" in caller) limiter.take(`workspace ${caller.workspace}`, perMinute.workspace);
  else if (who.kind === "person") limiter.take(`person ${who.user.id}`, perMinute.person);
  if (route.perMinute !== undefined) limiter.take(`${route.name} ${identityOf(who, client)}`, route.perMinute);
}

const identityOf = (who: Identified, client: Client): string =>
  who.kind === "person" ? who.user.id : who.kind === "key" ? who.key.id : client.address;

function refuseOldSession(who: Identified): void {
  if (who.kind === "person" && Date.now() - who.user.since.getTime() < recentMs) return;
  throw new AppError(
    "recent_sign_in_needed",
    "Sign in again to do this: your last sign-in is more than 10 minutes ago.",
  );
}

const describeCaller = (caller: WorkspaceCaller | UserCaller | undefined) => ({
  ...(caller && "workspace" in caller && { workspace: caller.workspace }),
  ...(caller?.actor && "id" in caller.actor && { actor: `${caller.actor.kind}:${caller.actor.id}` }),
});

interface Done {
  route: Route;
  params: Record<string, string>;
  query: unknown;
  headers: Headers;
}

function reply(deps: AnswerDeps, done: Done, given: unknown): Response {
  const { route, headers } = done;
  const status = route.status ?? 200;
  if (!route.reply) return new Response(null, { status, headers });
  const checked = signNext(deps, done, route.reply.parse(given));
  headers.set("content-type", "application/json; charset=utf-8");
  return new Response(JSON.stringify(checked), { status, headers });
}

// A cursor belongs to the workspace, the route and the query that it came from, whatever the size of the page.
const placeOf = (route: Route, params: Record<string, string>, query: object) => {
  const { cursor: _, limit: __, ...rest } = query as Record<string, unknown>;
  return [route.name, JSON.stringify(params), JSON.stringify(rest)];
};
const hasCursor = (route: Route) => route.query instanceof z.ZodObject && "cursor" in route.query.shape;

function openCursor({ cursors }: AnswerDeps, route: Route, params: Record<string, string>, query: unknown): unknown {
  if (!isObject(query) || !("cursor" in query) || typeof query.cursor !== "string") return query;
  const cursor = cursors.verify(query.cursor, placeOf(route, params, query));
  if (cursor === undefined) {
    throw new AppError("cursor_not_valid", "This cursor does not belong to this list. Start from its beginning.");
  }
  return { ...query, cursor };
}

function signNext({ cursors }: AnswerDeps, { route, params, query }: Done, page: unknown): unknown {
  if (!hasCursor(route) || !isObject(page) || !isObject(query)) return page;
  if (!("next" in page) || typeof page.next !== "string") return page;
  return { ...page, next: cursors.sign(page.next, placeOf(route, params, query)) };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Does the work once for each idempotency key, if the client gave one (SR-79). */
async function once(
  deps: AnswerDeps,
  done: Done,
  context: Context & WorkspaceCaller,
  handler: Handler["answer"],
  request: Request,
  text: string,
): Promise<Response> {
  const { route } = done;
  const key = request.headers.get("idempotency-key");
  if (key === null) return reply(deps, done, await handler(context));
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new AppError("invalid_request", "An Idempotency-Key has 1 to 255 visible ASCII characters.");
  }
  const hash = deps.hashRequest(`${request.url}\n${text}`);
  const claimed = await claimKey(deps, { workspace: context.workspace, route: route.name, key, hash });
  if (claimed.state === "done") {
    done.headers.set("idempotency-replayed", "true");
    return reply(deps, done, claimed.reply);
  }
  let completed = false;
  try {
    const given = await handler({
      ...context,
      async complete(tx, made) {
        const kept = route.reply ? route.reply.parse(made) : null;
        await completeClaim(tx, claimed.claim, route.status ?? 200, kept);
        completed = true;
      },
    });
    if (!completed) throw new Error(`${route.name} has not kept its reply in the transaction of its effect`);
    return reply(deps, done, given);
  } catch (failure) {
    // Where the effect was committed after all, its claim is complete and this changes nothing.
    await releaseClaim(deps, claimed.claim);
    throw failure;
  }
}

async function stream(
  deps: AnswerDeps,
  { route, headers }: Done,
  context: Context,
  handler: Handler["answer"],
  mayStay: () => Promise<boolean>,
  asked: string,
): Promise<Response> {
  headers.set("content-type", "text/event-stream; charset=utf-8");
  // Proxies that gather an answer before they pass it on would gather this one for ever.
  headers.set("x-accel-buffering", "no");
  if (asked === "HEAD") return new Response(null, { headers });

  const leaving = new AbortController();
  const signal = AbortSignal.any([context.signal, leaving.signal]);
  const events = await handler({ ...context, signal });
  if (!isAsyncIterable(events)) throw new Error(`${route.name} is a stream, and its handler gave none`);
  const body = toEventStream(events, {
    signal,
    mayStay,
    ended(failure) {
      leaving.abort();
      if (failure !== undefined) {
        deps.log.error({ request_id: context.requestId, route: route.name, err: failure }, "a stream has failed");
      }
    },
  });
  return new Response(body, { headers });
}

/** The same questions as at the beginning, asked again: does the session or key still work, does the membership exist? */
async function mayStay(deps: AnswerDeps, route: Route, { request, params, client, requestId }: Incoming) {
  try {
    const who = await identify(deps, deps.cookie, request.headers);
    await admit(deps, route.access, who, params, { address: client.address, requestId });
    return true;
  } catch (failure) {
    if (failure instanceof AppError) return false;
    throw failure;
  }
}

const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.asyncIterator in value;
