// Whose drives an account sees, and what a closed one costs.
import { describe, expect, it } from "vitest";
import type { Cursor } from "#core/ids.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import { failureOf } from "#provider-kit/testing/first-call.ts";
import { onedrive } from "./index.ts";
import { GRAPH, type MetMicrosoft, meetMicrosoft } from "./testing/a-microsoft.ts";

const named = async ({ files, call }: Pick<MetMicrosoft, "files" | "call">) => {
  const all = await Array.fromAsync(everyItem((cursor) => files.drives(call, cursor)));
  return all.map(({ name, group }) => (group === undefined ? name : `${group}: ${name}`));
};

describe("the drives of a person", () => {
  it("are their own, then the libraries of sites", async () => {
    const met = await meetMicrosoft();
    expect(await named(met)).toEqual([
      "OneDrive",
      "Engineering: Documents",
      "Engineering: Drawings",
      "Fleet: Documents",
    ]);
    expect(met.asked).toHaveLength(3);
  });

  it("are those of sites alone where they have none", async () => {
    const met = await meetMicrosoft({ who: "new@contoso.test" });
    expect((await named(met))[0]).toBe("Engineering: Documents");
  });

  it("leave out a site that is locked", async () => {
    const met = await meetMicrosoft();
    met.service.microsoft.lockedSites = ["engineering"];
    expect(await named(met)).toEqual(["OneDrive", "Fleet: Documents"]);
    const [library] = met.service.tree.drives.values().drop(2);
    const locked = met.files.list(met.call, { drive: library?.id as MetMicrosoft["drive"] });
    expect(await failureOf(locked)).toMatchObject({ kind: "unavailable", message: expect.stringContaining("locked") });
  });

  it("are their own alone without the permission for sites, or with a personal account", async () => {
    for (const status of [400, 403]) {
      const met = await meetMicrosoft({
        instead: ({ url }) => (url.includes("/sites?") ? new Response("{}", { status }) : undefined),
      });
      expect(await named(met)).toEqual(["OneDrive"]);
    }
  });

  it("are not cut short where Graph is busy", async () => {
    const met = await meetMicrosoft({
      instead: ({ url }) => (url.includes("/sites?") ? new Response("{}", { status: 503 }) : undefined),
    });
    expect(await failureOf(named(met))).toMatchObject({ kind: "unavailable" });
  });

  const site = (n: number) => ({
    id: `host,${n},${n}`,
    displayName: `Site ${n}`,
    webUrl: `https://contoso.sharepoint.com/sites/${n}`,
  });
  const batched = async (request: Request, answer: (url: string) => object) => {
    const { requests }: { requests: { id: string; url: string }[] } = await request.json();
    return Response.json({ responses: requests.map(({ id, url }) => ({ id, ...answer(url) })).reverse() });
  };

  it("are asked for twenty sites at once, also where a page has more of them", async () => {
    const met = await meetMicrosoft({
      instead: ({ url }) =>
        url.includes("/sites?") && !url.includes("skiptoken")
          ? Response.json({
              value: Array.from({ length: 45 }, (_, n) => site(n)),
              "@odata.nextLink": `${GRAPH}/v1.0/sites?$skiptoken=2`,
            })
          : url.includes("/sites?")
            ? Response.json({
                value: [site(45), { id: "me", webUrl: "https://contoso-my.sharepoint.com/personal/adele" }],
              })
            : undefined,
    });
    const sizes: number[] = [];
    const http = {
      ...met.call.http,
      json: (async (wanted, reply) => {
        if (wanted.method !== "POST" || !wanted.body || !("json" in wanted.body))
          return met.call.http.json(wanted, reply);
        const request = new Request(GRAPH, { method: "POST", body: JSON.stringify(wanted.body.json) });
        const answer = await batched(request, (url) => ({
          status: 200,
          body: { value: [{ id: url, name: "Documents" }] },
        }));
        const body = await answer.json();
        sizes.push(body.responses.length);
        return reply.parse(body);
      }) as typeof met.call.http.json,
    };
    const names = await named({ files: met.files, call: { ...met.call, http } });
    expect(names).toEqual(["OneDrive", ...Array.from({ length: 46 }, (_, n) => `Site ${n}: Documents`)]);
    expect(sizes).toEqual([20, 20, 5, 1]);
  });

  it("of a site that has very many come to their end as well", async () => {
    let page = 0;
    const met = await meetMicrosoft({
      instead: ({ url }) => {
        if (url.includes("/sites?")) return Response.json({ value: [site(1)] });
        if (!url.endsWith("/$batch")) return undefined;
        page += 1;
        const more = page < 3 && { "@odata.nextLink": `${GRAPH}/v1.0/sites/host,1,1/drives?$skiptoken=${page}` };
        const body = { value: [{ id: `b!${page}`, name: `Library ${page}` }], ...more };
        return Response.json({ responses: [{ id: "0", status: 200, headers: null, body }] });
      },
    });
    expect(await named(met)).toEqual(["OneDrive", "Site 1: Library 1", "Site 1: Library 2", "Site 1: Library 3"]);
  });

  it.each([
    [{ status: 429, headers: { "Retry-After": "10" }, body: { error: { code: "TooManyRequests" } } }, "rate-limited"],
    [{ status: 503 }, "unavailable"],
    [{ status: 401, body: { error: { code: "InvalidAuthenticationToken" } } }, "reauthorize"],
    [{ status: 200, body: { surprise: true } }, "unexpected-reply"],
  ])("are not cut short by one of several answers: %j", async (answer, kind) => {
    const met = await meetMicrosoft({
      instead: ({ url }) =>
        url.endsWith("/$batch")
          ? Response.json({
              responses: [
                { id: "1", status: 404 },
                { id: "0", ...answer },
              ],
            })
          : undefined,
    });
    const failed = await failureOf(named(met));
    expect(failed).toMatchObject({ kind });
    if (kind === "rate-limited") expect(failed.retryAt).toBeInstanceOf(Date);
  });

  it("are never taken to be fewer because an answer of several is missing", async () => {
    const met = await meetMicrosoft({
      instead: ({ url }) => (url.endsWith("/$batch") ? Response.json({ responses: [] }) : undefined),
    });
    expect(await failureOf(named(met))).toMatchObject({ kind: "unexpected-reply" });
  });

  it.each([
    '{"own":"me/messages"}',
    '{"sites":"users?x","skip":0,"more":[]}',
    '{"skip":0,"more":[{"link":"me/messages","group":"x"}]}',
    '{"skip":-1,"more":[]}',
    "x",
  ])("are asked for nowhere else: %s", async (cursor) => {
    const met = await meetMicrosoft();
    expect(await failureOf(met.files.drives(met.call, cursor as Cursor))).toMatchObject({ kind: "cursor-lost" });
    expect(met.asked).toEqual([]);
  });
});

