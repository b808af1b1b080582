import { describe, expect, it } from "vitest";
import { hmacOf } from "#provider-kit/hmac.ts";
import type { Delivery } from "#provider-kit/provider.ts";
import { bytesOf } from "#provider-kit/sim/content.ts";
import { failureOf } from "#provider-kit/testing/first-call.ts";
import { openAutodesk } from "./testing/open-autodesk.ts";

const url = "https://hawser.test/hooks/push/abc";
const secret = "s".repeat(40);
const dayMs = 86_400_000;

/** A project with two top folders, and whoever its notices are sent to. */
async function aProject(options: Parameters<typeof openAutodesk>[0] = {}) {
  const taken: Delivery[] = [];
  let status = 204;
  const at = await openAutodesk({
    config: { webhooks: true },
    async notify(request) {
      const body = new Uint8Array(await request.arrayBuffer());
      taken.push({ headers: request.headers, query: new URL(request.url).searchParams, body });
      return new Response(null, { status });
    },
    ...options,
  });
  const { tree, drive } = at.service;
  const [files, plans] = [tree.addFolder(drive.top, "Project Files"), tree.addFolder(drive.top, "Plans")];
  const expiresAt = new Date(at.clock.at + 7 * dayMs);
  const subscribe = () => at.webhooks.subscribe(at.call, { drive: at.drive, url, secret, expiresAt });
  const answerWith = (wanted: number) => {
    status = wanted;
  };
  return { ...at, tree, top: { files, plans }, taken, subscribe, expiresAt, answerWith };
}

describe("a subscription", () => {
  it("is a hook for each top folder, in the region of the account, with a secret of its own", async () => {
    const at = await aProject();
    const subscription = await at.subscribe();
    expect(at.service.hooks.hooks).toMatchObject([
      { folder: at.top.files.id, region: "US", token: secret, hookExpiry: at.expiresAt.toISOString() },
      { folder: at.top.plans.id, region: "US", token: secret, status: "active" },
    ]);
    expect(subscription).toMatchObject({ id: at.service.hooks.hooks[0]?.hookId, expiresAt: at.expiresAt });
    const gone = at.tree.addFolder(at.service.drive.top, "Deleted");
    at.tree.trash(gone);
    expect(at.service.hooks.hooks.some(({ folder }) => folder === gone.id)).toBe(false);
  });

  it("is made in Europe where the account is", async () => {
    const at = await aProject({ planted: true, config: { webhooks: true } });
    const drive = [...at.tree.projects.values()].find(({ hub }) => hub.region === "EMEA")?.drive.id;
    await at.webhooks.subscribe(at.call, { drive: drive as typeof at.drive, url, secret, expiresAt: at.expiresAt });
    expect(at.service.hooks.hooks).toMatchObject([{ region: "EMEA" }]);
  });

  it("takes over hooks that are there already", async () => {
    const at = await aProject();
    const first = await at.subscribe();
    for (const hook of at.service.hooks.hooks) Object.assign(hook, { status: "inactive", token: "old" });
    expect(await at.subscribe()).toEqual(first);
    expect(at.service.hooks.hooks).toMatchObject([
      { token: secret, status: "active" },
      { token: secret, status: "active" },
    ]);
  });

  it("leaves nothing behind where it is half made", async () => {
    const at = await aProject();
    at.service.faults.failNext({ status: 500 }, { method: "PATCH" });
    expect((await failureOf(at.subscribe())).kind).toBe("unavailable");
    expect(at.service.hooks.hooks).toEqual([]);
  });

  it("is not asked for without the right to it, and the reason says what to do", async () => {
    const at = await aProject({ config: {} });
    at.asked.length = 0;
    expect(await failureOf(at.subscribe())).toMatchObject({
      kind: "forbidden",
      message: expect.stringContaining("Hear of changes at once"),
    });
    expect(at.asked).toEqual([]);
  });

  it("is renewed, made active again, and unknown once it has ended", async () => {
    const at = await aProject();
    const first = await at.subscribe();
    for (const hook of at.service.hooks.hooks) hook.status = "inactive";
    const later = new Date(at.expiresAt.getTime() + 7 * dayMs);
    const renewed = await at.webhooks.renew?.(at.call, first, later);
    expect(renewed).toEqual({ ...first, expiresAt: later });
    expect(at.service.hooks.hooks.map(({ status, hookExpiry }) => [status, hookExpiry])).toEqual([
      ["active", later.toISOString()],
      ["active", later.toISOString()],
    ]);
    await at.webhooks.unsubscribe(at.call, first);
    expect(at.service.hooks.hooks).toEqual([]);
    await at.webhooks.unsubscribe(at.call, first);
    expect((await failureOf(Promise.resolve(at.webhooks.renew?.(at.call, first, later)))).kind).toBe("not-found");
    for (const locator of [undefined, "{}", '{"region":"US","hooks":[]}']) {
      const odd = { id: "x", ...(locator !== undefined && { locator }) };
      expect((await failureOf(at.webhooks.unsubscribe(at.call, odd))).kind).toBe("not-found");
    }
  });
});

