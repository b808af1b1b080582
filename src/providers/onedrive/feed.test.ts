// The change feed and the whole listing, against the ways in which Graph is odd.
import { describe, expect, it } from "vitest";
import type { Cursor, RemoteId } from "#core/ids.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { failureOf } from "#provider-kit/testing/first-call.ts";
import { GRAPH, idOf, meetMicrosoft } from "./testing/a-microsoft.ts";

describe("a place in the feed", () => {
  it("is a link that goes back to Graph as it was, quotes, percent signs and all", async () => {
    const { changes, tree, top, asked, service } = await meetMicrosoft();
    service.quirks.pageSize = 1;
    const { next } = await changes();
    for (const name of ["a", "b", "c"]) tree.addFile(top, name, bytesOf(name));
    asked.length = 0;
    const { changes: found, pages } = await changes(next);
    expect(found).toHaveLength(3);
    expect(pages.length).toBeGreaterThan(2);
    expect(asked[0]).toMatch(/\/root\/delta\?.*&token=[\w-]+%3D signed$/);
    expect(asked[1]).toMatch(/\/root\/delta\(token='[\w-]+%3D'\)\?/);
  });

  it("may be thousands of characters long", async () => {
    const { changes, tree, top, service } = await meetMicrosoft();
    service.microsoft.longLinks = true;
    const { next } = await changes();
    expect(next.length).toBeGreaterThan(3000);
    const id = idOf(tree.addFile(top, "a", bytesOf("a")));
    expect((await changes(next)).changes).toMatchObject([{ kind: "changed", file: { id } }]);
  });

  it("is a new one after a round without changes, which is one request, and the old one still works", async () => {
    const { changes, tree, top, asked } = await meetMicrosoft();
    const { next } = await changes();
    asked.length = 0;
    const quiet = await changes(next);
    expect([quiet.changes, asked.length]).toEqual([[], 1]);
    const id = idOf(tree.addFile(top, "a", bytesOf("a")));
    for (const from of [next, quiet.next]) {
      expect((await changes(from)).changes).toMatchObject([{ kind: "changed", file: { id } }]);
    }
  });

  it.each([true, false])(
    "is lost whatever Graph calls it, with a place to begin anew or without: %s",
    async (hasPlace) => {
      const { changes, service } = await meetMicrosoft();
      service.microsoft.resyncLocation = hasPlace;
      const { next } = await changes();
      service.loseCursors();
      for (const style of ["usual", "innererror", "Pascal"] as const) {
        service.microsoft.errorStyle = style;
        for (let variant = 0; variant < 5; variant++) {
          expect(await failureOf(changes(next))).toMatchObject({ kind: "cursor-lost" });
        }
      }
    },
  );

  it("is lost where Graph calls it malformed, or cannot be read here", async () => {
    const { changes } = await meetMicrosoft();
    const { next } = await changes();
    const broken = [
      next.replace(/token=[\w-]+/, "token=x"),
      "",
      "x",
      `end 01 me/messages`,
      `end 01 ../beta/x/delta`,
      "page",
    ];
    for (const cursor of broken.filter((text) => text !== "")) {
      expect(await failureOf(changes(cursor as Cursor)), cursor).toMatchObject({ kind: "cursor-lost" });
    }
  });

  it("is lost with the log of the drive, and with the process", async () => {
    const { changes, service, drive } = await meetMicrosoft();
    const { next } = await changes();
    const again = await meetMicrosoft();
    expect(again.drive).toBe(drive);
    expect(await failureOf(again.changes(next))).toMatchObject({ kind: "cursor-lost" });
    service.tree.addFolder(service.drive.top, "x");
    service.tree.forgetLog(service.drive);
    expect(await failureOf(changes(next))).toMatchObject({ kind: "cursor-lost" });
  });
});

