// Who runs the installation, and is a member of nothing.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "#api/contract/index.ts";
import { fillWorkspace } from "../isolation/row-checks.ts";
import { type Asker, anApp, aPerson, aWorkspace, type TestServer } from "../support/server.ts";

let server: TestServer;
let admin: Asker;
let owner: Asker;
let workspace: string;
beforeAll(async () => {
  server = await anApp();
  admin = await aPerson(server, "instance admin");
  owner = await aPerson(server, "owner");
  workspace = await aWorkspace(owner, "Harbour");
});
afterAll(() => server.end());

const ofTheInstance = routes.filter(({ access }) => access.who === "instance-admin");

describe("SR-64 an instance admin", () => {
  it("sees that a workspace is there and how large, and nothing of what is in it", async () => {
    const value = `canary-${crypto.randomUUID()}`;
    const made = await owner.ask("POST", `/workspaces/${workspace}/secrets`, {
      body: { name: "YARD_KEY", value, origins: ["https://yard.example.com"] },
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const other = await fillWorkspace(await server.db.superuser());

    const { status, body } = await admin.ask("GET", "/admin/workspaces");
    expect(status).toBe(200);
    expect(body.items.map(({ id }: { id: string }) => id).toSorted()).toEqual([workspace, other].toSorted());
    for (const item of body.items) {
      expect(Object.keys(item).toSorted()).toEqual(["created_at", "files", "id", "members", "name", "syncs"]);
    }
    expect(body.items.find(({ id }: { id: string }) => id === other)).toMatchObject({ members: 1, syncs: 1 });

    const seen = await Promise.all(ofTheInstance.map(({ path }) => admin.ask("GET", path)));
    expect(seen.map((answer) => answer.status)).toEqual(ofTheInstance.map(() => 200));
    const text = JSON.stringify(seen.map((answer) => answer.body));
    for (const inside of [value, "YARD_KEY", "yard.example.com"]) expect(text).not.toContain(inside);
  });

  it("is let into none of them", async () => {
    const inside = routes.filter(({ access, method }) => access.who === "workspace" && method === "GET");
    expect(inside.length).toBeGreaterThan(20);
    for (const route of inside) {
      const path = route.path.replace("{workspace}", workspace).replaceAll(/\{\w+\}/g, crypto.randomUUID());
      expect([route.name, (await admin.ask("GET", path)).status]).toEqual([route.name, 404]);
    }
  });

  it("only looks: there is no act of theirs that would have to be audited, or need a fresh sign-in", () => {
    expect(ofTheInstance.length).toBeGreaterThan(0);
    expect(ofTheInstance.map(({ method }) => method)).toEqual(ofTheInstance.map(() => "GET"));
  });
});
