// What a pretend Autodesk answers beside what Hawser asks of it: as strict as the real one, and odd in the same ways.
import { describe, expect, it } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { versionUrn } from "./simulated-ids.ts";
import { type AutodeskSimulator, autodeskClient, autodeskSimulator } from "./simulator.ts";

const origin = "https://autodesk.test";
const account = "b.622cb5d1-581b-4a46-a6d9-4ebc68ea4051";

async function open(scope = "data:read data:write account:read") {
  const clock = { at: Date.UTC(2026, 1, 1, 12), now: () => new Date(clock.at) };
  const service = autodeskSimulator({ origin, clock, seed: 1, empty: true });
  const { access_token: token }: { access_token: string } = await (
    await service.fetch(
      new Request(`${origin}/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${autodeskClient.id}:${autodeskClient.secret}`)}` },
        body: new URLSearchParams({ grant_type: "client_credentials", scope }),
      }),
    )
  ).json();
  const { drive, tree } = service;
  const files = tree.addFolder(drive.top, "Project Files");
  const project = tree.projectOf(files);
  const ask = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
    const headers = { authorization: `Bearer ${token}`, ...init.headers };
    const answer = await service.fetch(new Request(`${origin}/api${path}`, { ...init, headers }));
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: readBody(text) };
  };
  const below = (path: string) => `/data/v1/projects/${project.id}/${path}`;
  const folderPath = (id: string, rest = "") => below(`folders/${encodeURIComponent(id)}${rest}`);
  const add = (name: string, words = "x") => tree.addFile(files, name, bytesOf(words));
  const objectPath = (node: Parameters<AutodeskSimulator["tree"]["tipOf"]>[0]) =>
    `/oss/v2/buckets/${project.hub.bucket}/objects/${tree.objectKeyOf(node, tree.tipOf(node))}`;
  return { service, tree, clock, project, files, ask, below, folderPath, add, objectPath };
}

// biome-ignore lint/suspicious/noExplicitAny: replies of many shapes, looked at by tests only
function readBody(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

describe("Data Management", () => {
  it("tells hubs with warnings, and projects from page 0 on, with their sorts and their root", async () => {
    const { ask, service } = await open();
    const hubs = await ask("/project/v1/hubs");
    expect(hubs.body.meta.warnings[0]).toMatchObject({ HttpStatusCode: "403", ErrorCode: "BIM360DM_ERROR" });
    const page = await ask(`/project/v1/hubs/${account}/projects?page[number]=0&page[limit]=1`);
    expect(page.body.data[0].relationships.rootFolder.data.id).toBe(service.drive.top.id);
    expect(page.body.links.next.href).toContain("page%5Bnumber%5D=1");
    const next = await ask(`/project/v1/hubs/${account}/projects?page[number]=1&page[limit]=1`);
    expect(next.body.data[0].attributes.extension.data.projectType).toBe("BIM360");
    expect(next.body.links.next).toBeUndefined();
    for (const query of ["page[limit]=0", "page[limit]=201", "page[number]=-1"]) {
      expect((await ask(`/project/v1/hubs/${account}/projects?${query}`)).status).toBe(400);
    }
  });

  it("tells admins of projects bare ids, by offset", async () => {
    const { ask, project } = await open();
    const list = await ask(`/construction/admin/v1/accounts/${account.slice(2)}/projects?limit=1&offset=0`);
    expect(list.body).toMatchObject({
      pagination: { limit: 1, offset: 0, totalResults: 2 },
      results: [{ id: project.id.slice(2), platform: "acc" }],
    });
  });

  it("wants version ids encoded: with a bare question mark another thing is asked for", async () => {
    const { ask, below, add } = await open();
    const id = versionUrn(add("a.txt").id, 1);
    expect((await ask(below(`versions/${encodeURIComponent(id)}`))).body.data.id).toBe(id);
    expect(await ask(below(`versions/${id}`))).toMatchObject({ status: 404, body: { errors: [{ status: "404" }] } });
  });

  it("links to pages absolutely and not, by turns", async () => {
    const { ask, folderPath, files, add } = await open();
    for (let n = 0; n < 5; n++) add(`${n}.txt`);
    const pages = [0, 1].map((n) => ask(folderPath(files.id, `/contents?page[number]=${n}&page[limit]=2`)));
    const [first, second] = await Promise.all(pages);
    expect(first?.body.links.next.href).toMatch(/^https:\/\/autodesk\.test\/api\/data\/v1\//);
    expect(second?.body.links.next.href).toMatch(/^\/data\/v1\//);
  });

  it("filters contents by type, by id and by roll-up, and shows what was deleted to those who ask", async () => {
    const { ask, folderPath, files, add, tree, clock } = await open();
    const [a, b] = [add("a.txt"), add("b.txt")];
    const inner = tree.addFolder(files, "Inner");
    tree.trash(b);
    const ids = async (query: string) =>
      (await ask(folderPath(files.id, `/contents?${query}`))).body.data.map(({ id }: { id: string }) => id);
    expect(await ids("")).toEqual([a.id, inner.id]);
    expect(await ids("includeHidden=true")).toEqual([a.id, b.id, inner.id]);
    expect(await ids("filter[type]=folders")).toEqual([inner.id]);
    expect(await ids(`filter[id]=${a.id},${b.id}`)).toEqual([a.id]);
    const later = new Date(clock.at + 60_000).toISOString();
    expect(await ids(`filter[lastModifiedTimeRollup]-ge=${later}`)).toEqual([a.id]);
    expect((await ask(folderPath(b.id, "/contents"))).status).toBe(404);
    const deleted = await ask(`/data/v1/projects/${tree.projectOf(b).id}/items/${encodeURIComponent(b.id)}`);
    expect(deleted.body.data.attributes.hidden).toBe(true);
  });

  it("answers 304 for a folder in which nothing has happened since", async () => {
    const { ask, folderPath, files, add, clock } = await open();
    const since = { "if-modified-since": new Date(clock.at + 1_000).toISOString() };
    expect(await ask(folderPath(files.id), { headers: since })).toMatchObject({ status: 304 });
    clock.at += 5_000;
    add("a.txt");
    expect(await ask(folderPath(files.id), { headers: since })).toMatchObject({ status: 200 });
  });

  it("searches late, in versions, with times of another form, up to page 50, and perhaps not for apps", async () => {
    const { ask, folderPath, files, add, clock, service } = await open();
    service.autodesk.search.delayMs = 30_000;
    const node = add("a.pdf");
    const search = (query: string) => ask(folderPath(files.id, `/search?${query}`));
    expect((await search("filter[fileType]=pdf")).body.data).toEqual([]);
    clock.at += 30_000;
    const found = await search("filter[fileType]=pdf,dwg");
    expect(found.body.data[0]).toMatchObject({ type: "versions", id: versionUrn(node.id, 1) });
    expect(found.body.data[0].attributes.lastModifiedTime).toMatch(/T\d\d:\d\d:\d\d\+00:00$/);
    expect(found.body.included[0]).toMatchObject({ type: "items", id: node.id });
    expect((await search("page[number]=50")).status).toBe(400);
    service.autodesk.search.needsUser = true;
    expect(await search("filter[fileType]=pdf")).toMatchObject({
      status: 403,
      body: { errors: [{ code: "USER_NOT_AUTHENTICATED" }] },
    });
  });

  it("lists up to fifty items at once, for those who say what they send", async () => {
    const { ask, below, add } = await open();
    const nodes = Array.from({ length: 51 }, (_, n) => add(`${n}.txt`));
    const command = (count: number, contentType: string) =>
      ask(below("commands"), {
        method: "POST",
        headers: { "content-type": contentType },
        body: JSON.stringify({
          data: {
            type: "commands",
            attributes: { extension: { type: "commands:autodesk.core:ListItems", version: "1.0.0" } },
            relationships: { resources: { data: nodes.slice(0, count).map(({ id }) => ({ type: "items", id })) } },
          },
        }),
      });
    expect((await command(50, "application/vnd.api+json")).body.included.length).toBe(100);
    expect((await command(51, "application/vnd.api+json")).status).toBe(400);
    expect((await command(1, "application/json")).status).toBe(415);
  });

  it("counts the requests of each endpoint, of all who use the app", async () => {
    const { ask, service, clock } = await open();
    service.autodesk.limits = true;
    for (let n = 0; n < 50; n++) expect((await ask("/project/v1/hubs")).status).toBe(200);
    const refused = await ask("/project/v1/hubs");
    expect(refused).toMatchObject({ status: 429, body: { developerMessage: "Quota limit exceeded." } });
    expect(refused.headers.get("retry-after")).toBe("25");
    expect((await ask(`/project/v1/hubs/${account}/projects`)).status).toBe(200);
    clock.at += 60_000;
    expect((await ask("/project/v1/hubs")).status).toBe(200);
  });

  it("knows no tokens that have ended, and no scopes that were not given", async () => {
    const { ask, clock } = await open("account:read");
    expect(await ask("/project/v1/hubs")).toMatchObject({ status: 403, body: { errorCode: "AUTH-010" } });
    clock.at += 3_600_000;
    expect(await ask("/project/v1/hubs")).toMatchObject({ status: 401, body: { errorCode: "AUTH-006" } });
  });
});

describe("object storage", () => {
  it("gives addresses that are good for as long as was asked for, from 1 to 60 minutes", async () => {
    const { ask, add, objectPath, service, clock } = await open();
    const path = `${objectPath(add("a.txt", "hello"))}/signeds3download`;
    for (const minutes of [0, 61, 1.5]) expect((await ask(`${path}?minutesExpiration=${minutes}`)).status).toBe(400);
    const { body, status } = await ask(path);
    expect([status, body.status, body.size, body.sha1]).toEqual([200, "complete", 5, undefined]);
    clock.at += 119_999;
    expect(await (await service.fetch(new Request(body.url))).text()).toBe("hello");
    clock.at += 1;
    const late = await service.fetch(new Request(body.url));
    expect([late.status, await late.text()]).toEqual([403, expect.stringContaining("Request has expired")]);
    const etag = { "if-none-match": `"${path.split("/").at(-2)}"` };
    expect((await ask(path, { headers: etag })).status).toBe(304);
    expect(await ask(path.replace(/objects\/./, "objects/0"))).toMatchObject({ status: 404, body: { reason: /./ } });
  });

  it("takes no credential beside an address, and none that was changed; gives parts", async () => {
    const { ask, add, objectPath, service } = await open();
    const { body } = await ask(`${objectPath(add("a.txt", "hello world"))}/signeds3download`);
    const get = (url: string, headers: Record<string, string> = {}) => service.fetch(new Request(url, { headers }));
    expect((await get(body.url, { authorization: "Bearer x" })).status).toBe(400);
    expect((await get(body.url.replace("Expires=1", "Expires=2"))).status).toBe(403);
    const part = await get(body.url, { range: "bytes=6-" });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
      206,
      "bytes 6-10/11",
      "world",
    ]);
    expect((await get(body.url, { range: "bytes=11-" })).status).toBe(416);
  });

  it("keeps the bytes of every version, and gives a new name no new object", async () => {
    const { ask, add, tree, objectPath, service } = await open();
    const node = add("a.txt", "one");
    const first = objectPath(node);
    tree.rename(node, "b.md");
    expect(objectPath(node)).toBe(first);
    tree.edit(node, bytesOf("two"));
    expect(objectPath(node)).not.toBe(first);
    const text = async (path: string) => {
      const { body } = await ask(`${path}/signeds3download`);
      return (await service.fetch(new Request(body.url))).text();
    };
    expect([await text(first), await text(objectPath(node))]).toEqual(["one", "two"]);
  });
});

describe("webhooks", () => {
  const hooks = "/webhooks/v1/systems/data/events/dm.version.added/hooks";
  const wanted = (folder: string) => ({
    method: "POST",
    body: JSON.stringify({ callbackUrl: "https://hooks.test/x", scope: { folder } }),
  });

  it("are told of by where they are, in no body; twice is a conflict; none is nothing to list", async () => {
    const { ask, files } = await open();
    expect((await ask(hooks)).status).toBe(204);
    const made = await ask(hooks, wanted(files.id));
    expect([made.status, made.body]).toEqual([201, ""]);
    const path = made.headers.get("location") ?? "";
    expect((await ask(path)).body).toMatchObject({ status: "active", scope: { folder: files.id } });
    expect((await ask(hooks, wanted(files.id))).status).toBe(409);
    expect((await ask(hooks)).body.data.length).toBe(1);
    expect((await ask("/webhooks/v1/app/hooks")).body.data.length).toBe(1);
    expect((await ask(path, { method: "DELETE" })).status).toBe(204);
    expect((await ask(path)).status).toBe(404);
  });

  it("are of one region, need the right to write, and are listed by pages", async () => {
    const { ask, files, tree } = await open();
    expect((await ask(hooks, { ...wanted(files.id), headers: { "x-ads-region": "EMEA" } })).status).toBe(404);
    for (let n = 0; n < 201; n++) await ask(hooks, wanted(tree.addFolder(files, `${n}`).id));
    const page = await ask(hooks);
    expect(page.body.data.length).toBe(200);
    const rest = await ask(`${hooks}${page.body.links.next.replace("/hooks", "")}`);
    expect(rest.body.data.length).toBe(1);
    const reader = await open("data:read");
    expect((await reader.ask(hooks, wanted(reader.files.id))).status).toBe(403);
  });

  it("have one secret for all that somebody made, until it is replaced", async () => {
    const { ask } = await open();
    const token = { method: "POST", body: JSON.stringify({ token: "secret" }) };
    expect((await ask("/webhooks/v1/tokens", token)).status).toBe(200);
    expect((await ask("/webhooks/v1/tokens", token)).status).toBe(400);
    expect((await ask("/webhooks/v1/tokens/@me", { ...token, method: "PUT" })).status).toBe(204);
    expect((await ask("/webhooks/v1/tokens/@me", { method: "DELETE" })).status).toBe(204);
    expect((await ask("/webhooks/v1/tokens", token)).status).toBe(200);
  });

  it("are there again after a restart", async () => {
    const { ask, files, service } = await open();
    await ask(hooks, wanted(files.id));
    const again = await open();
    again.service.restore(JSON.parse(JSON.stringify(service.save())));
    expect(again.service.hooks.hooks).toEqual(service.hooks.hooks);
    expect(again.files.id).toBe(files.id);
  });
});
