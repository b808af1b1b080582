import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import S3rver from "@20minutes/s3rver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ProviderError } from "#core/errors.ts";
import { objectStoreSuite, type StoreUnderTest } from "#destinations/testing/object-store.suite.ts";
import { bindStore } from "#domain/syncs/bind-store.ts";
import { callFor } from "#domain/syncs/testing/store-call.ts";
import type { ObjectStore } from "#provider-kit/provider.ts";
import { callInto } from "#provider-kit/testing/first-call.ts";
import { bucketUrl, inPath } from "./address.ts";
import type { Config } from "./config.ts";
import { s3 } from "./index.ts";
import { store } from "./store.ts";

const MB = 1024 * 1024;

// A server that nobody here wrote. It checks signatures, and knows neither conditions nor lists of unfinished uploads.
let home: string;
let server: S3rver;
let endpoint: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "hawser-s3-"));
  server = new S3rver({
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: home,
    configureBuckets: [{ name: "archive", configs: [] }],
  });
  endpoint = `http://127.0.0.1:${(await server.run()).port}`;
});
afterAll(async () => {
  await server.close();
  rmSync(home, { recursive: true, force: true });
});

const call = (more: { config?: object; credential?: Record<string, string> } = {}) =>
  callFor(s3(), {
    config: { bucket: "archive", region: "eu-central-1", endpoint, ...more.config },
    credential: { access_key_id: "S3RVER", secret_access_key: "S3RVER", ...more.credential },
  });

describe("with a real server", () => {
  it("is pinned to its bucket", async () => {
    expect((await call()).account).toEqual({ id: `archive@${new URL(endpoint).host}`, label: "archive" });
  });

  it("tells a wrong key from a bucket that is not there", async () => {
    await expect(call({ credential: { secret_access_key: "another" } })).rejects.toMatchObject({ kind: "reauthorize" });
    await expect(call({ credential: { access_key_id: "ANOTHER" } })).rejects.toMatchObject({ kind: "reauthorize" });
    await expect(call({ config: { bucket: "nowhere" } })).rejects.toMatchObject({
      kind: "unavailable",
      message: "There is no such bucket.",
    });
  });

  it("copies in parts what is too large to be copied at once", async () => {
    const at = await call();
    const object = { mediaType: "text/plain", mark: "m", replace: true };
    await store.put(at, "from", { ...object, bytes: new TextEncoder().encode("0123456789") });
    const upload = await store.begin(at, "to", object);
    const tags = [
      await store.copyPart?.(at, "to", upload, { number: 1, from: "from", start: 0, end: 4 }),
      await store.copyPart?.(at, "to", upload, { number: 2, from: "from", start: 4, end: 10 }),
    ];
    await store.complete(at, "to", upload, { tags: tags.map(String), replace: true });
    expect(await new Response((await store.read(at, "to")).bytes as BodyInit).text()).toBe("0123456789");
    expect(await store.head(at, "to")).toEqual({ size: 10, mark: "m" });
  });

  objectStoreSuite(async (): Promise<StoreUnderTest> => {
    const at = await call();
    let sent = 0;
    const lost = new Set<string>();
    const bound = bindStore(store as ObjectStore, at);
    return {
      store: {
        ...bound,
        parts: { ...bound.parts, bytes: () => MB },
        async part(name, upload, part) {
          // This server takes parts of uploads that it does not know.
          if (lost.has(upload)) throw new ProviderError("not-found", "NoSuchUpload");
          sent += part.bytes.length;
          return bound.part(name, upload, part);
        },
      },
      knowsConditions: false,
      plant: async (name, text) => {
        await bound.put(name, {
          bytes: new TextEncoder().encode(text),
          mediaType: "text/plain",
          mark: "theirs",
          replace: true,
        });
      },
      sent: () => sent,
      partBytes: MB,
      lose: async (_, upload) => void lost.add(upload),
    };
  });
});

const xml = (status: number, text: string) => async () =>
  new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, {
    status,
    headers: { "content-type": "application/xml" },
  });

