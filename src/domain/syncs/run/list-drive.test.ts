import { expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import type { RemoteFile } from "#provider-kit/provider.ts";
import { type DriveSink, type ListDrive, listDrive } from "./list-drive.ts";
import type { Judge } from "./sighting.ts";

const judge: Judge = {
  file: () => ({ state: "indexed", reason: null }),
  metadata: () => ({}),
  looksAtPaths: false,
  exportAs: () => undefined,
};
const aFile = (id: string, folder?: string): RemoteFile => ({
  id: id as RemoteId,
  name: `${id}.pdf`,
  ...(folder && { folder: folder as RemoteId }),
  isFolder: false,
  modifiedAt: new Date(0),
  version: "1",
  exports: [],
});
const aFolder = (id: string): RemoteFile => ({ ...aFile(id), name: id, isFolder: true });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A drive of these pages, and a sink whose writes end when they are told to. */
function aListing(pages: readonly (readonly RemoteFile[])[]) {
  const asked: number[] = [];
  const list: ListDrive = async (cursor) => {
    const page = Number(cursor ?? 0);
    asked.push(page);
    return { items: [...(pages[page] ?? [])], ...(page + 1 < pages.length && { next: String(page + 1) as Cursor }) };
  };
  const writes: {
    ids: string[];
    reached: Cursor | undefined;
    before: Promise<void>;
    end: PromiseWithResolvers<void>;
  }[] = [];
  const sink: DriveSink = {
    known: new Map(),
    from: undefined,
    atOnce: 3,
    record(sightings, reached, before) {
      const end = Promise.withResolvers<void>();
      writes.push({ ids: sightings.map(({ remote_id }) => remote_id), reached, before, end });
      return end.promise;
    },
    check: () => {},
  };
  return { asked, writes, sink, list, done: () => listDrive(list, judge, sink) };
}

it("writes three pages at the same time while the next ones are asked for, and no more", async () => {
  const { asked, writes, done } = aListing(["a", "b", "c", "d", "e", "f", "g", "h", "i"].map((id) => [aFile(id)]));
  const result = done();
  await settled();
  expect(writes.map(({ ids }) => ids)).toEqual([["a"], ["b"], ["c"]]);
  // One is in hand, and three come behind it.
  expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6]);
  writes[0]?.end.resolve();
  await settled();
  expect(writes.map(({ ids }) => ids)).toEqual([["a"], ["b"], ["c"], ["d"]]);
  expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  while (writes.length < 9) {
    for (const { end } of writes) end.resolve();
    await settled();
  }
  for (const { end } of writes) end.resolve();
  expect(await result).toEqual(new Set());
  expect(asked).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

it("tells each page when the one before it is written: a place to go on from is kept after all before it", async () => {
  const { writes, done } = aListing([[aFile("a")], [aFile("b")], [aFile("c")]]);
  const result = done();
  await settled();
  expect(writes.map(({ reached }) => reached)).toEqual(["1", "2", undefined]);
  let isOver = false;
  void writes[1]?.before.then(() => {
    isOver = true;
  });
  await settled();
  expect(isOver).toBe(false);
  for (const { end } of writes) end.resolve();
  await settled();
  expect(isOver).toBe(true);
  await result;
});

it("SR-88 writes a page that shows a file again only when the page that showed it is written", async () => {
  const { writes, done } = aListing([[aFile("a")], [aFile("b"), aFile("a")], [aFile("c")]]);
  const result = done();
  await settled();
  expect(writes).toHaveLength(1);
  writes[0]?.end.resolve();
  await settled();
  expect(writes.map(({ ids }) => ids)).toEqual([["a"], ["b", "a"], ["c"]]);
  for (const { end } of writes) end.resolve();
  await result;
});

it("keeps no place to go on from while something waits for its folder, and writes it with the folder", async () => {
  const { writes, done } = aListing([[aFile("a", "folder")], [aFolder("folder")], [aFile("b")]]);
  const result = done();
  await settled();
  for (const { end } of writes) end.resolve();
  await result;
  expect(writes.map(({ ids, reached }) => [ids, reached])).toEqual([
    [[], undefined],
    [["folder", "a"], "2"],
    [["b"], undefined],
  ]);
});

it("ends with the first write that fails, and begins no other", async () => {
  const { writes, done } = aListing(["a", "b", "c", "d", "e"].map((id) => [aFile(id)]));
  const failed = expect(done()).rejects.toThrow("the disk is full");
  await settled();
  writes[1]?.end.reject(new Error("the disk is full"));
  writes[0]?.end.resolve();
  writes[2]?.end.resolve();
  await settled();
  writes[3]?.end.resolve();
  await failed;
  expect(writes.length).toBeLessThanOrEqual(4);
});

it("begins anew where the place is lost, and gives up a listing that goes in circles", async () => {
  const { sink, list, writes } = aListing([[aFile("a")], [aFile("b")]]);
  let losses = 0;
  const forgetful: ListDrive = (cursor) => {
    if (cursor === "1" && losses++ === 0) throw new ProviderError("cursor-lost", "forgotten");
    return list(cursor);
  };
  const record = sink.record;
  const writing: DriveSink = {
    ...sink,
    record: (...page) => {
      void record(...page);
      return Promise.resolve();
    },
  };
  await listDrive(async (cursor) => forgetful(cursor), judge, writing);
  expect(writes.map(({ ids }) => ids)).toEqual([["a"], ["a"], ["b"]]);

  const round: ListDrive = async (cursor) => ({
    items: [aFile(cursor ?? "first")],
    next: (cursor === "x" ? "y" : "x") as Cursor,
  });
  await expect(listDrive(round, judge, writing)).rejects.toMatchObject({ kind: "unexpected-reply" });
});