describe("a round of the feed", () => {
  it("tells the last of several states of an item, whatever comes before what", async () => {
    const { changes, tree, top, service } = await meetMicrosoft();
    Object.assign(service.quirks, { duplicates: true, shuffled: true });
    const { next } = await changes();
    const folder = tree.addFolder(top, "folder");
    const made = Array.from({ length: 20 }, (_, n) => tree.addFile(folder, `${n}.txt`, bytesOf(`${n}`)));
    const { changes: found } = await changes(next);
    const names = new Map(
      found.map((change) => (change.kind === "changed" ? [change.file.id, change.file.name] : [])) as [
        RemoteId,
        string,
      ][],
    );
    expect(names.size).toBe(21);
    for (const node of made) expect(names.get(idOf(node))).toBe(node.name);
    expect(found.length).toBe(21);
  });

  it("leaves out the top, and folders on the way that have not changed", async () => {
    const { changes, tree, top } = await meetMicrosoft();
    const outer = tree.addFolder(top, "outer");
    const inner = tree.addFolder(outer, "inner");
    const { next } = await changes();
    const id = idOf(tree.addFile(inner, "a", bytesOf("a")));
    expect((await changes(next)).changes).toMatchObject([{ kind: "changed", file: { id, folder: inner.id } }]);
  });

  it("tells one change for a folder that was renamed or moved, with nothing in it read again", async () => {
    const { changes, tree, top } = await meetMicrosoft();
    const [folder, to] = [tree.addFolder(top, "from"), tree.addFolder(top, "to")];
    for (let n = 0; n < 50; n++) tree.addFile(folder, `${n}`, bytesOf("x"));
    const { next } = await changes();
    tree.rename(folder, "renamed");
    tree.move(folder, to);
    expect((await changes(next)).changes).toMatchObject([
      { kind: "changed", file: { id: folder.id, name: "renamed", folder: to.id } },
    ]);
  });

  it("tells what has left a folder before that the folder is gone", async () => {
    const { changes, tree, top, service } = await meetMicrosoft();
    service.microsoft.tellsChildrenOfDeleted = true;
    const folder = tree.addFolder(top, "doomed");
    const [saved, lost] = [tree.addFile(folder, "saved", bytesOf("x")), tree.addFile(folder, "lost", bytesOf("x"))];
    const { next } = await changes();
    tree.trash(folder);
    tree.move(saved, top);
    const { changes: found } = await changes(next);
    expect(found[0]).toMatchObject({ kind: "changed", file: { id: saved.id } });
    expect(
      found
        .slice(1)
        .map((change) => change.kind === "gone" && change.id)
        .sort(),
    ).toEqual([folder.id, lost.id].sort());
  });

  it("tells of something that went to another drive as gone, and there as new under another id", async () => {
    const { changes, tree, top, service, listAll } = await meetMicrosoft();
    const library = service.tree.drives.values().toArray()[2];
    const folder = tree.addFolder(top, "moving");
    const file = tree.addFile(folder, "a.txt", bytesOf("a"));
    const { next } = await changes();
    tree.move(folder, library?.top ?? top);
    expect((await changes(next)).changes).toEqual([{ kind: "gone", id: folder.id }]);
    const there = await listAll(library?.id as RemoteId);
    expect(there.map(({ name }) => name)).toEqual(["moving", "a.txt"]);
    expect(there.map(({ id }) => id)).not.toContain(file.id);
  });

  it("gives what was taken out of the trash its old id", async () => {
    const { changes, tree, top } = await meetMicrosoft();
    const file = tree.addFile(top, "a.txt", bytesOf("a"));
    tree.trash(file);
    const { next } = await changes();
    tree.restore(file);
    expect((await changes(next)).changes).toMatchObject([{ kind: "changed", file: { id: file.id, name: "a.txt" } }]);
  });

  it("gives no new version for what changes nothing in the bytes: shared, renamed, moved", async () => {
    const { changes, tree, top, list } = await meetMicrosoft();
    const file = tree.addFile(top, "a.txt", bytesOf("a"));
    const [before] = await list();
    const { next } = await changes();
    tree.touch(file);
    const { changes: found } = await changes(next);
    expect(found).toMatchObject([{ file: { version: before?.version } }]);
    expect(found).not.toMatchObject([{ file: { metadata: { eTag: before?.metadata?.eTag } } }]);
  });

  it("lets a file that has no hash be read again rather than not", async () => {
    const { changes, service, top, tree } = await meetMicrosoft();
    const file = service.addOddity(top, "no hash.bin", { withoutHash: true });
    const { next } = await changes();
    tree.edit(file, bytesOf("other"));
    const { changes: found, next: then } = await changes(next);
    tree.edit(file, bytesOf("third"));
    const versions = [...found, ...(await changes(then)).changes].map(
      (change) => change.kind === "changed" && change.file.version,
    );
    expect(new Set(versions).size).toBe(2);
    expect(found).toMatchObject([{ file: { metadata: {} } }]);
    expect(found[0]).not.toHaveProperty("file.hash");
  });

  it("goes on where Graph does not find the drive in the middle, and not where it is gone at the end", async () => {
    const { changes, tree, top, service } = await meetMicrosoft();
    service.quirks.pageSize = 1;
    const { next } = await changes();
    for (const name of ["a", "b"]) tree.addFile(top, name, bytesOf(name));
    service.faults.failNext(notThere, { path: "/api/v1.0/drives/" });
    expect(await failureOf(changes(next))).toMatchObject({ kind: "not-found" });
    const middle = (await changes(next)).pages[0]?.next as Cursor;
    for (const fault of [notThere, { status: 503 }, { status: 504, body: "<html>" }]) {
      service.faults.failNext(fault, { path: "/api/v1.0/drives/" });
      expect(await failureOf(changes(middle))).toMatchObject({ kind: "unavailable" });
    }
    expect((await changes(middle)).changes).toHaveLength(1);
  });
});

