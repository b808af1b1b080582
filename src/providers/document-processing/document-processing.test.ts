import { describe, expect, it } from "vitest";
import { readForm } from "#provider-kit/sim/multipart.ts";
import type { Config } from "./config.ts";
import { fromFolderNames } from "./folder-names.ts";
import { formOf } from "./form.ts";
import { documentProcessing } from "./index.ts";
import { writeMessage } from "./message.ts";
import { readAnswer } from "./read-answer.ts";

const provider = documentProcessing();
const configOf = (more: object = {}) =>
  provider.config?.parse({ base_url: "digest.example.com", tenant_id: "yacht-042", ...more }) as Config;

const document = {
  id: "0198f5a4-0000-7000-8000-000000000001",
  name: 'main "a".pdf',
  path: ["02_Engineering", "Electrical"],
  mediaType: "application/pdf",
  size: 4,
  sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
  source: "onedrive",
  sourceId: "01ABC",
  sourceVersion: "v1",
  modifiedAt: new Date("2026-01-01T00:00:00Z"),
  metadata: {},
  storage: { kind: "local-folder", bucket: "archive", path: "yacht-042/1/v1" },
};

describe("the config", () => {
  it("is by reference unless another form is chosen, and never the weak one by itself", () => {
    expect(configOf()).toMatchObject({
      base_url: "https://digest.example.com",
      mode: "reference",
      folder_names: false,
    });
    expect(provider.auth(configOf())[0]).toMatchObject({ scheme: { kind: "webhook" } });
    expect(provider.auth(configOf({ mode: "compatible" }))[0]).toMatchObject({
      scheme: { kind: "tenant", tenant: "yacht-042", formula: "sha256-concat", key: "text" },
    });
  });

  it.each([
    { base_url: "http://digest.example.com", mode: "compatible" },
    { base_url: "http://127.0.0.1.example.com", mode: "compatible" },
    { base_url: "http://10.0.0.5", mode: "compatible" },
    { base_url: "https://user:pass@digest.example.com" },
    { base_url: "https://digest.example.com/?a=1" },
    { base_url: "ftp://digest.example.com" },
    { tenant_id: "a.b" },
    { tenant_id: "" },
    { tenant_id: "a".repeat(65) },
    { mode: "plain" },
  ])("is not %j", (wrong) => {
    expect(() => configOf(wrong)).toThrow();
  });

  it("leaves it to the operator whether plain http goes out at all, but not for the weak form", () => {
    expect(configOf({ base_url: "http://digest.lan:8080/" }).base_url).toBe("http://digest.lan:8080");
    expect(configOf({ base_url: "http://127.0.0.1:8080", mode: "compatible" }).mode).toBe("compatible");
  });

  it("says of the weak form that it is weak", () => {
    expect(JSON.stringify(provider.config?.jsonSchema)).toMatch(/weak: it never changes.*for ever/);
  });
});

describe("the message", () => {
  const told = (config: Config, more: object = {}) => {
    const made = writeMessage(config, { ...document, ...more });
    return "refused" in made ? made : { bytes: made.bytes, message: JSON.parse(made.payload) };
  };

  it("says where the document is", () => {
    expect(told(configOf({ folder_names: true }))).toEqual({
      bytes: false,
      message: {
        type: "document.ready",
        version: 1,
        tenant_id: "yacht-042",
        document: {
          id: document.id,
          filename: document.name,
          mime_type: "application/pdf",
          size_bytes: 4,
          sha256: document.sha256,
          source: "onedrive",
          source_id: "01ABC",
          source_version: "v1",
          path: ["02_Engineering", "Electrical"],
          modified_at: "2026-01-01T00:00:00.000Z",
          metadata: { doc_type: "schematic", system_tag: "electrical" },
          storage: document.storage,
        },
      },
    });
  });

  it("says nothing of places where the bytes come along", () => {
    expect(told(configOf({ mode: "inline" }))).toMatchObject({ bytes: true, message: { type: "document.inline" } });
    expect(JSON.stringify(told(configOf({ mode: "inline" })))).not.toContain("storage");
  });

  it("has the older form's words, and what the sync's rules say before what the folders say", () => {
    const config = configOf({ mode: "compatible" });
    expect(told(config, { metadata: { doc_type: "manual" } })).toEqual({
      bytes: true,
      message: {
        yacht_id: "yacht-042",
        filename: document.name,
        system_path: "02_Engineering/Electrical",
        directories: ["02_Engineering", "Electrical"],
        doc_type: "manual",
        system_tag: "electrical",
        source: "onedrive",
      },
    });
    expect(told(config, { source: "google-drive" })).toMatchObject({ message: { source: "nas" } });
  });

  it("is not written where it, or the file that goes with it, is too large", () => {
    expect(told(configOf(), { path: Array(300).fill("x".repeat(255)) })).toMatchObject({
      refused: expect.stringContaining("64 KiB"),
    });
    const size = 25 * 1024 * 1024;
    expect(told(configOf({ mode: "inline" }), { size })).toMatchObject({ refused: expect.stringContaining("25 MiB") });
    expect(told(configOf(), { size: 2 ** 31 })).toMatchObject({ bytes: false });
  });
});

