/** The API of a pretend Graph: who may ask, and what is meant. */
import type { ApiCall } from "#provider-kit/sim/service.ts";
import { readDriveAddress } from "./simulated-address.ts";
import { answerBatch } from "./simulated-batch.ts";
import { download } from "./simulated-download.ts";
import { answerDrive } from "./simulated-drive.ts";
import { badRequest, failure, notFound } from "./simulated-error.ts";
import type { Asked, Asking, GraphParts } from "./simulated-graph.ts";
import { people } from "./simulated-microsoft.ts";
import { answerCollection, placeOf, rootOf } from "./simulated-places.ts";

export async function answerGraph(graph: GraphParts, { request, path, url, now, access }: ApiCall): Promise<Response> {
  const { state } = graph;
  if (path.startsWith("/download/"))
    return download(graph, { request, url, path: path.slice("/download".length), now });
  if (!access) {
    const text = request.headers.has("authorization")
      ? "Lifetime validation failed, the token is expired."
      : "Access token is empty.";
    return failure(401, "InvalidAuthenticationToken", text, { style: state.errorStyle });
  }
  if (state.wantsClaims) {
    const challenge = 'Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="';
    return failure(401, "InvalidAuthenticationToken", "Continuous access evaluation resulted in challenge.", {
      headers: { "www-authenticate": challenge },
    });
  }
  const isApp = access.account === "app";
  if (isApp && !state.consented) {
    return failure(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
  }
  if (!path.startsWith("/v1.0/")) return badRequest("Invalid version.");
  const asking = { access, isApp, person: people.find(({ id }) => id === access.account), now };
  const reply = await answerOne(graph, asking, { request, url, path: path.slice("/v1.0/".length) });
  if (isApp)
    for (const [name, value] of Object.entries(graph.throttle.headers(now.getTime()))) reply.headers.set(name, value);
  return reply;
}

async function answerOne(graph: GraphParts, asking: Asking, asked: Asked): Promise<Response> {
  const { path, url, request } = asked;
  if (path === "$batch" && request.method === "POST") {
    return answerBatch(request, async (inner, init) => {
      const at = new URL(`${graph.apiRoot}/${inner}`);
      const one = { request: new Request(at, init), url: at, path: inner.split("?")[0] ?? "" };
      return answerOne(graph, asking, one);
    });
  }
  const blocked = graph.throttle.take(unitsOf(path, url), asking.now.getTime());
  if (blocked) return blocked;
  if (/^subscriptions(?:\/|$)/.test(path)) {
    return graph.push.answer(request, path.slice("subscriptions".length), {
      driveOf: (resource) => rootOf(graph, asking, resource),
    });
  }
  if (request.method !== "GET") return failure(405, "notAllowed", "The method is not allowed.");
  if (asking.isApp && /^me(?:\/|$)/.test(path)) {
    return failure(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
  }
  const collection = answerCollection(graph, asking, asked);
  if (collection) return collection;
  const address = readDriveAddress(path);
  if (!address) return notFound(graph.state.errorStyle);
  const place = placeOf(graph, asking, address.owner);
  if (place instanceof Response) return place;
  return answerDrive(graph, asking, asked, place, address.rest);
}

/** https://learn.microsoft.com/sharepoint/dev/general-development/how-to-avoid-getting-throttled-or-blocked-in-sharepoint-online */
const unitsOf = (path: string, { searchParams }: URL): number => {
  if (/\/(?:children|drives)$|search/.test(path)) return 2;
  return path.endsWith("/delta") && !searchParams.has("token") ? 2 : 1;
};
