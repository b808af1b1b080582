import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Page } from "#core/page.ts";

const MOST_PAGES = 100_000;
const FRUITLESS_PAGES = 3;

/**
 * The pages of a listing, one in memory at a time. A provider that goes in circles (a cursor seen before, three empty
 * pages in a row, more than 100,000 pages) ends the listing with `unexpected-reply`: it must not pass for complete (SR-73).
 */
export async function* everyPage<Item>(
  fetchPage: (cursor?: Cursor) => Promise<Page<Item>>,
  from?: Cursor,
): AsyncGenerator<Page<Item>> {
  const seen = new Set<Cursor>(from ? [from] : []);
  let cursor = from;
  let fruitless = 0;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await fetchPage(cursor);
    yield page;
    if (page.next === undefined) return;
    if (seen.has(page.next)) throw new ProviderError("unexpected-reply", "The listing came back to a page it had left");
    fruitless = page.items.length > 0 ? 0 : fruitless + 1;
    if (fruitless === FRUITLESS_PAGES) {
      throw new ProviderError("unexpected-reply", `${FRUITLESS_PAGES} pages of the listing brought nothing new`);
    }
    seen.add(page.next);
    cursor = page.next;
  }
  throw new ProviderError("unexpected-reply", `The listing did not end after ${MOST_PAGES} pages`);
}

/** The same, item by item. */
export async function* everyItem<Item>(fetchPage: (cursor?: Cursor) => Promise<Page<Item>>): AsyncGenerator<Item> {
  for await (const page of everyPage(fetchPage)) yield* page.items;
}
