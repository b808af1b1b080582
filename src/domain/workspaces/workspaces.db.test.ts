import type pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiKeyId, newId, type UserId, type WorkspaceId } from "#core/ids.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { listAudit } from "../audit/list-audit.ts";
import { createApiKey, findApiKey, listApiKeys, revokeApiKey } from "./api-keys.ts";
import { changeName, deleteWorkspace } from "./change-workspace.ts";
import { createWorkspace } from "./create-workspace.ts";
import { acceptInvitation, invite, listInvitations, lookUpInvitation, revokeInvitation } from "./invitations.ts";
import { changeRole, leaveWorkspace, listMembers, memberRole, removeMember } from "./members.ts";
import type { Role } from "./role.ts";
import { slugFor } from "./slug.ts";
import type { Acting } from "./workspace.ts";
import { workspacesOf } from "./workspaces-of.ts";

let test: TestDatabase;
let superuser: pg.Client;
let deps: { db: TestDatabase["database"]; publicUrl: string; eraseSecrets(): Promise<void> };
beforeAll(async () => {
  test = await testDatabase();
  deps = { db: test.database, publicUrl: "https://hawser.test", eraseSecrets: async () => {} };
  superuser = await test.superuser();
});
afterAll(() => test.close());

interface Person {
  user: UserId;
  email: string;
  actor: { kind: "user"; id: UserId; label: string };
}

async function aPerson(name = "Ada"): Promise<Person> {
  const user = newId<UserId>();
  const email = `${user}@example.com`;
  await superuser.query(`insert into identity."user" (id, name, email) values ($1, $2, $3)`, [user, name, email]);
  return { user, email, actor: { kind: "user", id: user, label: name } };
}

async function aWorkspace(name = "Harbour"): Promise<{ owner: Person; as: Acting }> {
  const owner = await aPerson("Owner");
  const { id } = await createWorkspace(deps, owner, name);
  return { owner, as: { workspace: id, role: "owner", actor: owner.actor } };
}

const tokenOf = ({ url }: { url: string }) => url.split("/").at(-1) ?? "";

async function aMember(as: Acting, role: Role): Promise<{ person: Person; as: Acting }> {
  const person = await aPerson(role);
  await acceptInvitation(deps, person, tokenOf(await invite(deps, as, { role })));
  return { person, as: { workspace: as.workspace, role, actor: person.actor } };
}

const roleNow = (workspace: WorkspaceId, user: UserId) =>
  test.database.asWorkspace({ workspace }, (tx) => memberRole(tx, user));
const outcomes = async (tries: Promise<unknown>[]) =>
  (await Promise.allSettled(tries)).map((one) => (one.status === "fulfilled" ? "done" : one.reason.code)).sort();
const actionsOf = async ({ workspace }: Acting) =>
  (await listAudit(deps, workspace, { limit: 200 })).items.map(({ action }) => action).reverse();

