import { ProviderError } from "#core/errors.ts";
import { linkTo } from "#provider-kit/link-header.ts";
import type { FirstCall } from "#provider-kit/provider.ts";
import { indexReply, offersApplicationPasswords, restRelation, type SiteIndex } from "./api.ts";
import type { Config } from "./config.ts";
import { type Refusal, readRoot } from "./rest-root.ts";

/**
 * The address of a site's REST API, as the site itself names it, and never one of another site. Nothing of this is
 * signed. Fails with a ProviderError that says what is wrong with the site.
 */
export async function findRestRoot(call: FirstCall<Config>): Promise<string> {
  const { siteUrl } = call.config;
  const named = await rootNamedByPage(call);
  if (named !== undefined) {
    const root = own(named, `${siteUrl}/`);
    const index = await readIndex(call, root);
    if (index) mustSuit(index);
    return root;
  }
  // This works on every WordPress, also where its pages do not tell.
  const index = await readIndex(call, own("?rest_route=/", `${siteUrl}/`));
  if (!index) throw new ProviderError("rejected", noWordPress);
  mustSuit(index);
  // The page may have been one with or without `www`, which only the site knows.
  return own("?rest_route=/", `${own(index.home ?? siteUrl, `${siteUrl}/`).replace(/\/+$/, "")}/`);
}

async function rootNamedByPage({ http, config }: FirstCall<Config>): Promise<string | undefined> {
  try {
    const page = await http.stream({ url: `${config.siteUrl}/`, unsigned: true, content: "step" });
    await page.body.cancel();
    return linkTo(page.headers.get("link"), restRelation);
  } catch (error) {
    // A page that is closed to visitors says nothing about the REST API.
    if (error instanceof ProviderError && error.kind !== "unavailable" && error.kind !== "rate-limited")
      return undefined;
    throw error;
  }
}

/** The index; `undefined` where it is closed to visitors, which does not mean that it is closed to those who sign in. */
async function readIndex({ http }: FirstCall<Config>, root: string): Promise<SiteIndex | undefined> {
  try {
    return await http.json({ url: root, unsigned: true }, indexReply);
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    switch (error.kind) {
      case "reauthorize":
      case "forbidden":
        return undefined;
      case "unexpected-reply":
      case "not-found":
        throw new ProviderError("rejected", noWordPress, { cause: error });
      default:
        throw error;
    }
  }
}

function mustSuit(index: SiteIndex): void {
  if (!index.namespaces.includes("wp/v2")) {
    throw new ProviderError(
      "rejected",
      "The REST API of the site is switched off in part. Its routes wp/v2 are needed.",
    );
  }
  if (!offersApplicationPasswords(index)) {
    throw new ProviderError(
      "rejected",
      "The site does not offer application passwords. They need https and WordPress 5.6, and a plugin may have switched them off.",
    );
  }
}

function own(address: string, siteUrl: string): string {
  const read = readRoot(address, siteUrl);
  if ("root" in read) return read.root;
  throw new ProviderError("rejected", refusals[read.refused]);
}

const noWordPress =
  "There is no WordPress with a REST API at this address. Either it is another address, or the API is switched off.";

const refusals: Readonly<Record<Refusal, string>> = {
  "not-an-address": "The site names a REST API whose address is none.",
  "other-site":
    "The site names a REST API of another host. The password is not sent there; enter that site's address if it is right.",
  "not-https":
    "The site names its REST API without https. Correct the site's addresses in its settings, under General.",
};
