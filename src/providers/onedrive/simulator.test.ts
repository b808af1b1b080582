// What the pretend Graph does as Graph does, where our own client does not look.
import { describe, expect, it, vi } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { OneDriveSimulatorOptions } from "./simulator.ts";
import { onedriveSimulator } from "./simulator.ts";
import { CONTENT, GRAPH, tokenFor } from "./testing/a-microsoft.ts";

async function aGraph(options: Partial<OneDriveSimulatorOptions> & { who?: string } = {}) {
  const { who = "adele@contoso.test", ...rest } = options;
  const service = onedriveSimulator({ origin: GRAPH, seed: 1, empty: true, downloadsAt: CONTENT, ...rest });
  const authorization = `Bearer ${await tokenFor(service, who)}`;
  const ask = (path: string, init: RequestInit & { json?: unknown } = {}) => {
    const { json, ...plain } = init;
    const url = path.startsWith("https:") ? path : `${GRAPH}/api/v1.0/${path}`;
    const headers = { authorization, ...(init.headers as Record<string, string> | undefined) };
    const body = json === undefined ? {} : { method: "POST", body: JSON.stringify(json) };
    return service.fetch(new Request(url, { ...body, ...plain, headers }));
  };
  // biome-ignore lint/suspicious/noExplicitAny: whatever the wire has
  const read = async (path: string, init?: RequestInit & { json?: unknown }): Promise<any> =>
    (await ask(path, init)).json();
  return { service, ask, read, tree: service.tree, top: service.drive.top, drive: `drives/${service.drive.id}` };
}

describe("items", () => {
  it("have the facets, tags and references of Graph", async () => {
    const { read, tree, top, drive } = await aGraph();
    const folder = tree.addFolder(top, "A & B");
    const file = tree.addFile(folder, "plan 1.pdf", bytesOf("x"));
    const item = await read(`${drive}/items/${file.id}`);
    expect(item).toMatchObject({
      "@microsoft.graph.downloadUrl": expect.stringContaining("tempauth="),
      eTag: expect.stringMatching(/^"\{[0-9A-F-]{36}\},1"$/),
      cTag: expect.stringMatching(/^"c:\{[0-9A-F-]{36}\},1"$/),
      id: expect.stringMatching(/^01[A-Z2-7]{32}$/),
      file: { mimeType: "application/pdf", hashes: { quickXorHash: expect.stringMatching(/^[\w+/]{27}=$/) } },
      parentReference: { driveType: "business", id: folder.id, path: `/drives/${file.drive.id}/root:/A%20%26%20B` },
    });
    const root = await read(`${drive}/root`);
    expect(root).toMatchObject({ root: {}, folder: { childCount: 1 }, name: "root" });
    expect(root.parentReference).not.toHaveProperty("id");
    expect(await read(`${drive}/items/${folder.id}`)).not.toHaveProperty("cTag");
  });

  it("are found by path in any case, with whatever follows", async () => {
    const { read, ask, tree, top, drive } = await aGraph();
    const folder = tree.addFolder(top, "Box #1 100%");
    const file = tree.addFile(folder, "A.txt", bytesOf("x"));
    expect(await read(`${drive}/root:/box%20%231%20100%25/a.TXT`)).toMatchObject({ id: file.id });
    expect(await read(`${drive}/root:/Box%20%231%20100%25:/children`)).toMatchObject({ value: [{ id: file.id }] });
    expect(await read(`${drive}/items/${folder.id}:/a.txt`)).toMatchObject({ id: file.id });
    expect((await ask(`${drive}/items/${folder.id}:/a.txt:/content`)).status).toBe(302);
    expect((await ask(`${drive}/root:/nothing`)).status).toBe(404);
  });

  it("are not sent to who has them already", async () => {
    const { read, ask, tree, top, drive } = await aGraph();
    const file = tree.addFile(top, "a.txt", bytesOf("x"));
    const { eTag, cTag } = await read(`${drive}/items/${file.id}`);
    const status = async (path: string, tag: string) => (await ask(path, { headers: { "if-none-match": tag } })).status;
    expect([await status(`${drive}/items/${file.id}`, eTag), await status(`${drive}/items/${file.id}`, cTag)]).toEqual([
      304, 304,
    ]);
    expect(await status(`${drive}/items/${file.id}/content`, eTag)).toBe(304);
    tree.edit(file, bytesOf("y"));
    expect(await status(`${drive}/items/${file.id}`, cTag)).toBe(200);
    expect((await read(`${drive}/items/${file.id}/versions`)).value.map(({ id }: { id: string }) => id)).toEqual([
      "2.0",
      "1.0",
    ]);
    expect((await ask(`${drive}/items/${file.id}/versions/2.0/content`)).status).toBe(404);
  });

  it("come in pages of two hundred, and of a thousand at the most", async () => {
    const { read, tree, top, drive } = await aGraph();
    for (let n = 0; n < 1200; n++) tree.addFile(top, `${n}`, bytesOf("x"));
    expect((await read(`${drive}/root/children`)).value).toHaveLength(200);
    const page = await read(`${drive}/root/children?$top=5000&$select=id`);
    expect(page.value).toHaveLength(1000);
    expect(Object.keys(page.value[0])).toEqual(["id"]);
    expect((await read(page["@odata.nextLink"])).value).toHaveLength(200);
  });

  it("without bytes have no content", async () => {
    const { ask, read, service, top, drive } = await aGraph();
    const [notebook, infected] = [
      service.addOddity(top, "Notebook", { is: "package" }),
      service.addOddity(top, "x.exe", { malware: true }),
    ];
    expect((await ask(`${drive}/items/${notebook.id}/content`)).status).toBe(400);
    const refused = await ask(`${drive}/items/${infected.id}/content`);
    expect([refused.status, (await refused.json()).error.code]).toEqual([403, "malwareDetected"]);
    const { "@microsoft.graph.downloadUrl": url } = await read(`${drive}/items/${infected.id}`);
    const direct = await service.fetch(new Request(url));
    expect([direct.status, direct.headers.has("x-virus-infected")]).toEqual([403, true]);
  });
});

