import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AuthDatabase, openAuthDatabase } from "#db/auth-database.ts";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { hashToken } from "#vault/token.ts";
import { type TestDatabase, testDatabase } from "../../../test/support/database.ts";
import { aKnownPerson, knownPassword } from "../../../test/support/known-person.ts";
import { changePassword } from "./change-password.ts";
import { findSession } from "./find-session.ts";
import { type Identity, openIdentity } from "./identity.ts";
import { awaitsFirstUser, endSession, listSessions, readPerson } from "./people.ts";
import { signIn } from "./sign-in.ts";
import { signUp } from "./sign-up.ts";

let db: TestDatabase;
let auth: AuthDatabase;
let open: Identity;
let invited: Identity;
const keyring = parseKeyFile({ path: "hawser.key", mode: 0o600, text: newKeyFileText(new Date()) });
const here = { address: "192.0.2.1", userAgent: "test" };

beforeAll(async () => {
  db = await testDatabase();
  auth = openAuthDatabase({ authUrl: db.authUrl });
  const options = { auth, keyring, publicUrl: "http://localhost:8080" };
  open = openIdentity({ ...options, signUp: "open" });
  invited = openIdentity({ ...options, signUp: "invited" });
});
afterAll(async () => {
  await auth.close();
  await db.close();
});
beforeEach(async () => {
  await auth.kysely.deleteFrom("user").execute();
  await auth.kysely.deleteFrom("sign_in_failures").execute();
});

const somebody = () => ({ name: "Ada", email: `${randomUUID()}@example.com`, password: knownPassword });
/** Somebody who has signed up before. */
async function known() {
  const person = somebody();
  await aKnownPerson(auth, person);
  return person;
}

