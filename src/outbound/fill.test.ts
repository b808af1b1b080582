import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveTemplate } from "#expressions/resolve.ts";
import { ResolvedText, SecretHandle } from "#expressions/secret-handle.ts";
import { parseTemplate } from "#expressions/template.ts";
import { Secret } from "#vault/secret.ts";
import type { OutboundRequest } from "./client.ts";
import { fillRequest, type OutboundSecrets } from "./fill.ts";
import { readText } from "./read.ts";
import { bodyOf, type Loopback, serve } from "./testing/loopback.ts";
import { outboundTo } from "./testing/outbound-for-tests.ts";

const origin = "https://api.example.com";
const value = "s3cret & ü=\"'/?";

const named = (where: string, what = value, name = "key"): OutboundSecrets =>
  new Map([[name, { secret: new Secret(what), origins: [where] }]]);
const text = (place: ResolvedText["place"], template: string): ResolvedText =>
  resolveTemplate(parseTemplate(template), { steps: [], secrets: ["key"] }, place);
const failureOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe("a request with secrets in it", () => {
  it("SR-25 SR-26 leaves with each secret encoded for the place where it stands", async () => {
    const server = await echo();
    const outbound = outboundTo([server]);
    const send = async (request: Partial<OutboundRequest>) =>
      JSON.parse(
        await readText(
          await outbound.send({
            url: `${server.origin}/a?b=1`,
            method: "POST",
            secrets: new Map([
              ...named(server.origin),
              ["token", { secret: new Secret("t0ken+/="), origins: [server.origin] }],
            ]),
            ...request,
          }),
        ),
      );
    const token = new ResolvedText("header", ["Token ", new SecretHandle("token")]);
    expect(await send({ headers: { "X-Key": token, accept: "a/b" } })).toMatchObject({
      headers: { "x-key": "Token t0ken+/=", accept: "a/b" },
    });
    const query = await send({ query: { plain: "a b&c", key: text("query", "-{{ workspace.key }}-") } });
    expect(query.url).toBe("/a?b=1&plain=a%20b%26c&key=-s3cret%20%26%20%C3%BC%3D%22%27%2F%3F-");
    expect(new URL(query.url, origin).searchParams.get("key")).toBe(`-${value}-`);
    const json = await send({ body: { json: { a: [text("json", "<{{ workspace.key }}>"), 1, null], b: "x" } } });
    expect(JSON.parse(json.body)).toEqual({ a: [`<${value}>`, 1, null], b: "x" });
    expect(json.headers["content-type"]).toBe("application/json");
    const form = await send({ body: { form: { "a b": "c d", key: text("form", "{{ workspace.key }}") } } });
    expect([...new URLSearchParams(form.body)]).toEqual([
      ["a b", "c d"],
      ["key", value],
    ]);
    expect(form.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  });

  it("keeps the media type that its author chose", () => {
    const { headers } = fillRequest({
      url: new URL(origin),
      headers: { "content-type": "application/vnd.api+json" },
      body: { json: {} },
    });
    expect(headers["content-type"]).toBe("application/vnd.api+json");
  });

  it.each([
    ["is unknown", new Map()],
    ["may go to another port", named(`${origin}:8443`)],
    ["may go to another scheme", named("http://api.example.com")],
    ["may go to another host", named("https://example.com")],
    ["may go nowhere", new Map([["key", { secret: new Secret(value), origins: [] }]])],
  ])("SR-6 is not sent where its secret %s, wherever that stands", (_what, secrets) => {
    for (const part of [
      { headers: { "x-key": text("header", "{{ workspace.key }}") } },
      { query: { key: text("query", "{{ workspace.key }}") } },
      { body: { json: [[{ deep: text("json", "{{ workspace.key }}") }]] } },
      { body: { form: { key: text("form", "{{ workspace.key }}") } } },
    ]) {
      const failure = failureOf(() => fillRequest({ url: new URL(origin), headers: {}, ...part, secrets }));
      expect(failure).toMatchObject({ code: "secret_origin_denied" });
      expect(inspect(failure)).not.toContain("s3cret");
    }
  });

  it("SR-6 reaches nobody where its secret may not go", async () => {
    const server = await echo();
    for (const secrets of [named("https://api.example.com"), undefined]) {
      const sent = outboundTo([server]).send({
        url: server.origin,
        headers: { "x-key": text("header", "{{ workspace.key }}") },
        ...(secrets && { secrets }),
      });
      await expect(sent).rejects.toMatchObject({ code: "secret_origin_denied" });
    }
    expect(server.connections()).toBe(0);
  });

  it("SR-26 is refused where its secret cannot stand in a header, without a word of it", () => {
    const nasty = fc.tuple(fc.string(), fc.constantFrom("\r\n", "\n", "\0", "π", "\x7f"), fc.string());
    fc.assert(
      fc.property(nasty, (parts) => {
        const what = `s3cret${parts.join("")}`;
        const failure = failureOf(() =>
          fillRequest({
            url: new URL(origin),
            headers: { "x-key": text("header", "{{ workspace.key }}") },
            secrets: named(origin, what),
          }),
        );
        expect(failure).toMatchObject({ code: "invalid_request" });
        expect(inspect(failure)).not.toContain("s3cret");
      }),
    );
  });

  it("SR-26 has no other parameter, member or header than its author wrote, whatever its secret is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (what) => {
        const secrets = named(origin, what);
        const common = { url: new URL(`${origin}/p?a=1`), headers: {}, secrets };
        const { url, body } = fillRequest({
          ...common,
          query: { key: text("query", "{{ workspace.key }}"), z: "1" },
          body: { form: { key: text("form", "{{ workspace.key }}"), z: "1" } },
        });
        expect([...url.searchParams.keys()]).toEqual(["a", "key", "z"]);
        expect([url.origin, url.pathname, url.hash]).toEqual([origin, "/p", ""]);
        expect([...new URLSearchParams(body).keys()]).toEqual(["key", "z"]);
        const json = fillRequest({ ...common, body: { json: { key: text("json", "{{ workspace.key }}") } } });
        expect(JSON.parse(json.body ?? "")).toEqual({ key: new TextDecoder().decode(new TextEncoder().encode(what)) });
      }),
    );
  });
});

async function echo(): Promise<Loopback> {
  return serve(async (request, response) => {
    const { url, headers } = request;
    response.end(JSON.stringify({ url, headers, body: await bodyOf(request) }));
  });
}
