/** What a pretend Medium answers over the wire. */

export interface Author {
  readonly id: string;
  readonly username: string;
  readonly name: string;
  /** Integration tokens, and what each may do. */
  tokens: { readonly token: string; readonly scopes: readonly string[] }[];
  /** `application-closed`: that which the tokens were made for. */
  state: "open" | "account-closed" | "application-closed";
}

export interface MediumState {
  authors: Author[];
  /** The guard in front of Medium takes us for a machine. */
  challenges: boolean;
}

/** One author, with a token as they were given to everybody once. */
export const newMedium = (): MediumState => ({
  authors: [
    {
      id: "5303d74c64f66366f00cb9b2a94f3251bf5",
      username: "ana",
      name: "Ana Author",
      tokens: [{ token: "simulated-medium-token", scopes: ["basicProfile", "publishPost"] }],
      state: "open",
    },
  ],
  challenges: false,
});

/** Answers one request; `path` begins with `/v1`. */
export function answer(
  state: MediumState,
  { method, path, query, headers }: { method: string; path: string; query: URLSearchParams; headers: Headers },
): Response {
  if (state.challenges) return challenge();
  const bearer = /^Bearer (.+)$/i.exec(headers.get("authorization") ?? "")?.[1] ?? query.get("accessToken");
  if (!bearer) return fail(401, 6000, "An access token is required.");
  const author = state.authors.find(({ tokens }) => tokens.some(({ token }) => token === bearer));
  if (!author) return fail(401, 6003, "Token was invalid.");
  if (author.state === "account-closed") return fail(401, 6004, "User not found");
  if (author.state === "application-closed") return fail(401, 6005, "Application not found");

  const scopes = author.tokens.find(({ token }) => token === bearer)?.scopes ?? [];
  const wants = (scope: string, reply: () => Response) =>
    scopes.includes(scope) ? reply() : fail(403, 6002, `Missing scope: ${scope}`);
  if (method === "GET" && path === "/v1/me") return wants("basicProfile", () => data(profileOf(author)));
  const publications = /^\/v1\/users\/([^/]+)\/publications$/.exec(path);
  if (method === "GET" && publications) {
    return wants("listPublications", () =>
      publications[1] === author.id ? data([]) : fail(403, undefined, "Forbidden"),
    );
  }
  // Posts can be neither read nor listed, changed or deleted.
  return fail(404, undefined, "Not found");
}

const profileOf = ({ id, username, name }: Author) => ({
  id,
  username,
  name,
  url: `https://medium.com/@${username}`,
  imageUrl: "https://images.medium.com/0*fkfQiTzT7TlUGGyI.png",
});

const data = (value: unknown): Response => Response.json({ data: value });

const fail = (status: number, code: number | undefined, message: string): Response =>
  Response.json({ errors: [{ message, ...(code !== undefined && { code }) }] }, { status });

const challenge = (): Response =>
  new Response("<!DOCTYPE html><title>Just a moment...</title><p>Enable JavaScript and cookies to continue</p>", {
    status: 403,
    headers: { "content-type": "text/html; charset=UTF-8", server: "cloudflare" },
  });
