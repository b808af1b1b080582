import type { Method, Outbound, OutboundRequest } from "./client.ts";

/** What a library asks for when it wants a `fetch` of its own. */
export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/**
 * Outbound for libraries that want to be handed a `fetch`. Everything goes through the same checks and limits;
 * `defaults` are how this library's requests differ (`redirects: "none"` for OAuth). A redirect that is not followed is
 * an answer with its status; with `redirect: "error"` it rejects, as fetch does.
 */
export function asFetch(
  outbound: Outbound,
  defaults: Pick<OutboundRequest, "redirects" | "maxBodyBytes" | "content"> = {},
): Fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const answer = await outbound.send({
      ...defaults,
      url: request.url,
      method: toMethod(request.method),
      headers: Object.fromEntries(request.headers),
      ...(request.body && { body: new Uint8Array(await request.arrayBuffer()) }),
      ...(request.redirect !== "follow" && { redirects: "none" }),
      signal: request.signal,
    });
    if (request.redirect === "error" && answer.status >= 300 && answer.status < 400 && answer.headers.has("location")) {
      await answer.body.cancel();
      throw new TypeError("the host redirects, which this request does not allow");
    }
    const bodiless = request.method === "HEAD" || [204, 205, 304].includes(answer.status);
    return new Response(bodiless ? null : answer.body, { status: answer.status, headers: answer.headers });
  };
}

const methods: readonly Method[] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

function toMethod(text: string): Method {
  const method = methods.find((known) => known === text);
  if (!method) throw new TypeError(`outbound sends no ${text} requests`);
  return method;
}
