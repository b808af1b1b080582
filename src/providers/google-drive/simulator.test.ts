// What the pretend Drive answers, as Google's documentation and those who measured it say that the real one does.
import { describe, expect, it } from "vitest";
import { bytesOf } from "#provider-kit/sim/content.ts";
import type { SimNode } from "#provider-kit/sim/tree.ts";
import { google } from "./simulated-world.ts";
import { openDrive } from "./testing/open-drive.ts";

const across = { supportsAllDrives: "true", includeItemsFromAllDrives: "true" };

// biome-ignore lint/suspicious/noExplicitAny: what is read here is compared and nothing else.
type Json = any;

async function atDrive() {
  const open = await openDrive();
  const get = async (path: string, query: Record<string, string> = {}, headers: Record<string, string> = {}) => {
    const answer = await open.ask(`/drive/v3/${path}?${new URLSearchParams(query)}`, { headers });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type")?.includes("json");
    return { status: answer.status, headers: answer.headers, text, json: (isJson ? JSON.parse(text) : {}) as Json };
  };
  const post = async (path: string, body: unknown) => {
    const answer = await open.ask(`/drive/v3/${path}`, { method: "POST", body: JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, json: (text === "" ? {} : JSON.parse(text)) as Json };
  };
  const list = async (query: Record<string, string>) => (await get("files", query)).json;
  const names = async (query: Record<string, string>) =>
    (await list({ ...query, pageSize: "1000" })).files.map(({ name }: { name: string }) => name);
  const startToken = async (query: Record<string, string> = {}) =>
    (await get("changes/startPageToken", query)).json.startPageToken;
  return { ...open, get, post, list, names, startToken };
}

const reasonOf = ({ status, json }: { status: number; json: Json }) => {
  const [one] = json.error.errors;
  return [status, one.reason, one.location];
};

describe("answers", () => {
  it("about answers nothing without fields, and says so exactly", async () => {
    const { get } = await atDrive();
    const { status, json } = await get("about");
    expect([status, json]).toEqual([
      400,
      {
        error: {
          code: 400,
          message: "The 'fields' parameter is required for this method.",
          errors: [
            {
              message: "The 'fields' parameter is required for this method.",
              domain: "global",
              reason: "required",
              location: "fields",
              locationType: "parameter",
            },
          ],
        },
      },
    ]);
  });

  it("say of a file what is usual only, unless more is asked for", async () => {
    const { get, list, addText, top, world } = await atDrive();
    const file = addText(top, "a.txt");
    const usual = { kind: "drive#file", id: file.id, name: "a.txt", mimeType: "text/plain" };
    expect((await get(`files/${file.id}`)).json).toEqual(usual);
    expect(await list({})).toEqual({ kind: "drive#fileList", incompleteSearch: false, files: [usual] });
    world.set(file, { resourceKey: "0-key" });
    expect((await get(`files/${file.id}`)).json).toEqual({ ...usual, resourceKey: "0-key" });
  });

  it("select fields: in brackets, by paths, all; an unknown one is refused, and none is nothing", async () => {
    const { get, list, addText, top } = await atDrive();
    const { id } = addText(top, "a.txt");
    const one = async (fields: string) => (await get(`files/${id}`, { fields })).json;
    expect(await one("id,owners(emailAddress)")).toEqual({ id, owners: [{ emailAddress: "ana@acme.test" }] });
    expect(await one("capabilities/canDownload,capabilities/canEdit")).toEqual({
      capabilities: { canDownload: true, canEdit: true },
    });
    expect(await one("*")).toMatchObject({ md5Checksum: expect.any(String), ownedByMe: true, spaces: ["drive"] });
    expect(await one("")).toEqual({});
    expect(await list({ fields: "files/id" })).toEqual({ files: [{ id }] });
    expect(await list({ fields: "files(id,lastModifyingUser/me)" })).toEqual({
      files: [{ id, lastModifyingUser: { me: true } }],
    });
    for (const fields of ["xyz", "id,xyz", "owners(xyz)", "name(first)", "id,", "(id)", "owners(me", "files(id)"]) {
      expect(reasonOf(await get(`files/${id}`, { fields }))).toEqual([400, "invalidParameter", "fields"]);
    }
    expect((await get(`files/${id}`, { fields: "xyz" })).json.error.message).toBe("Invalid field selection xyz");
  });

  it("leave out where to go on, where that was not asked for", async () => {
    const { list, addText, top } = await atDrive();
    for (const name of ["a", "b", "c"]) addText(top, name);
    expect(Object.keys(await list({ pageSize: "2", fields: "files(id)" }))).toEqual(["files"]);
    expect(await list({ pageSize: "2", fields: "nextPageToken" })).toEqual({ nextPageToken: expect.any(String) });
  });

  it("write 64-bit numbers as text", async () => {
    const { get, addText, top } = await atDrive();
    const { id } = addText(top, "a.txt", "hello");
    const { json } = await get(`files/${id}`, { fields: "size,version,quotaBytesUsed" });
    expect(json).toEqual({ size: "5", version: "1", quotaBytesUsed: "5" });
  });

  it("have pages no larger than Drive's, and may have shorter and empty ones", async () => {
    const { get, list, addText, top, tree, service } = await atDrive();
    for (let n = 0; n < 1003; n++) addText(top, `${n}.txt`);
    for (let n = 0; n < 105; n++) tree.addDrive(`Team ${n}`);
    expect((await list({})).files.length).toBe(100);
    const large = await list({ pageSize: "50000" });
    expect([large.files.length, typeof large.nextPageToken]).toEqual([1000, "string"]);
    expect((await get("drives", {})).json.drives.length).toBe(10);
    expect((await get("drives", { pageSize: "1000" })).json.drives.length).toBe(100);
    for (const pageSize of ["0", "-1", "many", "1.5"]) {
      expect(reasonOf(await get("files", { pageSize }))).toEqual([400, "invalidParameter", "pageSize"]);
    }
    Object.assign(service.quirks, { pageSize: 100, emptyPages: true });
    const sizes: number[] = [];
    let pageToken: string | undefined;
    do {
      const page = await list({ pageSize: "1000", ...(pageToken && { pageToken }) });
      sizes.push(page.files.length);
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(sizes.reduce((sum, size) => sum + size)).toBe(1003);
    expect(sizes.slice(0, 6)).toEqual([100, 100, 0, 100, 100, 0]);
  });

  it("take a token of a page for the same question only", async () => {
    const { get, list, addText, top, service } = await atDrive();
    for (const name of ["a", "b", "c"]) addText(top, name);
    const { nextPageToken: pageToken } = await list({ pageSize: "2", q: "trashed = false" });
    expect((await list({ pageSize: "2", q: "trashed = false", pageToken })).files.length).toBe(1);
    expect(reasonOf(await get("files", { pageToken }))).toEqual([400, "invalid", "pageToken"]);
    service.losePages();
    const again = await get("files", { pageSize: "2", q: "trashed = false", pageToken });
    expect(reasonOf(again)).toEqual([400, "invalid", "pageToken"]);
  });

  it("have what is in the trash, unless that is left out", async () => {
    const { list, names, tree, top, addText } = await atDrive();
    const folder = tree.addFolder(top, "A");
    addText(folder, "a.txt");
    tree.trash(folder);
    const { files } = await list({ fields: "files(name,trashed,explicitlyTrashed)" });
    expect(files).toEqual([
      { name: "A", trashed: true, explicitlyTrashed: true },
      { name: "a.txt", trashed: true, explicitlyTrashed: false },
    ]);
    expect(await names({ q: "trashed=false" })).toEqual([]);
  });
});

describe("the query language", () => {
  async function withFiles() {
    const open = await atDrive();
    const { tree, top, addText, world, ben, ana } = open;
    const folder = tree.addFolder(top, "Main Engine");
    const [it_s] = [addText(folder, "it's \\ here.txt"), addText(folder, "engine room.pdf"), addText(top, "other.csv")];
    if (it_s) it_s.modifiedAt = Date.UTC(2020, 0, 1);
    world.share(addText(world.home(ben).top, "from ben.txt"), ana);
    return { ...open, folder };
  }

  it.each([
    ["name = 'ENGINE room.pdf'", ["engine room.pdf"]],
    ["name contains 'engine'", ["Main Engine", "engine room.pdf"]],
    ["name contains 'gine'", []],
    ["name = 'it\\'s \\\\ here.txt'", ["it's \\ here.txt"]],
    ["mimeType = 'text/csv' or mimeType = 'application/pdf'", ["engine room.pdf", "other.csv"]],
    ["not mimeType contains 'text/' and mimeType != 'application/pdf'", ["Main Engine"]],
    ["mimeType = 'application/vnd.google-apps.folder' and trashed = false", ["Main Engine"]],
    ["modifiedTime < '2021-01-01T00:00:00'", ["it's \\ here.txt"]],
    ["modifiedTime > '2021-01-01T00:00:00Z' and name contains 'o'", ["other.csv"]],
    ["sharedWithMe = true", ["from ben.txt"]],
    ["sharedWithMe and trashed = false", "refused"],
    ["'me' in owners and mimeType = 'text/plain'", ["it's \\ here.txt"]],
    ["('root' in parents)", ["Main Engine", "other.csv"]],
    ["trashed = true", []],
    ["not (trashed = true) and not (name contains 'engine')", ["it's \\ here.txt", "other.csv", "from ben.txt"]],
    ["", "all"],
    ["name", "refused"],
    ["name ~ 'x'", "refused"],
    ["name = 'x", "refused"],
    ["name = x", "refused"],
    ["nonsense = 'x'", "refused"],
    ["name = 'x' and", "refused"],
    ["(name = 'x'", "refused"],
    ["name = 'x')", "refused"],
    ["'x' in nothing", "refused"],
    ["modifiedTime > 'never'", "refused"],
    ["trashed > true", "refused"],
  ])("%s", async (q, wanted) => {
    const { get } = await withFiles();
    const answer = await get("files", { q });
    if (wanted === "refused") return expect(reasonOf(answer)).toEqual([400, "invalid", "q"]);
    const found = answer.json.files.map(({ name }: { name: string }) => name);
    if (wanted === "all") return expect(found.length).toBe(5);
    expect(found.toSorted()).toEqual([...wanted].toSorted());
  });

  it("finds in several folders at once, and nothing at all in too many", async () => {
    const { names, tree, top, addText } = await atDrive();
    const folders = Array.from({ length: 51 }, (_, n) => tree.addFolder(top, `F${n}`));
    for (const folder of folders) addText(folder, `in ${folder.name}`);
    const within = (some: readonly SimNode[]) => some.map(({ id }) => `'${id}' in parents`).join(" or ");
    expect(await names({ q: `(${within(folders.slice(0, 50))}) and trashed = false` })).toHaveLength(50);
    expect(await names({ q: `(${within(folders)}) and trashed = false` })).toEqual([]);
  });

  it("sorts", async () => {
    const { get, names, tree, top, addText } = await atDrive();
    for (const name of ["a10", "a9", "B"]) addText(top, name);
    tree.addFolder(top, "z");
    expect(await names({ orderBy: "folder,name_natural" })).toEqual(["z", "a9", "a10", "B"]);
    expect(await names({ orderBy: "name desc" })).toEqual(["z", "B", "a9", "a10"]);
    expect(reasonOf(await get("files", { orderBy: "colour" }))).toEqual([400, "invalid", "orderBy"]);
    expect(reasonOf(await get("files", { orderBy: "name up" }))).toEqual([400, "invalid", "orderBy"]);
  });
});

describe("places", () => {
  it("know the alias root, and parents have the real id", async () => {
    const { get, list, top, addText, mine } = await atDrive();
    addText(top, "a.txt");
    expect((await get("files/root")).json).toMatchObject({ id: mine, name: "My Drive" });
    const { files } = await list({ q: "'root' in parents", fields: "files(parents)" });
    expect(files).toEqual([{ parents: [mine] }]);
    expect((await list({ q: `'${mine}' in parents` })).files.length).toBe(1);
  });

  it("hide what lies in shared drives from who does not ask for it", async () => {
    const { get, names, world, projects, addText } = await atDrive();
    const file = addText(world.projects.top, "a.txt");
    expect(reasonOf(await get(`files/${file.id}`))).toEqual([404, "notFound", "fileId"]);
    expect((await get(`files/${file.id}`, { supportsAllDrives: "true" })).status).toBe(200);
    const q = `'${projects}' in parents`;
    expect(await names({ q })).toEqual([]);
    expect(await names({ q, supportsAllDrives: "true" })).toEqual([]);
    expect(await names({ q, ...across })).toEqual(["a.txt"]);
    expect(await names({ corpora: "drive", driveId: projects, ...across })).toEqual(["a.txt"]);
    for (const wrong of [{ corpora: "drive" }, { corpora: "drive", driveId: projects }, { corpora: "nobody" }]) {
      expect((await get("files", wrong)).status).toBe(400);
    }
  });

  it("name a shared drive by its own resource only", async () => {
    const { get, projects, world, addText } = await atDrive();
    expect((await get(`drives/${projects}`)).json).toEqual({ kind: "drive#drive", id: projects, name: "Projects" });
    expect((await get(`files/${projects}`, { supportsAllDrives: "true" })).json.name).toBe("Drive");
    const { id } = addText(world.projects.top, "a.txt");
    const fields = "parents,driveId,teamDriveId,owners,ownedByMe";
    expect((await get(`files/${id}`, { supportsAllDrives: "true", fields })).json).toEqual({
      parents: [projects],
      driveId: projects,
      teamDriveId: projects,
    });
    expect((await get("drives/0ANone")).status).toBe(404);
  });

  it("may not be known; names may be the same and have anything in them; shortcuts lead anywhere", async () => {
    const { list, world, top, addText, mine } = await atDrive();
    world.set(addText(top, "orphan"), { orphan: true });
    for (const name of ["same", "same", "a/b"]) addText(top, name);
    world.addShortcut(top, "link", { id: "1Nothing", mimeType: "application/pdf" });
    const { files } = await list({ fields: "files(name,parents,shortcutDetails,size,md5Checksum)" });
    expect(files[0]).toEqual({ name: "orphan", size: "6", md5Checksum: expect.any(String) });
    expect(files.slice(1, 4).map(({ name }: { name: string }) => name)).toEqual(["same", "same", "a/b"]);
    expect(files[4]).toEqual({
      name: "link",
      parents: [mine],
      shortcutDetails: { targetId: "1Nothing", targetMimeType: "application/pdf" },
    });
  });

  it("behind a link are found with its key only", async () => {
    const { get, world, ana, ben, addText } = await atDrive();
    const file = addText(world.home(ben).top, "linked.txt", "by a link");
    world.share(file, ana, "0-key");
    const key = (value: string) => ({ "x-goog-drive-resource-keys": value });
    const statuses = [{}, key(`${file.id}/0-other`), key("other/0-key"), key(`x/y, ${file.id}/0-key`)];
    const answers = await Promise.all(statuses.map((headers) => get(`files/${file.id}`, { alt: "media" }, headers)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 200]);
  });

  it("may not all have been searched", async () => {
    const { list, service } = await atDrive();
    service.google.incompleteSearch = true;
    expect((await list({ corpora: "allDrives", ...across })).incompleteSearch).toBe(true);
    expect((await list({})).incompleteSearch).toBe(false);
  });
});

describe("bytes", () => {
  it("come whole, in parts, and not at all beyond the end", async () => {
    const { get, addText, top } = await atDrive();
    const [file, empty] = [addText(top, "a.txt", "hello world"), addText(top, "empty.txt", "")];
    const read = (range?: string, { id } = file) =>
      get(`files/${id}`, { alt: "media" }, range === undefined ? {} : { range });
    const whole = await read();
    expect([whole.status, whole.text, whole.headers.get("content-type")]).toEqual([200, "hello world", "text/plain"]);
    for (const [range, text, told] of [
      ["bytes=0-4", "hello", "bytes 0-4/11"],
      ["bytes=6-", "world", "bytes 6-10/11"],
      ["bytes=-3", "rld", "bytes 8-10/11"],
      ["bytes=10-99", "d", "bytes 10-10/11"],
    ]) {
      const part = await read(range);
      expect([part.status, part.text, part.headers.get("content-range")]).toEqual([206, text, told]);
    }
    for (const late of [await read("bytes=11-"), await read("bytes=0-", empty), await read("bytes=5-2")]) {
      expect(reasonOf(late)).toEqual([416, "requestedRangeNotSatisfiable", "Range"]);
    }
    expect((await read(undefined, empty)).text).toBe("");
  });

  it("are none of a document of Google's, of a folder, or of a list", async () => {
    const { get, world, top, tree } = await atDrive();
    for (const node of [world.addDocument(top, "Own", "document"), tree.addFolder(top, "A")]) {
      expect(reasonOf(await get(`files/${node.id}`, { alt: "media" }))).toEqual([403, "fileNotDownloadable", "alt"]);
    }
    expect((await get("files", { alt: "media" })).status).toBe(400);
  });

  it("are made of a document in the formats that about tells, and each time others", async () => {
    const { get, world, top, addText } = await atDrive();
    const { json } = await get("about", { fields: "exportFormats" });
    const formats: string[] = json.exportFormats[google("document")];
    const document = world.addDocument(top, "Own", "document");
    const made = (mimeType: string) => get(`files/${document.id}/export`, { mimeType });
    for (const format of formats) {
      const answer = await made(format);
      expect([answer.status, answer.headers.get("content-type"), answer.headers.get("content-length")]).toEqual([
        200,
        format,
        null,
      ]);
    }
    expect((await made("application/pdf")).text).not.toBe((await made("application/pdf")).text);
    expect(reasonOf(await get(`files/${document.id}/export`))).toEqual([400, "required", "mimeType"]);
    expect((await made("image/png")).json.error.errors[0].reason).toBe("badRequest");
    const file = addText(top, "a.pdf");
    const wrong = await get(`files/${file.id}/export`, { mimeType: "application/pdf" });
    expect(reasonOf(wrong).slice(0, 2)).toEqual([403, "fileNotExportable"]);
  });

  it("of more than 10 MB come by a link, which needs the sign-in like everything else", async () => {
    const { get, ask, service, world, top } = await atDrive();
    const document = world.set(world.addDocument(top, "Long", "document"), { exportSize: 10_500_000 });
    const refused = await get(`files/${document.id}/export`, { mimeType: "application/pdf" });
    expect(reasonOf(refused).slice(0, 2)).toEqual([403, "exportSizeLimitExceeded"]);
    const { exportLinks } = (await get(`files/${document.id}`, { fields: "exportLinks" })).json;
    const link = new URL(exportLinks["application/pdf"]);
    expect(link.pathname).toContain("/feeds/download/documents/export/Export");
    const path = link.pathname.slice("/sim/api".length) + link.search;
    expect((await (await ask(path)).bytes()).length).toBe(10_500_000);
    expect((await service.fetch(new Request(link))).status).toBe(403);
  });

  it("of malware are for its owner, who says so", async () => {
    const { get, world, top, addText, ben, ana } = await atDrive();
    const [own, other] = [top, world.home(ben).top].map((folder) => world.set(addText(folder, "x"), { abusive: true }));
    if (!own || !other) throw new Error("they are not there");
    world.share(other, ana);
    const acknowledged = { alt: "media", acknowledgeAbuse: "true" };
    for (const answer of [
      await get(`files/${own.id}`, { alt: "media" }),
      await get(`files/${other.id}`, { alt: "media" }),
      await get(`files/${other.id}`, acknowledged),
    ]) {
      expect(reasonOf(answer).slice(0, 2)).toEqual([403, "cannotDownloadAbusiveFile"]);
    }
    expect((await get(`files/${own.id}`, acknowledged)).text).toBe("x");
  });

  it("are kept back where the owner does not let them be downloaded", async () => {
    const { get, world, top, addText } = await atDrive();
    const { id } = world.set(addText(top, "x"), { noDownload: true });
    const { json } = await get(`files/${id}`, { fields: "capabilities/canDownload,copyRequiresWriterPermission" });
    expect(json).toEqual({ capabilities: { canDownload: false }, copyRequiresWriterPermission: true });
    const answer = await get(`files/${id}`, { alt: "media" });
    expect(reasonOf(answer).slice(0, 2)).toEqual([403, "cannotDownloadFile"]);
  });

  it("have an MD5, newer ones SHA-1 and SHA-256 too, and documents of Google's none", async () => {
    const { list, world, top, addText } = await atDrive();
    addText(top, "new");
    world.set(addText(top, "old"), { oldHashes: true });
    world.addDocument(top, "own", "document");
    const fields = "md5Checksum,sha1Checksum,sha256Checksum,headRevisionId,webContentLink,size";
    const { files } = await list({ fields: `files(${fields})` });
    expect(files.map((file: object) => Object.keys(file).length)).toEqual([6, 4, 1]);
    expect(files[2]).toEqual({ size: expect.any(String) });
  });
});

describe("changes", () => {
  it("are kept in a log for each account and each shared drive, whose tokens are good for no other", async () => {
    const { get, startToken, projects, world, addText, top } = await atDrive();
    const drive = { driveId: projects, supportsAllDrives: "true" };
    const own = await startToken();
    const other = await startToken(drive);
    expect(own).toMatch(/^\d+$/);
    expect(reasonOf(await get("changes", { pageToken: other }))).toEqual([400, "invalid", "pageToken"]);
    expect(reasonOf(await get("changes", { pageToken: own, ...drive, ...across }))).toEqual([
      400,
      "invalid",
      "pageToken",
    ]);
    addText(top, "mine");
    addText(world.projects.top, "theirs");
    const seen = async (query: Record<string, string>) =>
      (await get("changes", query)).json.changes.map(({ file }: Json) => file.name);
    expect(await seen({ pageToken: own })).toEqual(["mine"]);
    // With all drives, what happens in a shared one is in both logs.
    expect(await seen({ pageToken: own, ...across })).toEqual(["mine", "theirs"]);
    expect(await seen({ pageToken: other, ...drive, ...across })).toEqual(["theirs"]);
    expect((await get("changes/startPageToken", { driveId: "0ANone", supportsAllDrives: "true" })).status).toBe(404);
  });

  it("show what a file is now, once, and again when it changes again", async () => {
    const { get, startToken, tree, top, addText } = await atDrive();
    const pageToken = await startToken();
    const [a, b] = [addText(top, "a"), addText(top, "b")];
    tree.rename(a, "a renamed");
    const page = async (query: Record<string, string>) => (await get("changes", query)).json;
    const first = await page({ pageToken, pageSize: "1" });
    expect(first.changes.map(({ file }: Json) => file.name)).toEqual(["b"]);
    tree.rename(b, "b renamed");
    const rest = await page({ pageToken: first.nextPageToken });
    expect(rest.changes.map(({ file }: Json) => file.name)).toEqual(["a renamed", "b renamed"]);
  });

  it("say of what is deleted, or no longer shared, only that it is gone", async () => {
    const { get, startToken, tree, world, ana, ben, top, addText } = await atDrive();
    const [deleted, shared] = [addText(top, "a"), addText(world.home(ben).top, "b")];
    world.share(shared, ana);
    const pageToken = await startToken();
    tree.delete(deleted);
    world.unshare(shared, ana);
    const { changes } = (await get("changes", { pageToken })).json;
    expect(changes).toEqual(
      [deleted, shared].map(({ id: fileId }) => ({
        kind: "drive#change",
        changeType: "file",
        type: "file",
        time: expect.any(String),
        removed: true,
        fileId,
      })),
    );
    expect((await get("changes", { pageToken, includeRemoved: "false" })).json.changes).toEqual([]);
  });

  it("say of what left a drive that it is gone, and of what, where that is asked for", async () => {
    const { get, startToken, tree, world, projects, top, addText } = await atDrive();
    const file = addText(world.projects.top, "a");
    const drive = { driveId: projects, ...across };
    const pageToken = await startToken(drive);
    tree.move(file, top);
    const { changes } = (await get("changes", { pageToken, ...drive })).json;
    expect(changes).toEqual([expect.not.objectContaining({ file: expect.anything() })]);
    const asked = await get("changes", { pageToken, includeCorpusRemovals: "true", ...drive });
    expect(asked.json.changes).toMatchObject([{ removed: true, file: { name: "a" } }]);
  });

  it("tell where to go on, or where to begin the next time; old places stay good, and others are refused", async () => {
    const { get, startToken, service, top, addText } = await atDrive();
    const pageToken = await startToken();
    for (const name of ["a", "b", "c"]) addText(top, name);
    const first = (await get("changes", { pageToken, pageSize: "2" })).json;
    expect([typeof first.nextPageToken, typeof first.newStartPageToken]).toEqual(["string", "undefined"]);
    const last = (await get("changes", { pageToken: first.nextPageToken, pageSize: "2" })).json;
    expect([typeof last.nextPageToken, typeof last.newStartPageToken]).toEqual(["undefined", "string"]);
    expect((await get("changes", { pageToken, pageSize: "2" })).json.changes).toEqual(first.changes);
    for (const wrong of ["x", "", `${pageToken}0`, "999999999"]) {
      expect(reasonOf(await get("changes", { pageToken: wrong }))).toEqual([400, "invalid", "pageToken"]);
    }
    expect(reasonOf(await get("changes"))).toEqual([400, "required", "pageToken"]);
    service.loseCursors();
    expect(reasonOf(await get("changes", { pageToken }))).toEqual([400, "invalid", "pageToken"]);
  });

  it("tell of a folder in the trash, and not of what lies in it, which reads as trashed all the same", async () => {
    const { get, startToken, tree, top, addText } = await atDrive();
    const folder = tree.addFolder(top, "A");
    const inside = addText(folder, "a.txt");
    const pageToken = await startToken();
    tree.trash(folder);
    const { changes } = (await get("changes", { pageToken })).json;
    expect(changes.map(({ fileId }: Json) => fileId)).toEqual([folder.id]);
    expect((await get(`files/${inside.id}`, { fields: "trashed,explicitlyTrashed" })).json).toEqual({
      trashed: true,
      explicitlyTrashed: false,
    });
  });

  it("tell of shared drives themselves: that they have another name, and that they are gone", async () => {
    const { get, startToken, world, projects } = await atDrive();
    const pageToken = await startToken();
    world.renameDrive(world.projects, "Renamed");
    const { changes } = (await get("changes", { pageToken, ...across })).json;
    expect(changes).toMatchObject([
      { changeType: "drive", removed: false, driveId: projects, drive: { id: projects, name: "Renamed" } },
    ]);
    expect((await get("changes", { pageToken })).json.changes).toEqual([]);
    world.setMembers(world.projects, []);
    const after = (await get("changes", { pageToken, ...across })).json.changes;
    expect(after).toMatchObject([{ changeType: "drive", removed: true, driveId: projects }]);
    expect(after[0]).not.toHaveProperty("drive");
  });
});

describe("sign-in and trouble", () => {
  it("a token that is none is told in Google's words, and a strange alt before anybody asks for one", async () => {
    const { service } = await atDrive();
    const wrong = await service.fetch(
      new Request("http://google.test/sim/api/drive/v3/about?fields=user", { headers: { authorization: "Bearer x" } }),
    );
    expect([wrong.status, await wrong.json()]).toEqual([
      401,
      {
        error: {
          code: 401,
          message: expect.stringMatching(/^Request had invalid authentication credentials\./),
          errors: [
            {
              message: "Invalid Credentials",
              domain: "global",
              reason: "authError",
              location: "Authorization",
              locationType: "header",
            },
          ],
          status: "UNAUTHENTICATED",
        },
      },
    ]);
    const strange = await service.fetch(new Request("http://google.test/sim/api/drive/v3/about?alt=xml"));
    expect([strange.status, (await strange.json()).error.status]).toEqual([400, "INVALID_ARGUMENT"]);
  });

  it.each([
    [403, { error: { code: 403, errors: [{ reason: "userRateLimitExceeded", domain: "usageLimits" }] } }],
    [403, { error: { code: 403, errors: [{ reason: "rateLimitExceeded", domain: "usageLimits" }] } }],
    [429, { error: { code: 429, errors: [{ reason: "rateLimitExceeded", domain: "usageLimits" }] } }],
    [500, { error: { code: 500, errors: [{ reason: "backendError" }] } }],
    [503, "<html><body>Error 503</body></html>"],
  ])("%i comes when it is asked for, without saying when to come back: %j", async (status, body) => {
    const { get, service } = await atDrive();
    service.faults.failNext({ status, body }, { path: "/api/drive/v3/files" });
    const answer = await get("files");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([status, null]);
    expect((await get("files")).status).toBe(200);
  });

  it("a body breaks off in the middle of a file", async () => {
    const { ask, service, top, addText } = await atDrive();
    const { id } = addText(top, "a.txt", "hello world");
    service.faults.failNext({ cutAfter: 5 }, { path: "/api" });
    await expect((await ask(`/drive/v3/files/${id}?alt=media`)).text()).rejects.toThrow("breaks off");
  });
});

describe("channels", () => {
  const address = "https://hooks.example.com/google";
  const channel = { id: "c1", type: "web_hook", address, token: "t" };

  it("are told back with the end that they get, in milliseconds as text", async () => {
    const clock = { now: () => new Date("2026-05-01T08:00:00Z") };
    const { ask, changes, mine } = await openDrive({ empty: true, clock });
    const { next } = await changes(mine);
    const pageToken = next.slice("user:".length);
    const watch = async (body: object, path = `changes/watch?pageToken=${pageToken}`) => {
      const answer = await ask(`/drive/v3/${path}`, { method: "POST", body: JSON.stringify(body) });
      return { status: answer.status, json: (await answer.json()) as Json };
    };
    const at = clock.now().getTime();
    expect((await watch(channel)).json).toEqual({
      kind: "api#channel",
      id: "c1",
      resourceId: expect.any(String),
      resourceUri: expect.stringContaining("/drive/v3/changes?alt=json&pageToken="),
      token: "t",
      expiration: String(at + 3_600_000),
    });
    const far = { ...channel, expiration: String(at + 1e12) };
    expect((await watch({ ...far, id: "c2" })).json.expiration).toBe(String(at + 7 * 86_400_000));
    expect((await watch({ ...far, id: "c3" }, "files/root/watch")).json.expiration).toBe(String(at + 86_400_000));
    expect((await watch(channel)).json.error.errors[0].reason).toBe("channelIdNotUnique");
    const plain = await watch({ ...channel, id: "c4", address: "http://hooks.example.com/" });
    expect(plain.json.error.errors[0].reason).toBe("webhookUrlNotHttps");
    expect((await watch({ ...channel, id: "c5" }, "changes/watch?pageToken=x")).status).toBe(400);
    expect((await watch({ id: "c6" })).status).toBe(400);
  });

  it("of a file say what happened to it", async () => {
    const told: (string | null)[][] = [];
    const notify = async ({ headers }: Request) => {
      told.push([headers.get("x-goog-resource-state"), headers.get("x-goog-changed")]);
      return new Response(null, { status: 200 });
    };
    const { ask, tree, top, addText, service } = await openDrive({ empty: true, notify });
    const file = addText(top, "a.txt");
    await ask(`/drive/v3/files/${file.id}/watch`, { method: "POST", body: JSON.stringify(channel) });
    addText(top, "another.txt");
    tree.edit(file, bytesOf("b"));
    tree.rename(file, "b.txt");
    tree.trash(file);
    tree.restore(file);
    tree.delete(file);
    await service.push.settled();
    expect(told).toEqual([
      ["sync", null],
      ["update", "content"],
      ["update", "properties"],
      ["trash", null],
      ["untrash", null],
      ["remove", null],
    ]);
  });
});

describe("a batch", () => {
  async function batched(parts: readonly string[], boundary = "b1") {
    const { ask } = await atDrive();
    const body = parts.map(
      (part, at) => `--b1\r\nContent-Type: application/http\r\nContent-ID: <item${at}>\r\n\r\n${part}\r\n`,
    );
    const answer = await ask("/batch/drive/v3", {
      method: "POST",
      headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
      body: `${body.join("")}--b1--`,
    });
    const text = await answer.text();
    const statuses = [...text.matchAll(/Content-ID: <response-item(\d+)>\r\n\r\nHTTP\/1\.1 (\d+)/g)];
    return {
      status: answer.status,
      text,
      statuses: Object.fromEntries(statuses.map(([, item, status]) => [item, status])),
    };
  }

  it("answers each request by itself, with failures of its own, in any order", async () => {
    const { status, statuses, text } = await batched([
      "GET /drive/v3/files/root?fields=id,name HTTP/1.1\r\n\r\n",
      "GET /drive/v3/files/1Missing\r\nAccept: application/json\r\n\r\n",
      "GET /drive/v3/files/root?alt=media HTTP/1.1\r\n\r\n",
      "GET /drive/v3/about?fields=user HTTP/1.1\r\nAuthorization: Bearer another\r\n\r\n",
      "nonsense",
    ]);
    expect([status, statuses]).toEqual([200, { 0: "200", 1: "404", 2: "400", 3: "401", 4: "400" }]);
    expect(text).toContain('"name":"My Drive"');
    expect(text.trimEnd()).toMatch(/--$/);
  });

  it("has no more than a hundred, and is one at all", async () => {
    const one = "GET /drive/v3/files/root HTTP/1.1\r\n\r\n";
    expect((await batched(Array(100).fill(one))).status).toBe(200);
    expect((await batched(Array(101).fill(one))).status).toBe(400);
    expect((await batched([one], "another")).status).toBe(400);
  });
});