describe("downloads", () => {
  it("are for nobody with a credential, in parts, and for a while", async () => {
    const { ask, service, tree, top, drive } = await aGraph();
    const file = tree.addFile(top, "a.txt", bytesOf("hello world"));
    const redirect = await ask(`${drive}/items/${file.id}/content`);
    const url = redirect.headers.get("location") ?? "";
    expect(new URL(url).origin).toBe(CONTENT);
    expect((await ask(url)).status).toBe(401);
    const get = (headers: Record<string, string> = {}) => service.fetch(new Request(url, { headers }));
    expect(await (await get()).text()).toBe("hello world");
    for (const [range, status, text, told] of [
      ["bytes=6-", 206, "world", "bytes 6-10/11"],
      ["bytes=0-4", 206, "hello", "bytes 0-4/11"],
      ["bytes=-5", 206, "world", "bytes 6-10/11"],
      ["bytes=11-", 416, "", "bytes */11"],
      ["pages=1", 416, "", "bytes */11"],
    ] as const) {
      const part = await get({ range });
      expect([part.status, await part.text(), part.headers.get("content-range")]).toEqual([status, text, told]);
    }
    tree.trash(file);
    expect((await get()).status).toBe(404);
  });
});

describe("the feed", () => {
  it("has no paths and no tags of content, and the folders on the way unless they are not wanted", async () => {
    const { read, tree, top, drive } = await aGraph();
    const folder = tree.addFolder(tree.addFolder(top, "outer"), "inner");
    const { "@odata.deltaLink": link } = await read(`${drive}/root/delta?token=latest`);
    tree.addFile(folder, "a.txt", bytesOf("x"));
    const { value } = await read(link);
    expect(value.map(({ name }: { name: string }) => name)).toEqual(["root", "outer", "inner", "a.txt"]);
    expect(value[3]).not.toHaveProperty("cTag");
    expect(value[3].parentReference).not.toHaveProperty("path");
    const without = await read(link, { headers: { deltaexcludeparent: "true" } });
    expect(without.value.map(({ name }: { name: string }) => name)).toEqual(["a.txt"]);
  });

  it("tells of what is deleted by its id alone", async () => {
    const { read, tree, top, drive } = await aGraph();
    const file = tree.addFile(top, "a.txt", bytesOf("x"));
    const { "@odata.deltaLink": link } = await read(`${drive}/root/delta?token=latest`);
    tree.delete(file);
    const { value } = await read(link, { headers: { deltaexcludeparent: "true" } });
    expect(value).toMatchObject([{ id: file.id, deleted: { state: "deleted" } }]);
    expect(value[0]).not.toHaveProperty("name");
  });

  it("begins at a time, too", async () => {
    const clock = { at: Date.UTC(2026, 1, 1), now: () => new Date(clock.at) };
    const { read, tree, top, drive } = await aGraph({ clock });
    tree.addFile(top, "before", bytesOf("x"));
    clock.at += 60_000;
    const since = encodeURIComponent(new Date(clock.at).toISOString());
    clock.at += 60_000;
    tree.addFile(top, "after", bytesOf("x"));
    const { value } = await read(`${drive}/root/delta?token=${since}`);
    expect(value.map(({ name }: { name: string }) => name)).toEqual(["root", "after"]);
  });

  it("takes links as it gave them and no others, and is of the root alone", async () => {
    const { ask, read, tree, top, drive, service } = await aGraph();
    const folder = tree.addFolder(top, "x");
    service.quirks.pageSize = 1;
    const { "@odata.nextLink": link } = await read(`${drive}/root/delta`);
    expect(link).toMatch(/delta\(token='[^']+%3D'\)/);
    expect((await ask(link)).status).toBe(200);
    for (const changed of [link.replaceAll("'", "%27"), link.replace("%3D", "%253D"), link.replace("%3D", "=")]) {
      expect((await ask(changed)).status).toBe(400);
    }
    expect((await ask(`${drive}/items/${folder.id}/delta`)).status).toBe(400);
  });

  it("says where to begin anew when it has forgotten a link", async () => {
    const { ask, read, drive, service } = await aGraph();
    const { "@odata.deltaLink": link } = await read(`${drive}/root/delta?token=latest&$select=id`);
    service.loseCursors();
    const gone = await ask(link);
    expect(gone.status).toBe(410);
    const anew = gone.headers.get("location") ?? "";
    expect(await read(anew)).toHaveProperty("@odata.deltaLink");
  });
});

describe("several requests in one", () => {
  it("are answered each by itself, in any order, with what depends on what", async () => {
    const { read, tree, top, drive } = await aGraph();
    const file = tree.addFile(top, "a.txt", bytesOf("x"));
    const { responses } = await read("$batch", {
      json: {
        requests: [
          { id: "1", method: "GET", url: `/${drive}/items/${file.id}?$select=id,name` },
          { id: "2", method: "GET", url: `/${drive}/items/${file.id}/content`, dependsOn: ["1"] },
          { id: "3", method: "GET", url: `/${drive}/items/nothing` },
          { id: "4", method: "GET", url: `/${drive}/root`, dependsOn: ["3"] },
        ],
      },
    });
    // biome-ignore lint/suspicious/noExplicitAny: whatever the wire has
    const byId = new Map<string, any>(responses.map((response: { id: string }) => [response.id, response]));
    expect([...byId.keys()]).not.toEqual(["1", "2", "3", "4"]);
    expect(byId.get("1")).toMatchObject({ status: 200, body: { id: file.id, name: "a.txt" } });
    expect(byId.get("2")).toMatchObject({ status: 302, headers: { Location: expect.stringContaining(CONTENT) } });
    expect([byId.get("3").status, byId.get("4").status]).toEqual([404, 424]);
  });

  it("are twenty at the most, with ids that differ, and each costs", async () => {
    const { ask, read, drive, service } = await aGraph();
    const requests = (n: number, id = (at: number) => `${at}`) => ({
      requests: Array.from({ length: n }, (_, at) => ({ id: id(at), method: "GET", url: `/${drive}` })),
    });
    expect((await ask("$batch", { json: requests(21) })).status).toBe(400);
    expect((await ask("$batch", { json: requests(2, (at) => "aA"[at] ?? "") })).status).toBe(400);
    expect((await ask("$batch", { json: { requests: "none" } })).status).toBe(400);
    service.microsoft.budget = { units: 15, windowS: 60, retryAfterS: 9, as: "seconds", status: 429 };
    const { responses } = await read("$batch", { json: requests(20) });
    const refused = responses.filter(({ status }: { status: number }) => status === 429);
    expect(refused).toHaveLength(5);
    expect(refused[0].headers).toHaveProperty("Retry-After");
  });
});

describe("limits", () => {
  it("are told to an app that comes near them", async () => {
    const { ask, service } = await aGraph({ who: "app" });
    service.microsoft.budget = { units: 10, windowS: 60, retryAfterS: 30, as: "seconds", status: 429 };
    const path = `drives/${service.drive.id}`;
    for (let n = 0; n < 7; n++) expect((await ask(path)).headers.has("ratelimit-limit")).toBe(false);
    expect((await ask(path)).headers.get("ratelimit-remaining")).toBe("2");
  });
});

describe("sites and people", () => {
  it("are found by id and by path, and all of them by an app", async () => {
    const { read, ask } = await aGraph({ who: "app" });
    const site = await read("sites/contoso.sharepoint.test:/sites/fleet");
    expect(site).toMatchObject({ displayName: "Fleet", id: expect.stringMatching(/^[^,]+,[^,]+,[^,]+$/) });
    expect(await read(`sites/${encodeURIComponent(site.id)}`)).toEqual(site);
    expect((await read(`sites/${site.id}/drive`)).driveType).toBe("documentLibrary");
    expect((await read("sites/getAllSites")).value.length).toBe(4);
    expect((await ask("sites/root")).status).toBe(200);
    expect((await ask("sites/contoso.sharepoint.test:/sites/nothing")).status).toBe(404);
    expect((await read("users/new%40contoso.test/drive")).error.message).toBe("User's mysite not found.");
  });

  it("keep their drives to themselves", async () => {
    const { ask, tree } = await aGraph({ who: "alex@contoso.test" });
    const [adele] = tree.drives.values();
    expect((await ask(`drives/${adele?.id}/root/children`)).status).toBe(403);
    expect((await ask("me/drive/root/children")).status).toBe(200);
  });
});

describe("subscriptions", () => {
  const wanted = (change: object) => ({
    changeType: "updated",
    notificationUrl: "https://hooks.test/x",
    resource: "/me/drive/root",
    expirationDateTime: new Date(Date.now() + 3_600_000).toISOString(),
    clientState: "state",
    ...change,
  });
  const answering = async (request: Request) => {
    const token = new URL(request.url).searchParams.get("validationToken");
    return new Response(token ?? "", { headers: { "content-type": "text/plain; charset=utf-8" } });
  };

  it("are for updates of the root of a drive, and for a while", async () => {
    const { ask, tree, top } = await aGraph({ notify: answering });
    const folder = tree.addFolder(top, "x");
    for (const change of [
      { changeType: "created" },
      { resource: `/me/drive/items/${folder.id}` },
      { resource: "/me/messages" },
      { expirationDateTime: new Date(Date.now() + 42_301 * 60_000).toISOString() },
      { clientState: "x".repeat(129) },
      { notificationUrl: "no address" },
    ]) {
      expect((await ask("subscriptions", { json: wanted(change) })).status, JSON.stringify(change)).toBe(400);
    }
    expect((await ask("subscriptions", { json: wanted({ resource: "/drives/x/root" }) })).status).toBe(404);
    expect((await ask("subscriptions", { json: wanted({}) })).status).toBe(201);
  });

  it("tell their client state to nobody, are raised to 45 minutes, and end by themselves", async () => {
    const clock = { at: Date.now(), now: () => new Date(clock.at) };
    const { ask, read } = await aGraph({ notify: answering, clock });
    const soon = new Date(clock.at + 60_000).toISOString();
    const { id, expirationDateTime } = await read("subscriptions", { json: wanted({ expirationDateTime: soon }) });
    expect(Date.parse(expirationDateTime)).toBe(clock.at + 45 * 60_000);
    expect(await read(`subscriptions/${id}`)).toMatchObject({ id, clientState: null });
    expect((await read("subscriptions")).value).toHaveLength(1);
    expect((await ask(`subscriptions/${id}/reauthorize`, { method: "POST" })).status).toBe(204);
    clock.at += 45 * 60_000;
    const patch = { method: "PATCH", body: JSON.stringify({ expirationDateTime: soon }) };
    expect((await ask(`subscriptions/${id}`, patch)).status).toBe(404);
  });

  it("outlive a restart", async () => {
    const before = await aGraph({ notify: answering });
    const { id } = await before.read("subscriptions", { json: wanted({}) });
    const after = await aGraph({ notify: answering });
    after.service.restore(JSON.parse(JSON.stringify(before.service.save())));
    expect(after.service.push.subscriptions).toMatchObject([{ id }]);
    expect(after.service.drive.id).toBe(before.service.drive.id);
  });

  it("send a notice again that was not taken", async () => {
    let down = true;
    let came = 0;
    const { read, service, tree, top } = await aGraph({
      async notify(request) {
        if (new URL(request.url).searchParams.has("validationToken")) return answering(request);
        came += 1;
        return new Response(null, { status: down ? 500 : 202 });
      },
    });
    await read("subscriptions", { json: wanted({}) });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      tree.addFolder(top, "x");
      await service.push.settled();
      expect(came).toBe(1);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(came).toBe(2);
      down = false;
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(came).toBe(3);
    } finally {
      vi.useRealTimers();
    }
  });
});

it("has a tree that is the same after a restart, with documents that open and things that are odd", async () => {
  const [one, other] = [await aGraph({ empty: false }), await aGraph({ empty: false })];
  expect([...one.tree.nodes.keys()]).toEqual([...other.tree.nodes.keys()]);
  expect(one.tree.nodes.size).toBeGreaterThan(600);
  const { value } = await one.read(`${one.drive}/root:/Oddities:/children`);
  expect(value.some((item: object) => "package" in item) && value.some((item: object) => "remoteItem" in item)).toBe(
    true,
  );
});

it("gives tokens that live for 60 to 90 minutes, each its own time", async () => {
  const { service } = await aGraph();
  const lives = new Set<number>();
  for (let n = 0; n < 20; n++) await tokenFor(service, "app");
  for (const { issuedAt, expiresAt } of service.oauth?.state.access ?? []) lives.add((expiresAt - issuedAt) / 1000);
  expect(lives.size).toBeGreaterThan(5);
  expect(Math.min(...lives)).toBeGreaterThanOrEqual(3600);
  expect(Math.max(...lives)).toBeLessThanOrEqual(5400);
});
