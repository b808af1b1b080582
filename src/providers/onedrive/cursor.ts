/**
 * Where a listing or feed left off: a link of Graph's, which is opaque and goes back to it as it was, and before it what
 * we have to remember. Only what stands behind the address of the API is kept, and it is always asked there: a link that
 * points elsewhere takes no credential with it, and a proxy goes on being one. Cursors also come back from browsers, so
 * that a link has to be one of those that its listing can have.
 */
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";

/** Behind `/v1.0/`; to be asked as `v1.0/…`. */
export type Link = string & { readonly __names: "link" };

const listings = {
  items: /^drives[/(][^?\s]+\/(?:children|search\([^?\s]*\))(?:\?|$)/,
  feed: /^drives[/(][^?\s]+\/(?:microsoft\.graph\.)?delta(?:\([^?\s]*\))?(?:\?|$)/,
  drives: /^(?:me|users\/[^/?\s]+|sites\/[^?\s]+)\/drives(?:\?|$)/,
  sites: /^sites\?/,
} as const;
export type Listing = keyof typeof listings;

const VERSION = "/v1.0/";

export function toLink(url: string, listing: Listing): Link {
  const at = /^https?:\/\/[^/?#]+\//.test(url) ? url.indexOf(VERSION) : -1;
  const rest = url.slice(at + VERSION.length);
  if (at < 0 || !isLink(rest, listing)) {
    throw new ProviderError("unexpected-reply", "Microsoft said in a way we do not know where its listing goes on");
  }
  return rest as Link;
}

function isLink(rest: string, listing: Listing): boolean {
  const base = "https://graph.test/v1.0/";
  if (!listings[listing].test(rest) || /[\s\\#]/.test(rest) || !URL.canParse(rest, base)) return false;
  // No way up and out of it.
  return !/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i.test(rest.split("?")[0] ?? "");
}

export const urlOf = (link: Link): string => `v1.0/${link}`;

export const listCursor = (link: Link): Cursor => link as string as Cursor;

export function readListCursor(cursor: Cursor): Link {
  return readLink(cursor, "items");
}

export function readLink(text: string, listing: Listing): Link {
  if (!isLink(text, listing)) throw lost();
  return text as Link;
}

/** `place` tells a link in the middle of a round from the one at its end. */
export interface FeedPlace {
  place: "page" | "end";
  top: RemoteId;
  link: Link;
}

export const feedCursor = ({ place, top, link }: FeedPlace): Cursor => `${place} ${top} ${link}` as Cursor;

export function readFeedCursor(cursor: Cursor): FeedPlace {
  const [place, top, link, ...more] = cursor.split(" ");
  if ((place !== "page" && place !== "end") || !top || !link || more.length > 0) throw lost();
  return { place, top: top as RemoteId, link: readLink(link, "feed") };
}

const lost = () => new ProviderError("cursor-lost", "Where the listing left off is not known any more");