describe("a workspace", () => {
  it("has a slug of its own, which nobody gets again", async () => {
    const { as } = await aWorkspace("Drydock");
    await deleteWorkspace(deps, as, "Drydock");
    const person = await aPerson();
    const again = await createWorkspace(deps, person, "Drydock");
    expect(again.slug).toMatch(/^drydock-[a-z0-9]{4}$/);
    const renamed = await changeName(deps, { ...as, workspace: again.id }, "Slipway");
    expect([renamed.name, renamed.slug]).toEqual(["Slipway", again.slug]);
  });

  it("has a slug that fits an address, whatever its name", () => {
    expect(slugFor("Harbour Süd & Co.", 0)).toBe("harbour-sud-co");
    expect(slugFor("Straße 7", 0)).toBe("strasse-7");
    for (const name of ["港", "---", "x".repeat(255), `${"a".repeat(47)}  b`, "Admin", "🚢"]) {
      for (let attempt = 0; attempt < 4; attempt++) {
        expect(slugFor(name, attempt), name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
      }
    }
  });

  it("is deleted for everybody at once, by whoever types its name", async () => {
    const { owner, as } = await aWorkspace();
    const { key } = await createApiKey(deps, as, { name: "k", role: "owner" });
    const invitation = await invite(deps, as, { role: "viewer" });
    await expect(deleteWorkspace(deps, as, "harbour")).rejects.toMatchObject({ code: "invalid_request" });
    await deleteWorkspace(deps, as, "Harbour");
    expect(await workspacesOf(deps, owner.user)).toEqual([]);
    expect(await roleNow(as.workspace, owner.user)).toBeUndefined();
    expect(await findApiKey(deps, key)).toBeUndefined();
    await expect(lookUpInvitation(deps, tokenOf(invitation))).rejects.toMatchObject({ code: "invitation_not_valid" });
    await expect(deleteWorkspace(deps, as, "Harbour")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("members", () => {
  it("SR-55 nobody gives, changes or takes what is above their own role", async () => {
    const { owner, as } = await aWorkspace();
    const admin = await aMember(as, "admin");
    const viewer = await aMember(as, "viewer");
    const tries = [
      changeRole(deps, admin.as, viewer.person.user, "owner"),
      changeRole(deps, admin.as, admin.person.user, "owner"),
      changeRole(deps, admin.as, owner.user, "viewer"),
      removeMember(deps, admin.as, owner.user),
      invite(deps, admin.as, { role: "owner" }),
      createApiKey(deps, admin.as, { name: "k", role: "owner" }),
    ];
    expect(await outcomes(tries)).toEqual(Array(6).fill("role_too_low"));
    await changeRole(deps, admin.as, viewer.person.user, "admin");
    expect(await roleNow(as.workspace, viewer.person.user)).toBe("admin");
  });

  it("SR-55 the last owner stays, also when two of them leave at the same moment", async () => {
    const { owner, as } = await aWorkspace();
    await expect(leaveWorkspace(deps, as, owner.user)).rejects.toMatchObject({ code: "last_owner" });
    await expect(changeRole(deps, as, owner.user, "admin")).rejects.toMatchObject({ code: "last_owner" });
    for (let round = 0; round < 5; round++) {
      const second = await aMember(as, "owner");
      const owners = (await listMembers(deps, as)).filter(({ role }) => role === "owner");
      expect(owners).toHaveLength(2);
      const tries = owners.map(({ user }) => changeRole(deps, second.as, user, "admin"));
      expect(await outcomes(tries)).toEqual(["done", "last_owner"]);
    }
  });
});

describe("an invitation", () => {
  it("SR-9 is kept as a hash, and shown once", async () => {
    const { as } = await aWorkspace();
    const made = await invite(deps, as, { role: "member", email: "Eve@Example.com" });
    expect(made.url).toMatch(/^https:\/\/hawser\.test\/invite\/hwsi_[\w-]{49}$/);
    const dump = await superuser.query("select to_jsonb(i)::text as row from hawser.invitations i");
    expect(dump.rows.map(({ row }) => row).join()).not.toContain(tokenOf(made));
    expect(await listInvitations(deps, as)).toEqual([
      expect.objectContaining({ email: "eve@example.com", role: "member" }),
    ]);
  });

  it("SR-50 is for one person: of many at the same moment one gets in", async () => {
    const { as } = await aWorkspace();
    const token = tokenOf(await invite(deps, as, { role: "member" }));
    const people: Person[] = [];
    for (let count = 0; count < 8; count++) people.push(await aPerson());
    const tries = people.map((person) => acceptInvitation(deps, person, token));
    expect(await outcomes(tries)).toEqual(["done", ...Array(7).fill("invitation_not_valid")]);
    expect(await listMembers(deps, as)).toHaveLength(2);
  });

  it("SR-50 lives 7 days, and not at all once it is taken back", async () => {
    const { as } = await aWorkspace();
    const person = await aPerson();
    const [old, back] = [await invite(deps, as, { role: "member" }), await invite(deps, as, { role: "member" })];
    expect(Math.round((old.expiresAt.getTime() - old.createdAt.getTime()) / 86_400_000)).toBe(7);
    await superuser.query("update hawser.invitations set expires_at = now() where id = $1", [old.id]);
    await revokeInvitation(deps, as, back.id);
    for (const one of [old, back]) {
      await expect(acceptInvitation(deps, person, tokenOf(one))).rejects.toMatchObject({
        code: "invitation_not_valid",
      });
    }
    await expect(revokeInvitation(deps, as, back.id)).rejects.toMatchObject({ code: "not_found" });
  });

  it("for one e-mail address is of no use to another", async () => {
    const { as } = await aWorkspace();
    const [ada, eve] = [await aPerson(), await aPerson()];
    const token = tokenOf(await invite(deps, as, { role: "member", email: ada.email.toUpperCase() }));
    await expect(acceptInvitation(deps, eve, token)).rejects.toMatchObject({ code: "invitation_not_valid" });
    expect((await acceptInvitation(deps, ada, token)).role).toBe("member");
  });

  it("changes nothing for who is a member already, and stays for somebody else", async () => {
    const { owner, as } = await aWorkspace();
    const token = tokenOf(await invite(deps, as, { role: "viewer" }));
    expect((await acceptInvitation(deps, owner, token)).role).toBe("owner");
    expect((await acceptInvitation(deps, await aPerson(), token)).role).toBe("viewer");
  });
});

describe("an API key", () => {
  it("SR-9 is found by its hash, and by nothing else that is stored", async () => {
    const { as } = await aWorkspace();
    const { key, id, hint } = await createApiKey(deps, as, { name: "Backup", role: "viewer" });
    expect(key).toMatch(/^hwsr_[\w-]{49}$/);
    expect(key.startsWith(hint)).toBe(true);
    expect(await findApiKey(deps, key)).toEqual({ id, workspace: as.workspace, role: "viewer", name: "Backup" });
    const { rows } = await superuser.query(
      "select to_jsonb(k)::text as row, encode(token_hash, 'hex') as hash from hawser.api_keys k where id = $1",
      [id],
    );
    expect(rows[0].row).not.toContain(key);
    expect(await findApiKey(deps, rows[0].hash)).toBeUndefined();
  });

  it("stops with its end and with its revocation", async () => {
    const { as } = await aWorkspace();
    const past = new Date(Date.now() - 1_000);
    await expect(createApiKey(deps, as, { name: "k", role: "viewer", expiresAt: past })).rejects.toMatchObject({
      code: "invalid_request",
    });
    const expiresAt = new Date(Date.now() + 3_600_000);
    const [brief, other] = [
      await createApiKey(deps, as, { name: "brief", role: "viewer", expiresAt }),
      await createApiKey(deps, as, { name: "other", role: "viewer" }),
    ];
    expect(await findApiKey(deps, brief.key)).toBeDefined();
    await superuser.query("update hawser.api_keys set expires_at = now() where id = $1", [brief.id]);
    await revokeApiKey(deps, as, other.id);
    expect([await findApiKey(deps, brief.key), await findApiKey(deps, other.key)]).toEqual([undefined, undefined]);
    expect(await listApiKeys(deps, as)).toEqual([]);
    await expect(revokeApiKey(deps, as, newId<ApiKeyId>())).rejects.toMatchObject({ code: "not_found" });
  });

  it("tells when it was last used, to the minute", async () => {
    const { as } = await aWorkspace();
    const { key, id } = await createApiKey(deps, as, { name: "k", role: "viewer" });
    const used = async () => (await listApiKeys(deps, as))[0]?.lastUsedAt;
    expect(await used()).toBeNull();
    await findApiKey(deps, key);
    const first = await used();
    await findApiKey(deps, key);
    expect(await used()).toEqual(first);
    await superuser.query("update hawser.api_keys set last_used_at = now() - interval '61 seconds' where id = $1", [
      id,
    ]);
    await findApiKey(deps, key);
    expect(Date.now() - Number(await used())).toBeLessThan(60_000);
  });
});

it("SR-76 everything that changes a workspace is in its audit log, and what was refused is not", async () => {
  const { as } = await aWorkspace();
  await changeName(deps, as, "Haven");
  const viewer = await aMember(as, "viewer");
  const member = await aMember(as, "member");
  await changeRole(deps, as, viewer.person.user, "member");
  await removeMember(deps, as, viewer.person.user);
  await leaveWorkspace(deps, member.as, member.person.user);
  await revokeInvitation(deps, as, (await invite(deps, as, { role: "viewer" })).id);
  await revokeApiKey(deps, as, (await createApiKey(deps, as, { name: "k", role: "viewer" })).id);
  await expect(invite(deps, { ...as, role: "viewer" }, { role: "owner" })).rejects.toThrow();
  await deleteWorkspace(deps, as, "Haven");
  expect(await actionsOf(as)).toEqual([
    "workspace.created",
    "workspace.updated",
    ...["invitation.created", "invitation.accepted", "invitation.created", "invitation.accepted"],
    "member.role_changed",
    "member.removed",
    "member.left",
    ...["invitation.created", "invitation.revoked"],
    ...["api_key.created", "api_key.revoked"],
    "workspace.deleted",
  ]);
});