function answering(...answers: ((request: Request) => Promise<Response>)[]) {
  const config: Config = { bucket: "archive", region: "auto", endpoint: "https://s3.example.test" };
  const asked: Request[] = [];
  const watched = callInto(
    s3(),
    {
      "https://s3.example.test": async (request) => {
        asked.push(request.clone());
        const answer = answers.shift();
        if (!answer) throw new Error("asked too often");
        return answer(request);
      },
    },
    { config },
  );
  return { at: { ...watched, account: { id: "1", label: "1" } }, asked };
}

const error = (code: string, more = "") => `<Error><Code>${code}</Code><Message>m</Message>${more}</Error>`;
const object = { bytes: new Uint8Array(3), mediaType: "text/plain", mark: "hawser 1", replace: false };

describe("what services answer", () => {
  it.each([
    [403, error("AccessDenied"), { kind: "forbidden" }],
    [403, error("RequestTimeTooSkewed"), { kind: "unavailable" }],
    [503, error("SlowDown"), { kind: "rate-limited" }],
    [307, error("TemporaryRedirect"), { kind: "unavailable" }],
    [400, error("EntityTooLarge"), { kind: "rejected", storage: "too-large" }],
    [403, error("QuotaExceeded"), { storage: "full" }],
    [507, error("XMinioStorageFull"), { storage: "full" }],
    [400, error("AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"), { message: /eu-west-1/ }],
    [500, "<html>a gateway</html>", { kind: "unavailable" }],
  ] as const)("%i %s", async (status, body, expected) => {
    const { at } = answering(xml(status, body));
    const failure = await store.put(at, "a", object).catch((caught: unknown) => caught);
    expect(failure).toBeInstanceOf(ProviderError);
    const { message, ...others } = expected as { message?: RegExp };
    expect(failure).toMatchObject(others);
    if (message) expect((failure as Error).message).toMatch(message);
  });

  it("takes an error that comes with a 200 for the error that it is", async () => {
    const { at } = answering(xml(200, error("InternalError")), xml(200, error("SlowDown")));
    const whole = { tags: ['"1"'], replace: true };
    await expect(store.complete(at, "a", "1", whole)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(store.copy(at, "a", "b")).rejects.toMatchObject({ kind: "rate-limited" });
  });

  it("stores under a condition, and looks where a service knows none", async () => {
    const { at, asked } = answering(xml(412, error("PreconditionFailed")));
    expect(await store.put(at, "a", object)).toBe("exists");
    expect(asked[0]?.headers.get("if-none-match")).toBe("*");

    const older = answering(
      xml(501, error("NotImplemented")),
      async () => new Response(null, { status: 404 }),
      xml(200, ""),
    );
    expect(await store.put(older.at, "a", object)).toBe("stored");
    expect(older.asked.map(({ method }) => method)).toEqual(["PUT", "HEAD", "PUT"]);
    expect(older.asked[2]?.headers.has("if-none-match")).toBe(false);
  });

  it("reads lists of unfinished uploads page by page", async () => {
    const page = (key: string, truncated: boolean) =>
      `<ListMultipartUploadsResult><IsTruncated>${truncated}</IsTruncated><NextKeyMarker>${key}</NextKeyMarker>
       <NextUploadIdMarker>2</NextUploadIdMarker><Upload><Key>${key}</Key><UploadId>1</UploadId>
       <Initiated>2026-01-01T00:00:00.000Z</Initiated></Upload></ListMultipartUploadsResult>`;
    const { at, asked } = answering(xml(200, page("007", true)), xml(200, page("b&amp;c", false)));
    const first = await store.unfinished?.(at, { prefix: "p/" });
    expect(first?.items).toEqual([{ name: "007", upload: "1", begunAt: new Date("2026-01-01") }]);
    const second = await store.unfinished?.(at, { prefix: "p/", ...(first?.next && { cursor: first.next }) });
    expect(second).toEqual({ items: [{ name: "b&c", upload: "1", begunAt: new Date("2026-01-01") }] });
    expect(new URL(asked[1]?.url ?? "").searchParams.get("key-marker")).toBe("007");
  });

  it("reads characters that are written as numbers, as MinIO writes quotes, and names with spaces at their ends", async () => {
    const part = "<CopyPartResult><ETag>&#34;9a0364b9e99bb480dd25e1f0284c8555&#34;</ETag></CopyPartResult>";
    const list = `<ListBucketResult><IsTruncated>false</IsTruncated>
      <Contents><Key> it&#39;s &lt;a&gt; &#x1F600; &amp;#39; </Key><Size>1</Size></Contents></ListBucketResult>`;
    const { at } = answering(xml(200, part), xml(200, list));
    const tag = await store.copyPart?.(at, "to", "1", { number: 1, from: "from", start: 0, end: 1 });
    expect(tag).toBe('"9a0364b9e99bb480dd25e1f0284c8555"');
    expect(await store.list(at, { prefix: "" })).toEqual({ items: [{ name: " it's <a> \u{1f600} &#39; ", size: 1 }] });
  });

  it("SR-89 goes on behind the last name where a list says that there is more, and not where", async () => {
    const list = (keys: string[], truncated: boolean) => {
      const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join("");
      return xml(200, `<ListBucketResult><IsTruncated>${truncated}</IsTruncated>${contents}</ListBucketResult>`);
    };
    const { at, asked } = answering(list(["a", "b c"], true), list(["d"], false), list([], true));
    const { items, next } = await store.list(at, { prefix: "" });
    expect(items).toHaveLength(2);
    expect(await store.list(at, { prefix: "", ...(next && { cursor: next }) })).toEqual({
      items: [{ name: "d", size: 1 }],
    });
    const { searchParams } = new URL(asked[1]?.url ?? "");
    // The one is of the present version of lists, the other of the first.
    expect([searchParams.get("start-after"), searchParams.get("marker")]).toEqual(["b c", "b c"]);
    await expect(store.list(at, { prefix: "" })).rejects.toMatchObject({ kind: "unexpected-reply" });
  });

  it("SR-32 expands no entities of a document's own", async () => {
    const own = `<!DOCTYPE a [<!ENTITY b "xxx">]><ListBucketResult><Contents><Key>&b;</Key><Size>1</Size></Contents></ListBucketResult>`;
    const listed = await store.list(answering(xml(200, own)).at, { prefix: "" }).catch((caught: unknown) => caught);
    expect(JSON.stringify(listed)).not.toContain("xxx");
    const bomb = `<!DOCTYPE a [<!ENTITY b "${"x".repeat(1000)}"><!ENTITY c "&b;&b;&b;&b;">]>
      <ListBucketResult><Contents><Key>&c;</Key><Size>1</Size></Contents></ListBucketResult>`;
    const { at } = answering(xml(200, bomb));
    const outcome = await store.list(at, { prefix: "" }).catch((caught: unknown) => caught);
    expect(JSON.stringify(outcome)).not.toContain("xxx");
  });
});

describe("addresses", () => {
  const bucket = (more: Partial<Config>) => bucketUrl({ bucket: "archive", region: "eu-west-1", ...more });

  it("has the bucket in the host at Amazon, and in the path elsewhere", () => {
    expect(bucket({})).toBe("https://archive.s3.eu-west-1.amazonaws.com/");
    expect(bucket({ bucket: "my.archive" })).toBe("https://s3.eu-west-1.amazonaws.com/my.archive/");
    expect(bucket({ endpoint: "https://minio.example.test:9000" })).toBe("https://minio.example.test:9000/archive/");
    expect(bucket({ endpoint: "https://a.test/storage/v1/s3" })).toBe("https://a.test/storage/v1/s3/archive/");
    expect(bucket({ endpoint: "https://a.test", pathStyle: false })).toBe("https://archive.a.test/");
  });

  it("escapes all that a signature escapes", () => {
    expect(inPath("a b/ü(1)'!*~.txt")).toBe("a%20b/%C3%BC%281%29%27%21%2A~.txt");
  });
});
