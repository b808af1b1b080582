// Google's own client for Drive, which nobody here wrote, at the pretend Drive over HTTP.

import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { auth, type drive_v3, drive as driveClient } from "@googleapis/drive";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, hashesOf } from "#provider-kit/sim/content.ts";
import { type Served, serveOnLoopback } from "../../sandbox/serve.ts";
import { type GoogleDriveSimulator, googleClient, googleDriveSimulator } from "./simulator.ts";

let served: Served;
let service: GoogleDriveSimulator;
let drive: drive_v3.Drive;
let client: InstanceType<typeof auth.OAuth2>;

const redirectUri = "http://localhost:8080/oauth/callback/test";
const scope = "https://www.googleapis.com/auth/drive.readonly";

beforeAll(async () => {
  const services: GoogleDriveSimulator[] = [];
  served = await serveOnLoopback(0, async (request) => {
    // The client calls the API at the top of a host, as the real one is.
    const url = new URL(request.url);
    if (url.pathname.startsWith("/drive/")) url.pathname = `/google-drive/api${url.pathname}`;
    const answer = await services[0]?.fetch(new Request(url, request));
    return answer ?? new Response(null, { status: 503 });
  });
  const origin = `http://127.0.0.1:${served.port}/google-drive`;
  service = googleDriveSimulator({ origin, seed: 1 });
  services.push(service);
  client = new auth.OAuth2({
    clientId: googleClient.id,
    clientSecret: googleClient.secret,
    redirectUri,
    endpoints: {
      oauth2AuthBaseUrl: `${origin}/authorize`,
      oauth2TokenUrl: `${origin}/token`,
      oauth2RevokeUrl: `${origin}/revoke`,
    },
  });
  const page = client.generateAuthUrl({ access_type: "offline", prompt: "consent", scope });
  const answer = await fetch(`${page}&decision=allow`, { redirect: "manual" });
  const code = new URL(answer.headers.get("location") ?? "about:blank").searchParams.get("code");
  const { tokens } = await client.getToken(code ?? "none");
  client.setCredentials(tokens);
  drive = driveClient({ version: "v3", auth: client, rootUrl: `${new URL(origin).origin}/` });
});
afterAll(() => served.close());

const across = { supportsAllDrives: true, includeItemsFromAllDrives: true };

async function everything(params: drive_v3.Params$Resource$Files$List): Promise<drive_v3.Schema$File[]> {
  const found: drive_v3.Schema$File[] = [];
  let pageToken: string | undefined;
  do {
    const { data } = await drive.files.list({ ...params, ...(pageToken && { pageToken }) });
    found.push(...(data.files ?? []));
    pageToken = data.nextPageToken ?? undefined;
  } while (pageToken);
  return found;
}

