// What `hawser check` and `hawser sandbox` say, and with which exit code: of what works, and of what is broken on purpose.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { newKeyFileText } from "#vault/keyring.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";
import { type TestDatabase, testDatabase } from "../support/database.ts";
import { freePort } from "../support/hawser-process.ts";

// Each call is a process of its own, which takes seconds on a machine that is busy.
vi.setConfig({ testTimeout: 180_000 });

let test: TestDatabase;
let superuser: pg.Client;
let here: CommandLine;
let port: number;
const workspace = newId<WorkspaceId>();
const page = `http://localhost:8080/w/harbour`;

beforeAll(async () => {
  test = await testDatabase();
  superuser = await test.superuser();
  port = await freePort();
  here = commandLine({ DATABASE_URL: test.ownerUrl, HAWSER_SANDBOX_PORT: String(port) });
  writeFileSync(here.keyFile, newKeyFileText(new Date("2026-01-01")), { mode: 0o600 });
  for (const folder of ["Hull/Plans", "Engine"]) mkdirSync(join(here.documents, folder), { recursive: true });
  await test.database.asWorkspace({ workspace }, async (tx) => {
    await tx.sql`insert into workspaces (id, name, slug, created_by) values (${workspace}, 'Harbour', 'harbour', ${newId<UserId>()})`;
    const connect = (name: string, provider: string, config: object, sandbox = false) => tx.sql<{ id: string }>`
      insert into connections (workspace_id, provider, name, config, status, sandbox, auth_type)
      values (${workspace}, ${provider}, ${name}, ${JSON.stringify(config)}, ${sandbox ? "inactive" : "active"}, ${sandbox},
              ${sandbox ? "oauth2_authorization_code" : "none"})
      returning id`;
    const [yard] = await connect("Yard", "local-folder", { root: "documents" });
    const [lost] = await connect("Lost", "local-folder", { root: "documents", path: "Nowhere" });
    await connect("Cloud", "google-drive", {}, true);
    const sync = (
      name: string,
      more: { folders?: object[]; root?: string; filters?: object; of?: string | undefined } = {},
    ) =>
      tx.sql`
        insert into syncs (workspace_id, connection_id, name, drive_id, drive_name, folders, filters, destination)
        values (${workspace}, ${more.of ?? yard?.id}, ${name}, 'documents', 'documents',
                ${JSON.stringify(more.folders ?? [])}, ${JSON.stringify(more.filters ?? {})},
                ${JSON.stringify({ kind: "local-folder", root: more.root ?? "files", folder: name.toLowerCase(), layout: "mirror" })})`;
    await sync("Hulls");
    await sync("Engines", { folders: [{ id: "sails", locator: "tSails", path: "/Sails" }] });
    await sync("Elsewhere", { root: "gone" });
    await sync("Adrift", { of: lost?.id });
    await sync("Odd", { filters: { include: 7 } });
  });
});
afterAll(async () => {
  here.end();
  await test.close();
});

// What they say does not depend on the server's version.
const once = inject("cluster").major === 15 ? describe.skip : describe;

once("A10 check connection", () => {
  it("tests all, in words and for machines, says what is wrong with what to do, and ends with 1", async () => {
    const [{ code, out }, machines] = await Promise.all([
      here.hawser("check", "connection"),
      here.hawser("check", "connection", "--provider", "local-folder", "--json"),
    ]);
    expect([code, machines.code]).toEqual([1, 1]);
    expect(out).toMatch(
      new RegExp(
        `^✗ Cloud: .+\n {2}.*sandbox start.*\n✗ Lost: .+\n {2}.*${page}/connections/.*\n✓ Yard \\(\\d+ ms\\)\n$`,
      ),
    );
    const { ok, checked } = JSON.parse(machines.out);
    expect(ok).toBe(false);
    expect(checked).toMatchObject([
      { connection: "Lost", ok: false, failure: { kind: "unavailable", message: expect.any(String) } },
      { connection: "Yard", ok: true, failure: null, steps: [{ step: "connection", ok: true, advice: null }] },
    ]);
  });

  it("tests one by its name, in whatever case, and says so where there is none", async () => {
    const [one, none] = await Promise.all([
      here.hawser("check", "connection", "yard"),
      here.hawser("check", "connection", "Yacht", "--provider", "onedrive"),
    ]);
    expect(one).toEqual({ code: 0, out: expect.stringMatching(/^✓ Yard \(\d+ ms\)\n$/), err: "" });
    expect(none).toEqual({ code: 1, out: "", err: 'There is no connection "Yacht" of the provider "onedrive".\n' });
  });
});

