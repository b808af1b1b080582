// On an embedded database of its own, so that it needs none of the tests' clusters.
import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { type CommandLine, commandLine } from "../support/command-line.ts";

const origin = "http://hawser.test";
let here: CommandLine | undefined;
afterAll(() => here?.end());

it("SR-99 backs up while Hawser runs; restore refuses the live installation, and brings back the rest", async () => {
  here = commandLine({ HAWSER_PORT: "0", HAWSER_SIGN_UP: "open", HAWSER_PUBLIC_URL: origin });
  const copy = join(here.folder, "copy");
  const hawser = here.begin("start");
  const [address] = /http:\/\/localhost:\d+/.exec(await hawser.says("is ready at http")) ?? [];
  await makeWorkspace(address ?? "", "Harbour");
  writeFileSync(join(here.documents, "manual.txt"), "turn the key");

  // Joins the database that the other process runs, whose worker does the work.
  const added = await here.json(
    ...["sync", "add", "--name", "Drawings", "--provider", "local-folder", "--root", "documents"],
    ...["--destination", "local-folder:files/Drawings", "--layout", "mirror", "--run", "--wait"],
  );
  const backup = await here.json("backup", copy);
  const live = await here.hawser("restore", copy);
  const again = await here.hawser("backup", copy);
  const { code } = await hawser.interrupt();
  renameSync(here.data, `${here.data}-before`);
  const restored = await here.json("restore", copy);
  const over = await here.hawser("restore", copy);

  expect(added).toMatchObject({ last_run: { status: "done" }, totals: { stored: 1 } });
  expect(backup).toMatchObject({ folder: copy, files: expect.any(Number) });
  expect(live).toMatchObject({ code: 1, err: expect.stringContaining("Hawser runs on") });
  expect(again).toMatchObject({ code: 1, err: expect.stringContaining("is not empty") });
  expect(code).toBe(0);
  expect(restored).toMatchObject({ folder: here.data });
  expect(over).toMatchObject({ code: 1, err: expect.stringContaining("is not empty") });

  // Nobody runs it now, so this process works on the run itself.
  writeFileSync(join(here.documents, "second.txt"), "and wait");
  const run = await here.hawser("sync", "run", "Drawings");
  expect(run).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^✓ Drawings is done: 2 found, 1 new, 1 unchanged/),
  });
  expect(readdirSync(join(here.files, "harbour", "Drawings")).filter((name) => !name.startsWith("."))).toEqual([
    "manual.txt",
    "second.txt",
  ]);
  expect(existsSync(join(here.data, "postgres", "postmaster.pid"))).toBe(false);
}, 90_000);

async function makeWorkspace(address: string, name: string): Promise<void> {
  const headers = { "content-type": "application/json", origin, "x-requested-with": "portal" };
  const post = async (path: string, body: object, cookie = "") => {
    const answer = await fetch(`${address}/api/v1${path}`, {
      method: "POST",
      headers: { ...headers, cookie },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return answer;
  };
  const person = { name: "Ada", email: "ada@example.com", password: "correct horse" };
  const cookie = (await post("/sign-up", person)).headers.get("set-cookie")?.split(";")[0];
  await post("/workspaces", { name }, cookie);
}