describe("Google's own client", () => {
  it("learns whose account it is", async () => {
    const { data } = await drive.about.get({ fields: "user,storageQuota,exportFormats" });
    expect(data.user?.emailAddress).toBe("ana@acme.test");
    expect(data.storageQuota?.limit).toBe("16106127360");
    await expect(drive.about.get()).rejects.toMatchObject({
      status: 400,
      response: { data: { error: { errors: [{ reason: "required", location: "fields" }] } } },
    });
  });

  it("lists a drive page by page, and every file is there once", async () => {
    const fields = "nextPageToken,files(id,name,parents,md5Checksum,size)";
    const files = await everything({ q: "trashed = false", pageSize: 50, fields });
    const wanted = [...service.tree.nodes.values()].filter(
      (node) => node.drive === service.drive && node.parent && !service.tree.isTrashed(node),
    );
    const own = files.filter(({ id }) => service.tree.get(id ?? "")?.drive === service.drive);
    expect(own.map(({ id }) => id).toSorted()).toEqual(wanted.map(({ id }) => id).toSorted());
    const root = (await drive.files.get({ fileId: "root", fields: "id,name" })).data;
    expect(root).toEqual({ id: service.drive.id, name: "My Drive" });
    const top = await everything({ q: "'root' in parents and trashed = false", orderBy: "folder,name_natural" });
    expect(top.map(({ name }) => name)).toEqual([
      "01_General",
      "02_Engineering",
      "03_Systems",
      "05_Drawings",
      "08_Maintenance",
      "Oddities",
      "Read me first.txt",
    ]);
  });

  it("finds the shared drives and walks one", async () => {
    const { data } = await drive.drives.list({ pageSize: 100 });
    expect(data.drives?.map(({ name }) => name)).toEqual(["Projects"]);
    const driveId = data.drives?.[0]?.id ?? "";
    const q = `'${driveId}' in parents and trashed = false`;
    const found = await everything({ q, corpora: "drive", driveId, ...across });
    expect(found.map(({ name }) => name)).toContain("02_Engineering");
    expect((await drive.files.get({ fileId: driveId, supportsAllDrives: true })).data.name).toBe("Drive");
    await expect(drive.files.get({ fileId: driveId })).rejects.toMatchObject({ status: 404 });
  });

  it("downloads a file, whole and from the middle, and its bytes are what the checksum says", async () => {
    const content = { kind: "noise", seed: 5, size: 300_000 } as const;
    const { id: fileId } = service.tree.addFile(service.drive.top, "noise.bin", content);
    const { data: about } = await drive.files.get({ fileId, fields: "size,md5Checksum,sha256Checksum" });
    expect(about).toEqual({
      size: "300000",
      md5Checksum: hashesOf(content).md5,
      sha256Checksum: hashesOf(content).sha256,
    });
    const { data } = await drive.files.get({ fileId, alt: "media" }, { responseType: "arraybuffer" });
    const whole = Buffer.from(data as unknown as ArrayBuffer);
    expect(createHash("md5").update(whole).digest("hex")).toBe(about.md5Checksum);
    const rest = await drive.files.get(
      { fileId, alt: "media" },
      { responseType: "stream", headers: { range: "bytes=299000-" } },
    );
    expect(rest.status).toBe(206);
    const chunks = await Array.fromAsync(rest.data as unknown as Readable);
    expect(Buffer.concat(chunks as Buffer[]).equals(whole.subarray(299_000))).toBe(true);
  });

  it("exports a document", async () => {
    const [found] = await everything({ q: "name = 'minutes of the MEETING'", fields: "*" });
    const fileId = found?.id ?? "";
    const { data } = await drive.files.export({ fileId, mimeType: "application/pdf" }, { responseType: "arraybuffer" });
    expect(
      Buffer.from(data as unknown as ArrayBuffer)
        .subarray(0, 5)
        .toString(),
    ).toBe("%PDF-");
    await expect(drive.files.get({ fileId, alt: "media" })).rejects.toMatchObject({ status: 403 });
  });

  it("follows changes of its own drive and of a shared one", async () => {
    const { tree, drive: own, world } = service;
    for (const [driveId, top] of [
      [undefined, own.top],
      [world.projects.id, world.projects.top],
    ] as const) {
      const scope = driveId === undefined ? {} : { driveId, ...across };
      const { data: start } = await drive.changes.getStartPageToken(
        driveId === undefined ? {} : { driveId, supportsAllDrives: true },
      );
      let pageToken = start.startPageToken ?? "";
      const [kept, trashed, gone] = ["kept", "trashed", "gone"].map((name) => tree.addFile(top, name, bytesOf(name)));
      if (!kept || !trashed || !gone) throw new Error("they are not there");
      tree.rename(kept, "renamed");
      tree.trash(trashed);
      tree.delete(gone);
      const seen = new Map<string, string>();
      for (;;) {
        const fields = "nextPageToken,newStartPageToken,changes(removed,fileId,file(name,trashed))";
        const { data } = await drive.changes.list({ pageToken, pageSize: 2, fields, ...scope });
        for (const { fileId, removed, file } of data.changes ?? []) {
          seen.set(fileId ?? "", removed ? "removed" : `${file?.name}${file?.trashed ? " in the trash" : ""}`);
        }
        expect(Boolean(data.nextPageToken)).not.toBe(Boolean(data.newStartPageToken));
        if (!data.nextPageToken) break;
        pageToken = data.nextPageToken;
      }
      expect(Object.fromEntries(seen)).toEqual({
        [kept.id]: "renamed",
        [trashed.id]: "trashed in the trash",
        [gone.id]: "removed",
      });
    }
  });

  it("watches, and stops watching", async () => {
    const { data: start } = await drive.changes.getStartPageToken({});
    const { data: channel } = await drive.changes.watch({
      pageToken: start.startPageToken ?? "",
      requestBody: {
        id: "channel-1",
        type: "web_hook",
        address: "https://hooks.example.com/google",
        token: "t",
        expiration: String(Date.now() + 3_600_000),
      },
    });
    expect(channel).toMatchObject({ kind: "api#channel", id: "channel-1", resourceId: expect.any(String) });
    const requestBody = { id: "channel-1", resourceId: channel.resourceId ?? "" };
    expect((await drive.channels.stop({ requestBody })).status).toBe(204);
    await expect(drive.channels.stop({ requestBody })).rejects.toMatchObject({ status: 404 });
  });

  it("refreshes its token by itself when that has expired", async () => {
    const before = client.credentials.access_token;
    client.setCredentials({ ...client.credentials, expiry_date: Date.now() - 1 });
    await drive.about.get({ fields: "user" });
    expect(client.credentials.access_token).not.toBe(before);
    expect(client.credentials.refresh_token).toEqual(expect.any(String));
  });
});