describe("the drives of an app", () => {
  const site = "contoso.sharepoint.test:/sites/engineering";

  it("are those of the user or of the site that was entered", async () => {
    expect(await named(await meetMicrosoft({ who: "app", config: { user: "alex@contoso.test" } }))).toEqual([
      "OneDrive",
    ]);
    expect(await named(await meetMicrosoft({ who: "app", config: { site } }))).toEqual([
      "engineering: Documents",
      "engineering: Drawings",
    ]);
  });

  it("have files, and a feed", async () => {
    const met = await meetMicrosoft({ who: "app", config: { user: "adele@contoso.test" } });
    const folder = met.tree.addFolder(met.top, "folder");
    const { next } = await met.changes();
    met.tree.rename(folder, "renamed");
    expect((await met.changes(next)).changes).toHaveLength(1);
    expect(await met.listAll()).toMatchObject([{ name: "renamed" }]);
  });

  it("are missing where the user has none, and closed where the app was not let in", async () => {
    const unprovisioned = await meetMicrosoft({ who: "app", config: { user: "new@contoso.test" } });
    expect(await failureOf(named(unprovisioned))).toMatchObject({ kind: "not-found" });
    const met = await meetMicrosoft({ who: "app", config: { site } });
    met.service.microsoft.selectedSites = ["fleet"];
    expect(await failureOf(named(met))).toMatchObject({ kind: "forbidden" });
    met.service.microsoft.selectedSites = ["engineering"];
    expect(await named(met)).toHaveLength(2);
  });
});

describe("national clouds", () => {
  it.each([
    ["https://graph.microsoft.us", "https://*.sharepoint.us"],
    ["https://microsoftgraph.chinacloudapi.cn", "https://*.sharepoint.cn"],
  ])("have the bytes where they are themselves: %s", (api, content) => {
    expect(onedrive({ api }).addresses?.({}, {})).toEqual([`${api}/`, content]);
  });

  it("and a proxy has them by itself", () => {
    expect(onedrive({ api: "https://proxy.example.com/graph" }).addresses?.({}, {})).toEqual([
      "https://proxy.example.com/graph/",
    ]);
  });
});
