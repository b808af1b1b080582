import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aPerson, aServer, asker, aWorkspace, type TestServer } from "../../test/support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await aServer();
});
afterAll(() => server.end());

describe("signing up, in and out", () => {
  it("goes from no account to a workspace and back out", async () => {
    const nobody = asker(server);
    expect((await nobody.ask("GET", "/setup")).body).toEqual({ first_user: true, sign_up: "open" });
    expect((await nobody.ask("GET", "/me")).body).toMatchObject({ status: 401, code: "not_signed_in" });

    const ada = await aPerson(server);
    const workspace = await aWorkspace(ada, "Harbour Süd");
    expect((await ada.ask("GET", "/me")).body).toEqual({
      id: ada.id,
      name: "Ada",
      email: ada.email,
      instance_admin: true,
      workspaces: [{ id: workspace, name: "Harbour Süd", slug: "harbour-sud", role: "owner" }],
    });
    expect((await ada.ask("POST", "/sign-out")).status).toBe(204);
    expect((await ada.ask("GET", "/me")).status).toBe(401);
  });
});
