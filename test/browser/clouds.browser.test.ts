// Each cloud is connected to its simulator, looked through, synced live to a folder, broken there, mended and verified.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AnaInPortal, anaInPortal, keepPicture } from "../support/ana-in-portal.ts";
import { anInstallation } from "../support/hawser-process.ts";
import { whatIsWrong } from "../support/portal-visitor.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home, { HAWSER_SANDBOX: "true" });
const { sandbox } = installation;
let ana: AnaInPortal;
let page: Page;
let workspace: string;

beforeAll(async () => {
  ana = await anaInPortal(installation);
  ({ page, workspace } = ana);
}, 60_000);
afterEach((context) => keepPicture(page, context));
afterAll(async () => {
  await ana?.end();
  removeFolder(home);
});

const clouds = [
  {
    key: "google-drive",
    name: "Google Drive",
    account: "ana@acme.test",
    drive: "My Drive",
    inside: undefined,
    folders: ["02", "03", "05", "08"],
    /** Found by the provider, and chosen where it is found. */
    search: { text: "google doc", finds: /Google documents.*\/Oddities\// },
    /** What the next step says of documents and of what cannot be read. */
    says: /documents will be exported as Word/,
    /** How one of them is called at the destination. */
    brings: /\.docx$/,
    pushes: true,
    looked: true,
    slows: false,
    /** It tells nobody what is left of its allowance. */
    counted: true,
  },
  {
    key: "onedrive",
    name: "OneDrive",
    account: "adele@contoso.test",
    drive: "OneDrive",
    inside: undefined,
    folders: ["02", "03", "05", "08"],
    search: { text: "ODD", finds: /Oddities/ },
    says: /Listed without contents.* package/,
    brings: /UPPER\.TXT$/,
    pushes: true,
    looked: false,
    slows: true,
    counted: false,
  },
  {
    key: "autodesk",
    name: "Autodesk Construction Cloud",
    account: "ines@harbour.test",
    drive: "Tower North",
    inside: "Project Files",
    folders: ["02", "03", "05", "08", "odd"],
    search: undefined,
    says: /Listed without contents/,
    brings: /Fire Safety/,
    // It has not been asked to: its webhooks take a right of their own.
    pushes: false,
    looked: false,
    slows: false,
    counted: false,
  },
];

describe.each(clouds)("$name", (cloud) => {
  const { key, name, account, drive, inside, folders, search, says, brings, pushes, looked, slows, counted } = cloud;
  const sync = `Files of ${name}`;
  const destination = join(installation.target, "harbour", sync.toLowerCase().replaceAll(" ", "-"));
  let address = "";

  it("is connected, looked through and searched by keyboard, and its folders are chosen", async () => {
    await page.goto(`${workspace}/catalog/${key}?sandbox=true`);
    await page.getByRole("button", { name: `Continue to ${name}` }).click();
    await allow();
    await page.getByText(`Signed in as ${account}`).waitFor();
    await page.getByRole("link", { name: "Create a sync" }).first().click();
    await page.getByLabel("Name").fill(sync);
    await page.getByRole("combobox", { name: "Drive" }).click();
    await page.getByRole("option", { name: drive, exact: true }).click();

    const engineering = page.getByRole("treeitem", { name: "02_Engineering" });
    await page.getByRole("treeitem", { name: inside ?? "02_Engineering" }).waitFor();
    await page.getByRole("tree").focus();
    if (inside) {
      await page.keyboard.type(inside.toLowerCase().slice(0, 4));
      await page.keyboard.press("ArrowRight");
    }
    await engineering.waitFor();
    await page.keyboard.type("02");
    await page.keyboard.press("ArrowRight");
    await page.getByRole("treeitem", { name: "Main Engine" }).waitFor();
    await page.keyboard.type("main");
    await expect.poll(() => wayTo()).toBe([drive, inside, "02_Engineering", "Main Engine"].filter(Boolean).join(" / "));
    await page.keyboard.press("Space");
    expect(await engineering.getAttribute("aria-checked")).toBe("mixed");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    for (const folder of folders) {
      await page.keyboard.type(folder);
      await page.keyboard.press("Space");
    }
    // The folder that was chosen first lies in one that was chosen later.
    await expect.poll(chosen).toHaveLength(folders.length);
    if (search) await findAndChoose(search);
    const wrong = looked ? await whatIsWrong(page, "cloud-what") : [];
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByText(says).waitFor();
    if (looked) wrong.push(...(await whatIsWrong(page, "cloud-filters")));
    expect(wrong).toEqual([]);
  });

  it("brings its files to the folder, documents in the format that was asked for", async () => {
    for (const _step of ["metadata", "destination", "schedule"]) {
      await page.getByRole("button", { name: "Continue" }).click();
    }
    if (counted) await play(key, "unhurried");
    await page.getByRole("button", { name: "Create and run" }).click();
    await page.getByRole("heading", { name: sync }).waitFor();
    address = new URL(page.url()).pathname;
    if (counted) {
      await page.getByText(/at most [\d,]+ of 12,000 requests left by our own count, renewed/).waitFor();
      expect(await whatIsWrong(page, "cloud-running")).toEqual([]);
      await play(key, "up");
    }
    await inOrder();
    expect(filesBelow(destination).length).toBeGreaterThan(30);
    expect(filesBelow(destination).some((path) => brings.test(path))).toBe(true);
    expect(filesBelow(destination).filter((path) => path.includes("01_General"))).toEqual([]);
  });

  it("tells what a file is at the source, what its copy is of, and what happened to it", async () => {
    await page.goto(`${address}?q=Hydraulics&state=stored`);
    await page.getByRole("row").nth(1).getByRole("link").first().click();
    await page.getByText("of the version at the source").waitFor();
    await page.getByText("Stored at the destination, hash checked").waitFor();
    await page.getByText("Found at the source").waitFor();
    expect(await page.getByRole("link", { name: "Open at the source" }).getAttribute("href")).toMatch(/^https?:\/\//);
  });

  it("follows what somebody does at the source, by itself where the source tells of it", async () => {
    await page.goto(address);
    if (pushes) await page.getByText("Hears of changes at once").waitFor();
    const before = new Set(filesBelow(destination));
    const work = await play(key, "work", { seed: "3" });
    expect(work).toContain("Somebody made /");
    if (!pushes) await page.getByRole("button", { name: "Run now" }).click();
    await expect.poll(() => filesBelow(destination).some((path) => !before.has(path)), { timeout: 60_000 }).toBe(true);
    // Nobody has loaded the page again.
    await page.getByText(/Last run: .*\d (changed|moved|gone)/).waitFor({ timeout: 60_000 });
    await inOrder();
  });

  it.runIf(slows)("says that the source wants it slower, and when it goes on by itself", async () => {
    await play(key, "slow");
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText("asked us to slow down. We go on at").waitFor();
    await page.getByRole("button", { name: "Cancel run" }).waitFor({ state: "detached", timeout: 60_000 });
    await inOrder();
  });

  it("waits where access is taken back, says so with the button that mends it, and goes on", async () => {
    await play(key, "revoke");
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByText(`“${name}, sandbox” is no longer signed in`).waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Authorize again" }).click();
    await allow();
    await page.getByText(`Signed in as ${account}`).waitFor();
    await page.goto(address);
    await page.getByRole("button", { name: "Run now" }).click();
    await page.getByRole("button", { name: "Cancel run" }).waitFor({ state: "detached", timeout: 60_000 });
    await inOrder();
  });

  it("is verified: nothing differs from the source, and a copy that somebody took away is found and made anew", async () => {
    await page.getByRole("tab", { name: "Verify" }).click();
    await verify();
    await page.getByText("Everything here is as at the source.").waitFor({ timeout: 60_000 });
    const [lost = ""] = filesBelow(destination).filter((path) => path.includes("Hydraulics"));
    rmSync(join(destination, lost));
    await page.getByRole("checkbox", { name: /Read the stored copies again/ }).click();
    await verify();
    await page.getByText("1 difference between here and the source").waitFor({ timeout: 60_000 });
    await page.getByRole("button", { name: "Copy 1 file anew" }).click();
    await expect.poll(() => filesBelow(destination), { timeout: 60_000 }).toContain(lost);
    await inOrder();
    await verify();
    await page.getByText("Everything here is as at the source.").waitFor({ timeout: 60_000 });
  });

  const verify = () => page.getByRole("button", { name: /^Verify (now|again)$/ }).click();
  const allow = () => page.getByRole("link", { name: `Allow as ${account}`, exact: true }).click();
  const inOrder = () => page.getByText("In order", { exact: true }).first().waitFor({ timeout: 60_000 });
});

async function findAndChoose({ text, finds }: { text: string; finds: RegExp }): Promise<void> {
  const before = (await chosen()).length;
  const box = page.getByLabel("Search all folders");
  await box.fill("hydraulics");
  const inChosen = page.getByRole("treeitem", { name: /Hydraulics.*03_Systems/ });
  await inChosen.waitFor();
  expect(await inChosen.getAttribute("aria-checked")).toBe("true");
  await box.fill(text);
  await page.getByRole("treeitem", { name: finds }).click();
  await box.fill("");
  await expect.poll(chosen).toHaveLength(before + 1);
}

const chosen = () => page.getByRole("list", { name: "Chosen folders" }).getByRole("listitem").allInnerTexts();
const wayTo = async () =>
  (await page.getByLabel("The way to this folder").getByRole("listitem").allInnerTexts()).join(" / ");

describe("all of them", () => {
  it("SR-47 were shown within a strict page policy and without errors", () => {
    // The pretend providers have no picture for the tab, and Chromium writes down every answer that is no success.
    expect(ana.visitor.takeReports().filter((report) => !/responded with a status of/.test(report))).toEqual([]);
  });
});

/** What a person does on the page that plays the providers. */
async function play(service: string, act: string, more: Record<string, string> = {}): Promise<string> {
  const answer = await page.request.post(`${sandbox}/`, { form: { service, act, ...more } });
  expect(answer.ok()).toBe(true);
  return answer.text();
}

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith(".hawser"));
