import type { Server } from "node:http";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { AppError, notFound } from "#core/errors.ts";
import { newId } from "#core/ids.ts";
import { readPerson } from "#domain/identity/people.ts";
import { type AnswerDeps, answer } from "./answer.ts";
import { clientAddress } from "./client-address.ts";
import { routes } from "./contract/index.ts";
import type { Route } from "./contract/route.ts";
import { serveDocs } from "./docs.ts";
import type { Client, Handler } from "./handle.ts";
import { serveResults } from "./handoff-results.ts";
import { secureHeaders } from "./headers.ts";
import { identify } from "./identify.ts";
import { serveOAuthCallback } from "./oauth-callback.ts";
import { openApiDocument } from "./openapi.ts";
import { ownOrigins } from "./origins.ts";
import { servePortal } from "./portal-files.ts";
import { isUnforeseen, toProblem } from "./problem.ts";
import { serveNotices } from "./push-notices.ts";
import { createRateLimiter } from "./rate-limit.ts";
import type { ServerDeps } from "./server-deps.ts";
import { sessionCookie } from "./session-cookie.ts";

const apiBase = "/api/v1";

export interface HawserServer {
  fetch(request: Request): Promise<Response>;
  /** Resolves with the port once connections are taken; 0 asks the system for a free one. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no new request, ends streams, lets the rest finish, and is done within 8 seconds (SR-97). */
  close(): Promise<void>;
}

type Env = { Bindings: Partial<HttpBindings>; Variables: { requestId: string; noted: Record<string, string> } };

/** @throws Error when a route of the contract has no handler, or a handler no route (SR-54) */
export function createServer(deps: ServerDeps): HawserServer {
  const stopping = new AbortController();
  const answering: AnswerDeps = {
    ...deps,
    limiter: createRateLimiter(),
    cookie: sessionCookie(deps.publicUrl),
    ownOrigins: ownOrigins(deps.publicUrl),
    stopping: stopping.signal,
  };
  const app = createApp(answering, matchHandlers(deps.handlers));
  let server: Server | undefined;
  return {
    fetch: async (request) => app.fetch(request, {}),
    async listen(port, host) {
      server = createAdaptorServer({
        fetch: (request, env) => app.fetch(request, env),
        serverOptions: { maxHeaderSize: 16 * 1024, requestTimeout: 60_000, headersTimeout: 20_000 },
      }) as Server;
      refuseUnreadable(server);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      server.once("error", reject);
      server.listen(port, host, resolve);
      await promise;
      const address = server.address();
      return typeof address === "object" && address ? address.port : port;
    },
    async close() {
      stopping.abort();
      if (!server) return;
      const closed = new Promise<void>((resolve) => server?.close(() => resolve()));
      // Browsers keep connections open that are idle only after their last answer.
      const sweeping = setInterval(() => server?.closeIdleConnections(), 50);
      const impatience = setTimeout(() => server?.closeAllConnections(), 8_000);
      await closed;
      clearInterval(sweeping);
      clearTimeout(impatience);
    },
  };
}

function matchHandlers(handlers: readonly Handler[]): readonly Handler[] {
  const names = (list: readonly Route[]) => list.map((route) => route.name);
  const handled = names(handlers.map(({ route }) => route));
  const declared = names(routes);
  const missing = declared.filter((name) => !handled.includes(name));
  const unknown = handled.filter((name) => !declared.includes(name));
  const twice = handled.filter((name, index) => handled.indexOf(name) !== index);
  const problems = [
    ...missing.map((name) => `${name} has no handler`),
    ...unknown.map((name) => `${name} is not in the contract`),
    ...twice.map((name) => `${name} has two handlers`),
  ];
  if (problems.length > 0) throw new Error(`The server does not start: ${problems.join("; ")}.`);
  return handlers;
}

