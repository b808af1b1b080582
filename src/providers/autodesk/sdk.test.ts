// The pretend Autodesk over HTTP, through Autodesk's own SDK, which nobody here wrote.
import { ApsConfiguration, SdkManagerBuilder } from "@aps_sdk/autodesk-sdkmanager";
import { DataManagementClient } from "@aps_sdk/data-management";
import { expect, it, onTestFinished } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { serveOnLoopback } from "#sandbox/serve.ts";
import { type AutodeskSimulator, autodeskClient, autodeskSimulator } from "./simulator.ts";

async function meet(): Promise<{
  service: AutodeskSimulator;
  client: DataManagementClient;
  root: string;
  token: string;
}> {
  const services: AutodeskSimulator[] = [];
  const served = await serveOnLoopback(0, async (request) => {
    const [service] = services;
    return service ? service.fetch(request) : new Response(null, { status: 503 });
  });
  onTestFinished(() => served.close());
  const root = `http://127.0.0.1:${served.port}/sim`;
  const service = autodeskSimulator({ origin: root, seed: 1 });
  services.push(service);
  const answer = await fetch(`${root}/token`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${autodeskClient.id}:${autodeskClient.secret}`)}` },
    body: new URLSearchParams({ grant_type: "client_credentials", scope: "data:read data:search" }),
  });
  const { access_token: token }: { access_token: string } = await answer.json();
  const configuration = new ApsConfiguration({});
  // It puts address and path together as texts.
  Object.assign(configuration, { baseAddress: `${root}/api` });
  const sdkManager = SdkManagerBuilder.create().addApsConfiguration(configuration).build();
  sdkManager.toggleLogging(false);
  const client = new DataManagementClient({
    sdkManager,
    authenticationProvider: { getAccessToken: async () => token },
  });
  return { service, client, root, token };
}

it("lists hubs, projects, top folders, folders, items and versions", async () => {
  const { client, service } = await meet();
  const hubs = (await client.getHubs()).data ?? [];
  expect(hubs.map(({ attributes }) => [attributes?.name, attributes?.region])).toEqual([
    ["Harbour Construction", "US"],
    ["Hafenbau Nord", "EMEA"],
  ]);
  const hub = hubs[0]?.id ?? "";
  expect((await client.getHub(hub)).data?.id).toBe(hub);
  const projects = (await client.getHubProjects(hub)).data ?? [];
  expect(projects.map(({ attributes }) => attributes?.name)).toEqual(["Tower North", "Quay Wall"]);
  const project = projects[0]?.id ?? "";
  expect((await client.getProject(hub, project)).data?.relationships?.rootFolder?.data?.id).toBe(service.drive.top.id);
  expect((await client.getProjectHub(hub, project)).data?.id).toBe(hub);

  const all = (await client.getProjectTopFolders(hub, project)).data ?? [];
  expect(all.map(({ attributes }) => [attributes?.name, attributes?.hidden])).toEqual([
    ["Project Files", false],
    ["Plans", false],
    ["Photos of 2019", true],
  ]);
  const top = (await client.getProjectTopFolders(hub, project, { excludeDeleted: true })).data ?? [];
  expect(top.length).toBe(2);

  const seen: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    for (let page = 0; ; page++) {
      const {
        data = [],
        included = [],
        links,
      } = await client.getFolderContents(project, folder, {
        pageNumber: page,
        pageLimit: 5,
      });
      for (const entry of data) {
        if (entry.type === "folders") await walk(entry.id ?? "");
        else seen.push(entry.id ?? "");
      }
      const tips = data.flatMap((entry) => ("tip" in (entry.relationships ?? {}) ? [entry.id] : []));
      expect(included.length).toBe(tips.length);
      if (!links?.next) return;
    }
  };
  for (const folder of top) await walk(folder.id ?? "");
  const wanted = [...service.tree.nodes.values()].filter(
    (node) => !node.isFolder && node.drive === service.drive && !service.tree.isTrashed(node),
  );
  expect(seen.toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());

  const node = wanted.find(({ name }) => name === "Three versions.txt");
  if (!node) throw new Error("there is no file with versions");
  const item = await client.getItem(project, node.id, { includePathInProject: true });
  expect(item.data?.relationships?.parent?.data?.id).toBe(node.parent?.id);
  const versions = (await client.getItemVersions(project, node.id)).data ?? [];
  expect(versions.map(({ attributes }) => [attributes?.versionNumber, attributes?.name])).toEqual([
    [3, "Three versions.txt"],
    [2, "Draft.txt"],
    [1, "Draft.txt"],
  ]);
  const tip = await client.getItemTip(project, node.id);
  expect(tip.data?.id).toBe(versions[0]?.id);
  const second = versions[1]?.id ?? "";
  expect((await client.getVersion(project, second)).data?.attributes?.versionNumber).toBe(2);
  expect((await client.getVersionItem(project, second)).data?.id).toBe(node.id);
  const parent = await client.getItemParentFolder(project, node.id);
  expect(parent.data?.attributes?.displayName).toBe("Oddities");
  const above = await client.getFolderParent(project, parent.data?.id ?? "");
  expect(above.data?.attributes?.displayName).toBe("Project Files");
  expect((await client.getFolder(project, parent.data?.id ?? "")).data?.id).toBe(parent.data?.id);
});

it("searches, and gives the bytes of what was found by an address of its storage", async () => {
  const { client, root, token, service } = await meet();
  const [project = ""] = [...service.tree.projects.keys()];
  const [files] = service.drive.top.children ?? [];
  service.tree.addFile(files ?? service.drive.top, "Plan.dwg", bytesOf("a plan"));
  const found = await client.getFolderSearch(project, files?.id ?? "", {
    filterFieldName: "fileType",
    filterValue: ["dwg"],
  });
  const versions = found.data ?? [];
  expect(versions.map(({ attributes }) => attributes?.name)).toEqual(["Still processed.dwg", "Plan.dwg"]);
  expect(found.included?.map(({ type }) => type)).toEqual(["items", "items"]);
  const storage = versions[1]?.relationships?.storage?.data?.id ?? "";
  const [, bucket, key] = /os\.object:([^/]+)\/(.+)$/.exec(storage) ?? [];
  const headers = { authorization: `Bearer ${token}` };
  const signed = await fetch(`${root}/api/oss/v2/buckets/${bucket}/objects/${key}/signeds3download`, { headers });
  const { url }: { url: string } = await signed.json();
  expect(await (await fetch(url)).text()).toBe("a plan");
});

it("refuses as Autodesk does", async () => {
  const { client, service } = await meet();
  const [project] = service.tree.projects.values();
  await expect(client.getItem(project?.id ?? "", "urn:adsk.wipprod:dm.lineage:none")).rejects.toMatchObject({
    axiosError: { response: { status: 404 } },
  });
  if (project) project.active = false;
  const hub = project?.hub.id ?? "";
  await expect(client.getProjectTopFolders(hub, project?.id ?? "")).rejects.toMatchObject({
    axiosError: { response: { status: 403, data: { errors: [{ status: "403", code: "BIM360DM_ERROR" }] } } },
  });
});
