import { expect, it } from "vitest";
import { AppError, ProviderError } from "#core/errors.ts";
import { newId, type WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import type { Account, Provider } from "#provider-kit/provider.ts";
import { checkConnection, judgeCheck } from "./check-connection.ts";
import { connectionDeps } from "./testing/connection-deps.ts";
import { transientAccess } from "./transient-access.ts";

const now = new Date("2026-11-21T07:00:00Z");
const noDatabase: Database = {
  asWorkspace: () => Promise.reject(new Error("nothing is asked of the database here")),
  acrossWorkspaces: () => Promise.reject(new Error("nothing is asked of the database here")),
  listen: async () => async () => {},
  close: async () => {},
};
const deps = { ...connectionDeps(noDatabase), clock: { now: () => now } };
const ana: Account = { id: "1", label: "Ana" };

const provider = (check: () => Promise<Account>): Provider => ({
  key: "shop",
  name: "Shop",
  description: "",
  category: "custom",
  glyph: { letters: "Sh", hue: "teal" },
  auth: () => [{ type: "none" }],
  check,
});
const checking = (
  check: () => Promise<Account>,
  { config = {}, signal = new AbortController().signal }: { config?: unknown; signal?: AbortSignal } = {},
) => {
  const shop = provider(check);
  const access = transientAccess(deps, { provider: shop, auth: { type: "none" }, config: {}, values: {} });
  const use = { actor: "system", purpose: "connection check" } as const;
  return checkConnection(deps, shop, config, {
    kept: {},
    auth: "none",
    access,
    use,
    signal,
    scope: newId<WorkspaceId>(),
  });
};

it("says what the provider said, and when", async () => {
  const result = await checking(() => Promise.reject(new ProviderError("reauthorize", "The sign-in has ended")));

  expect(result).toMatchObject({
    ok: false,
    failure: { kind: "reauthorize", message: "The sign-in has ended", at: now.toISOString() },
  });
  expect(judgeCheck(result, ana)).toMatchObject({ status: "needs_authorization", account: ana });
});

it("SR-6 asks for a credential again that was entered for other addresses", async () => {
  const result = await checking(() => Promise.reject(new AppError("secret_origin_denied", "Enter it again.")));

  expect(judgeCheck(result, ana)).toMatchObject({ status: "needs_authorization", failure: { kind: "reauthorize" } });
});

it("passes on what is our own mistake instead of blaming the provider", async () => {
  await expect(checking(() => Promise.reject(new TypeError("x is undefined")))).rejects.toThrow("x is undefined");
});

it("refuses a config of a provider that takes none", async () => {
  const taken = checking(async () => ana, { config: { key: "value" } });

  await expect(taken).rejects.toMatchObject({ code: "invalid_request", errors: [{ pointer: "/config/key" }] });
});

it("does not wait for a client that has gone away", async () => {
  const gone = AbortSignal.abort(new Error("gone"));

  await expect(checking(() => new Promise(() => {}), { signal: gone })).rejects.toThrow("gone");
});
