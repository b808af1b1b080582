// Whatever a definition and an input say: no crash, no prototype, no other host.
import fc from "fast-check";
import { expect, it } from "vitest";
import { AppError, ProviderError } from "#core/errors.ts";
import { ExpressionError } from "#expressions/expression-error.ts";
import type { JsonObject } from "#expressions/json.ts";
import { compileSchema } from "#expressions/json-schema.ts";
import { providerFrom } from "../from-definition.ts";
import { signInUrls } from "../sign-in-urls.ts";
import { buildRequest } from "./build-request.ts";
import { definitionShape } from "./definition.ts";
import { explainFailure } from "./explain-failure.ts";
import { secretNamesIn } from "./secret-names.ts";
import { oddProviders } from "./testing/odd-providers.ts";

const rich = {
  display_name: "Rich",
  base_url: "https://{region}.example.com/v1",
  variables: [{ name: "region", label: "Region" }],
  headers: { "X-Key": "{{workspace.key}}" },
  query: { lang: "en" },
  auth: [{ type: "bearer" }],
  errors: [{ at: "$.error", contains: "x", means: "rejected" }],
  error_message: "$.message",
  retry: { wait_until: [{ header: "x-reset" }] },
  actions: [
    {
      key: "a",
      name: "A",
      method: "POST",
      path: "/users/{id}/{region}",
      parameters: [
        { name: "id", in: "path" },
        { name: "tags", in: "query", style: "deep_object" },
        { name: "X-A", in: "header", input: "header" },
      ],
      body: { kind: "json", fixed: { source: "{{workspace.key}}" } },
      input: { type: "object" },
      output: { all: "$..*" },
    },
    {
      key: "b",
      name: "B",
      method: "PUT",
      path: "/form",
      body: { kind: "form", input: "body" },
      input: { type: "object" },
    },
    { key: "c", name: "C", method: "GET", path: "/c", pagination: { kind: "page", items: "$.items", param: "page" } },
  ],
};
const seeds: unknown[] = [...Object.values(oddProviders), ...Array(40).fill(rich)];
const someRegion = fc.oneof({ weight: 3, arbitrary: fc.constant("eu") }, fc.string());

const word = fc.constantFrom<unknown>(
  "__proto__",
  "constructor",
  "toString",
  "https://evil.example",
  "//evil.example",
  "/../..",
  "{region}",
  "{{workspace.key}}",
  "{{trigger.x}}",
  "\\",
  "@",
  "\u0000",
  "\r\nX: y",
  "$..*",
  "(a+)+$",
  -1,
  1e21,
  true,
  null,
  [],
  {},
);
const change = fc.tuple(fc.nat(), fc.oneof(word, fc.jsonValue()), fc.boolean());

const input: fc.Arbitrary<JsonObject> = fc
  .dictionary(
    fc.oneof(fc.constantFrom("id", "tags", "header", "body", "__proto__", "constructor"), fc.string()),
    fc.oneof(word, fc.jsonValue()),
    { noNullPrototype: false },
  )
  .chain((entered) =>
    fc.oneof(
      fc.constant(entered),
      fc.record({ id: fc.string(), header: fc.string() }).map((usual) => ({ ...entered, ...usual })),
    ),
  )
  .map((entered) => JSON.parse(JSON.stringify(entered)));

it("SR-15 SR-24 SR-26 definitions and inputs that were mangled at random", () => {
  let sent = 0;
  fc.assert(
    fc.property(
      fc.nat(seeds.length - 1),
      fc.array(change, { maxLength: 4 }),
      input,
      someRegion,
      (which, changes, given, region) => {
        const written: unknown = structuredClone(seeds[which]);
        for (const [at, value, asKey] of changes) mangle(written, at, value, asKey);
        const read = definitionShape.safeParse(written);
        if (!read.success) return;
        const definition = read.data;
        const provider = providerFrom("custom-hostile", definition);
        for (const way of tame(() => provider.auth({ region })) ?? []) signInUrls(way);
        secretNamesIn(definition);
        explainFailure(definition, { status: 400, headers: new Headers(), body: given }, new Date(0));
        for (const action of definition.actions) {
          tame(() => compileSchema(action.input));
          const request = tame(() =>
            buildRequest(definition, action, given, { config: { region }, kept: {}, key: "k" }),
          );
          if (!request) continue;
          sent++;
          const url = new URL(request.url);
          const base = new URL(tame(() => provider.addresses?.({ region }, {}))?.[0] ?? "");
          expect([url.origin, url.username, url.password, url.hash]).toEqual([base.origin, "", "", ""]);
          expect(url.pathname.startsWith(base.pathname)).toBe(true);
          for (const text of Object.values(request.headers ?? {})) expect(String(text)).not.toMatch(/[\r\n\0]/);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      },
    ),
    { numRuns: 3000 },
  );
  expect(sent).toBeGreaterThan(100);
});

/** What is refused in words is refused; anything else is our own mistake. */
function tame<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof AppError || error instanceof ProviderError || error instanceof ExpressionError)
      return undefined;
    // Values of a config that are no config: they are refused before anybody gets here.
    if (error instanceof Error && error.constructor === Error) return undefined;
    throw error;
  }
}

function mangle(document: unknown, at: number, value: unknown, asKey: boolean): void {
  const places = placesIn(document);
  const path = places[at % places.length] ?? [];
  let holder: unknown = document;
  for (const key of path.slice(0, -1))
    holder = typeof holder === "object" && holder ? Reflect.get(holder, key) : undefined;
  const last = path.at(-1);
  if (last === undefined || typeof holder !== "object" || holder === null) return;
  if (asKey && typeof value === "string" && !Array.isArray(holder)) {
    Object.defineProperty(holder, value, {
      value: Reflect.get(holder, last),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else Reflect.set(holder, last, value);
}

function placesIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner, [...path, key]))];
}
