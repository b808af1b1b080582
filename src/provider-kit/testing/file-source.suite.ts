import { describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
import { covers } from "../covers.ts";
import { everyItem } from "../every-item.ts";
import type { Call, Change, FileSource, FirstCall, Provider, RemoteFile, RemoteRef } from "../provider.ts";
import { createProviderHttp, noHttp } from "../provider-http.ts";
import type { FileEditor, FileSimulator } from "../simulator.ts";

/** A provider with somebody at its other end. One that answers over HTTP comes with its simulator. */
export interface FileSourceUnderTest<Config> {
  provider: Provider<Config>;
  config: Config;
  at: FileEditor | FileSimulator;
  close?(): void;
}

export interface Difference {
  promise: string;
  because: string;
}

/** What every file source promises. A provider that must differ names the promise and says why. */
export function fileSourceSuite<Config>(
  begin: () => FileSourceUnderTest<Config>,
  differs: readonly Difference[] = [],
): void {
  const unused = new Set(differs.map(({ promise }) => promise));

  const promise = (name: string, test: (source: OpenSource) => Promise<void>) => {
    unused.delete(name);
    const difference = differs.find((entry) => entry.promise === name);
    it.skipIf(difference)(difference ? `${name} (differs: ${difference.because})` : name, async () => {
      const subject = begin();
      try {
        await test(await openSource(subject));
      } finally {
        subject.close?.();
      }
    });
  };

  describe("as a file source", () => {
    promise("names at least one drive", async ({ files, call }) => {
      expect((await files.drives(call)).items.length).toBeGreaterThan(0);
    });
    promise("lists every file exactly once, however many pages it takes", async ({ at, list }) => {
      const folder = at.addFolder("many");
      const made = Array.from({ length: 1025 }, (_, n) => at.addFile(`${n}.txt`, bytes("x"), folder));
      expect((await list(folder)).map((file) => file.id).sort()).toEqual(made.sort());
    });
    promise("lists a folder with 2,000 entries, folders and files", async ({ at, list }) => {
      const folder = at.addFolder("large");
      const made = Array.from({ length: 2000 }, (_, n) =>
        n % 4 === 0 ? at.addFolder(`${n}`, folder) : at.addFile(`${n}.txt`, bytes("x"), folder),
      );
      expect((await list(folder)).map((file) => file.id).sort()).toEqual(made.sort());
    });
    promise("SR-89 lists what stays exactly once while others come and go", async ({ at, files, call, find }) => {
      const folder = at.addFolder("busy");
      const made = Array.from({ length: 1025 }, (_, n) => at.addFile(`${n}.txt`, bytes("x"), folder));
      const { locator } = await find(folder);
      const place = { drive: at.drive, folder, ...(locator && { locator }) };
      const first = await files.list(call, place);
      const gone = first.items.map((file) => file.id).slice(0, 400);
      for (const id of gone) at.remove(id);
      at.addFile("0 new.txt", bytes("x"), folder);
      const rest = everyItem((cursor = first.next) => files.list(call, { ...place, ...(cursor && { cursor }) }));
      const seen = [...first.items, ...(await Array.fromAsync(rest))].map((file) => file.id);
      const stayed = made.filter((id) => !gone.includes(id));
      expect(seen.filter((id) => stayed.includes(id)).sort()).toEqual(stayed.sort());
    });
    promise("lists an empty folder as nothing, not as an error", async ({ at, list }) => {
      expect(await list(at.addFolder("empty"))).toEqual([]);
    });
    promise("says not-found for a folder that is gone, not that it is empty", async ({ at, files, call, find }) => {
      const folder = await find(at.addFolder("short-lived"));
      at.remove(folder.id);
      const place = { drive: at.drive, folder: folder.id, ...(folder.locator && { locator: folder.locator }) };
      expect(await kindOf(files.list(call, place))).toBe("not-found");
    });
    promise("keeps a name exactly, quotes and all", async ({ at, list }) => {
      const name = `it's "50%" — Ünïcode \\ слова 👩‍👧.txt`;
      at.addFile(name, bytes("x"));
      expect((await list()).map((file) => file.name)).toEqual([name]);
    });
    promise("keeps two names apart that only look the same", async ({ at, list }) => {
      const names = ["\u00fc.txt", "u\u0308.txt"];
      for (const name of names) at.addFile(name, bytes("x"));
      expect((await list()).map((file) => file.name).sort()).toEqual(names.sort());
    });
    promise("says in which folder a file lies, and nothing for the top", async ({ at, list }) => {
      const folder = at.addFolder("inside");
      at.addFile("deep.txt", bytes("x"), folder);
      expect((await list()).map((file) => [file.name, file.isFolder, file.folder])).toEqual([
        ["inside", true, undefined],
      ]);
      expect((await list(folder)).map((file) => [file.name, file.isFolder, file.folder])).toEqual([
        ["deep.txt", false, folder],
      ]);
    });
    promise("gets a file as it was listed", async ({ at, files, call, list, find }) => {
      const ref = await find(at.addFile("a.txt", bytes("x")));
      expect(await files.get(call, ref)).toEqual((await list())[0]);
    });
    promise("reads back the bytes, from any point", async ({ at, find, text }) => {
      const ref = await find(at.addFile("a.txt", bytes("hello world")));
      expect([await text(ref), await text(ref, 6), await text(ref, 11)]).toEqual(["hello world", "world", ""]);
    });
    promise("reads an empty file as no bytes", async ({ at, find, text }) => {
      expect(await text(await find(at.addFile("empty.txt", bytes(""))))).toBe("");
    });
    promise("reads on from any byte of a large file", async ({ at, files, call, find }) => {
      const whole = Uint8Array.from({ length: 300_001 }, (_, n) => (n * 31 + (n >> 8)) % 251);
      const ref = await find(at.addFile("large.bin", whole));
      for (const from of [0, 1, 65_535, 65_536, 299_999, 300_000, 300_001]) {
        const { bytes: stream, size } = await files.read(call, ref, { from });
        const read = await new Response(stream).bytes();
        expect(Buffer.compare(read, whole.subarray(from)), `from ${from}`).toBe(0);
        expect(size ?? read.length).toBe(read.length);
      }
    });
    promise("turns a document of the provider's own into every format that it names", async (source) => {
      const { files, call, find, wire } = source;
      const id = wire().addDocument?.("Minutes");
      if (id === undefined) throw new Error("the simulator makes no documents");
      const ref = await find(id);
      expect(ref.exports.length).toBeGreaterThan(0);
      expect([ref.size, ref.hash, ref.unreadable]).toEqual([undefined, undefined, undefined]);
      for (const as of ref.exports) {
        const content = await files.read(call, ref, { as });
        expect(content.mediaType).toBe(as);
        expect((await new Response(content.bytes).bytes()).length).toBeGreaterThan(0);
      }
      expect(await kindOf(files.read(call, ref, { as: "application/x-nothing" }))).toBe("rejected");
    });
    promise("SR-87 gives a new version when the bytes change, and only then", async ({ at, find }) => {
      const folder = at.addFolder("elsewhere");
      const id = at.addFile("a.txt", bytes("one"));
      const before = (await find(id)).version;
      at.move(id, folder);
      expect((await find(id)).version).toBe(before);
      at.rename(id, "b.txt");
      expect((await find(id)).version).toBe(before);
      at.rewrite(id, bytes("two"));
      expect((await find(id)).version).not.toBe(before);
    });
    promise("knows a file by the same id after it was renamed, moved and edited", async ({ at, find }) => {
      const folder = at.addFolder("elsewhere");
      const id = at.addFile("a.txt", bytes("one"));
      at.rename(id, "b.txt");
      at.move(id, folder);
      at.rewrite(id, bytes("two"));
      expect(await find(id)).toMatchObject({ id, name: "b.txt", folder });
    });
    promise("says not-found for a file that is gone", async ({ at, files, call, find }) => {
      const ref = await find(at.addFile("a.txt", bytes("one")));
      at.remove(ref.id);
      expect([await kindOf(files.get(call, ref)), await kindOf(files.read(call, ref))]).toEqual([
        "not-found",
        "not-found",
      ]);
    });
    promise("stops reading when the call is stopped", async ({ at, files, call, find }) => {
      const ref = await find(at.addFile("large.bin", new Uint8Array(5_000_000)));
      const stop = new AbortController();
      const { bytes: stream } = await files.read({ ...call, signal: stop.signal }, ref);
      const reader = stream.getReader();
      await reader.read();
      stop.abort(new Error("stopped"));
      await expect(readToEnd(reader)).rejects.toThrow("stopped");
    });

    promise("starts a change feed from now, with nothing in it", async ({ at, changes }) => {
      at.addFile("old.txt", bytes("x"));
      expect((await changes()).changes).toEqual([]);
    });
    promise("reports what was added, moved and removed, once", async ({ at, changes }) => {
      const folder = at.addFolder("new home");
      const moved = at.addFile("moved.txt", bytes("x"));
      const { next } = await changes();
      const added = at.addFile("added.txt", bytes("x"));
      at.move(moved, folder);
      const gone = at.addFile("gone.txt", bytes("x"));
      at.remove(gone);
      const first = await changes(next);
      const last = [...lastStates(first.changes)];
      expect(new Map(last.map(([id, state]) => [id, state === "gone" ? state : state.folder]))).toEqual(
        new Map<RemoteId, unknown>([
          [added, undefined],
          [moved, folder],
          [gone, "gone"],
        ]),
      );
      expect((await changes(first.next)).changes).toEqual([]);
    });
    promise(
      "reports a file that was renamed and moved as one that is elsewhere, with its old version",
      async (source) => {
        const { at, changes, find } = source;
        const folder = at.addFolder("new home");
        const id = at.addFile("old.txt", bytes("x"));
        const { version } = await find(id);
        const { next } = await changes();
        at.rename(id, "new.txt");
        at.move(id, folder);
        const last = lastStates((await changes(next)).changes);
        expect(last.get(id)).toMatchObject({ name: "new.txt", folder, version });
      },
    );
    promise(
      "reports a folder that moved with its new place, and nothing in it as gone",
      async ({ at, changes, list }) => {
        const [from, to] = [at.addFolder("from"), at.addFolder("to")];
        const moving = at.addFolder("moving", from);
        const inside = Array.from({ length: 30 }, (_, n) => at.addFile(`${n}.txt`, bytes("x"), moving));
        const { next } = await changes();
        at.move(moving, to);
        const last = lastStates((await changes(next)).changes);
        expect(last.get(moving)).toMatchObject({ isFolder: true, folder: to });
        for (const id of inside) expect(last.get(id) ?? { folder: moving }).toMatchObject({ folder: moving });
        expect((await list(from)).length).toBe(0);
        expect((await list(moving)).map(({ id, folder }) => [id, folder]).sort()).toEqual(
          inside.map((id) => [id, moving]).sort(),
        );
      },
    );
    promise("takes what is in the trash for gone, and what comes out of it for there", async (source) => {
      const { at, changes, list, files, call, find, wire } = source;
      const folder = at.addFolder("thrown away");
      const inside = at.addFile("inside.txt", bytes("x"), folder);
      const file = await find(at.addFile("file.txt", bytes("x")));
      const { next } = await changes();
      for (const id of [folder, file.id]) wire().throwAway(id);
      expect(await list()).toEqual([]);
      expect(await kindOf(files.get(call, file))).toBe("not-found");
      const thrown = await changes(next);
      const gone = lastStates(thrown.changes);
      expect([gone.get(folder), gone.get(file.id)]).toEqual(["gone", "gone"]);
      for (const id of [folder, file.id]) wire().takeBack(id);
      const back = lastStates((await changes(thrown.next)).changes);
      expect(back.get(folder)).toMatchObject({ name: "thrown away", isFolder: true });
      expect(back.get(file.id)).toMatchObject({ name: "file.txt", version: file.version });
      expect((await list(folder)).map(({ id }) => id)).toEqual([inside]);
    });
    promise("says cursor-lost when the feed no longer reaches back that far", async ({ changes, wire }) => {
      const { next } = await changes();
      wire().loseCursors();
      expect(await kindOf(changes(next))).toBe("cursor-lost");
    });

    promise("says cursor-lost when the place in a listing is no longer known", async ({ at, files, call, wire }) => {
      for (let n = 0; n < 25; n++) at.addFile(`${n}.txt`, bytes("x"));
      wire().quirks.pageSize = 10;
      const { next } = await files.list(call, { drive: at.drive });
      if (next === undefined) throw new Error("there is no second page");
      wire().losePages();
      expect(await kindOf(files.list(call, { drive: at.drive, cursor: next }))).toBe("cursor-lost");
    });
    promise("tells the same whether pages are whole, short, empty, shuffled or said twice", async (source) => {
      const { at, list, changes, wire } = source;
      const folder = at.addFolder("odd");
      const { next } = await changes();
      const stayed = Array.from({ length: 40 }, (_, n) => at.addFile(`${n}.txt`, bytes("x"), folder));
      const gone = stayed.splice(0, 7);
      for (const id of gone) at.remove(id);
      for (const id of stayed.slice(0, 9)) at.rename(id, `renamed ${id}.txt`);
      Object.assign(wire().quirks, { pageSize: 7, emptyPages: true, duplicates: true, shuffled: true });
      expect((await list(folder)).map(({ id }) => id).sort()).toEqual([...stayed].sort());
      const last = lastStates((await changes(next)).changes);
      const alive = [...last].filter(([, state]) => state !== "gone").map(([id]) => id);
      // A folder may be told along with what changed in it.
      expect(alive.filter((id) => id !== folder && id !== at.drive).sort()).toEqual([...stayed].sort());
    });
    promise("lists a drive as a whole as it does folder by folder", async ({ at, files, call, list, wire }) => {
      const places = [undefined, at.addFolder("A"), at.addFolder("B")];
      places.push(at.addFolder("C", places[1]), at.addFolder("D", places[1]));
      for (let n = 0; n < 60; n++) at.addFile(`${n}.txt`, bytes(`${n}`), places[n % places.length]);
      const walked = await walk(list);
      const whole = async () => {
        const { listAll } = files;
        if (!listAll) throw new Error("it cannot");
        const all = everyItem(async (cursor) => {
          const page = await listAll.call(files, call, { drive: at.drive, ...(cursor && { cursor }) });
          if (!page) throw new Error("it lists this drive folder by folder only");
          return page;
        });
        return new Map((await Array.fromAsync(all)).map((file) => [file.id, file]));
      };
      expect(await whole()).toEqual(walked);
      Object.assign(wire().quirks, { pageSize: 7, emptyPages: true, duplicates: true, shuffled: true });
      expect(await whole()).toEqual(walked);
    });
    promise("finds the folders that have a word in their name, in any case", async ({ at, files, call }) => {
      const outer = at.addFolder("Main Engine");
      const inner = at.addFolder("engine parts", at.addFolder("Stores"));
      at.addFile("engine.txt", bytes("x"));
      const find = (cursor?: Cursor) => {
        if (!files.findFolders) throw new Error("it cannot");
        return files.findFolders(call, { drive: at.drive, text: "ENGINE", ...(cursor && { cursor }) });
      };
      const found = await Array.fromAsync(everyItem(find));
      expect(found.map(({ id }) => id).sort()).toEqual([outer, inner].sort());
      expect(found.every(({ isFolder }) => isFolder)).toBe(true);
    });
    promise("fails where an answer breaks off, and takes its beginning for nothing", async (source) => {
      const { at, list, find, text, changes, wire } = source;
      const ref = await find(at.addFile("a.txt", bytes("hello world, and more of it")));
      const { next } = await changes();
      const works = [() => list(), () => text(ref), () => changes(next)];
      for (const work of works) {
        wire().failNext({ cutAfter: 12 });
        expect(await kindOf(work())).not.toBe("no error");
      }
      for (const work of [works[0], works[2]]) {
        wire().failNext({ truncateAfter: 12 });
        expect(await kindOf(work?.() ?? Promise.resolve())).toBe("unexpected-reply");
      }
    });
    promise("never takes the beginning of a file for the rest of it", async ({ at, find, text, network }) => {
      const ref = await find(at.addFile("a.txt", bytes("hello world")));
      network.withoutRanges = true;
      const read = await text(ref, 6).catch((error: ProviderError) => error.kind);
      expect(["world", "unexpected-reply"]).toContain(read);
    });
    promise("SR-18 takes the credential to nobody else, wherever an answer sends it", async (source) => {
      const { at, list, find, text, network, wire } = source;
      const ref = await find(at.addFile("a.txt", bytes("hello")));
      for (const work of [() => list(), () => text(ref)]) {
        wire().failNext({ status: 302, headers: { location: "https://stranger.test/take" } });
        await kindOf(work());
      }
      expect(network.strangers).toEqual(network.strangers.map(({ url }) => ({ url, authorization: null })));
    });
    promise("tells a dead credential, a closed door, a rush and an outage apart", async ({ wire, list }) => {
      for (const [status, kind] of [
        [401, "reauthorize"],
        [403, "forbidden"],
        [429, "rate-limited"],
        [503, "unavailable"],
      ] as const) {
        wire().failNext({ status, headers: { "retry-after": "7" } });
        expect(await kindOf(list())).toBe(kind);
      }
    });
    promise("refuses a reply it does not understand instead of guessing", async ({ wire, list }) => {
      wire().failNext({ status: 200, body: { surprise: true } });
      expect(await kindOf(list())).toBe("unexpected-reply");
    });
    promise("SR-75 never lets the credential into an error", async ({ wire, list }) => {
      wire().failNext({ status: 500, body: { echoed: "Bearer sesame" } });
      const error = await list().catch((caught: Error) => caught);
      expect(JSON.stringify([String(error), error])).not.toContain("sesame");
    });

    it("differs only where there is a promise to differ from", () => {
      expect([...unused]).toEqual([]);
    });
  });
}

/** One account that is open for calls, with the loops that a sync would do. */
interface OpenSource {
  at: FileEditor;
  files: FileSource<never>;
  call: Call<never>;
  list(folder?: RemoteId, locator?: string): Promise<RemoteFile[]>;
  /** Looks for a file in the whole tree, as one that has moved is found. */
  find(id: RemoteId): Promise<RemoteFile & RemoteRef>;
  text(ref: RemoteRef, from?: number): Promise<string>;
  /** All changes since a cursor. */
  changes(since?: Cursor): Promise<{ changes: Change[]; next: Cursor }>;
  wire(): FileSimulator;
  network: Network;
}

/** What lies between the provider and its simulator. */
interface Network {
  /** Requests come there without the part that they want. */
  withoutRanges: boolean;
  /** What other hosts were asked. */
  strangers: { url: string; authorization: string | null }[];
}

async function openSource<Config>(subject: FileSourceUnderTest<Config>): Promise<OpenSource> {
  const { provider, at } = subject;
  const { files } = provider;
  if (!files) throw new Error(`${provider.name} has no files`);
  const network: Network = { withoutRanges: false, strangers: [] };
  const first = firstCall(subject, network);
  const account = await provider.check(first);
  const call = { ...first, kept: account.kept ?? {}, account };

  const listAt = (folder?: RemoteId, locator?: string) =>
    Array.fromAsync(
      everyItem((cursor) =>
        files.list(call, {
          drive: at.drive,
          ...(folder && { folder }),
          ...(locator && { locator }),
          ...(cursor && { cursor }),
        }),
      ),
    );
  const search = async (id: RemoteId, folder?: RemoteFile): Promise<RemoteFile | undefined> => {
    const inside = await listAt(folder?.id, folder?.locator);
    const here = inside.find((file) => file.id === id);
    if (here) return here;
    for (const deeper of inside.filter((file) => file.isFolder)) {
      const found = await search(id, deeper);
      if (found) return found;
    }
    return undefined;
  };
  const find = async (id: RemoteId) => {
    const file = await search(id);
    if (!file) throw new Error(`the listing does not have ${id}`);
    return { ...file, drive: at.drive };
  };

  return {
    at,
    files,
    call: call as Call<never>,
    find,
    list: async (folder, locator) => listAt(folder, locator ?? (folder && (await find(folder)).locator)),
    text: async (ref, from = 0) => new Response((await files.read(call, ref, { from })).bytes).text(),
    async changes(since) {
      if (!files.changes) throw new Error("it has no change feed");
      const changes: Change[] = [];
      for (let from = since; ; ) {
        const page = await files.changes(call, { drive: at.drive, ...(from && { since: from }) });
        changes.push(...page.changes);
        from = page.next;
        if (!page.more) return { changes, next: page.next };
      }
    },
    wire() {
      if (!speaksHttp(at)) throw new Error("it does not speak HTTP");
      return at;
    },
    network,
  };
}

/** What each item was said to be last, as one who applies changes in their order sees it. */
function lastStates(changes: readonly Change[]): Map<RemoteId, RemoteFile | "gone"> {
  const last = new Map<RemoteId, RemoteFile | "gone">();
  for (const change of changes) {
    if (change.kind === "gone") last.set(change.id, "gone");
    else last.set(change.file.id, change.file);
  }
  return last;
}

async function walk(list: OpenSource["list"], folder?: RemoteFile): Promise<Map<RemoteId, RemoteFile>> {
  const here = await list(folder?.id, folder?.locator);
  const found = new Map(here.map((file) => [file.id, file]));
  for (const deeper of here.filter(({ isFolder }) => isFolder)) {
    for (const [id, file] of await walk(list, deeper)) found.set(id, file);
  }
  return found;
}

/** Goes to the provider's own addresses alone, and follows redirects as outbound does. */
function firstCall<Config>({ provider, config, at }: FileSourceUnderTest<Config>, network: Network): FirstCall<Config> {
  const signal = new AbortController().signal;
  const addresses = provider.addresses?.(config, {});
  const call = { config, kept: {}, auth: provider.auth(config)[0].type, signal };
  if (addresses === undefined || !speaksHttp(at)) return { ...call, http: noHttp };

  const ask = async (request: Request): Promise<Response> => {
    const { url, headers } = request;
    if (covers(addresses, new URL(url))) return at.fetch(request);
    network.strangers.push({ url, authorization: headers.get("authorization") });
    return Response.json({ stranger: true });
  };
  const follow = async (request: Request, redirects = 0): Promise<Response> => {
    const answer = await ask(request);
    const location = answer.headers.get("location");
    const isRedirect = request.method === "GET" && answer.status >= 300 && answer.status < 400 && location !== null;
    if (!isRedirect || redirects === 5) return answer;
    const target = new URL(location, request.url);
    const headers = new Headers(request.headers);
    if (target.origin !== new URL(request.url).origin) headers.delete("authorization");
    return follow(new Request(target, { headers }), redirects + 1);
  };
  const http = createProviderHttp({
    provider,
    base: addresses[0],
    signal,
    async send(request, { unsigned }) {
      if (!covers(addresses, new URL(request.url))) throw new Error(`${request.url} is no address of the provider`);
      if (!unsigned) request.headers.set("authorization", "Bearer sesame");
      if (network.withoutRanges) request.headers.delete("range");
      return { reply: await follow(request) };
    },
  });
  return { ...call, http };
}

const speaksHttp = (at: FileEditor | FileSimulator): at is FileSimulator => "fetch" in at;

const bytes = (words: string) => new TextEncoder().encode(words);

async function readToEnd(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  while (!(await reader.read()).done);
}

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  const error = await work.then(
    () => "no error",
    (caught: unknown) => caught,
  );
  return error instanceof ProviderError ? error.kind : error;
}