it.each([
  ["02_Engineering/Electrical", "schematic", "electrical"],
  ["Manuals/Bow Thrusters", "manual", "propulsion"],
  ["08_Maintenance/Naval architects", "maintenance_log", "general"],
  ["14_Photos/AV & lighting", "photo", "av"],
  ["07_Safety", "sop", "safety"],
  ["Elsewhere/12_Warranties", "general", "general"],
  ["", "general", "general"],
])("reads the folders %s as %s, %s", (path, doc_type, system_tag) => {
  expect(fromFolderNames(path.split("/"))).toEqual({ doc_type, system_tag });
});

describe("a form", () => {
  it.each([
    "main.pdf",
    'a"b.pdf',
    "a\r\nContent-Type: text/html\r\n\r\nx.pdf",
    "Schaltplan Größe 3 – Λ.pdf",
    "../../etc/passwd",
    "x".repeat(300),
  ])("carries the name %j and the bytes, whatever stands in it", async (name) => {
    const bytes = new TextEncoder().encode("test");
    const open = async () => new Blob([bytes]).stream();
    const form = formOf("hawserX", { name: "meta", payload: "{}" }, { name, size: 4, open }, "text");
    const sent = new Uint8Array(await new Response(form.bytes).arrayBuffer());
    expect(sent.length).toBe(form.size);
    expect(readForm(sent, form.mediaType)).toEqual([
      { name: "meta", bytes: expect.objectContaining({ length: 2 }) },
      { name: "file", filename: name, bytes: expect.objectContaining({ length: 4 }) },
    ]);
    // A reader that nobody here wrote sees the same.
    const read = await new Response(sent, { headers: { "content-type": form.mediaType } }).formData();
    expect([...read.keys()]).toEqual(["meta", "file"]);
  });
});

describe("an answer", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const read = (
    status: number,
    {
      headers = {},
      text = "",
      mode = "reference",
    }: { headers?: HeadersInit; text?: string; mode?: Config["mode"] } = {},
  ) => readAnswer({ status, headers: new Headers(headers), text }, { mode }, now);

  it.each([
    [202, { text: '{"id":"evt_1","job_id":"job_1"}' }, { kind: "accepted", duplicate: false, job: "job_1" }],
    [200, { text: '{"duplicate":true}' }, { kind: "accepted", duplicate: true }],
    [204, {}, { kind: "accepted" }],
    [200, { text: "<html>" }, { kind: "accepted" }],
    [200, { text: "null" }, { kind: "accepted", duplicate: false }],
    [200, { mode: "compatible" as const }, { kind: "accepted" }],
    [202, { mode: "compatible" as const }, { kind: "refused" }],
    [301, {}, { kind: "closed", because: "rejected" }],
    [307, { headers: { location: "https://evil.example.com/" } }, { kind: "closed" }],
    [400, {}, { kind: "refused" }],
    [401, {}, { kind: "closed", because: "reauthorize" }],
    [401, { headers: { date: "Thu, 01 Jan 2026 02:00:00 GMT" } }, { kind: "closed", because: "forbidden" }],
    [403, {}, { kind: "closed", because: "forbidden" }],
    [404, {}, { kind: "closed", because: "rejected" }],
    [405, {}, { kind: "closed", because: "rejected" }],
    [408, {}, { kind: "later" }],
    [409, { text: '{"error":{"code":"in_progress","message":"x"}}' }, { kind: "later" }],
    [409, { text: '{"error":{"code":"idempotency_conflict"}}' }, { kind: "refused" }],
    [410, {}, { kind: "closed", because: "not-found" }],
    [413, {}, { kind: "refused" }],
    [415, {}, { kind: "refused" }],
    [
      422,
      { text: '{"error":{"code":"digest_mismatch","message":"Not\\nit."}}' },
      { reason: /digest_mismatch: Not it\.$/ },
    ],
    [425, {}, { kind: "later" }],
    [429, { headers: { "retry-after": "120" } }, { kind: "later", retryAt: new Date("2026-01-01T00:02:00Z") }],
    [
      503,
      { headers: { "retry-after": "Thu, 01 Jan 2026 00:10:00 GMT" } },
      { retryAt: new Date("2026-01-01T00:10:00Z") },
    ],
    [503, { headers: { "retry-after": "86400" } }, { retryAt: new Date("2026-01-01T01:00:00Z") }],
    [503, { headers: { "retry-after": "soon" } }, { kind: "later" }],
    [500, { text: "x".repeat(70_000) }, { kind: "later" }],
    [502, {}, { kind: "later" }],
    [504, {}, { kind: "later" }],
    [418, {}, { kind: "refused" }],
  ])("of %i %j means %j", (status, about, meaning) => {
    const { reason, ...rest } = meaning as { reason?: RegExp };
    const given = read(status, about);
    expect(given).toMatchObject({ status, ...rest });
    if (reason) expect("reason" in given && given.reason).toMatch(reason);
  });

  it("tells a clock that is wrong from a secret that is", () => {
    expect(read(401, { headers: { date: "Thu, 01 Jan 2026 02:00:00 GMT" } })).toMatchObject({
      reason: "The receiver's clock is 120 minutes ahead of ours, so it takes no signature of ours.",
    });
  });
});
