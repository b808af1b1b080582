import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { placeRealDocuments } from "../support/real-documents.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home, { HAWSER_SIGN_UP: "invited" });
const { source } = installation;
const destination = join(installation.target, "ana-nilsen-s-workspace", "all-documents");
let hawser: HawserProcess;
let browser: Browser;
let page: Page;
let files = 0;
const reported: string[] = [];

beforeAll(async () => {
  files = placeRealDocuments(source, 2_200);
  [hawser, browser] = await Promise.all([startHawser(installation), openBrowser()]);
  page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  page.setDefaultTimeout(20_000);
  // What the page policy refuses, and errors of our own scripts, are failures of the test (SR-47).
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 401/.test(message.text())) reported.push(message.text());
  });
  page.on("pageerror", (error) => reported.push(error.message));
});

// What the page looked like, for whoever has to find out why.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await page?.screenshot({ path: join(tmpdir(), "hawser-first-sync-failed.png") });
});

afterAll(async () => {
  await browser?.close();
  await hawser?.stop();
  removeFolder(home);
});

describe("the first sync, from sign-up to the last file", () => {
  it("signs the first person up as the one who runs the installation", async () => {
    await page.goto(installation.url);
    await page.getByText("You are the first person here").waitFor();
    await page.getByLabel("Name").fill("Ana Nilsen");
    await page.getByLabel("E-mail").fill("ana@acme.test");
    await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "First steps" }).waitFor();
  });

  it("connects a folder of this machine", async () => {
    await page.getByRole("link", { name: "Connect a local folder" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("button", { name: "Test", exact: true }).waitFor();
    await sheet.getByRole("combobox", { name: "Folder", exact: true }).selectOption("source");
    await sheet.getByRole("button", { name: /^Connect/ }).click();
    await page.getByText("Local folder is connected.").waitFor();
  });

  it("makes a sync with rules in five steps and watches every file arrive", async () => {
    await page.getByRole("link", { name: "Create a sync" }).click();
    await page.getByLabel("Name").fill("All documents");
    await page.getByRole("treeitem").first().waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: /add.*rule/i }).click();
    await page.getByRole("textbox", { name: "Rule 1" }).fill("/{kind}/{package}/**");
    await page.getByText(/Rules read .* folder paths/).waitFor();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("button", { name: "Create and run" }).click();
    await page.getByRole("heading", { name: "All documents" }).waitFor();
    await untilIdle();
    expectReplica();
    expect(filesBelow(destination)).toHaveLength(files);
  });

  it("shows each file with what was read off its path, and finds one among them", async () => {
    await page.getByRole("tab", { name: /^Files/ }).click();
    await page.getByPlaceholder(/search/i).fill("same.txt");
    await page
      .getByRole("row", { name: /same\.txt/ })
      .nth(1)
      .waitFor();
    expect(await page.getByRole("row", { name: /same\.txt/ }).count()).toBe(2);
    await page
      .getByRole("row", { name: /Duplicates/ })
      .first()
      .waitFor();
  });

  it("copies only what changed the second time: edits, moves and deletes", async () => {
    const untouched = new Set(filesBelow(destination).map((path) => statSync(join(destination, path)).ino));
    writeFileSync(join(source, "Duplicates/one/same.txt"), "not the same any more");
    writeFileSync(join(source, "new.txt"), "new");
    renameSync(join(source, "Odd names"), join(source, "Renamed"));
    renameSync(join(source, "Empty/empty.txt"), join(source, "Duplicates/empty.txt"));
    rmSync(join(source, "Duplicates/two/same.txt"));
    await page.getByRole("button", { name: /Run now/ }).click();
    await untilIdle();
    await page.getByRole("tab", { name: /^Runs/ }).click();
    await page.getByText(/1 new/).first().waitFor();

    // The sync marks what is gone and leaves its object where it is.
    expectReplica(["Duplicates/two/same.txt"]);
    const copied = filesBelow(destination).filter((path) => !untouched.has(statSync(join(destination, path)).ino));
    expect(copied.sort()).toEqual(["Duplicates/one/same.txt", "new.txt"]);
  });

  it("SR-47 does all that within a strict page policy and without errors", () => {
    expect(reported).toEqual([]);
  });

  it("SR-97 stops cleanly", async () => {
    await hawser.stop();
    expect(hawser.child.exitCode).toBe(0);
  });
});

async function untilIdle(): Promise<void> {
  await page.getByText("In order").first().waitFor({ timeout: 90_000 });
}

/**
 * The destination holds the source's files: under the same path where any file system takes the name, and else the same
 * contents somewhere in the same folder.
 */
function expectReplica(besides: readonly string[] = []): void {
  const [there, here] = [hashes(source), hashes(destination)];
  for (const path of besides) here.delete(path);
  const plain = (of: Map<string, string>) => [...of].filter(([path]) => !isOdd(path)).sort();
  const odd = (of: Map<string, string>) =>
    [...of]
      .filter(([path]) => isOdd(path))
      .map(([, hash]) => hash)
      .sort();
  expect(plain(here)).toEqual(plain(there));
  expect(odd(here)).toEqual(odd(there));
}

const isOdd = (path: string) => /^(Odd names|Renamed)\//.test(path);

const hashes = (folder: string): Map<string, string> =>
  new Map(
    filesBelow(folder).map((path) => [
      path,
      createHash("sha256")
        .update(readFileSync(join(folder, path)))
        .digest("hex"),
    ]),
  );

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith(".hawser"));