function createApp(deps: AnswerDeps, handlers: readonly Handler[]): Hono<Env> {
  const app = new Hono<Env>();
  const trusted = new Set(deps.trustedProxies);
  const clientOf = (env: Partial<HttpBindings>, headers: Headers): Client => {
    const peer = env.incoming?.socket.remoteAddress ?? "unknown";
    const userAgent = headers.get("user-agent");
    return {
      address: clientAddress(peer, headers.get("x-forwarded-for") ?? undefined, trusted),
      ...(userAgent !== null && { userAgent }),
    };
  };

  app.use(async (c, next) => {
    const begun = performance.now();
    c.set("requestId", newId());
    c.set("noted", {});
    await next();
    c.res.headers.set("x-request-id", c.get("requestId"));
    secureHeaders(c.res.headers, deps.publicUrl);
    allowOrigin(c.req.raw, c.res.headers, deps.corsOrigins ?? []);
    const durationMs = Math.round((performance.now() - begun) * 10) / 10;
    const fields = {
      request_id: c.get("requestId"),
      method: c.req.method,
      status: c.res.status,
      duration_ms: durationMs,
    };
    deps.log.info({ ...fields, ...c.get("noted") }, "request");
  });
  const explain = (failure: unknown, requestId: string, noted: Record<string, string>) => {
    if (isUnforeseen(failure)) deps.log.error({ request_id: requestId, ...noted, err: failure }, "request failed");
    const { problem, headers } = toProblem(failure, requestId);
    return new Response(JSON.stringify(problem), {
      status: problem.status,
      headers: { "content-type": "application/problem+json", ...headers },
    });
  };
  app.onError((failure, c) => explain(failure, c.get("requestId"), c.get("noted")));

  for (const handler of handlers) {
    const path = `${apiBase}${handler.route.path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
    app.on(handler.route.method, path, (c) => {
      const noted = c.get("noted");
      noted.route = handler.route.name;
      // What people do outside of a workspace has no audit log to stand in; it stands here.
      if (handler.route.audit && handler.route.access.who !== "workspace") noted.event = handler.route.audit;
      return answer(deps, handler, {
        request: c.req.raw,
        params: c.req.param(),
        client: clientOf(c.env, c.req.raw.headers),
        requestId: c.get("requestId"),
        note: (fields) => Object.assign(noted, fields),
      });
    });
  }
  app.options(`${apiBase}/*`, (c, next) =>
    (deps.corsOrigins ?? []).includes(c.req.header("origin") ?? "") ? Promise.resolve(c.body(null, 204)) : next(),
  );

  serveOAuthCallback(app, deps, (c) => clientOf(c.env, c.req.raw.headers));
  serveResults(app, deps, (c) => clientOf(c.env, c.req.raw.headers).address);
  serveNotices(app, deps, (c) => clientOf(c.env, c.req.raw.headers).address);
  app.get("/health", (c) => c.json({ status: "alive" }));
  app.get("/status", async (c) => {
    deps.limiter.take(`status ${clientOf(c.env, c.req.raw.headers).address}`, 60);
    const status = await deps.readStatus().catch(() => undefined);
    const summary = status?.database.ok ? "up" : "degraded";
    return c.json((await mayReadStatus(deps, c.req.raw)) ? { status: summary, ...status } : { status: summary });
  });
  const openApi = openApiDocument(routes, { publicUrl: deps.publicUrl, version: deps.version });
  app.get("/openapi.json", (c) => c.json(openApi));
  serveDocs(app);
  if (deps.portalFolder) servePortal(app, deps.portalFolder);
  app.notFound((c) => {
    const methods = methodsAt(c.req.path);
    const failure =
      methods.length > 0 ? new AppError("method_not_allowed", `This address takes ${methods.join(", ")}.`) : notFound();
    const response = explain(failure, c.get("requestId"), c.get("noted"));
    if (methods.length > 0) response.headers.set("allow", methods.join(", "));
    return response;
  });
  return app;
}

/** Details are for whoever runs the installation (SR-52). */
async function mayReadStatus(deps: AnswerDeps, request: Request): Promise<boolean> {
  try {
    const who = await identify(deps, deps.cookie, request.headers);
    return who.kind === "person" && (await readPerson(deps.identity, who.user.id)).instanceAdmin;
  } catch {
    // Also when the database is away: then nobody can be told from anybody.
    return false;
  }
}

const patterns = routes.map(({ path, method }) => ({
  method,
  matches: new RegExp(`^${apiBase}${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));
function methodsAt(path: string): string[] {
  const methods = patterns.filter(({ matches }) => matches.test(path)).map(({ method }) => method);
  return [...new Set(methods)].flatMap((method) => (method === "GET" ? ["GET", "HEAD"] : [method]));
}

/** Pages of the origins that the operator names may call with a key; cookies are never theirs to send (SR-46). */
function allowOrigin(request: Request, headers: Headers, allowed: readonly string[]): void {
  if (allowed.length === 0) return;
  headers.append("vary", "Origin");
  const origin = request.headers.get("origin");
  if (origin === null || !allowed.includes(origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-expose-headers", "x-request-id, retry-after, idempotency-replayed");
  if (request.method !== "OPTIONS") return;
  headers.set("access-control-allow-methods", "GET, POST, PATCH, DELETE");
  headers.set("access-control-allow-headers", "authorization, content-type, idempotency-key");
  headers.set("access-control-max-age", "600");
}

// What is no HTTP never reaches a handler.
function refuseUnreadable(server: Server): void {
  server.on("clientError", (failure: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || failure.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const tooLong = failure.code === "HPE_HEADER_OVERFLOW";
    const refusal = tooLong
      ? new AppError("header_too_large", "The headers may have at most 16 KiB.")
      : new AppError("invalid_json", "This is not a request that we can read.");
    const { problem } = toProblem(refusal, newId());
    const body = JSON.stringify(problem);
    socket.end(
      `HTTP/1.1 ${problem.status} ${tooLong ? "Request Header Fields Too Large" : "Bad Request"}\r\nconnection: close\r\n` +
        `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
}
