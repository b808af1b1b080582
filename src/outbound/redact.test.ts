import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeForm, encodeHtml, encodeQuery } from "#expressions/place.ts";
import { Secret } from "#vault/secret.ts";
import { redactor } from "./redact.ts";

const redact = (text: string, ...values: string[]) => redactor(values.map((value) => new Secret(value)))(text);

/** How the other side may write what it was sent. */
const writings: Readonly<Record<string, (value: string) => string>> = {
  "as it is": (value) => value,
  "in JSON": (value) => JSON.stringify({ echo: value }),
  "in JSON within JSON": (value) => JSON.stringify({ body: JSON.stringify({ echo: value }) }),
  "in JSON of PHP": (value) => JSON.stringify(value).replaceAll("/", "\\/"),
  "in JSON of ASCII alone": (value) =>
    JSON.stringify(value).replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "in JSON for a script": (value) =>
    JSON.stringify(value).replace(/[<>&']/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  "in an address": (value) => `https://x.test/?a=${encodeQuery(value)}&b=1`,
  "in an address, by a script": (value) => `https://x.test/?a=${encodeURIComponent(value)}&b=1`,
  "in an address, in lower case": (value) => encodeQuery(value).replace(/%../g, (part) => part.toLowerCase()),
  "in an address within an address": (value) => `next=${encodeQuery(`key=${encodeQuery(value)}`)}`,
  "in a path": (value) => `https://x.test/a/${encodeURI(value)}/b`,
  "in a form": (value) => `a=1&b=${encodeForm(value)}&c=2`,
  "in search parameters": (value) => `${new URLSearchParams({ a: value, b: "1" })}`,
  "in HTML": (value) => `<p>${encodeHtml(value)}</p>`,
  "in HTML by names": (value) =>
    value
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#039;"),
  "in Base64": (value) => Buffer.from(value).toString("base64"),
  "in Base64 for addresses": (value) => Buffer.from(value).toString("base64url"),
};

/** Values as people choose and machines make them, down to the shortest that are looked for. */
const aValue = fc
  .oneof(
    fc.string({ minLength: 4, maxLength: 60 }),
    fc.string({ minLength: 4, maxLength: 60, unit: "grapheme" }),
    fc.base64String({ minLength: 8, maxLength: 80 }),
    fc.string({
      minLength: 4,
      maxLength: 30,
      unit: fc.constantFrom("a", "&", "<", "'", '"', "/", "\\", "%", "+", "é", " "),
    }),
  )
  .filter((value) => value.isWellFormed() && !"[secret]".includes(value));

describe("a redactor", () => {
  it.each(Object.entries(writings))("SR-25 leaves nothing of a secret that is written %s", (_where, write) => {
    fc.assert(
      fc.property(aValue, (value) => {
        const written = write(value);
        // What stands around it in every answer, and not because of the secret.
        if (write("").includes(value)) return;
        const redacted = redact(`before ${written} after`, value);
        expect(redacted).toContain("[secret]");
        expect(redacted).not.toContain(write(value));
        expect(redacted.replaceAll("[secret]", "")).not.toContain(value);
      }),
      { numRuns: 500 },
    );
  });

  it("SR-25 leaves neither half of a Basic header, whichever of them is secret", () => {
    fc.assert(
      fc.property(aValue, fc.string({ maxLength: 20 }), fc.constantFrom(encodeForm, String), (value, other, encode) => {
        fc.pre(encode(value).length >= 8);
        for (const pair of [`${other}:${encode(value)}`, `${encode(value)}:${other}`]) {
          const header = Buffer.from(pair).toString("base64");
          const left = redact(`Basic ${header}`, value).replace("Basic ", "").split("[secret]");
          expect(left.length).toBeGreaterThan(1);
          for (const part of left) expect(Buffer.from(part, "base64").toString()).not.toContain(encode(value));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("leaves the rest as it is, and a text without secrets altogether", () => {
    const words = fc.string({ unit: fc.constantFrom(..."xyz {}:,\n") });
    fc.assert(
      fc.property(words, words, words, (before, between, after) => {
        const text = `${before}s3cret${between}t0ken${after}`;
        expect(redact(text, "s3cret", "t0ken")).toBe(`${before}[secret]${between}[secret]${after}`);
        expect(redact(before, "s3cret", "t0ken")).toBe(before);
        expect(redact(text)).toBe(text);
      }),
    );
  });

  it("takes the longer one of two secrets that overlap, and no secret out of what it wrote itself", () => {
    expect(redact("abcdefgh", "abcd", "abcdefgh")).toBe("[secret]");
    expect(redact("my secret: abcd", "abcd", "secret")).toBe("my [secret]: [secret]");
  });

  it("leaves values of less than four characters, which any text has in it", () => {
    expect(redact("a1b2 is not a1b", "a1b", "", "x")).toBe("a1b2 is not a1b");
    expect(redact("a1b2 is not a1b", "a1b2")).toBe("[secret] is not a1b");
  });

  it("takes a value that was entered with blanks around it, which most servers drop", () => {
    expect(redact("got s3cret", " s3cret\n")).toBe("got [secret]");
  });

  it("has no opinion on secrets that are no text", () => {
    const bytes = new Secret(Uint8Array.of(0xff, 0xfe, 0xfd, 0xfc));
    expect(redactor([bytes])("any text")).toBe("any text");
  });

  it("manages secrets and texts as long as they can be", () => {
    const value = "k".repeat(65_535).concat("!");
    expect(redact(`${"x".repeat(1_000_000)}${value}`, value, "s3cret").endsWith("x[secret]")).toBe(true);
  });
});

it("SR-72 looks through a million short texts, of which each may hold a secret, at once", () => {
  const clean = redactor(["canary/+&<\"'é", "another-secret"].map((value) => new Secret(value)));
  const texts = Array.from({ length: 1_000_000 }, (_, n) => (n % 10 === 0 ? "another-secret" : `item ${n}`));
  const cleaned = texts.map(clean);
  expect(cleaned.filter((text) => text === "[secret]")).toHaveLength(100_000);
  expect(cleaned[1]).toBe("item 1");
});

it("SR-25 finds a long secret that begins inside of what only looks like another one", () => {
  expect(redact("abcdefgh-and-more", "abcd1", "cdefgh-and")).toBe("ab[secret]-more");
});
