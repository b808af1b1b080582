/** A pretend service on one origin: `/authorize`, `/token`, `/revoke`, and the real service's paths below `/api`. */
import { type Clock, systemClock } from "#core/clock.ts";
import { Faults, throughFault } from "./faults.ts";
import type { OAuthRules } from "./oauth-rules.ts";
import { type Access, OAuthServer } from "./oauth-server.ts";
import { readOAuthState } from "./oauth-state.ts";
import { paramsInJson } from "./params-in-json.ts";
import { RequestLog, tokenFingerprint } from "./request-log.ts";

export interface SimulatorOptions {
  /** Where it is reached, without a slash at the end: `http://127.0.0.1:4711/x`. */
  origin: string;
  clock?: Clock | undefined;
  /** The same seed gives the same ids and tokens. */
  seed?: number | undefined;
  /** Its drives begin with nothing in them. */
  empty?: boolean | undefined;
  /** How it sends notices to those who watch; without it, it sends none. */
  notify?: ((request: Request) => Promise<Response>) | undefined;
}

/** One call of the service's API. `access` is absent for a call without a good token. */
export interface ApiCall {
  request: Request;
  /** Below `/api`. */
  path: string;
  url: URL;
  now: Date;
  access: Access | undefined;
}

export type Part = "token" | "api" | "all";

export interface SimulatedService {
  readonly key: string;
  readonly origin: string;
  /** Throws ConnectionLost where the connection is to break. */
  fetch(request: Request): Promise<Response>;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Absent for a service that knows no OAuth. */
  readonly oauth: OAuthServer | undefined;
  /** The service, or a part of it, answers 503 until this is called without a part. */
  setDown(part?: Part): void;
  readonly down: Part | undefined;
  /** What somebody who tries it has to know: keys, passwords. */
  readonly notes?: readonly string[];
  /** Ends keys and passwords that were given out, and gives new ones, which `notes` then tell. */
  revokeCredentials?(): void;
  /** What it remembers, as JSON, and back. */
  save(): unknown;
  restore(saved: unknown): void;
}

export function simulatedService(
  about: {
    key: string;
    rules?: OAuthRules;
    api(call: ApiCall): Promise<Response> | Response;
    /** Which of `/authorize`, `/token` and `/revoke` a path means, where the service has others beside them. */
    meaningOf?(path: string): string;
    /** What the API remembers besides its grants. */
    memory?: { save(): unknown; restore(saved: unknown): void };
  },
  { origin, clock = systemClock, seed }: SimulatorOptions,
): SimulatedService {
  const oauth = about.rules && new OAuthServer(about.rules, { clock, seed });
  const faults = new Faults();
  const log = new RequestLog();
  const root = new URL(origin).pathname.replace(/\/$/, "");
  let down: Part | undefined;

  const answer = async (request: Request, url: URL, path: string): Promise<Response> => {
    if (path.startsWith("/api/") || path === "/api") {
      if (down === "api" || down === "all") return unavailable();
      const access = oauth?.accessOf(request);
      return about.api({ request, url, path: path.slice("/api".length) || "/", now: clock.now(), access });
    }
    if (!oauth) return new Response(null, { status: 404 });
    if (down === "token" || down === "all") return unavailable();
    switch (path) {
      case "/authorize":
        return oauth.authorize(request);
      case "/token":
        return oauth.token(request);
      case "/revoke":
        return oauth.revoke(request);
      default:
        return new Response(null, { status: 404 });
    }
  };

  return {
    key: about.key,
    origin,
    faults,
    log,
    oauth,
    get down() {
      return down;
    },
    setDown: (part) => {
      down = part;
    },
    async fetch(request) {
      const url = new URL(request.url);
      const given = url.pathname.startsWith(root) ? url.pathname.slice(root.length) || "/" : url.pathname;
      const path = about.meaningOf?.(given) ?? given;
      const { method } = request;
      const seen = path === "/token" ? await readGrant(request) : {};
      const entry = { at: clock.now(), method, path, ...seen };
      try {
        const fault = faults.take(method, path);
        const reply = await throughFault(fault, request.signal, () => answer(request, url, path));
        log.add({ ...entry, status: reply.status });
        return reply;
      } catch (error) {
        log.add({ ...entry, status: "lost" });
        throw error;
      }
    },
    save: () => ({ oauth: oauth?.state, memory: about.memory?.save() }),
    restore(saved) {
      if (typeof saved !== "object" || saved === null) return;
      const state = "oauth" in saved ? readOAuthState(saved.oauth) : undefined;
      if (oauth && state) oauth.state = state;
      if ("memory" in saved && saved.memory !== undefined) about.memory?.restore(saved.memory);
    },
  };
}

async function readGrant(request: Request): Promise<{ grant?: string; spent?: string }> {
  const text = await request.clone().text();
  const params = paramsInJson(text) ?? new URLSearchParams(text);
  const grant = params.get("grant_type");
  const spent = params.get("refresh_token") ?? params.get("code");
  return { ...(grant !== null && { grant }), ...(spent !== null && { spent: tokenFingerprint(spent) }) };
}

const unavailable = (): Response =>
  new Response("<html><body><h1>503 Service Unavailable</h1></body></html>", {
    status: 503,
    headers: { "content-type": "text/html", "retry-after": "2" },
  });
