// The pretend Graph is tried with Microsoft's own client, which nobody here wrote.
import { createHash } from "node:crypto";
import {
  AuthenticationHandler,
  Client,
  type Context,
  type Middleware,
  type PageCollection,
  PageIterator,
  RedirectHandler,
  ResponseType,
} from "@microsoft/microsoft-graph-client";
import { expect, it, onTestFinished } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { documentBytes } from "#provider-kit/sim/documents.ts";
import { serveOnLoopback } from "#sandbox/serve.ts";
import { type OneDriveSimulator, onedriveSimulator } from "./simulator.ts";
import { CONTENT, GRAPH, tokenFor } from "./testing/a-microsoft.ts";

interface Sent {
  url: string;
  token: string | null;
}

/** It signs for Microsoft's own hosts over https alone: on its way out, both of them become one port of loopback. */
async function aClient(
  who = "adele@contoso.test",
): Promise<{ client: Client; service: OneDriveSimulator; sent: Sent[] }> {
  const service = onedriveSimulator({ origin: GRAPH, seed: 1, downloadsAt: CONTENT });
  const served = await serveOnLoopback(0, service.fetch);
  onTestFinished(served.close);
  const token = await tokenFor(service, who);
  const sent: Sent[] = [];
  const transport: Middleware = {
    async execute(context: Context) {
      const { request, options = {} } = context;
      const url = typeof request === "string" ? request : request.url;
      const at = url.replace(/^https:\/\/[^/]+/, `http://127.0.0.1:${served.port}`);
      sent.push({ url, token: new Headers(options.headers).get("authorization") });
      context.response = await fetch(at, { ...options, redirect: "manual" });
    },
  };
  const [signing, redirecting] = [
    new AuthenticationHandler({ getAccessToken: async () => token }),
    new RedirectHandler(),
  ];
  signing.setNext(redirecting);
  redirecting.setNext(transport);
  const client = Client.initWithMiddleware({ baseUrl: `${GRAPH}/api/`, middleware: signing });
  return { client, service, sent };
}

interface Item {
  id: string;
  name?: string;
  size?: number;
  folder?: object;
  file?: { hashes: { quickXorHash: string } };
  deleted?: object;
}

/** All that comes by following links, as the client does it. */
async function everything(client: Client, path: string): Promise<{ items: Item[]; deltaLink: string | undefined }> {
  const items: Item[] = [];
  const first: PageCollection = await client.api(path).get();
  const pages = new PageIterator(client, first, (item: Item) => {
    items.push(item);
    return true;
  });
  await pages.iterate();
  return { items, deltaLink: pages.getDeltaLink() };
}

it("tells whose account it is, and which drives there are", async () => {
  const { client } = await aClient();
  expect(await client.api("/me").get()).toMatchObject({ userPrincipalName: "adele@contoso.test" });
  expect(await client.api("/me/drive").get()).toMatchObject({ driveType: "business", quota: { state: "normal" } });
  const { value: sites } = await client.api("/sites").query({ search: "engineering" }).get();
  expect(sites).toMatchObject([{ displayName: "Engineering" }]);
  const { value: libraries } = await client.api(`/sites/${sites[0].id}/drives`).get();
  expect(libraries.map(({ name }: { name: string }) => name)).toEqual(["Documents", "Drawings"]);
});

it("lists folders in pages, selects, and finds by path and by name", async () => {
  const { client, service } = await aClient();
  const folder = service.tree.addFolder(service.drive.top, "Box #1 100%");
  for (let n = 0; n < 450; n++) service.tree.addFile(folder, `Document ${n}.pdf`, bytesOf(`${n}`));
  const { items } = await everything(client, `/me/drive/items/${folder.id}/children?$select=id,name`);
  expect(new Set(items.map(({ id }) => id)).size).toBe(450);
  expect(Object.keys(items[0] ?? {}).sort()).toEqual(["id", "name"]);
  const byPath = await client.api(`/me/drive/root:/${encodeURIComponent("box #1 100%")}/DOCUMENT%2017.pdf`).get();
  expect(byPath).toMatchObject({ name: "Document 17.pdf", parentReference: { id: folder.id } });
  const { items: found } = await everything(client, "/me/drive/root/search(q='Document 4')");
  expect(found).toHaveLength(61);
});

it("downloads from another host, to which the client takes no token", async () => {
  const { client, service, sent } = await aClient();
  const file = service.tree.addFile(service.drive.top, "manual.pdf", { kind: "document", type: "pdf", seed: 3 });
  const bytes: ArrayBuffer = await client
    .api(`/me/drive/items/${file.id}/content`)
    .responseType(ResponseType.ARRAYBUFFER)
    .get();
  const sha = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
  expect(sha(new Uint8Array(bytes))).toBe(sha(documentBytes("pdf", 3)));
  expect(sent.at(-2)?.token).toMatch(/^Bearer /);
  expect(sent.at(-1)).toMatchObject({ url: expect.stringContaining(`${CONTENT}/download/`), token: null });
});

it("follows what has changed, from a first enumeration on", async () => {
  const { client, service } = await aClient();
  const { tree, drive } = service;
  const { items, deltaLink } = await everything(client, "/me/drive/root/delta");
  const files = items.filter(({ file }) => file);
  expect(files.length).toBeGreaterThan(100);
  expect(items.length).toBe(
    tree.nodes
      .values()
      .filter((node) => node.drive === drive)
      .toArray().length,
  );

  const folder = tree.addFolder(drive.top, "new");
  const added = tree.addFile(folder, "added.txt", bytesOf("added"));
  const gone = tree.get(files[0]?.id ?? "");
  if (gone) tree.trash(gone);
  const round = await everything(client, deltaLink ?? "");
  const states = new Map(round.items.map((item) => [item.id, item.deleted ? "deleted" : item.name]));
  expect(states.get(folder.id)).toBe("new");
  expect(states.get(added.id)).toBe("added.txt");
  expect(states.get(gone?.id ?? "")).toBe("deleted");

  service.loseCursors();
  await expect(client.api(round.deltaLink ?? "").get()).rejects.toMatchObject({ statusCode: 410 });
});

it("says no as Graph does: to an app that asks for /me, and for what is not there", async () => {
  const { client } = await aClient("app");
  await expect(client.api("/me").get()).rejects.toMatchObject({ statusCode: 400, code: "BadRequest" });
  await expect(client.api("/users/new@contoso.test/drive").get()).rejects.toMatchObject({ statusCode: 404 });
  await expect(client.api("/drives/x/items/y").get()).rejects.toMatchObject({ statusCode: 404, code: "itemNotFound" });
});
