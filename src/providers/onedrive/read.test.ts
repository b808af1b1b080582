// Items that are odd, and how their bytes come.
import { describe, expect, it } from "vitest";
import type { RemoteId } from "#core/ids.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { answerOf, failureOf } from "#provider-kit/testing/first-call.ts";
import { meetSimulator } from "#sandbox/testing/meet-simulator.ts";
import { Secret } from "#vault/secret.ts";
import { onedrive } from "./index.ts";
import { onedriveAddresses, onedriveSimulator } from "./simulator.ts";
import { CONTENT, GRAPH, idOf, meetMicrosoft, tokenFor } from "./testing/a-microsoft.ts";

describe("an item without bytes", () => {
  it("is a row with its reason: a notebook, a shortcut, what is taken for malware", async () => {
    const { list, files, call, drive, service, top, tree } = await meetMicrosoft();
    const elsewhere = tree.addFolder([...tree.drives.values()][1]?.top ?? top, "shared");
    service.addOddity(top, "Notebook", { is: "package" });
    service.addOddity(top, "Shortcut", { is: "shortcut", target: elsewhere });
    service.addOddity(top, "invoice.exe", { malware: true });
    const found = await list();
    expect(found.map(({ name, isFolder, unreadable }) => [name, isFolder, unreadable])).toEqual([
      ["Notebook", false, "package"],
      ["Shortcut", false, "shortcut"],
      ["invoice.exe", false, "malware"],
    ]);
    for (const { id } of found) {
      expect(await failureOf(files.read(call, { drive, id }))).toMatchObject({ kind: "rejected" });
    }
  });

  it("is a notebook also where Graph says that it is a folder, too, and whatever is of no sort that we know", async () => {
    const about = { lastModifiedDateTime: "2026-02-01 09:30:15.1234567Z", parentReference: { id: "01TOP" } };
    const value = [
      { ...about, id: "1", name: "Notebook", package: { type: "oneNote" }, folder: { childCount: 2 } },
      { ...about, id: "2", name: "Album", bundle: {}, somethingNew: [1] },
    ];
    const { list } = await meetMicrosoft({
      instead: ({ url }) => (url.includes("/children") ? Response.json({ value }) : undefined),
    });
    const found = await list();
    expect(found.map(({ unreadable, isFolder }) => [unreadable, isFolder])).toEqual([
      ["package", false],
      ["package", false],
    ]);
    expect(found[0]?.modifiedAt).toEqual(new Date("2026-02-01T09:30:15.123Z"));
  });

  it("may be anything but nameless", async () => {
    const { list } = await meetMicrosoft({
      instead: ({ url }) => (url.includes("/children") ? Response.json({ value: [{ id: "1", file: {} }] }) : undefined),
    });
    expect(await failureOf(list())).toMatchObject({ kind: "unexpected-reply" });
  });
});

