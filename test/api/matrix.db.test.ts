// Every route × everybody who may ask, from the contract alone. Each request has a query field that no route knows: who
// is admitted is told so (422), and nothing is ever changed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes } from "#api/contract/index.ts";
import { type Role, type Route, roles } from "#api/contract/route.ts";
import {
  type Asker,
  aMember,
  anApiKey,
  anApp,
  aPerson,
  asker,
  aWorkspace,
  type TestServer,
} from "../support/server.ts";

let server: TestServer;
let workspace: string;
const askers = new Map<string, Asker>();

beforeAll(async () => {
  server = await anApp();
  const first = await aPerson(server, "instance admin");
  const owner = await aPerson(server, "owner");
  workspace = await aWorkspace(owner);
  askers.set("nobody", asker(server));
  askers.set("a cookie that is no session", asker(server, { cookie: "__Host-hawser=made-up" }));
  askers.set("a key that does not exist", asker(server, { key: "hwsr_made-up" }));
  askers.set("the instance admin", first);
  askers.set("the owner", owner);
  for (const role of ["viewer", "member", "admin"] as const) {
    askers.set(`the ${role}`, await aMember(server, owner, workspace, role));
  }
  for (const role of roles) askers.set(`a key as ${role}`, await anApiKey(server, owner, workspace, role));
  const stranger = await aPerson(server, "stranger");
  const elsewhere = await aWorkspace(stranger, "Elsewhere");
  askers.set("the owner of another workspace", stranger);
  askers.set("a key of another workspace", await anApiKey(server, stranger, elsewhere, "owner"));
});
afterAll(() => server.end());

interface Who {
  name: string;
  is: "nobody" | "person" | "key";
  /** In the workspace that is asked for. */
  role?: Role;
  instanceAdmin?: true;
}
const everybody: Who[] = [
  { name: "nobody", is: "nobody" },
  { name: "a cookie that is no session", is: "nobody" },
  { name: "a key that does not exist", is: "nobody" },
  { name: "the instance admin", is: "person", instanceAdmin: true },
  { name: "the owner of another workspace", is: "person" },
  { name: "a key of another workspace", is: "key" },
  ...roles.map((role): Who => ({ name: `the ${role}`, is: "person", role })),
  ...roles.map((role): Who => ({ name: `a key as ${role}`, is: "key", role })),
];

const admitted = { status: 422, code: "invalid_request" };
const notSignedIn = { status: 401, code: "not_signed_in" };
const tooLow = { status: 403, code: "role_too_low" };
const notThere = { status: 404, code: "not_found" };

function expected({ access }: Route, who: Who) {
  if (access.who === "anyone") return admitted;
  if (who.is === "nobody") return notSignedIn;
  if (access.who === "workspace") {
    if (!who.role) return notThere;
    return roles.indexOf(who.role) < roles.indexOf(access.role) ? tooLow : admitted;
  }
  if (who.is === "key") return notSignedIn;
  return access.who === "user" || who.instanceAdmin ? admitted : tooLow;
}

const id = "01900000-0000-7000-8000-000000000000";
const pathOf = (route: Route) => route.path.replace("{workspace}", workspace).replaceAll(/\{\w+\}/g, id);

describe("SR-54 SR-55 SR-56 SR-64 every route, whoever asks", () => {
  it("is declared with who may call it, and with a name of its own", () => {
    expect(routes.length).toBeGreaterThan(40);
    expect(new Set(routes.map(({ name }) => name)).size).toBe(routes.length);
    for (const route of routes) {
      expect(route.path.includes("{workspace}"), route.name).toBe(route.access.who === "workspace");
    }
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))("%s", async (_, route) => {
    const answers: Record<string, unknown> = {};
    for (const { name } of everybody) {
      const path = `${pathOf(route)}?not_a_field=1`;
      const { status, body } = await askers.get(name)!.ask(route.method, path, bodyOf(route));
      answers[name] = { status, code: body?.code };
    }
    expect(answers).toEqual(Object.fromEntries(everybody.map((who) => [who.name, expected(route, who)])));
  });
});

const bodyOf = (route: Route) => (route.method === "GET" || !route.body ? {} : { body: {} });

describe("SR-55 a changed role counts from the next request on", () => {
  it("down, up and out", async () => {
    const owner = askers.get("the owner")!;
    const ada = await aMember(server, owner, workspace, "admin");
    const asks = async () => (await ada.ask("GET", `/workspaces/${workspace}/api-keys`)).status;
    const become = (role: Role) => owner.ask("PATCH", `/workspaces/${workspace}/members/${ada.id}`, { body: { role } });
    expect(await asks()).toBe(200);
    await become("viewer");
    expect(await asks()).toBe(403);
    await become("owner");
    expect(await asks()).toBe(200);
    await owner.ask("DELETE", `/workspaces/${workspace}/members/${ada.id}`);
    expect(await asks()).toBe(404);
  });
});

describe("SR-56 what is foreign and what does not exist", () => {
  it("get the same answer", async () => {
    const stranger = askers.get("the owner of another workspace")!;
    const answers = [];
    for (const path of [`/workspaces/${workspace}`, `/workspaces/${id}`, "/workspaces/not-a-uuid"]) {
      const { status, body, headers } = await stranger.ask("GET", path);
      const { "x-request-id": _, ...same } = Object.fromEntries(headers);
      answers.push({ status, body: { ...body, request_id: "" }, headers: same });
    }
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});
