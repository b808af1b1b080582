// A pretend provider with one token endpoint, which can be stopped at every step of a refresh.
import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { bodyOf, type Loopback, serve } from "#outbound/testing/loopback.ts";

export type Rotation =
  /** A second use of a refresh token ends everything it has ever brought. */
  | "strict"
  /** A second use gives the same answer again. */
  | "grace"
  /** There is only one, and answers do not repeat it. */
  | "stable";

/** What somebody has consented to. */
export interface Grant {
  id: string;
  refreshToken: string;
  accessToken: string;
  alive: boolean;
  /** Requests that brought new tokens, and those that used a refresh token for the second time. */
  exchanges: number;
  reuses: number;
}

export interface TokenServer extends Loopback {
  tokenUrl: string;
  revokeUrl: string;
  grant(rotation?: Rotation): Grant;
  /** All requests to the token endpoint. */
  asked(): number;
  /** Tokens that were revoked, in order. */
  readonly revoked: string[];
  /** How the next request to the token endpoint goes, instead of well. */
  next(...turns: Turn[]): void;
  /** Called for every request before and after the tokens are replaced; holds it up while it waits, and may drop it. */
  hooks: { arrived?: Hook | undefined; committed?: Hook | undefined };
  /** The access token is no longer accepted by the API, though its time is not over. */
  refuse(grant: Grant): void;
}

/** `caller` is what the request says of whom it is from, where it does. */
type Hook = (grant: Grant | undefined, caller: string | null) => Promise<"drop" | undefined> | undefined;

export type Turn =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** The work is done, the answer is lost. */
  | "lose-answer"
  /** The connection breaks before anything is done. */
  | "break"
  /** What is added to, or taken out of, a good answer. */
  | { change: Record<string, unknown> };

interface Known {
  grant: Grant;
  rotation: Rotation;
  spent: Map<string, Record<string, unknown>>;
}

export async function tokenServer(options: { expiresInS?: number } = {}): Promise<TokenServer> {
  const { expiresInS = 3600 } = options;
  const byRefresh = new Map<string, Known>();
  const byAccess = new Map<string, Known>();
  const refused = new Set<string>();
  const revoked: string[] = [];
  const turns: Turn[] = [];
  const hooks: TokenServer["hooks"] = {};
  let asked = 0;

  const fresh = (kind: string) => `${kind}-${randomBytes(12).toString("hex")}`;

  async function token(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    asked++;
    const form = new URLSearchParams(await bodyOf(request));
    const turn = turns.shift();
    const known = byRefresh.get(form.get("refresh_token") ?? "");
    if ((await hooks.arrived?.(known?.grant, form.get("caller"))) === "drop" || turn === "break") {
      reply.socket?.destroy();
      return;
    }
    if (turn && typeof turn === "object" && "status" in turn) {
      return answer(reply, turn.status, turn.body ?? {}, turn.headers);
    }
    if (form.get("grant_type") !== "refresh_token") return login(form, reply);
    if (form.get("client_id") !== "client" || form.get("client_secret") !== "hush") {
      return answer(reply, 401, { error: "invalid_client" });
    }
    const made = known && exchange(known, form.get("refresh_token") ?? "");
    await hooks.committed?.(known?.grant, form.get("caller"));
    if (turn === "lose-answer") {
      reply.socket?.destroy();
      return;
    }
    if (!made) return answer(reply, 400, { error: "invalid_grant", error_description: "No such grant." });
    answer(reply, 200, { ...made, ...(typeof turn === "object" && "change" in turn && turn.change) });
  }

  function exchange(known: Known, sent: string): Record<string, unknown> | undefined {
    const { grant, rotation, spent } = known;
    if (!grant.alive) return undefined;
    const before = spent.get(sent);
    if (before) {
      grant.reuses++;
      if (rotation === "grace") return before;
      grant.alive = false;
      return undefined;
    }
    grant.exchanges++;
    grant.accessToken = fresh("access");
    byAccess.set(grant.accessToken, known);
    const made: Record<string, unknown> = {
      access_token: grant.accessToken,
      token_type: "bearer",
      expires_in: expiresInS,
    };
    if (rotation === "stable") return made;
    grant.refreshToken = fresh("refresh");
    byRefresh.set(grant.refreshToken, known);
    made.refresh_token = grant.refreshToken;
    spent.set(sent, made);
    return made;
  }

  function login(form: URLSearchParams, reply: ServerResponse): void {
    if (form.get("client_id") !== "machine" || form.get("client_secret") !== "oil") {
      answer(reply, 401, { error: "invalid_client" });
      return;
    }
    const grant = newGrant("stable");
    answer(reply, 200, { access_token: grant.accessToken, token_type: "bearer", expires_in: expiresInS });
  }

  function newGrant(rotation: Rotation): Grant {
    const grant: Grant = {
      id: fresh("grant"),
      refreshToken: fresh("refresh"),
      accessToken: fresh("access"),
      alive: true,
      exchanges: 0,
      reuses: 0,
    };
    const known: Known = { grant, rotation, spent: new Map() };
    byRefresh.set(grant.refreshToken, known);
    byAccess.set(grant.accessToken, known);
    return grant;
  }

  async function revoke(request: IncomingMessage, reply: ServerResponse): Promise<void> {
    const form = new URLSearchParams(await bodyOf(request));
    const turn = turns.shift();
    if (turn && typeof turn === "object" && "status" in turn) {
      return answer(reply, turn.status, turn.body ?? {}, turn.headers);
    }
    revoked.push(form.get("token") ?? "");
    answer(reply, 200, {});
  }

  function api(request: IncomingMessage, reply: ServerResponse): void {
    const sent = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const known = byAccess.get(sent);
    if (known?.grant.alive && !refused.has(sent)) answer(reply, 200, { id: known.grant.id });
    else answer(reply, 401, { error: "invalid_token" });
  }

  const loopback = await serve((request, reply) => {
    const path = new URL(request.url ?? "/", "http://localhost").pathname;
    if (path === "/token") void token(request, reply);
    else if (path === "/revoke") void revoke(request, reply);
    else api(request, reply);
  });
  return {
    ...loopback,
    tokenUrl: `${loopback.origin}/token`,
    revokeUrl: `${loopback.origin}/revoke`,
    grant: (rotation = "strict") => newGrant(rotation),
    asked: () => asked,
    revoked,
    next: (...more) => void turns.push(...more),
    hooks,
    refuse: (grant) => void refused.add(grant.accessToken),
  };
}

function answer(reply: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (reply.destroyed) return;
  const isText = typeof body === "string";
  reply.writeHead(status, { "content-type": isText ? "text/html" : "application/json", ...headers });
  reply.end(isText ? body : JSON.stringify(body));
}
