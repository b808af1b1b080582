import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "../../../../test/support/database.ts";
import { aWorkspace } from "../testing/a-workspace.ts";
import { processOf } from "../tokens/testing/a-grant.ts";
import { readOAuthClient, setOAuthClient } from "./oauth-client.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db.close());

it("SR-37 a workspace cannot use the installation's client as its own", async () => {
  const { caller, workspace, end } = await aWorkspace(db.database);
  const origin = "https://shop.example.com";
  const deps = processOf(db.database, {
    origin,
    port: 443,
    tokenUrl: `${origin}/token`,
    revokeUrl: `${origin}/revoke`,
  });
  const set = (clientId: string) => setOAuthClient(deps, caller, "shop", { clientId, secret: "hush" });

  await expect(set("client")).rejects.toMatchObject({
    code: "invalid_request",
    errors: [{ pointer: "/client_id", code: "reserved" }],
  });
  expect(await readOAuthClient(deps, workspace, "shop")).toMatchObject({ source: "operator", own: undefined });
  expect(await set("ours")).toMatchObject({ source: "workspace", clientId: "ours" });
  await end();
});
