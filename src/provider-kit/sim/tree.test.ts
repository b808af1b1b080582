import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesOf, type Content, hashesOf, sizeOf, streamOf } from "./content.ts";
import { documentBytes } from "./documents.ts";
import { plantMany, plantShipyard } from "./plant.ts";
import { SimTree } from "./tree.ts";

const clock = { now: () => new Date("2026-05-01T08:00:00Z") };
const newTree = () => new SimTree({ clock, newId: (n) => `id${n}` });
const read = async (content: Content, from?: number, to?: number) =>
  Buffer.concat(await Array.fromAsync(streamOf(content, from, to) as AsyncIterable<Uint8Array>));

describe("a pretend drive", () => {
  it("remembers what happened, and who lies where", () => {
    const tree = newTree();
    const drive = tree.addDrive("Mine");
    const folder = tree.addFolder(drive.top, "A");
    const other = tree.addFolder(drive.top, "B");
    const file = tree.addFile(folder, "x.txt", bytesOf("x"));
    tree.move(file, other);
    tree.trash(other);
    expect([tree.pathOf(file), tree.isTrashed(file), file.trashed]).toEqual(["/B/x.txt", true, false]);
    tree.restore(other);
    expect(tree.isTrashed(file)).toBe(false);
    tree.delete(other);
    expect([tree.get(file.id), tree.get(other.id), tree.get(folder.id)]).toEqual([undefined, undefined, folder]);
    expect(drive.log.map(({ node, what }) => `${node.name} ${what}`)).toEqual([
      "A created",
      "B created",
      "x.txt created",
      "x.txt moved",
      "B trashed",
      "B restored",
      "B deleted",
    ]);
  });

  it("takes what lies in a folder along into another drive", () => {
    const tree = newTree();
    const [one, two] = [tree.addDrive("One"), tree.addDrive("Two")];
    const folder = tree.addFolder(one.top, "A");
    const file = tree.addFile(folder, "x.txt", bytesOf("x"));
    tree.move(folder, two.top);
    expect(file.drive).toBe(two);
    expect([one.log.at(-1), two.log.at(-1)]).toMatchObject([{ what: "moved" }, { what: "moved" }]);
  });

  it("is the same for the same seed", () => {
    const names = (seed: number) => {
      const tree = newTree();
      plantShipyard(tree, tree.addDrive("Mine").top, seed);
      return [...tree.nodes.values()].map((node) => tree.pathOf(node));
    };
    expect(names(1)).toEqual(names(1));
    expect(names(1)).not.toEqual(names(2));
    expect(names(1).length).toBeGreaterThan(150);
  });

  it("holds many files, whose log is forgotten", () => {
    const tree = newTree();
    const drive = tree.addDrive("Mine");
    plantMany(tree, drive.top, { files: 5_000, perFolder: 100, content: (n) => ({ kind: "noise", seed: n, size: n }) });
    expect(tree.nodes.size).toBe(1 + 1 + 50 + 5_000);
    expect([drive.log.length, drive.logStart]).toEqual([0, 5_051]);
  });
});

describe("the bytes of a pretend file", () => {
  it.each<Content>([
    bytesOf("hello"),
    { kind: "noise", seed: 7, size: 200_000 },
    { kind: "document", type: "pdf", seed: 3 },
  ])("are the same from any point: %j", async (content) => {
    const whole = await read(content);
    expect(whole.length).toBe(sizeOf(content));
    for (const from of [0, 1, Math.floor(whole.length / 2), whole.length]) {
      expect((await read(content, from)).equals(whole.subarray(from))).toBe(true);
    }
    expect((await read(content, 2, 4)).equals(whole.subarray(2, 4))).toBe(true);
    expect(hashesOf(content).sha256).toBe(createHash("sha256").update(whole).digest("hex"));
  });

  it("begin as documents of their kind do", () => {
    const start = (kind: Parameters<typeof documentBytes>[0]) => Buffer.from(documentBytes(kind, 5)).toString("latin1");
    expect(start("pdf")).toMatch(/^%PDF-1\.4[\s\S]*startxref\n\d+\n%%EOF\n$/);
    expect(start("docx").startsWith("PK\u0003\u0004")).toBe(true);
    expect(start("docx")).toContain("word/document.xml");
    expect(start("xlsx")).toContain("xl/workbook.xml");
    expect(start("png").startsWith("\u0089PNG\r\n")).toBe(true);
  });
});
