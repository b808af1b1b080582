import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ConnectionId, RemoteId } from "#core/ids.ts";
import { foldKey, idKey, mirrorKey, segmentsOf, withShortId } from "./object-key.ts";

type Names = [string, ...string[]];

/** Names as hostile as they come: what a source may hold, and what looks like our own escapes and ids. */
const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom(..."%~.-_ /\\:aAcCoOnN25EeFf0üß\ud83d\u0308", "\ud800", "\0", "📁"),
    maxLength: 12,
  }),
  fc.string({ unit: fc.constantFrom("a", "é", "📁", "%"), minLength: 60, maxLength: 300 }),
  fc
    .tuple(fc.constantFrom("con", "NUL", "com1", "LPT¹", "conin$"), fc.constantFrom("", ".txt", " .a", "x"))
    .map((parts) => parts.join("")),
  fc
    .tuple(
      fc.string({ maxLength: 5 }),
      fc.string({ unit: fc.constantFrom(..."0123456789abcdefAF"), minLength: 12, maxLength: 32 }),
    )
    .map(([stem, id]) => `${stem}~${id}.pdf`),
);
const names = fc.array(name, { minLength: 1, maxLength: 4 }).map((list) => list as Names);
const anId = fc.string({ minLength: 1, maxLength: 20 }).map((text) => text as RemoteId);

const reservedOnWindows = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)/i;

function expectSafe(key: string): void {
  for (const segment of key.split("/")) {
    expect(segment).not.toBe("");
    expect(segment).not.toMatch(/^\.|[. ]$|[\\<>:"|?*\p{Cc}\p{Cs}]/u);
    expect(segment).not.toMatch(reservedOnWindows);
    expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255);
    expect(Buffer.from(segment).toString()).toBe(segment);
  }
}

describe("mirrorKey", () => {
  it("SR-84 gives two different paths two different keys", () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(mirrorKey(a) === mirrorKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { numRuns: 3000 },
    );
  });

  it("SR-84 gives two names that differ little two different keys", () => {
    const edit = fc.tuple(name, fc.nat(400), fc.constantFrom("", "%", "%2E", ".", " ", "~", "a", "A", "/", "%25"));
    fc.assert(
      fc.property(edit, ([whole, at, put]) => {
        const other = whole.slice(0, at) + put + whole.slice(at + 1);
        expect(mirrorKey([whole]) === mirrorKey([other])).toBe(whole === other);
      }),
      { numRuns: 5000 },
    );
  });

  it("SR-84 stays below its root, in segments that any file system takes", () => {
    fc.assert(
      fc.property(names, (path) => {
        expectSafe(mirrorKey(path));
        expect(segmentsOf(mirrorKey(path)).length).toBe(path.length);
      }),
      { numRuns: 3000 },
    );
  });

  it("leaves ordinary names as they are", () => {
    const ordinary: Names = [
      "Engineering (old)",
      "50% done, été 2024",
      "Pump ~3 & Co.",
      "a_b-c+d=e@f#g!.pdf",
      "日本語.txt",
    ];
    expect(segmentsOf(mirrorKey(["Engineering (old)", "Pump ~3 & Co.x"]))).toEqual([
      "Engineering (old)",
      "Pump ~3 & Co.x",
    ]);
    expect(mirrorKey(ordinary).split("/").slice(3)).toEqual(ordinary.slice(3));
    expect(mirrorKey(["50% done, été 2024"])).toBe("50% done, été 2024");
  });

  it.each([
    ["..", "%2E%2E"],
    [".", "%2E"],
    ["", "%5F"],
    [".hidden", "%2Ehidden"],
    ["a/b", "a%2Fb"],
    ["a\\b", "a%5Cb"],
    ["nul.txt", "%6Eul.txt"],
    ["name. ", "name.%20"],
    ["%2E", "%252E"],
    ["line\nbreak", "line%0Abreak"],
    ["\ud800", "%ED%A0%80"],
  ])("writes %j as %j", (name, key) => {
    expect(mirrorKey([name])).toBe(key);
  });

  it("keeps the ending of a name that it has to cut", () => {
    expect(mirrorKey([`${"ü".repeat(200)}.pdf`])).toMatch(/^ü+~[0-9a-f]{32}\.pdf$/);
  });
});

describe("foldKey", () => {
  it("SR-84 is equal for names that some file systems take for the same", () => {
    for (const [a, b] of [
      ["Report.PDF", "report.pdf"],
      ["\u00fc.txt", "u\u0308.txt"],
      ["\u00dc.txt", "u\u0308.txt"],
      ["STRASSE", "straße"],
      ["Σίσυφος", "ΣΊΣΥΦΟΣ"],
    ] as const) {
      expect(foldKey(mirrorKey([a]))).toBe(foldKey(mirrorKey([b])));
    }
    expect(foldKey(mirrorKey(["a"]))).not.toBe(foldKey(mirrorKey(["b"])));
  });

  it("SR-84 does not depend on the Unicode form of a name", () => {
    const unit = fc.constantFrom(..."aǰΐᾳßİ", "\u0345", "\u0308", "\u0301", "\u0323", "\uac00", "\u1100", "\u1161");
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 8 }), (name) => {
        const folded = foldKey(mirrorKey([name]));
        expect(foldKey(mirrorKey([name.normalize("NFC")]))).toBe(folded);
        expect(foldKey(mirrorKey([name.normalize("NFD")]))).toBe(folded);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("withShortId", () => {
  it("SR-84 gives files whose names collide keys that do not, also for systems without case", () => {
    fc.assert(
      fc.property(names, anId, anId, (path, a, b) => {
        fc.pre(a !== b);
        const key = mirrorKey(path);
        const [first, second] = [withShortId(key, a), withShortId(key, b)];
        expect(new Set([foldKey(key), foldKey(first), foldKey(second)]).size).toBe(3);
        expectSafe(first);
      }),
      { numRuns: 2000 },
    );
  });

  it("SR-84 gives no key that another name could have", () => {
    fc.assert(
      fc.property(names, anId, names, (path, id, other) => {
        expect(withShortId(mirrorKey(path), id)).not.toBe(mirrorKey(other));
      }),
      { numRuns: 2000 },
    );
    const taken = withShortId(mirrorKey(["report.pdf"]), "1" as RemoteId);
    expect(taken).toMatch(/^report~[0-9a-f]{12}\.pdf$/);
    expect(mirrorKey([taken])).not.toBe(taken);
  });
});

describe("idKey", () => {
  const file = fc.record({
    connection: fc.uuid().map((id) => id as ConnectionId),
    remoteId: anId,
    version: fc.string({ maxLength: 30 }),
  });

  it("SR-84 is the same for the same file and version, and for no other", () => {
    fc.assert(
      fc.property(file, file, (a, b) => {
        expect(idKey(a)).toBe(idKey({ ...a }));
        expect(idKey(a) === idKey(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
        expect(idKey(a)).not.toBe(idKey({ ...a, version: `${a.version}1` }));
        expectSafe(idKey(a));
      }),
    );
  });

  it("takes over the ending of a name only where it is a plain one", () => {
    const of = (extension: string) =>
      idKey({ connection: "c" as ConnectionId, remoteId: "r" as RemoteId, version: "1", extension });
    expect(of("PDF")).toMatch(/^c\/[0-9a-f]{2}\/[0-9a-f]{64}\.pdf$/);
    expect(of("../x")).toMatch(/^c\/[0-9a-f]{2}\/[0-9a-f]{64}$/);
  });
});
