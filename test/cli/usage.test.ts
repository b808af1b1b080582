import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, describe, expect, it, vi } from "vitest";
import { newKeyFileText, parseKeyFile } from "#vault/keyring.ts";
import { createProgram } from "../../src/cli/program.ts";
import { type CommandLine, commandLine } from "../support/command-line.ts";

// Each call is a process of its own, which takes seconds on a machine that is busy.
vi.setConfig({ testTimeout: 60_000 });

const made: CommandLine[] = [];
function anInstallation(settings: Record<string, string> = {}): CommandLine {
  const one = commandLine(settings);
  made.push(one);
  return one;
}
afterAll(() => {
  for (const one of made) one.end();
});

const commands = createProgram().commands.flatMap((command) =>
  command.commands.length > 0 ? command.commands.map((inner) => [command.name(), inner.name()]) : [[command.name()]],
);

describe("help", () => {
  it.each(commands)("of hawser %s %s has examples", async (...words) => {
    const program = createProgram();
    let help = "";
    program.configureOutput({ writeOut: (text) => (help += text) });
    for (const command of program.commands) {
      for (const one of [command, ...command.commands]) one.configureOutput({ writeOut: (text) => (help += text) });
    }
    await expect(
      program.parseAsync([...words.filter((word) => word !== undefined), "--help"], { from: "user" }),
    ).rejects.toThrow();
    expect(help).toContain("Usage: hawser");
    expect(help).toContain(`Examples:\n  `);
    expect(help).toContain(`hawser ${words.filter((word) => word !== undefined).join(" ")}`);
  });

  it("is an answer and no failure", async () => {
    const { code, out, err } = await anInstallation().hawser("--help");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("sync");
  });
});

describe("wrong usage ends with 2, says what is wrong and prints nothing on standard output", () => {
  it.each([
    [["sail"], "unknown command 'sail'"],
    [["sync", "list", "--colour"], "unknown option '--colour'"],
    [["sync", "add"], "--name <name>"],
    [["sync", "add", "--name", "A"], "Name either an existing connection with --connection"],
    [["sync", "add", "--name", "A", "--connection", "B", "--schedule", "daily"], "Write manual, every:15m"],
    [["sync", "add", "--name", "A", "--connection", "B", "--destination", "s3"], "local-folder:ROOT/FOLDER"],
    [["sync", "run"], "missing required argument 'name'"],
    [["migrate", "down", "--steps", "0"], "whole number above 0"],
  ])("%j", async (args, words) => {
    const { code, out, err } = await anInstallation().hawser(...args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
    expect(err).not.toContain("    at ");
  });
});

describe("what cannot be done ends with 1 and a sentence", () => {
  it("names a setting that is not one", async () => {
    const { code, out, err } = await anInstallation({ HAWSER_PROT: "1" }).hawser("sync", "list");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(err).toContain("HAWSER_PROT: There is no such setting. Did you mean HAWSER_PORT?");
    expect(err).not.toContain("    at ");
  });

  it("leaves no new database behind in a wrong folder", async () => {
    const here = anInstallation();
    const { code, err } = await here.hawser("sync", "list", "--json");
    expect(code).toBe(1);
    expect(err).toContain("There is no database in");
    expect(existsSync(here.data)).toBe(false);
  });

  it("says in words that the database does not answer", async () => {
    const away = anInstallation({ DATABASE_URL: "postgresql://owner:secret-word@127.0.0.1:1/hawser" });
    const [listed, checked] = [await away.hawser("sync", "list"), await away.hawser("check", "database", "--json")];
    expect(listed.code).toBe(1);
    expect(listed.err).toBe(
      "Nothing listens at the address of the database. Is it running, and is DATABASE_URL right?\n",
    );
    expect(checked.code).toBe(1);
    expect(JSON.parse(checked.out)).toMatchObject({ ok: false, findings: [{ check: "reachable", ok: false }] });
    expect(listed.err + checked.out + checked.err).not.toContain("secret-word");
  });
});

describe("keys new", () => {
  it("puts a key at the front, keeps every older one and the words of the operator, and stays private", async () => {
    const here = anInstallation();
    writeFileSync(here.keyFile, `# ours, since 2026\n${newKeyFileText(new Date("2026-01-01"))}`, { mode: 0o600 });
    const before = readFileSync(here.keyFile, "utf8");

    const first = await here.json("keys", "new");
    const second = await here.json("keys", "new");

    const text = readFileSync(here.keyFile, "utf8");
    const { mode } = statSync(here.keyFile);
    const keyring = parseKeyFile({ path: here.keyFile, mode, text });
    const ids = [second, first].map((made) => (made as { id: string }).id);
    expect([...keyring.reading.keys()]).toEqual([...ids, "2026-01-01"]);
    expect(keyring.writing.id).toBe(ids[0]);
    expect(mode & 0o777).toBe(0o600);
    expect(
      text
        .split("\n")
        .filter((line) => before.includes(line))
        .join("\n"),
    ).toBe(before);
    expect(existsSync(`${here.keyFile}.new`)).toBe(false);
  });

  it("never prints a key", async () => {
    const here = anInstallation();
    writeFileSync(here.keyFile, newKeyFileText(new Date("2026-01-01")), { mode: 0o600 });
    const { out, err } = await here.hawser("keys", "new");
    for (const line of readFileSync(here.keyFile, "utf8")
      .split("\n")
      .filter((line) => /^[^#].*:/.test(line))) {
      expect(out + err).not.toContain(line.split(":")[1]);
    }
  });

  it("leaves alone a file that others can read, and one that another call is changing", async () => {
    const here = anInstallation();
    writeFileSync(here.keyFile, newKeyFileText(new Date("2026-01-01")), { mode: 0o600 });
    const before = readFileSync(here.keyFile, "utf8");
    chmodSync(here.keyFile, 0o644);
    const open = await here.hawser("keys", "new");
    chmodSync(here.keyFile, 0o600);
    writeFileSync(`${here.keyFile}.new`, "somebody's");
    const busy = await here.hawser("keys", "new");

    expect([open.code, busy.code]).toEqual([1, 1]);
    expect(open.err).toContain("chmod 600");
    expect(busy.err).toContain("delete it and try again");
    expect(readFileSync(here.keyFile, "utf8")).toBe(before);
    expect(readFileSync(`${here.keyFile}.new`, "utf8")).toBe("somebody's");
  });
});
