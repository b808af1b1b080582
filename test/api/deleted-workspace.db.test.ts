import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OpenSandbox } from "../../src/sandbox/sandbox.ts";
import { answerAt, aSandbox, aSignIn, comeBack, offering } from "../support/a-sign-in.ts";
import { anApp, type TestServer } from "../support/server.ts";

let sandbox: OpenSandbox;
let server: TestServer;
let superuser: pg.Client;
beforeAll(async () => {
  sandbox = await aSandbox();
  server = await anApp(offering(sandbox));
  superuser = await server.db.superuser();
});
afterAll(async () => {
  await server.end();
  await sandbox.close();
});

const tables = ["credentials", "token_sets", "oauth_clients", "workspace_secrets", "push_channels", "revocations"];
const rowsOf = async (workspace: string) =>
  Object.fromEntries(
    await Promise.all(
      tables.map(async (table) => {
        const { rows } = await superuser.query(
          `select count(*)::int as rows from hawser.${table} where workspace_id = $1`,
          [workspace],
        );
        return [table, rows[0].rows];
      }),
    ),
  );

it("SR-11 a workspace that is deleted leaves no ciphertext but that of tokens that are still to be revoked", async () => {
  const [yard, other] = [await aSignIn(server, sandbox), await aSignIn(server, sandbox)];
  for (const one of [yard, other]) {
    await comeBack(server, one.owner, await answerAt(await one.begin()));
    const wanted = { provider: "wordpress", name: "Site", sandbox: true };
    const credential = { username: "ana", password: "wrong" };
    await one.below("POST", "/connections", { ...wanted, credential });
    await superuser.query(
      `insert into hawser.push_channels (workspace_id, id, connection_id, drive_id, account_id, address, secret)
       values ($1, gen_random_uuid(), $2, 'drive', 'account', 'https://hawser.test', 'v1.x.y.z')`,
      [one.workspace, one.connection],
    );
    await one.below("POST", "/secrets", { name: "shop", value: "canary", origins: ["https://api.example.com"] });
  }
  const full = {
    credentials: 1,
    token_sets: 1,
    oauth_clients: 1,
    workspace_secrets: 1,
    push_channels: 1,
    revocations: 0,
  };
  expect(await rowsOf(yard.workspace)).toEqual(full);
  const { name } = (await yard.below("GET", "")).body;
  expect((await yard.below("DELETE", `?name=${encodeURIComponent(name)}`)).status).toBe(204);
  const none = {
    credentials: 0,
    token_sets: 0,
    oauth_clients: 0,
    workspace_secrets: 0,
    push_channels: 0,
    revocations: 1,
  };
  expect(await rowsOf(yard.workspace)).toEqual(none);
  expect(await rowsOf(other.workspace)).toEqual(full);
});
