import { describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import { everyItem, everyPage } from "./every-item.ts";

const page = (items: number[], next?: string): Page<number> => ({ items, ...(next && { next: next as Cursor }) });
const listing = (pages: Record<string, Page<number>>) => (cursor?: Cursor) =>
  Promise.resolve(pages[cursor ?? ""] ?? page([]));

describe("everyItem", () => {
  it("goes through all pages in their order", async () => {
    const fetchPage = listing({ "": page([1, 2], "a"), a: page([], "b"), b: page([3]) });
    expect(await Array.fromAsync(everyItem(fetchPage))).toEqual([1, 2, 3]);
  });

  it.each([
    ["comes back to a page", { "": page([1], "a"), a: page([2], "b"), b: page([3], "a") }],
    ["points to itself", { "": page([1], "a"), a: page([2], "a") }],
    ["brings nothing new three times", { "": page([1], "a"), a: page([], "b"), b: page([], "c"), c: page([], "d") }],
  ])("SR-73 does not take a listing for complete that %s", async (_, pages) => {
    await expect(Array.fromAsync(everyItem(listing(pages)))).rejects.toMatchObject({ kind: "unexpected-reply" });
  });

  it("SR-73 stops after 100,000 pages", async () => {
    let pages = 0;
    const endless = () => Promise.resolve(page([1], String(++pages)));
    const reading = (async () => {
      for await (const _ of everyPage(endless));
    })();
    await expect(reading).rejects.toThrow(ProviderError);
    expect(pages).toBe(100_000);
  });

  it("asks for a page only when the one before it has been used", async () => {
    let asked = 0;
    const fetchPage = () => Promise.resolve(page([++asked], String(asked)));
    for await (const item of everyItem(fetchPage)) if (item === 3) break;
    expect(asked).toBe(3);
  });

  it("goes on from a cursor, and knows when it comes back to it", async () => {
    const pages = { "": page([1], "a"), a: page([2], "b"), b: page([3]) };
    const rest = await Array.fromAsync(everyPage(listing(pages), "a" as Cursor));
    expect(rest.flatMap(({ items }) => items)).toEqual([2, 3]);
    const circle = { a: page([1], "b"), b: page([2], "a") };
    await expect(Array.fromAsync(everyPage(listing(circle), "a" as Cursor))).rejects.toThrow(ProviderError);
  });
});
