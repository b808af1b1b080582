import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { Json } from "#expressions/json.ts";
import { everyPage } from "../every-item.ts";
import type { HttpRequest } from "../http.ts";
import { linkTo } from "../link-header.ts";
import type { Pagination } from "./action-shape.ts";
import { itemsIn, selectFrom } from "./read-output.ts";
import { scalarText } from "./written-value.ts";

type Pages = Exclude<Pagination, { kind: "none" }>;

export interface Answer {
  headers: Headers;
  body: Json;
}

/** All items of a listing, up to the action's maximum. `more` says that the maximum has left some out. */
export interface Gathered {
  items: readonly Json[];
  more: boolean;
}

/**
 * Reads page after page. `first` is the request of the first page, `ask` sends one, `toItem` makes an item of what a page
 * holds, `mayCall` says whether an address is the provider's: a link to a next page never leads elsewhere (SR-21). Going
 * in circles is an error (SR-73).
 */
export async function gatherPages(
  pages: Pages,
  first: HttpRequest,
  ask: (request: HttpRequest) => Promise<Answer>,
  { toItem, mayCall }: { toItem: (found: Json) => Json; mayCall: (url: URL) => boolean },
): Promise<Gathered> {
  const items: Json[] = [];
  const start = withSize(pages, first);
  const fetchPage = async (cursor?: Cursor): Promise<Page<Json>> => {
    const request = cursor === undefined ? firstPage(pages, start) : pageAt(pages, start, cursor);
    const answer = await ask(request);
    const found = itemsIn(pages.items, answer.body);
    const next = nextOf(pages, answer, { request, found: found.length, cursor, mayCall });
    return { items: found.map(toItem), ...(next !== undefined && { next }) };
  };
  for await (const page of everyPage(fetchPage)) {
    items.push(...page.items);
    if (items.length > pages.maxItems) return { items: items.slice(0, pages.maxItems), more: true };
    if (items.length === pages.maxItems) return { items, more: page.next !== undefined };
  }
  return { items, more: false };
}

const withSize = (pages: Pages, request: HttpRequest): HttpRequest =>
  pages.sizeParam !== undefined && pages.size !== undefined
    ? withParam(request, pages.sizeParam, String(pages.size))
    : request;

function firstPage(pages: Pages, start: HttpRequest): HttpRequest {
  if (pages.kind === "offset" || pages.kind === "page") return withParam(start, pages.param, String(pages.start));
  return start;
}

function pageAt(pages: Pages, start: HttpRequest, cursor: Cursor): HttpRequest {
  if (pages.kind !== "link") return withParam(start, pages.param, cursor);
  // The link has the query already; what stands there with a secret is added again.
  return { ...start, url: cursor };
}

function withParam(request: HttpRequest, name: string, value: string): HttpRequest {
  const url = new URL(request.url);
  url.searchParams.set(name, value);
  return { ...request, url: url.href };
}

interface Here {
  request: HttpRequest;
  found: number;
  cursor: Cursor | undefined;
  mayCall: (url: URL) => boolean;
}

function nextOf(pages: Pages, { headers, body }: Answer, here: Here): Cursor | undefined {
  switch (pages.kind) {
    case "cursor": {
      const next = selectFrom(pages.cursor, body);
      return isNothing(next) ? undefined : toCursor(textOf(next));
    }
    case "link": {
      const told = pages.next === undefined ? linkTo(headers.get("link"), "next") : selectFrom(pages.next, body);
      return told === undefined || isNothing(told) ? undefined : toCursor(linkFrom(textOf(told), here));
    }
    // A page that is not full is the last one; of a size that nobody said, an empty one.
    case "offset":
      return isLast(pages, here) ? undefined : toCursor(String(Number(here.cursor ?? pages.start) + here.found));
    case "page":
      return isLast(pages, here) ? undefined : toCursor(String(Number(here.cursor ?? pages.start) + 1));
  }
}

const isLast = ({ size }: { size?: number }, { found }: Here): boolean => found < (size ?? 1);

const isNothing = (value: Json): boolean => value === null || value === "" || value === false;

function textOf(value: Json): string {
  if (typeof value === "string" || typeof value === "number") return scalarText(value);
  throw new ProviderError("unexpected-reply", "What leads to the next page is neither a text nor a number");
}

function linkFrom(told: string, { request, mayCall }: Here): string {
  const url = URL.canParse(told, request.url) ? new URL(told, request.url) : undefined;
  if (url?.username !== "" || url.password !== "" || !mayCall(url)) {
    throw new ProviderError("unexpected-reply", "The link to the next page leads away from the provider");
  }
  return url.href;
}

const toCursor = (text: string): Cursor => text as Cursor;
