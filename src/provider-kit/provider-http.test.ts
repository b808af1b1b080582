import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ProviderError } from "#core/errors.ts";
import type { HttpRequest } from "./http.ts";
import type { Provider } from "./provider.ts";
import { createProviderHttp, noHttp, type Sending } from "./provider-http.ts";

const anything = z.unknown();

/** A provider's HTTP whose other end answers with these replies, one after the other, and notes what it was asked. */
function talk(
  answers: (Response | Error)[],
  explain?: NonNullable<Provider["explain"]>,
  { signal, tokenAgeMs }: { signal?: AbortSignal; tokenAgeMs?: number } = {},
) {
  const asked: Request[] = [];
  const sendings: Sending[] = [];
  const http = createProviderHttp({
    provider: { name: "Somewhere", ...(explain && { explain }) },
    base: "https://api.example.com/v1/",
    async send(request, about) {
      asked.push(request);
      sendings.push(about);
      const answer = answers.shift() ?? new Error("nobody answers");
      if (answer instanceof Error) throw answer;
      return { reply: answer, ...(tokenAgeMs !== undefined && { tokenAgeMs }) };
    },
    signal: signal ?? new AbortController().signal,
  });
  return { http, asked, sendings };
}

const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });

describe("a provider's HTTP", () => {
  it("sends what the provider wants to say, and tells whether it may be signed and repeated", async () => {
    const { http, asked, sendings } = talk([json({}), json({}), json({}), json({})]);
    await http.json({ url: "files", query: { q: "a b", page: 2, all: true, none: undefined } }, anything);
    await http.json({ method: "POST", url: "/other", body: { json: { a: 1 } } }, anything);
    await http.json({ method: "POST", url: "https://api.example.com/x", body: { form: { a: "b c" } } }, anything);
    const bytes = new Blob(["raw"]).stream();
    await http.json({ method: "PUT", url: "up", body: { bytes, mediaType: "image/png" }, unsigned: true }, anything);
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET https://api.example.com/v1/files?q=a+b&page=2&all=true",
      "POST https://api.example.com/other",
      "POST https://api.example.com/x",
      "PUT https://api.example.com/v1/up",
    ]);
    expect(sendings).toEqual([
      { repeatable: true, streams: false, unsigned: false, content: "step" },
      { repeatable: false, streams: false, unsigned: false, content: "step" },
      { repeatable: false, streams: false, unsigned: false, content: "step" },
      { repeatable: false, streams: true, unsigned: true, content: "step" },
    ]);
    expect(asked.map(({ headers }) => headers.get("content-type"))).toEqual([
      null,
      "application/json",
      "application/x-www-form-urlencoded;charset=UTF-8",
      "image/png",
    ]);
    expect(await Promise.all(asked.slice(1).map((request) => request.text()))).toEqual(['{"a":1}', "a=b+c", "raw"]);
  });

  it.each([
    [400, "rejected"],
    [401, "reauthorize"],
    [403, "forbidden"],
    [404, "not-found"],
    [408, "unavailable"],
    [410, "not-found"],
    [429, "rate-limited"],
    [500, "unavailable"],
    [503, "unavailable"],
  ])("reads a plain %i as %s", async (status, kind) => {
    await expect(talk([json({}, status)]).http.json({ url: "x" }, anything)).rejects.toMatchObject({ kind });
    await expect(talk([json({}, status)]).http.stream({ url: "x" })).rejects.toMatchObject({ kind });
  });

  it("SR-80 tells an answer that broke off, which the next try may bring whole, from one that is none", async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('{"a":')),
          pull: (controller) => controller.error(new Error("the connection ended")),
        }),
      );
    const asked: [Response, HttpRequest, string][] = [
      [broken(), { url: "x" }, "unavailable"],
      // It was done, or not: nobody knows.
      [broken(), { url: "x", method: "POST" }, "uncertain"],
      [broken(), { url: "x", method: "POST", repeatable: true }, "unavailable"],
      [new Response('{"a":'), { url: "x" }, "unexpected-reply"],
      [new Response("<html></html>"), { url: "x" }, "unexpected-reply"],
    ];
    for (const [answer, wanted, kind] of asked) {
      await expect(talk([answer]).http.json(wanted, anything)).rejects.toMatchObject({ kind });
    }
  });

  it("asks for a file where it wants a stream, and takes a repeatable POST at its word", async () => {
    const { http, sendings } = talk([new Response("x"), json({})]);
    await http.stream({ url: "x" });
    await http.json({ url: "x", method: "POST", repeatable: true }, anything);
    expect(sendings.map(({ content, repeatable }) => [content, repeatable])).toEqual([
      ["file", true],
      ["step", true],
    ]);
  });

  it.each([
    ['Bearer error="insufficient_scope", scope="files.read files.write"', "files.read files.write"],
    ['Bearer realm="x", error="insufficient_scope"', "rights that were not granted"],
  ])("reads a 403 that wants more scopes as one that a person has to mend: %s", async (challenge, words) => {
    const { http } = talk([json({}, 403, { "www-authenticate": challenge })]);
    const error = await http.json({ url: "x" }, anything).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ kind: "reauthorize", message: expect.stringContaining(words) });
  });

  it("tells the provider how old a refused token is", async () => {
    const ages: unknown[] = [];
    const explain: NonNullable<Provider["explain"]> = ({ tokenAgeMs }) => {
      ages.push(tokenAgeMs);
      return undefined;
    };
    await expect(talk([json({}, 401)], explain, { tokenAgeMs: 7 }).http.json({ url: "x" }, anything)).rejects.toThrow();
    await expect(talk([json({}, 401)], explain).http.json({ url: "x" }, anything)).rejects.toThrow();
    expect(ages).toEqual([7, undefined]);
  });

  it("lets the provider explain its own way of failing", async () => {
    const explain: NonNullable<Provider["explain"]> = ({ status, body }) =>
      status === 403 && JSON.stringify(body).includes("slow")
        ? { kind: "rate-limited", message: "Slow down" }
        : undefined;
    const { http } = talk([json({ why: "slow" }, 403), json({ why: "no" }, 403)], explain);
    await expect(http.json({ url: "x" }, anything)).rejects.toMatchObject({
      kind: "rate-limited",
      message: "Slow down",
    });
    await expect(http.json({ url: "x" }, anything)).rejects.toMatchObject({ kind: "forbidden" });
  });

  it("shows a provider no more of a failure's body than a bounded part, and text where it is no JSON", async () => {
    const bodies: unknown[] = [];
    const explain: NonNullable<Provider["explain"]> = ({ body }) => {
      bodies.push(body);
      return undefined;
    };
    const { http } = talk([new Response("x".repeat(1_000_000), { status: 500 })], explain);
    await expect(http.json({ url: "x" }, anything)).rejects.toThrow(ProviderError);
    expect(bodies).toEqual(["x".repeat(64 * 1024)]);
  });

  it.each([
    ["7", 7000],
    ["0", 0],
  ])("SR-80 says not to come back before Retry-After %s", async (value, ms) => {
    const { http } = talk([json({}, 429, { "retry-after": value })]);
    const before = Date.now();
    const error = await http.json({ url: "x" }, anything).catch((caught: unknown) => caught);
    const retryAt = error instanceof ProviderError ? error.retryAt?.getTime() : undefined;
    expect(retryAt).toBeGreaterThanOrEqual(before + ms);
    expect(retryAt).toBeLessThanOrEqual(Date.now() + ms);
  });

  it("SR-80 reads Retry-After as a date too, and ignores what is neither", async () => {
    const date = "Sun, 01 Mar 2026 12:00:00 GMT";
    const { http } = talk([json({}, 503, { "retry-after": date }), json({}, 503, { "retry-after": "soon" })]);
    await expect(http.json({ url: "x" }, anything)).rejects.toMatchObject({ retryAt: new Date(date) });
    await expect(http.json({ url: "x" }, anything)).rejects.toMatchObject({ retryAt: undefined });
  });

  it.each<[string, Response]>([
    ["another shape", json({ surprise: true })],
    ["no JSON", new Response("<html>")],
    ["nothing", new Response(null)],
  ])("refuses a reply of %s instead of guessing", async (_, reply) => {
    const { http } = talk([reply]);
    const asking = http.json({ url: "x" }, z.object({ items: z.array(z.string()) }));
    await expect(asking).rejects.toMatchObject({ kind: "unexpected-reply" });
  });

  it("calls a provider that does not answer unavailable, and passes on what the guarded client says", async () => {
    const refused = new ProviderError("uncertain", "sent, but no answer");
    const { http } = talk([new Error("socket"), refused]);
    await expect(http.json({ url: "x" }, anything)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(http.json({ url: "x" }, anything)).rejects.toBe(refused);
  });

  it("does not call a stopped call a failure of the provider", async () => {
    const stop = new AbortController();
    stop.abort(new Error("stopped"));
    const { http } = talk([new Error("aborted")], undefined, { signal: stop.signal });
    await expect(http.json({ url: "x" }, anything)).rejects.not.toThrow(ProviderError);
  });

  it("SR-75 keeps the body out of the error", async () => {
    const { http } = talk([json({ echoed: "Bearer sesame" }, 500)]);
    const error = await http.json({ url: "x" }, anything).catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), error])).not.toContain("sesame");
  });

  it("is shut for a provider that names no addresses", async () => {
    const request: HttpRequest = { url: "https://example.com" };
    await expect(noHttp.json(request, anything)).rejects.toThrow("without addresses");
    await expect(noHttp.stream(request)).rejects.toThrow("without addresses");
  });
});
