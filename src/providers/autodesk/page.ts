import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";

/** Which page of a listing: the query that asks for it. */
export type PageQuery = Readonly<Record<"page[number]" | "page[limit]", number>>;

export const firstPage: PageQuery = { "page[number]": 0, "page[limit]": 200 };

/**
 * The page that a link to the next one names. Only its numbers are taken over: links are absolute or not, encoded or not,
 * and where they point is nobody's to decide but ours (SR-18).
 */
export function pageAfter(page: PageQuery, link: string): PageQuery {
  const query = new URLSearchParams(link.slice(link.indexOf("?") + 1));
  const next = { ...page, ...numbersIn(query) };
  if (next["page[number]"] <= page["page[number]"]) {
    throw new ProviderError("unexpected-reply", "Autodesk names a page that was already read as the next one");
  }
  return next;
}

function numbersIn(query: URLSearchParams): Partial<PageQuery> {
  const [number, limit] = ["page[number]", "page[limit]"].map((name) => query.get(name));
  return {
    ...(isCount(number) && { "page[number]": Number(number) }),
    ...(isCount(limit) && { "page[limit]": Number(limit) }),
  };
}

const isCount = (text: string | null | undefined): text is string => /^\d{1,9}$/.test(text ?? "");

export const toCursor = (page: PageQuery): Cursor => `${page["page[number]"]}/${page["page[limit]"]}` as Cursor;

/** @throws ProviderError cursor-lost for anything that is none of ours */
export function pageOf(cursor: Cursor | string): PageQuery {
  const [number, limit, ...more] = cursor.split("/");
  if (!isCount(number) || !isCount(limit) || more.length > 0) {
    throw new ProviderError("cursor-lost", "This is not the place of a listing");
  }
  return { "page[number]": Number(number), "page[limit]": Number(limit) };
}