once("A10 check sync", () => {
  it("goes the way of a sync once, step by step, and copies nothing", async () => {
    writeFileSync(join(here.documents, "Hull", "a.txt"), "of steel");
    const { code, out } = await here.hawser("check", "sync", "Hulls");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^✓ Hulls\n {2}✓ connection Yard \(\d+ ms\)\n {2}✓ drive documents \(\d+ ms\)\n {2}✓ destination files\/hulls \(\d+ ms\)\n$/,
    );
    expect((await superuser.query("select from hawser.files")).rowCount).toBe(0);
  });

  it("names each step that is wrong, of every sync of a provider, and what to do about it", async () => {
    const { code, out } = await here.hawser("check", "sync", "--provider", "local-folder", "--json");
    const checked: { sync: string; steps: { ok: boolean }[] }[] = JSON.parse(out).checked;
    expect(code).toBe(1);
    const wrong = new Map(checked.map(({ sync, steps }) => [sync, steps.filter(({ ok }) => !ok)]));
    expect(Object.fromEntries(wrong)).toEqual({
      Hulls: [],
      Engines: [
        expect.objectContaining({
          step: "folder",
          name: "/Sails",
          failure: { kind: "not-found", message: expect.any(String) },
          advice: expect.stringContaining(`${page}/syncs/`),
        }),
      ],
      Elsewhere: [
        expect.objectContaining({
          step: "destination",
          failure: { kind: "invalid_request", message: expect.any(String) },
          advice: expect.stringContaining("HAWSER_DESTINATION_ROOTS"),
        }),
      ],
      Adrift: [expect.objectContaining({ step: "connection", name: "Lost" })],
      // SR-62: a row that came by SQL.
      Odd: [
        expect.objectContaining({ step: "settings", failure: expect.objectContaining({ kind: "invalid_request" }) }),
      ],
    });
    expect(checked.find(({ sync }) => sync === "Adrift")?.steps).toMatchObject([
      { step: "connection", ok: false },
      { step: "destination", ok: true },
    ]);
  });
});

once("sandbox start", () => {
  it("serves the simulators without a database, tells their addresses and clients, and ends at Ctrl-C", async () => {
    const alone = commandLine({
      DATABASE_URL: "postgresql://nobody:none@127.0.0.1:1/none",
      HAWSER_SANDBOX_PORT: String(port),
    });
    try {
      const running = alone.begin("sandbox", "start");
      const out = await running.says("onedrive");
      expect(out).toContain(`The sandbox is at http://127.0.0.1:${port}`);
      expect(out).toMatch(new RegExp(`^google-drive +http://127\\.0\\.0\\.1:${port}/google-drive +\\S+ +\\S+$`, "m"));
      expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);

      const second = await alone.hawser("sandbox", "start");
      expect([second.code, second.out]).toEqual([1, ""]);
      expect(second.err).toContain("serves the sandbox already");

      // Other commands find it, and reach the simulators by it.
      const { out: checked } = await here.hawser("check", "connection", "Cloud", "--json");
      expect(JSON.parse(checked).checked[0].steps[0].advice).toContain(`sign in there again: ${page}/connections/`);

      expect((await running.interrupt()).code).toBe(0);
    } finally {
      alone.end();
    }
  });

  it("SR-103 is refused in production", async () => {
    const production = commandLine({
      HAWSER_ENV: "production",
      HAWSER_PUBLIC_URL: "https://hawser.example.com",
      HAWSER_SANDBOX_PORT: String(port),
    });
    try {
      const { code, err } = await production.hawser("sandbox", "start");
      expect([code, err]).toEqual([1, "The sandbox is not for production (HAWSER_ENV).\n"]);
    } finally {
      production.end();
      rmSync(production.folder, { recursive: true, force: true });
    }
  });
});
