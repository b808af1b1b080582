// The image and the Compose file, as far as they can be judged without building them.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { createProgram } from "../../src/cli/program.ts";
import { readConfig } from "../../src/config.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const settings = new Set(readConfig({ environment: {}, folder: root }).settings.map(({ name }) => name));
const hawsersOwn = /^HAWSER_(?!DATABASE_PASSWORD$)/;

/** Instructions of the Dockerfile, with their lines joined. */
const instructions = read("Dockerfile")
  .replaceAll(/^#.*\n/gm, "")
  .replaceAll("\\\n", " ")
  .split("\n")
  .filter((line) => line !== "")
  .map((line) => {
    const [, name = "", words = ""] = /^(\w+) +(.*)$/.exec(line) ?? [];
    return { name, words };
  });
const lastStage = instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
const wordsOf = (name: string) => lastStage.filter((one) => one.name === name).map(({ words }) => words);

describe("the image", () => {
  it("runs as an ordinary user, who owns nothing of the program, and is asked whether it is alive", () => {
    expect(wordsOf("USER")).toEqual(["node"]);
    expect(wordsOf("COPY").filter((words) => words.includes("--chown"))).toEqual([]);
    expect(wordsOf("HEALTHCHECK")).toEqual([expect.stringContaining("/health")]);
    expect(wordsOf("VOLUME")).toEqual(["/data /files"]);
  });

  it("SR-4 SR-103 is for production, and takes no key and no setting of this machine in", () => {
    const environment = wordsOf("ENV").flatMap((words) => words.split(" ").map((word) => word.split("=")));
    expect(environment).toContainEqual(["HAWSER_ENV", "production"]);
    // Node's own, beside our settings: as `npm start` sets it.
    expect(environment.map(([name = ""]) => name).filter((name) => !settings.has(name))).toEqual([
      "UV_THREADPOOL_SIZE",
    ]);
    const ignored = read(".dockerignore").split("\n");
    expect(ignored).toEqual(expect.arrayContaining(["*.key", ".env", "hawser.env", "data", ".git"]));
  });

  it("copies what there is, and begins with a command that there is", () => {
    const fromHere = instructions
      .filter(({ name, words }) => name === "COPY" && !words.startsWith("--from"))
      .flatMap(({ words }) => words.split(" ").slice(0, -1));
    expect(fromHere.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const [program, ...words] = [...wordsOf("ENTRYPOINT"), ...wordsOf("CMD")].flatMap((line) => JSON.parse(line));
    const flags = words.filter((word) => word.startsWith("--"));
    const [entry = "", command = ""] = words.slice(flags.length);
    expect([program, flags.length > 0]).toEqual(["node", true]);
    expect(JSON.parse(read("package.json")).scripts.start).toContain(`exec node ${flags.join(" ")} ${entry}`);
    expect(existsSync(join(root, entry))).toBe(true);
    expect(createProgram().commands.map((one) => one.name())).toContain(command);
  });
});

describe("the Compose file", () => {
  const text = read("compose.yaml");
  const file = z
    .object({
      services: z.record(
        z.string(),
        z.object({
          image: z.string(),
          environment: z.record(z.string(), z.string()),
          volumes: z.array(z.string()),
          ports: z.array(z.string()).default([]),
        }),
      ),
      volumes: z.record(z.string(), z.unknown()),
    })
    .parse(parse(text, { merge: true }));
  const services = Object.entries(file.services);

  it("sets settings that there are, and demands each secret from outside", () => {
    for (const [name, { environment }] of services) {
      const unknown = Object.keys(environment).filter((key) => hawsersOwn.test(key) && !settings.has(key));
      expect([name, unknown]).toEqual([name, []]);
    }
    const given = [...text.matchAll(/\$\{(\w+)(:\?)?/g)].map(([, name, demanded]) => [name, demanded]);
    expect(new Set(given.map(([name]) => name))).toEqual(
      new Set(["HAWSER_PUBLIC_URL", "HAWSER_MASTER_KEYS", "HAWSER_DATABASE_PASSWORD"]),
    );
    expect(given.every(([, demanded]) => demanded === ":?")).toBe(true);
  });

  it("names images plainly, keeps what lasts in volumes that there are, and opens a port on this machine only", () => {
    for (const [name, { image, volumes, ports }] of services) {
      expect([name, image]).toEqual([name, expect.stringMatching(/^[a-z]+(:\d+)?$/)]);
      for (const [from = ""] of volumes.map((volume) => volume.split(":"))) {
        expect([from, from.startsWith("./") ? existsSync(join(root, from)) : from in file.volumes]).toEqual([
          from,
          true,
        ]);
      }
      expect(ports.every((port) => port.startsWith("127.0.0.1:"))).toBe(true);
    }
  });
});
