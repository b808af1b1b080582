import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { appErrorStatus } from "#core/errors.ts";
import { createProgram } from "../../src/cli/program.ts";
import { readConfig } from "../../src/config.ts";

const root = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const documents = globSync(["*.md", "{docs,sdk,src,test}/**/*.md"], {
  cwd: root,
  exclude: (name) => name === "node_modules",
});

/** The rows of the tables in a document, as cells without the marks of code. */
const rows = (file: string) =>
  [...read(file).matchAll(/^\|(.+)\|$/gm)].map(([, cells = ""]) =>
    cells.split("|").map((cell) => cell.trim().replaceAll("`", "")),
  );

describe("docs/errors.md", () => {
  const documented = new Map(rows("docs/errors.md").map(([code = "", status, ...words]) => [code, { status, words }]));

  it.each(Object.entries(appErrorStatus))("SR-77 says of %s what it means and what to do", (code, status) => {
    expect(documented.get(code)?.status).toBe(String(status));
    expect(documented.get(code)?.words).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
  });

  it("names no code that there is not", () => {
    const codes = [...documented.keys()].filter((code) => /^[a-z_]+$/.test(code) && code !== "code");
    expect(codes.filter((code) => !(code in appErrorStatus))).toEqual([]);
  });
});

it("README.md names every setting", () => {
  const { settings } = readConfig({ environment: {}, folder: root });
  const documented = rows("README.md").map(([name]) => name);
  expect(settings.map(({ name }) => name).filter((name) => !documented.includes(name))).toEqual([]);
});

it.each(documents)("%s shows no command that there is not", (file) => {
  const shown = [...read(file).matchAll(/\bhawser -- ((?:[a-z]+ ?)+)/g)].map(([, words = ""]) =>
    words.trim().split(" "),
  );
  expect(shown.filter((words) => !isCommand(words))).toEqual([]);
});

describe("links between documents", () => {
  it.each(documents)("%s leads nowhere that is not there", (file) => {
    const text = read(file).replaceAll(/```[\s\S]*?```/g, "");
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
    const broken = links
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => {
        const [path = "", anchor] = target.split("#");
        const place = path === "" ? join(root, file) : join(root, dirname(file), path);
        return !existsSync(place) || (anchor !== undefined && !anchorsOf(place).includes(anchor));
      });
    expect(broken).toEqual([]);
  });
});

/** Whether the first word is a command, and the next one its own where it has any. */
function isCommand([name, next]: readonly string[]): boolean {
  const command = createProgram().commands.find((one) => one.name() === name);
  return (
    command !== undefined && (command.commands.length === 0 || command.commands.some((one) => one.name() === next))
  );
}

/** Headings as GitHub turns them into anchors. */
function anchorsOf(place: string): string[] {
  if (!statSync(place).isFile()) return [];
  return [...readFileSync(place, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}