describe("a notice", () => {
  it("SR-68 is signed over its raw bytes; another secret, another body and no signature are refused", async () => {
    const at = await aProject();
    await at.subscribe();
    at.tree.addFile(at.top.files, "a.txt", bytesOf("x"));
    await at.service.hooks.delivered();
    const [notice, ...more] = at.taken;
    if (!notice) throw new Error("no notice came");
    expect(more).toEqual([]);
    const { receive } = at.webhooks;
    const id = notice.headers.get("x-adsk-delivery-id");
    expect(receive(notice, secret)).toEqual({ kind: "genuine", id });
    expect(receive(notice, "another").kind).toBe("refused");
    const spaced = new TextEncoder().encode(`${new TextDecoder().decode(notice.body)} `);
    expect(receive({ ...notice, body: spaced }, secret).kind).toBe("refused");
    for (const signature of ["", "sha1hash=", `sha1hash=${"0".repeat(40)}`, hmacOf("sha1", secret, notice.body)]) {
      const headers = new Headers({ "x-adsk-signature": signature });
      expect(receive({ ...notice, headers }, secret).kind).toBe("refused");
    }
    const upper = new Headers({ "x-adsk-signature": `sha1hash=${hmacOf("sha1", secret, notice.body).toUpperCase()}` });
    expect(receive({ ...notice, headers: upper }, secret)).toEqual({ kind: "genuine" });
  });

  it("tells of everything below a top folder, with bare ids of project and account", async () => {
    const at = await aProject();
    await at.subscribe();
    const folder = at.tree.addFolder(at.top.files, "Deep");
    const file = at.tree.addFile(folder, "a.txt", bytesOf("x"));
    at.tree.edit(file, bytesOf("y"));
    at.tree.move(file, at.top.plans);
    at.tree.trash(file);
    at.tree.addFolder(at.service.drive.top, "Nobody listens here");
    await at.service.hooks.delivered();
    const notices = at.taken.map(({ body }) => JSON.parse(new TextDecoder().decode(body)));
    expect(notices.map(({ hook }) => hook.event)).toEqual([
      "dm.folder.added",
      "dm.version.added",
      "dm.version.added",
      "dm.version.moved.out",
      "dm.version.moved",
      "dm.version.deleted",
    ]);
    const [hub = "", project = ""] = at.drive.split("~");
    expect(notices[1].payload).toMatchObject({ project: project.slice(2), tenant: hub.slice(2), lineageUrn: file.id });
    expect(notices[1].payload.ancestors.map(({ name }: { name: string }) => name)).toEqual([
      `${project.slice(2)}-root-folder`,
      "Project Files",
      "Deep",
    ]);
  });

  it("comes again with the same id, and no more once nobody took several", async () => {
    const at = await aProject();
    at.service.autodesk.webhooks.duplicates = true;
    await at.subscribe();
    at.tree.addFile(at.top.files, "a.txt", bytesOf("x"));
    await at.service.hooks.delivered();
    const ids = at.taken.map(({ headers }) => headers.get("x-adsk-delivery-id"));
    expect([ids.length, new Set(ids).size]).toEqual([2, 1]);
    at.answerWith(500);
    at.service.autodesk.webhooks.deactivateAfter = 2;
    for (let n = 0; n < 2; n++) {
      at.tree.addFile(at.top.files, `${n}.txt`, bytesOf("x"));
      await at.service.hooks.delivered();
    }
    expect(at.service.hooks.hooks[0]?.status).toBe("inactive");
    at.taken.length = 0;
    at.tree.addFile(at.top.files, "late.txt", bytesOf("x"));
    await at.service.hooks.delivered();
    expect(at.taken).toEqual([]);
  });

  it("ends with its hook", async () => {
    const at = await aProject();
    await at.subscribe();
    at.clock.at = at.expiresAt.getTime();
    at.tree.addFile(at.top.files, "a.txt", bytesOf("x"));
    await at.service.hooks.delivered();
    expect(at.taken).toEqual([]);
    expect(at.service.hooks.hooks).toEqual([]);
  });
});
