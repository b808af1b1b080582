/** A pretend Google Drive in this process, with the provider connected to it. */
import type { Cursor, RemoteId } from "#core/ids.ts";
import { covers } from "#provider-kit/covers.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import type { Call, Change, FileSource, RemoteFile, RemoteRef } from "#provider-kit/provider.ts";
import { createProviderHttp } from "#provider-kit/provider-http.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { SimulatorOptions } from "#provider-kit/sim/service.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { editSimulated } from "#provider-kit/testing/simulated-editor.ts";
import type { Config } from "../config.ts";
import { googleDrive } from "../index.ts";
import { SHARED_WITH_ME } from "../remote-file.ts";
import { people } from "../simulated-sign-in.ts";
import { googleClient, googleDriveSimulator } from "../simulator.ts";

const origin = "http://google.test/sim";

export async function openDrive(options: Partial<SimulatorOptions> = { empty: true }) {
  const service = googleDriveSimulator({ origin, seed: 1, ...options });
  const { world, tree } = service;
  const provider = googleDrive({
    api: `${origin}/api`,
    authorize: `${origin}/authorize`,
    token: `${origin}/token`,
    revoke: `${origin}/revoke`,
  });
  const at = editSimulated({
    service,
    provider,
    config: {},
    client: googleClient,
    addDocument: (name, folder) => world.addDocument(folder, name, "document"),
  });
  const { files, webhooks } = provider;
  if (!files || !webhooks) throw new Error("it has lost a part");

  const addresses = provider.addresses?.({}, {}) ?? [];
  const asked: string[] = [];
  const { signal } = new AbortController();
  const http = createProviderHttp({
    provider,
    base: addresses[0] ?? "",
    signal,
    async send(request, { unsigned }) {
      const url = new URL(request.url);
      if (!covers(addresses, url)) throw new Error(`${url} is no address of the provider`);
      asked.push(`${request.method} ${url.pathname.slice("/sim/api".length)}`);
      if (!unsigned) request.headers.set("authorization", "Bearer sesame");
      return { reply: await at.fetch(request) };
    },
  });
  const first = { http, config: {}, kept: {}, auth: "oauth2_authorization_code" as const, signal };
  const call: Call<Config> = { ...first, account: await provider.check(first) };
  asked.length = 0;

  const mine = service.drive.id as RemoteId;
  const [ana, ben] = people.map(({ id }) => id);
  if (ana === undefined || ben === undefined) throw new Error("nobody is there");
  return {
    service,
    world,
    tree,
    provider,
    files: files as FileSource<Config>,
    webhooks,
    call,
    /** Every request, as method and path. */
    asked,
    /** The first person's own drive, and the other drives of hers. */
    mine,
    shared: SHARED_WITH_ME,
    projects: world.projects.id as RemoteId,
    ana,
    ben,
    top: service.drive.top,
    /** A request that nobody but Google's API has thought of, signed as the first person's. */
    ask: (path: string, init: RequestInit = {}) => at.fetch(signed(path, init)),
    /** All pages. */
    list: (drive: RemoteId, folder?: RemoteFile): Promise<RemoteFile[]> =>
      Array.fromAsync(
        everyItem((cursor) =>
          files.list(call, {
            drive,
            ...(folder && { folder: folder.id }),
            ...(folder?.locator !== undefined && { locator: folder.locator }),
            ...(cursor && { cursor }),
          }),
        ),
      ),
    listAll: (drive: RemoteId): Promise<RemoteFile[]> =>
      Array.fromAsync(
        everyItem(async (cursor) => {
          const page = await files.listAll?.(call, { drive, ...(cursor && { cursor }) });
          if (!page) throw new Error("it lists this drive folder by folder only");
          return page;
        }),
      ),
    async changes(drive: RemoteId, since?: Cursor): Promise<{ changes: Change[]; next: Cursor }> {
      const changes: Change[] = [];
      for (let from = since; ; ) {
        const page = await files.changes?.(call, { drive, ...(from && { since: from }) });
        if (!page) throw new Error("it has no feed");
        changes.push(...page.changes);
        from = page.next;
        if (!page.more) return { changes, next: page.next };
      }
    },
    get: (drive: RemoteId, node: SimNode, locator?: string) =>
      files.get(call, { drive, id: node.id as RemoteId, ...(locator !== undefined && { locator }) }),
    async read(ref: RemoteRef, how?: { from?: number; as?: string }): Promise<Uint8Array> {
      return new Response((await files.read(call, ref, how)).bytes).bytes();
    },
    addText: (folder: SimNode, name: string, words = name) => tree.addFile(folder, name, bytesOf(words)),
  };
}

export type OpenDrive = Awaited<ReturnType<typeof openDrive>>;

function signed(path: string, init: RequestInit): Request {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", "Bearer sesame");
  return new Request(`${origin}/api${path}`, { ...init, headers });
}

/** What was said last of each item: `gone`, or its name and folder. */
export function lastOf(changes: readonly Change[]): Record<string, string> {
  const last: Record<string, string> = {};
  for (const change of changes) {
    if (change.kind === "gone") last[change.id] = "gone";
    else last[change.file.id] = `${change.file.name} in ${change.file.folder ?? "the top"}`;
  }
  return last;
}

export const kindOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "no error",
    (error: { kind?: unknown }) => error.kind ?? error,
  );