describe("sign-up", () => {
  it("needs no invitation for the first person, who becomes instance admin, and one for everybody after", async () => {
    expect(await awaitsFirstUser(invited)).toBe(true);
    const { user } = await signUp(invited, somebody(), { invited: false }, here);
    expect(await readPerson(invited, user.id)).toMatchObject({ name: "Ada", instanceAdmin: true });
    expect(await awaitsFirstUser(invited)).toBe(false);

    await expect(signUp(invited, somebody(), { invited: false }, here)).rejects.toMatchObject({
      code: "invitation_not_valid",
    });
    const second = await signUp(invited, somebody(), { invited: true }, here);
    expect(await readPerson(invited, second.user.id)).toMatchObject({ instanceAdmin: false });
  });

  it("lets in one of two who are the first at the same moment", async () => {
    const tries = await Promise.allSettled([1, 2].map(() => signUp(invited, somebody(), { invited: false }, here)));
    expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    expect(await auth.kysely.selectFrom("user").select("instanceAdmin").execute()).toEqual([{ instanceAdmin: true }]);
  });

  it("SR-50 with an address that is taken fails as signing in does", async () => {
    const ada = somebody();
    await signUp(open, ada, { invited: false }, here);
    const again = signUp(open, { ...ada, name: "Eve", password: "another horse" }, { invited: false }, here);
    const unknown = signIn(open, somebody(), here);
    const [one, other] = await Promise.all([again.catch((error) => error), unknown.catch((error) => error)]);
    expect(one).toEqual(other);
    expect(one).toMatchObject({ code: "sign_in_failed" });
    expect(await auth.kysely.selectFrom("user").select("name").execute()).toEqual([{ name: "Ada" }]);
  });

  it("makes one person of two sign-ups at the same moment", async () => {
    const ada = somebody();
    const tries = await Promise.allSettled([1, 2].map(() => signUp(open, ada, { invited: false }, here)));
    expect(tries.map((one) => one.status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await auth.kysely.selectFrom("user").select("name").execute()).toHaveLength(1);
  });
});

describe("session", () => {
  it("SR-44 is kept as the hash of 256 random bits, new at every sign-in", async () => {
    const ada = await known();
    const first = await signIn(open, ada, here);
    const second = await signIn(open, ada, here);
    expect(second.token).not.toBe(first.token);
    const kept = await auth.kysely.selectFrom("session").select(["token", "ipAddress", "userAgent"]).execute();
    expect(kept.map((row) => row.token).sort()).toEqual([first, second].map((one) => hashToken(one.token)).sort());
    expect(kept[0]).toMatchObject({ ipAddress: "192.0.2.1", userAgent: "test" });
  });

  it("SR-9 is not opened by what the database holds", async () => {
    const { token } = await signIn(open, await known(), here);
    expect(await findSession(open, token)).toMatchObject({ name: "Ada" });
    expect(await findSession(open, hashToken(token))).toBeUndefined();
  });

  it("SR-44 ends after 12 idle hours and after 7 days of use", async () => {
    const { token, user } = await signIn(open, await known(), here);
    const [row] = await auth.kysely.selectFrom("session").select("expiresAt").execute();
    const hours = (Number(row?.expiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(11.9);
    expect(hours).toBeLessThan(12.1);

    const set = (change: { expiresAt?: Date; createdAt?: Date }) =>
      auth.kysely.updateTable("session").set(change).where("userId", "=", user.id).execute();
    const inHours = (count: number) => new Date(Date.now() + count * 3_600_000);
    await set({ expiresAt: inHours(1) });
    expect(await findSession(open, token)).toBeDefined();
    const [used] = await auth.kysely.selectFrom("session").select("expiresAt").execute();
    expect(Number(used?.expiresAt)).toBeGreaterThan(Number(inHours(11)));

    await set({ expiresAt: inHours(-0.01) });
    expect(await findSession(open, token)).toBeUndefined();
    await set({ expiresAt: inHours(12), createdAt: inHours(-24 * 7 - 0.01) });
    expect(await findSession(open, token)).toBeUndefined();
  });

  it("SR-44 ends one by one, and all others with the password", async () => {
    const ada = await known();
    const [one, two, three] = [
      await signIn(open, ada, here),
      await signIn(open, ada, here),
      await signIn(open, ada, here),
    ];
    const eve = await signIn(open, await known(), here);
    await expect(endSession(open, eve.user.id, one.user.sessionId)).rejects.toMatchObject({ code: "not_found" });
    await endSession(open, one.user.id, one.user.sessionId);
    expect(await findSession(open, one.token)).toBeUndefined();
    expect((await listSessions(open, two.user)).map((session) => session.current).sort()).toEqual([false, true]);

    const wrong = changePassword(open, two.user, { current: "wrong horse", next: "newer horse", address: "x" });
    await expect(wrong).rejects.toMatchObject({ code: "sign_in_failed" });
    await changePassword(open, two.user, { current: ada.password, next: "newer horse", address: "x" });
    expect(await findSession(open, two.token)).toBeDefined();
    expect(await findSession(open, three.token)).toBeUndefined();
    expect(await findSession(open, eve.token)).toBeDefined();
    await expect(signIn(open, ada, here)).rejects.toMatchObject({ code: "sign_in_failed" });
    await signIn(open, { ...ada, password: "newer horse" }, here);
  });
});

describe("sign-in", () => {
  it("SR-50 stops guessing from one address, and lets the owner in from another", async () => {
    const ada = await known();
    const guess = () => signIn(open, { ...ada, password: "wrong" }, here).catch((error) => error.code);
    const answers = [];
    for (let count = 0; count < 12; count++) answers.push(await guess());
    expect(answers.slice(0, 10)).toEqual(Array(10).fill("sign_in_failed"));
    expect(answers.slice(10)).toEqual(Array(2).fill("too_many_requests"));
    await expect(signIn(open, ada, here)).rejects.toMatchObject({ code: "too_many_requests" });
    await signIn(open, ada, { address: "192.0.2.2" });
  });

  it("SR-50 counts guesses for accounts that do not exist just as well", async () => {
    const nobody = somebody();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => signIn(open, nobody, here).catch((error) => error.code)),
    );
    expect(answers.filter((code) => code === "too_many_requests")).toHaveLength(2);
  });

  it("SR-50 forgets failures once the right password has come", async () => {
    const ada = await known();
    for (let round = 0; round < 2; round++) {
      for (let count = 0; count < 6; count++) {
        await expect(signIn(open, { ...ada, password: "wrong" }, here)).rejects.toMatchObject({
          code: "sign_in_failed",
        });
      }
      await signIn(open, ada, here);
    }
  });

  it("finds the account however its address is written", async () => {
    const ada = somebody();
    await signUp(open, { ...ada, email: ada.email.toUpperCase() }, { invited: false }, here);
    await signIn(open, ada, here);
  });
});
