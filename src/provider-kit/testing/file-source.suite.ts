import { describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import type { Cursor, RemoteId } from "#core/ids.ts";
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
    promise("says not-found for a folder that is gone, not that it is empty", async ({ at, list, find }) => {
      const folder = await find(at.addFolder("short-lived"));
      at.remove(folder.id);
      expect(await kindOf(list(folder.id, folder.locator))).toBe("not-found");
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
      const last = new Map<RemoteId, unknown>();
      for (const change of first.changes) {
        if (change.kind === "gone") last.set(change.id, "gone");
        else last.set(change.file.id, change.file.folder);
      }
      expect(last).toEqual(
        new Map<RemoteId, unknown>([
          [added, undefined],
          [moved, folder],
          [gone, "gone"],
        ]),
      );
      expect((await changes(first.next)).changes).toEqual([]);
    });
    promise("says cursor-lost when the feed no longer reaches back that far", async ({ changes, wire }) => {
      const { next } = await changes();
      wire().loseCursors();
      expect(await kindOf(changes(next))).toBe("cursor-lost");
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
}

async function openSource<Config>(subject: FileSourceUnderTest<Config>): Promise<OpenSource> {
  const { provider, at } = subject;
  const { files } = provider;
  if (!files) throw new Error(`${provider.name} has no files`);
  const first = firstCall(subject);
  const call = { ...first, account: await provider.check(first) };

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
  };
}

function firstCall<Config>({ provider, config, at }: FileSourceUnderTest<Config>): FirstCall<Config> {
  const signal = new AbortController().signal;
  const base = provider.addresses?.(config, {})[0];
  const call = { config, kept: {}, auth: provider.auth(config)[0].type, signal };
  if (base === undefined || !speaksHttp(at)) return { ...call, http: noHttp };
  const send = async (request: Request) => {
    request.headers.set("authorization", "Bearer sesame");
    return { reply: await at.fetch(request) };
  };
  return { ...call, http: createProviderHttp({ provider, base, send, signal }) };
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