describe("an item", () => {
  it("keeps names that differ only in case, and those that are hard to write in an address", async () => {
    const { list, files, call, drive, top, tree } = await meetMicrosoft();
    const names = [
      "a.txt",
      "A.txt",
      "100%.txt",
      "#+&;=?.txt",
      "it's.txt",
      "%2F.txt",
      "👩‍👧.txt",
      // As the top of every drive is called in paths.
      "root",
      `${"long ".repeat(79)}.txt`,
    ];
    for (const name of names) tree.addFile(tree.addFolder(top, name), name, bytesOf(name));
    const folders = await list();
    expect(folders.map(({ name }) => name)).toEqual(names);
    for (const folder of folders) {
      const [file] = await list(folder.id);
      expect(file).toMatchObject({ name: folder.name, folder: folder.id });
      expect(await files.get(call, { drive, id: file?.id as RemoteId })).toEqual(file);
    }
  });

  it("SR-90 has a name and people that can be kept, also where a character was cut in half", async () => {
    const lastModifiedBy = { user: { displayName: "Ad\udc00le\0" } };
    const value = [{ id: "1", name: "cut \ud83d", file: { mimeType: "text/\ud83d" }, lastModifiedBy }];
    const { list } = await meetMicrosoft({
      instead: ({ url }) => (url.includes("/children") ? Response.json({ value }) : undefined),
    });
    expect(await list()).toMatchObject([
      { name: "cut \ufffd", mediaType: "text/\ufffd", metadata: { modifiedBy: "Ad\ufffdle\ufffd" } },
    ]);
  });

  it("lies at the top where Graph says by its id alone that it does", async () => {
    const { files, call, drive, tree, top } = await meetMicrosoft({
      instead: (request) => (request.url.includes("/items/1") ? Response.json(item) : undefined),
    });
    const item = { id: "1", name: "a.txt", file: {}, parentReference: { driveId: drive, id: idOf(top) } };
    expect(await files.get(call, { drive, id: "1" as RemoteId })).not.toHaveProperty("folder");
    const folder = idOf(tree.addFolder(top, "deeper"));
    item.parentReference.id = folder;
    expect(await files.get(call, { drive, id: "1" as RemoteId })).toHaveProperty("folder", folder);
  });

  it.each(["2026-02-01T09:30:15", "2026-02-01 09:30:15", "2026-02-01T09:30:15.0000000Z", "2026-02-01T10:30:15+01:00"])(
    "was changed at the moment that %s stands for, wherever we are",
    async (lastModifiedDateTime) => {
      const value = [{ id: "1", name: "a.txt", file: {}, lastModifiedDateTime }];
      const { list } = await meetMicrosoft({
        instead: ({ url }) => (url.includes("/children") ? Response.json({ value }) : undefined),
      });
      expect((await list())[0]?.modifiedAt).toEqual(new Date(Date.UTC(2026, 1, 1, 9, 30, 15)));
    },
  );

  it("has the hash that there is", async () => {
    const hashes = [
      [
        { quickXorHash: "aMVxQ0b1Yk5s7q0g8kqJ0nGQ2mU=", sha1Hash: "AA" },
        { algorithm: "quickxor", value: "aMVxQ0b1Yk5s7q0g8kqJ0nGQ2mU=" },
      ],
      [{ sha1Hash: "ABCDEF" }, { algorithm: "sha1", value: "abcdef" }],
      [
        { sha256Hash: "ABCDEF", crc32Hash: "00" },
        { algorithm: "sha256", value: "abcdef" },
      ],
      [{}, undefined],
      [null, undefined],
    ] as const;
    const value = hashes.map(([given], n) => ({ id: `${n}`, name: `${n}`, file: { hashes: given } }));
    const { list } = await meetMicrosoft({
      instead: ({ url }) => (url.includes("/children") ? Response.json({ value }) : undefined),
    });
    expect((await list()).map(({ hash }) => hash)).toEqual(hashes.map(([, hash]) => hash));
  });

  it("of Office's has none that its bytes could be held to, and a version all the same", async () => {
    const { list, tree, top } = await meetMicrosoft();
    const names = ["a.docx", "b.XLSM", "c.ppt", "d.pdf", "docx", "e.docx.pdf", "f.txt"];
    const made = names.map((name) => tree.addFile(top, name, bytesOf(name)));
    const before = await list();
    expect(before.map(({ hash }) => hash !== undefined)).toEqual([false, false, false, true, true, true, true]);
    for (const node of made) tree.edit(node, bytesOf(`${node.name} again`));
    const after = await list();
    expect(after.filter(({ version }, n) => version === before[n]?.version)).toEqual([]);
  });

  it("tells who changed it, and which state of it this is", async () => {
    const { list, tree, top } = await meetMicrosoft();
    tree.addFile(top, "a.txt", bytesOf("a"));
    expect((await list())[0]?.metadata).toEqual({
      eTag: expect.stringMatching(/^"\{.+\},1"$/),
      modifiedBy: "Adele Vance",
    });
  });
});

