import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkHeader,
  encodeForm,
  encodeHtml,
  encodeMarkdown,
  encodePathSegment,
  encodeQuery,
  encodeXml,
} from "./place.ts";

const text = fc.string({
  unit: fc.constantFrom(..."aZ0 \t\r\n/\\?#&=+%;:.'\"<>`*_[](){}!|~-@$^é€", "\u{1F600}", "\u0000"),
});

describe("places", () => {
  it("SR-26 a path segment is one segment to a URL parser", () => {
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(!["", ".", ".."].includes(value));
        const segments = new URL(`https://a.example/x/${encodePathSegment(value)}/y?z`).pathname.split("/");
        expect([segments.length, decodeURIComponent(segments[2] ?? "")]).toEqual([4, value]);
      }),
    );
    expect(() => encodePathSegment("")).toThrow("empty");
  });

  it("SR-26 a query value is one value to a URL parser", () => {
    fc.assert(
      fc.property(text, (value) => {
        const { searchParams } = new URL(`https://a.example/?a=${encodeQuery(value)}&b=1`);
        expect([...searchParams]).toEqual([
          ["a", value],
          ["b", "1"],
        ]);
      }),
    );
  });

  it("SR-26 a form value is written as the platform writes it, but for the *", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(encodeForm(value).replaceAll("%2A", "*")).toBe(new URLSearchParams([["", value]]).toString().slice(1));
      }),
    );
  });

  it("SR-26 a header value has no line break or other control character, or is refused", () => {
    fc.assert(
      fc.property(text, (value) => {
        const headers = new Headers();
        let accepted = true;
        try {
          headers.set("x-test", checkHeader(value));
        } catch {
          accepted = false;
        }
        expect(accepted).toBe(/^[\t -~]*$/.test(value));
        if (accepted) expect(headers.get("x-test")).toBe(value.replace(/^[\t ]+|[\t ]+$/g, ""));
      }),
    );
    for (const value of ["a\r\nb: c", "a\nb", "a\0b"]) expect(() => checkHeader(value)).toThrow("line breaks");
  });

  it("SR-26 HTML text is text again for who reads it, in an attribute too", () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(encodeHtml(value)).not.toMatch(/[<>"']/);
        expect(readEntities(encodeHtml(value))).toBe(value);
      }),
    );
  });

  it("SR-26 XML text is text again, and what XML cannot hold is refused", () => {
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(!value.includes("\0"));
        expect(encodeXml(value)).not.toMatch(/[<>"'\t\r\n]/);
        expect(readEntities(encodeXml(value))).toBe(value);
      }),
    );
    for (const value of ["\0", "\u001b", "\ufffe"]) expect(() => encodeXml(value)).toThrow("XML");
  });

  it("SR-26 Markdown text is text again, and begins no block", () => {
    fc.assert(
      fc.property(text, (value) => {
        const encoded = encodeMarkdown(value);
        expect(encoded.replace(/\\[!-/:-@[-`{-~]|&#\d+;/g, "")).not.toMatch(/[!-/:-@[-`{-~]/);
        expect(encoded).not.toMatch(/(?:^|[\r\n])[ \t]/);
        const decoded = encoded.replace(/\\(.)|(&#\d+;)/g, (_, escaped, entity) => escaped ?? readEntities(entity));
        expect(decoded).toBe(value);
      }),
    );
    expect(encodeMarkdown("# a [b](https://c)\n    d")).toBe("\\# a \\[b\\]\\(https\\:\\/\\/c\\)\n&#32;   d");
  });

  it("half a surrogate pair does not stop an encoder", () => {
    expect(encodeQuery("\ud83d")).toBe("%EF%BF%BD");
    expect(encodeXml("\ud83d")).toBe("\ufffd");
  });
});

const readEntities = (encoded: string) => encoded.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
