import { describe, expect, it } from "vitest";
import { signInUrls } from "#provider-kit/sign-in-urls.ts";
import { builtInProviders } from "./index.ts";
import { simulators } from "./simulators.ts";

const providers = builtInProviders({ localFolders: new Map(), addressesOf: () => ({}) });

it("have keys and tiles of their own", () => {
  expect(new Set(providers.map(({ key }) => key)).size).toBe(providers.length);
  expect(new Set(providers.map(({ glyph }) => glyph.letters)).size).toBe(providers.length);
  // SR-37: `custom-` is what providers of workspaces are called by.
  expect(providers.filter(({ key }) => key.startsWith("custom-"))).toEqual([]);
});

it("can be tried without an account, all that are somewhere else", () => {
  const elsewhere = providers.filter(({ addresses }) => addresses).map(({ key }) => key);
  // Whoever wants to try S3 starts one of many servers that speak it; ours is tested with one that nobody here wrote.
  const pretended = elsewhere.filter((key) => key !== "s3");
  expect(simulators.map(({ key }) => key).toSorted()).toEqual(pretended.toSorted());
});

describe.each(providers.map((provider) => [provider.key, provider] as const))("%s", (_, provider) => {
  const ways = provider.auth({});

  it("is described in a sentence, with two letters", () => {
    expect(provider.description).toMatch(/^\p{Lu}.{10,140}\.$/u);
    expect(provider.glyph.letters).toMatch(/^\p{Lu}{2}$/u);
  });

  it("SR-14 signs in over https alone", () => {
    const urls = ways.flatMap(signInUrls);
    expect(urls.filter((url) => !url.startsWith("https://"))).toEqual([]);
  });

  it("has each way to sign in once, and says what to do for it", () => {
    const types = ways.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
    const named = Object.keys(provider.setup ?? {});
    expect(types.filter((type) => type !== "none" && !named.includes(type))).toEqual([]);
  });

  it.runIf(ways.some(({ type }) => type === "oauth2_authorization_code"))(
    "tells the redirect address, and needs no scope that it does not ask for",
    () => {
      expect(provider.setup?.oauth2_authorization_code?.join(" ")).toContain("{redirect_uri}");
      for (const way of ways) {
        if (way.type !== "oauth2_authorization_code") continue;
        expect(way.neededScopes?.filter((scope) => !way.scopes.includes(scope)) ?? []).toEqual([]);
      }
    },
  );
});