describe("the bytes of a file", () => {
  const aFile = async (about: Parameters<typeof meetMicrosoft>[0] = {}) => {
    const met = await meetMicrosoft(about);
    const node = met.tree.addFile(met.top, "a.txt", bytesOf("hello world"));
    met.asked.length = 0;
    return { ...met, node, id: idOf(node) };
  };

  it("SR-18 come from another host, which gets no credential", async () => {
    const { text, id, asked } = await aFile();
    expect(await text(id, 6)).toBe("world");
    expect(asked.map((line) => line.replace(/\?.*?( signed)?$/, "$1"))).toEqual([
      expect.stringMatching(/^GET https:\/\/graph\.microsoft\.com\/api\/v1\.0\/drives\/[^ ]+ signed$/),
      `GET ${CONTENT}/download/_layouts/15/download.aspx`,
    ]);
  });

  it("SR-18 come by way of the API from a host that is not one of Microsoft's known ones", async () => {
    const elsewhere = "https://cdn.example.net";
    const { text, id, asked } = await aFile({ downloadsAt: elsewhere });
    expect(await text(id, 6)).toBe("world");
    expect(asked[1]).toMatch(/\/content signed$/);
    expect(asked[2]).toMatch(/^GET https:\/\/cdn\.example\.net\/download\/.*ApiVersion=2\.0$/);
    expect(await text(id)).toBe("hello world");
  });

  it("come whole where the host knows no parts, and what was asked for is left", async () => {
    const { text, id, service, files, call, drive } = await aFile();
    service.microsoft.ignoresRange = true;
    expect(await text(id, 6)).toBe("world");
    expect((await files.read(call, { drive, id }, { from: 6 })).size).toBe(5);
    expect(await text(id, 11)).toBe("");
  });

  it("come another time where their address is no longer good, and the connection is not to blame", async () => {
    const { text, id, service } = await aFile();
    service.microsoft.downloadLifeS = 0;
    expect(await failureOf(text(id))).toMatchObject({ kind: "unavailable" });
    service.microsoft.downloadLifeS = 300;
    for (const status of [401, 403, 404, 410]) {
      service.faults.failNext({ status, body: "<html>" }, { path: "/api/download" });
      expect(await failureOf(text(id))).toMatchObject({ kind: "unavailable" });
    }
    expect(await text(id)).toBe("hello world");
  });

  it("are no page for people to sign in on, whatever its status says", async () => {
    const page = new Response("<html>Sign in</html>", { headers: { "content-type": "text/html; charset=utf-8" } });
    const { text, id } = await aFile({ instead: ({ url }) => (url.startsWith(CONTENT) ? page : undefined) });
    expect(await failureOf(text(id))).toMatchObject({ kind: "unavailable" });
    const { text: textOf, tree, top } = await meetMicrosoft();
    expect(await textOf(idOf(tree.addFile(top, "page.html", bytesOf("<html>"))))).toBe("<html>");
  });

  it("do not come of what is found to be malware on the way", async () => {
    const { text, id, service } = await aFile();
    const fault = { status: 403, headers: { "x-virus-infected": "Win32/Pretend" }, body: "" };
    service.faults.failNext(fault, { path: "/api/download" });
    expect(await failureOf(text(id))).toMatchObject({ kind: "rejected", message: expect.stringContaining("malware") });
  });

  it("do not come as another part than was asked for", async () => {
    const { text, id } = await aFile({
      instead: ({ url }) =>
        url.startsWith(CONTENT)
          ? new Response("orld", { status: 206, headers: { "content-range": "bytes 6-10/11" } })
          : undefined,
    });
    expect(await failureOf(text(id, 6))).toMatchObject({ kind: "unexpected-reply" });
  });

  it("SR-87 are of the version that was told with them, unless the file has changed in between", async () => {
    const { files, call, drive, id } = await aFile();
    const { version, hash } = await files.get(call, { drive, id });
    expect(hash).toBeDefined();
    expect(await files.read(call, { drive, id })).toMatchObject({ version, hash, size: 11, mediaType: "text/plain" });
    const racing = await meetMicrosoft({
      instead: ({ url }) => {
        if (url.startsWith(CONTENT)) racing.tree.edit(other, bytesOf("other"));
        return undefined;
      },
    });
    const other = racing.tree.addFile(racing.top, "a.txt", bytesOf("hello world"));
    const content = await racing.files.read(racing.call, { drive: racing.drive, id: idOf(other) });
    expect(content).not.toHaveProperty("version");
    expect(content).not.toHaveProperty("hash");
  });

  it("SR-87 are not said to be of a version that their host does not tell", async () => {
    const { files, call, drive, id } = await aFile({
      instead: ({ url }) => (url.startsWith(CONTENT) ? new Response("hello world") : undefined),
    });
    expect(await files.read(call, { drive, id })).not.toHaveProperty("version");
  });

  it("come through outbound, from where the sandbox is", async () => {
    const met = await meetSimulator(onedriveSimulator, (at) =>
      onedrive({ ...at, ...onedriveAddresses((at.api ?? "").replace(/\/api$/, "")) }),
    );
    const secret = new Secret(await tokenFor(met.service, "adele@contoso.test"));
    const call = { ...met.callWith({ secret, config: {} }), account: { id: "adele", label: "Adele" } };
    const node = met.service.tree.addFile(met.service.drive.top, "a.txt", bytesOf("hello world"));
    const ref = { drive: met.service.drive.id as RemoteId, id: idOf(node) };
    const content = await met.provider.files?.read(call, ref, { from: 6 });
    expect(await new Response(content?.bytes).text()).toBe("world");
    expect(content?.version).toMatch(/^quickxor:/);
  });

  it("SR-75 are not told of by their address, whatever goes wrong", async () => {
    const { text, id, service } = await aFile();
    for (const fault of [{ status: 500, body: "no" }, { status: 401 }, { cutAfter: 3 }]) {
      service.faults.failNext(fault, { path: "/api/download" });
      const error = await text(id).catch((caught: unknown) => caught);
      expect(JSON.stringify([String(error), error])).not.toContain("tempauth");
    }
  });
});

