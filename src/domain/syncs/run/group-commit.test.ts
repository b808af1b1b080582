import { describe, expect, it } from "vitest";
import { groupCommit } from "./group-commit.ts";

const slowly = () => new Promise<void>((done) => setImmediate(done));

describe("a group commit", () => {
  it("SR-88 writes every result once and in order, however adding and draining fall together", async () => {
    const written: number[] = [];
    const commit = groupCommit<number>(async (group) => {
      await slowly();
      written.push(...group);
    });
    const all = Array.from({ length: 1_000 }, (_, n) => n);
    for (const n of all) {
      await commit.add(n);
      if (n % 97 === 0) await commit.drain();
      if (n % 97 === 1) await Promise.all([commit.drain(), commit.drain()]);
    }
    await commit.drain();
    await commit.drain();
    expect(written).toEqual(all);
  });

  it("goes on writing after a drain that had nothing to write", async () => {
    const written: string[] = [];
    const commit = groupCommit<string>(async (group) => void written.push(...group));
    await commit.drain();
    await commit.add("late");
    await commit.drain();
    expect(written).toEqual(["late"]);
  });

  it("puts many results into one write", async () => {
    const sizes: number[] = [];
    const commit = groupCommit<number>(async (group) => {
      sizes.push(group.length);
      await slowly();
    });
    await Promise.all(Array.from({ length: 300 }, (_, n) => commit.add(n)));
    await commit.drain();
    expect(sizes.reduce((sum, size) => sum + size)).toBe(300);
    expect(sizes.length).toBeLessThan(10);
  });

  it("fails every later call after a failed write, and writes nothing more", async () => {
    let writes = 0;
    const commit = groupCommit<number>(async () => {
      writes += 1;
      throw new Error("the lease is lost");
    });
    await commit.add(1);
    await expect(commit.drain()).rejects.toThrow("the lease is lost");
    await expect(commit.add(2)).rejects.toThrow("the lease is lost");
    await expect(commit.drain()).rejects.toThrow("the lease is lost");
    expect(writes).toBe(1);
  });
});
