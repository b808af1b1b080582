import { expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import { createOutbound } from "#outbound/client.ts";
import { createPolicy } from "#outbound/policy.ts";
import type { Account, Provider } from "#provider-kit/provider.ts";
import { checkConnection, judgeCheck } from "./check-connection.ts";

const now = new Date("2026-11-21T07:00:00Z");
const deps = { outbound: createOutbound({ policy: createPolicy() }), clock: { now: () => now } };
const signal = new AbortController().signal;
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
const checking = (check: () => Promise<Account>) => checkConnection(deps, provider(check), {}, signal);

it("says what the provider said, and when", async () => {
  const result = await checking(() => Promise.reject(new ProviderError("reauthorize", "The sign-in has ended")));

  expect(result).toMatchObject({
    ok: false,
    failure: { kind: "reauthorize", message: "The sign-in has ended", at: now.toISOString() },
  });
  expect(judgeCheck(result, ana)).toMatchObject({ status: "needs_authorization", account: ana });
});

it("passes on what is our own mistake instead of blaming the provider", async () => {
  await expect(checking(() => Promise.reject(new TypeError("x is undefined")))).rejects.toThrow("x is undefined");
});

it("refuses a config of a provider that takes none", async () => {
  const taken = checkConnection(
    deps,
    provider(async () => ana),
    { key: "value" },
    signal,
  );

  await expect(taken).rejects.toMatchObject({ code: "invalid_request", errors: [{ pointer: "/config/key" }] });
});

it("does not wait for a client that has gone away", async () => {
  const gone = AbortSignal.abort(new Error("gone"));

  await expect(
    checkConnection(
      deps,
      provider(() => new Promise(() => {})),
      {},
      gone,
    ),
  ).rejects.toThrow("gone");
});
