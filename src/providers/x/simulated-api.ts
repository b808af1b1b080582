/** What a pretend X answers to calls of its API, in X's two ways of failing. */

export interface XUser {
  readonly id: string;
  readonly name: string;
  readonly username: string;
}

/** What X, or whoever runs the app, has decided. Everything can be changed at any time. */
export interface XState {
  users: XUser[];
  /** X writes the types of its problems under two hosts. */
  problemHost: "api.x.com" | "api.twitter.com";
  problemType: "application/problem+json" | "application/json; charset=utf-8";
  /** Without any, every call is refused. */
  credits: number;
  /** Whether the app belongs to a project. */
  enrolled: boolean;
  /** So many of the next calls are told that their good token is of an unknown kind. */
  forgetful: number;
  /** How it says that there were too many requests. */
  limitAnswer: "problem" | "list";
  announcesLimits: boolean;
}

export const newX = (users: XUser[]): XState => ({
  users,
  problemHost: "api.x.com",
  problemType: "application/problem+json",
  credits: 1_000,
  enrolled: true,
  forgetful: 0,
  limitAnswer: "problem",
  announcesLimits: true,
});

/** Whom a good token stands for. */
export interface XToken {
  readonly account: string;
  readonly scopes: readonly string[];
}

const windowS = 15 * 60;
const mostInWindow = 75;

/** A pretend API. `token` is absent for a call without a good one. */
export function xApi(
  state: XState,
): (request: { method: string; path: string; now: Date }, token: XToken | undefined) => Response {
  const used = new Map<string, number>();

  const fail = (status: number, title: string, detail: string, name?: string): Response => {
    const type = name === undefined ? "about:blank" : `https://${state.problemHost}/2/problems/${name}`;
    return new Response(JSON.stringify({ title, type, status, detail }), {
      status,
      headers: { "content-type": state.problemType },
    });
  };

  const tooMany = (): Response =>
    state.limitAnswer === "problem"
      ? fail(429, "Too Many Requests", "Too Many Requests")
      : Response.json({ errors: [{ code: 88, message: "Rate limit exceeded" }] }, { status: 429 });

  return ({ method, path, now }, token) => {
    if (!token) return fail(401, "Unauthorized", "Unauthorized");
    if (!state.enrolled) {
      return fail(
        403,
        "Client Forbidden",
        "When authenticating requests to the X API v2 endpoints, you must use keys and tokens from a developer App that is attached to a Project.",
        "client-forbidden",
      );
    }
    if (state.credits <= 0) {
      return fail(
        402,
        "CreditsDepleted",
        "Your enrolled account [1] does not have any credits to fulfill this request.",
        "credits",
      );
    }
    if (state.forgetful > 0) {
      state.forgetful -= 1;
      return fail(
        403,
        "Unsupported Authentication",
        "Authenticating with Unknown is forbidden for this endpoint.  Supported authentication types are [OAuth 1.0a User Context, OAuth 2.0 User Context].",
        "unsupported-authentication",
      );
    }
    if (method !== "GET" || path !== "/2/users/me") return fail(404, "Not Found", "Not Found");

    const window = Math.floor(now.getTime() / 1000 / windowS);
    const key = `${token.account} ${window}`;
    const count = (used.get(key) ?? 0) + 1;
    used.set(key, count);
    const missing = ["tweet.read", "users.read"].some((scope) => !token.scopes.includes(scope));
    const user = state.users.find(({ id }) => id === token.account);
    const reply =
      count > mostInWindow
        ? tooMany()
        : missing || !user
          ? fail(403, "Forbidden", "You are not permitted to perform this action.")
          : Response.json({ data: { id: user.id, name: user.name, username: user.username } });
    if (state.announcesLimits) {
      reply.headers.set("x-rate-limit-limit", String(mostInWindow));
      reply.headers.set("x-rate-limit-remaining", String(Math.max(0, mostInWindow - count)));
      reply.headers.set("x-rate-limit-reset", String((window + 1) * windowS));
    }
    return reply;
  };
}
