/** Pretend sites on hosts of their own, and checks that are made of them. */
import { ProviderError } from "#core/errors.ts";
import type { KeptValues } from "#provider-kit/provider.ts";
import { callInto, type Network } from "#provider-kit/testing/first-call.ts";
import { wordpress } from "../index.ts";
import { answer } from "../simulated-api.ts";
import { newSite, type Site } from "../simulated-site.ts";

export const provider = wordpress();
export const password = "only for the sand box 2026";
export const basic = (login: string, secret: string) =>
  `Basic ${new TextEncoder().encode(`${login}:${secret}`).toBase64()}`;
export const ana = basic("ana", password);

/** A site of this address on a host of its own. */
export function siteAt(
  home = "https://example.org/blog",
  change: Partial<Site> = {},
): { site: Site; network: Network } {
  const site = { ...newSite(home), ...change };
  const { origin, pathname } = new URL(home);
  const below = pathname.replace(/\/$/, "");
  const host = async (request: Request) => {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(`${below}/`)) return new Response("Not here", { status: 404 });
    const path = url.pathname.slice(below.length);
    return answer(site, { method: request.method, path, query: url.searchParams, headers: request.headers });
  };
  return { site, network: { [origin]: host } };
}

export function connect(
  network: Network,
  siteUrl = "example.org/blog",
  more: { authorization?: string; kept?: KeptValues } = {},
) {
  const config = provider.config!.parse({ siteUrl });
  return callInto(provider, network, { config, authorization: ana, ...more });
}

export const redirectTo = (origin: string) => async (request: Request) => {
  const { pathname, search } = new URL(request.url);
  return new Response(null, { status: 301, headers: { location: `${origin}${pathname}${search}` } });
};

/** What a failed check says, without an answer of the site in it. */
export async function failureOf(check: Promise<unknown>): Promise<{ kind: string; message: string }> {
  const error = await check.then(
    () => new Error("the check passed"),
    (caught: unknown) => caught,
  );
  if (!(error instanceof ProviderError)) throw error;
  return { kind: error.kind, message: error.message };
}