const notThere = {
  status: 404,
  body: { error: { code: "itemNotFound", message: "The resource could not be found." } },
};

describe("a whole listing", () => {
  it("knows the top wherever it comes, and asks for it where it does not come at once", async () => {
    const { listAll, tree, top, service, asked } = await meetMicrosoft();
    const folder = tree.addFolder(top, "folder");
    for (let n = 0; n < 30; n++) tree.addFile(n % 2 ? folder : top, `${n}`, bytesOf("x"));
    const plain = await listAll();
    expect(asked.filter((line) => line.includes("/root?"))).toEqual([]);
    expect(plain.filter((file) => file.folder === undefined)).toHaveLength(16);
    Object.assign(service.quirks, { pageSize: 4, shuffled: true });
    for (let round = 0; round < 5; round++) {
      const odd = await listAll();
      expect(new Map(odd.map((file) => [file.id, file]))).toEqual(new Map(plain.map((file) => [file.id, file])));
    }
  });

  it("is lost in the middle, for all pages, and never taken for whole where it does not end", async () => {
    const { files, call, drive, tree, top, service } = await meetMicrosoft({
      instead: (request) => (request.url.includes("endless") ? Response.json({ value: [] }) : undefined),
    });
    for (let n = 0; n < 9; n++) tree.addFile(top, `${n}`, bytesOf("x"));
    service.quirks.pageSize = 4;
    const first = await files.listAll?.(call, { drive });
    service.losePages();
    const cursor = first?.next as Cursor;
    expect(await failureOf(files.listAll?.(call, { drive, cursor }) ?? Promise.resolve())).toMatchObject({
      kind: "cursor-lost",
    });
    const endless = files.listAll?.(call, { drive, cursor: cursor.replace(/delta.*/, "delta?endless=1") as Cursor });
    expect(await failureOf(endless ?? Promise.resolve())).toMatchObject({ kind: "unexpected-reply" });
  });

  it("takes the newer of what comes twice, and leaves out what was deleted meanwhile", async () => {
    const item = (name: string) => ({ id: "01A", name, file: {}, parentReference: { id: "01TOP" } });
    const page = {
      value: [
        item("old"),
        { id: "01TOP", name: "root", root: {}, folder: {} },
        item("new"),
        { ...item("x"), id: "01B" },
        { id: "01B", deleted: {} },
      ],
      "@odata.deltaLink": `${GRAPH}/v1.0/drives/x/root/delta?token=1`,
    };
    const met = await meetMicrosoft({
      instead: ({ url }) => (url.includes("/delta") ? Response.json(page) : undefined),
    });
    expect(await met.listAll()).toMatchObject([{ id: "01A", name: "new" }]);
  });
});

describe("where a listing goes on", () => {
  const nextLink = (link: string) => ({
    instead: ({ url }: Request) =>
      url.includes("/children") && !url.includes("skiptoken")
        ? Response.json({ value: [], "@odata.nextLink": link })
        : undefined,
  });

  it("SR-18 is asked at our own address, wherever a link points", async () => {
    const met = await meetMicrosoft(nextLink("https://evil.test/v1.0/drives/x/items/y/children?$skiptoken=z"));
    const { next } = await met.files.list(met.call, { drive: met.drive });
    met.asked.length = 0;
    await failureOf(met.files.list(met.call, { drive: met.drive, cursor: next as Cursor }));
    expect(met.asked).toEqual([`GET ${GRAPH}/api/v1.0/drives/x/items/y/children?$skiptoken=z signed`]);
  });

  it.each([
    "https://evil.test/x",
    "ftp://graph.microsoft.com/v1.0/drives/x/items/y/contents",
    `${GRAPH}/v1.0/me/messages?$skiptoken=1`,
    `${GRAPH}/v1.0/drives/x/../../../beta/users/children`,
    `${GRAPH}/v1.0/drives/x/%2e%2e/children`,
    "children",
  ])("is nowhere else than in the listing: %s", async (link) => {
    const met = await meetMicrosoft(nextLink(link));
    expect(await failureOf(met.files.list(met.call, { drive: met.drive }))).toMatchObject({ kind: "unexpected-reply" });
    const cursor = link.replace(/^.*\/v1\.0\//, "") as Cursor;
    met.asked.length = 0;
    expect(await failureOf(met.files.list(met.call, { drive: met.drive, cursor }))).toMatchObject({
      kind: "cursor-lost",
    });
    expect(met.asked).toEqual([]);
  });
});