describe("Graph", () => {
  it.each([
    [502, "<html><h1>Bad gateway</h1></html>"],
    [504, ""],
    [503, { error: "a text" }],
    [500, { error: { code: "", message: "" } }],
  ])("may fail with %i and %j", async (status, body) => {
    const { list } = await meetMicrosoft({
      instead: ({ url }) => (url.startsWith(`${GRAPH}/api`) ? answerOf(status, body) : undefined),
    });
    expect(await failureOf(list())).toMatchObject({ kind: "unavailable" });
  });

  it.each([
    [429, "seconds"],
    [503, "date"],
  ] as const)(
    "says with %i and in %s when it may be asked again, and later still to who does not wait",
    async (status, as) => {
      const { list, service, tree, top } = await meetMicrosoft();
      tree.addFile(top, "a", bytesOf("a"));
      service.microsoft.budget = { units: 4, windowS: 60, retryAfterS: 30, as, status };
      await list();
      await list();
      const first = await failureOf(list());
      expect(first).toMatchObject({ kind: status === 429 ? "rate-limited" : "unavailable", retryAt: expect.any(Date) });
      for (let n = 0; n < 10; n++) await failureOf(list());
      expect((await failureOf(list())).retryAt?.getTime()).toBeGreaterThan((first.retryAt?.getTime() ?? 0) + 5_000);
    },
  );

  it("wants a person where the token is no longer enough", async () => {
    const { list, service } = await meetMicrosoft();
    service.microsoft.wantsClaims = true;
    expect(await failureOf(list())).toMatchObject({
      kind: "reauthorize",
      message: expect.stringContaining("has changed"),
    });
  });

  it.each([
    [403, { error: { code: "accessDenied", innerError: { code: "activityLimitReached" } } }, "rate-limited"],
    [500, { error: { code: "generalException", innererror: { code: "cannotSnapshotTree" } } }, "unavailable"],
    [400, { error: { code: "invalidRequest", innerError: { innererror: { code: "ResyncRequired" } } } }, "cursor-lost"],
    [409, { error: { code: "syncStateNotFound" } }, "cursor-lost"],
    [410, "", "cursor-lost"],
  ])("says the most in the innermost code: %i %j", async (status, body, kind) => {
    const { list } = await meetMicrosoft({
      instead: ({ url }) => (url.startsWith(`${GRAPH}/api`) ? answerOf(status, body) : undefined),
    });
    expect(await failureOf(list())).toMatchObject({ kind });
  });
});
