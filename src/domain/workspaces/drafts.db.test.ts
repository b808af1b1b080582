import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { listAudit } from "../audit/list-audit.ts";
import { createWorkspace } from "./create-workspace.ts";
import { type Drafting, discardDraft, readDraft, saveDraft } from "./drafts.ts";
import { removeMember } from "./members.ts";

let test: TestDatabase;
let superuser: pg.Client;
let deps: { db: TestDatabase["database"] };
beforeAll(async () => {
  test = await testDatabase();
  deps = { db: test.database };
  superuser = await test.superuser();
});
afterAll(() => test.close());

async function aPerson() {
  const user = newId<UserId>();
  await superuser.query(`insert into identity."user" (id, name, email) values ($1, 'Ada', $2)`, [
    user,
    `${user}@example.com`,
  ]);
  return { user, actor: { kind: "user" as const, id: user, label: "Ada" } };
}

async function anOwner(): Promise<Drafting & { workspace: WorkspaceId; user: UserId }> {
  const person = await aPerson();
  const { id: workspace } = await createWorkspace(deps, person, "Harbour");
  return { workspace, ...person };
}

async function aColleague(workspace: WorkspaceId): Promise<Drafting & { user: UserId }> {
  const person = await aPerson();
  await test.database.asWorkspace(
    { workspace },
    (tx) => tx.sql`insert into members (workspace_id, user_id, role) values (${workspace}, ${person.user}, 'member')`,
  );
  return { workspace, ...person };
}

it("gives back what was saved last, and nothing once it is discarded", async () => {
  const ada = await anOwner();
  expect(await readDraft(deps, ada, "sync")).toBeUndefined();
  await saveDraft(deps, ada, "sync", { name: "Draw" });
  const keptAt = await saveDraft(deps, ada, "sync", { name: "Drawings", rules: [{ pattern: "/{system}/**" }] });
  expect(await readDraft(deps, ada, "sync")).toEqual({
    body: { name: "Drawings", rules: [{ pattern: "/{system}/**" }] },
    updatedAt: keptAt,
  });
  await discardDraft(deps, ada, "sync");
  expect(await readDraft(deps, ada, "sync")).toBeUndefined();
});

it("SR-57 keeps the drafts of colleagues, and of one person in two workspaces, apart", async () => {
  const ada = await anOwner();
  const ben = await aColleague(ada.workspace);
  const elsewhere = { ...ada, workspace: (await createWorkspace(deps, ada, "Elsewhere")).id };
  await saveDraft(deps, ada, "sync", { of: "Ada" });
  await saveDraft(deps, elsewhere, "sync", { of: "Ada elsewhere" });
  expect(await readDraft(deps, ben, "sync")).toBeUndefined();
  await saveDraft(deps, ben, "sync", { of: "Ben" });
  await discardDraft(deps, ben, "sync");
  expect((await readDraft(deps, ada, "sync"))?.body).toEqual({ of: "Ada" });
  expect((await readDraft(deps, elsewhere, "sync"))?.body).toEqual({ of: "Ada elsewhere" });
});

it("is nothing for API keys", async () => {
  const { user: _, ...key } = await anOwner();
  await expect(readDraft(deps, key, "sync")).rejects.toMatchObject({ code: "not_found" });
  await expect(saveDraft(deps, key, "sync", {})).rejects.toMatchObject({ code: "not_found" });
  await expect(discardDraft(deps, key, "sync")).rejects.toMatchObject({ code: "not_found" });
});

it("SR-70 refuses a draft of more than 64 KiB, and the one before stays", async () => {
  const ada = await anOwner();
  await saveDraft(deps, ada, "sync", { name: "a" });
  const tooLong = saveDraft(deps, ada, "sync", { name: "ä".repeat(33_000) });
  await expect(tooLong).rejects.toMatchObject({ code: "invalid_request", errors: [{ pointer: "/body" }] });
  expect((await readDraft(deps, ada, "sync"))?.body).toEqual({ name: "a" });
});

it("SR-76 writes down that there was a draft, and not what it said", async () => {
  const ada = await anOwner();
  await saveDraft(deps, ada, "sync", { name: "secret plans" });
  await discardDraft(deps, ada, "sync");
  await discardDraft(deps, ada, "sync");
  const { items } = await listAudit(deps, ada.workspace, { limit: 10 });
  expect(items.map(({ action }) => action)).toEqual(["draft.discarded", "draft.saved", "workspace.created"]);
  expect(JSON.stringify(items)).not.toContain("secret plans");
});

it("goes with the membership", async () => {
  const ada = await anOwner();
  const ben = await aColleague(ada.workspace);
  await saveDraft(deps, ben, "sync", { of: "Ben" });
  await removeMember(deps, { ...ada, role: "owner" }, ben.user);
  const { rowCount } = await superuser.query("select from hawser.drafts where user_id = $1", [ben.user]);
  expect(rowCount).toBe(0);
});
