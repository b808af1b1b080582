import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToItsEnd } from "../support/a-shipyard.ts";
import { openBrowser } from "../support/browser.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { aVisitor, open, type Visitor } from "../support/portal-visitor.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const FILES = 100_000;
const PER_FOLDER = 500;
const MOST_ROWS = 60;

const home = temporaryFolder();
const installation = await anInstallation(home);
let hawser: HawserProcess;
let browser: Browser;
let ana: Visitor;
let page: Page;
let sync: string;

beforeAll(async () => {
  const starting = startHawser(installation);
  for (let n = 0; n < FILES; n++) {
    const folder = join(installation.source, `Hull ${200 + Math.floor(n / PER_FOLDER)}`);
    if (n % PER_FOLDER === 0) mkdirSync(folder);
    writeFileSync(join(folder, `Drawing ${String(n).padStart(6, "0")}.pdf`), "");
  }
  [hawser, browser] = await Promise.all([starting, openBrowser()]);
  const person = await signUp(installation.url, "Ana");
  const rules = [{ pattern: "/{hull}/**", parts: {}, set: {} }];
  sync = await person.sync(await person.connect("Yard"), "Drawings", { destination: { kind: "none" }, rules });
  await runToItsEnd(person, sync);
  ana = await aVisitor(browser, installation.url);
  page = ana.page;
  await ana.signIn("ana@example.com");
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await hawser?.stop();
  removeFolder(home);
}, 120_000);

describe(`a sync of ${FILES} files`, () => {
  it("shows them in a table that draws only the rows in sight, however far one scrolls", async () => {
    await open(page, `/w/harbour/syncs/${sync}?sort=name`);
    await page.getByRole("tab", { name: /Files\s*100,000/ }).waitFor();
    await page.getByText("Drawing 000000.pdf").waitFor();
    expect(await rowsDrawn()).toBeLessThanOrEqual(MOST_ROWS);
    // Pages of the list follow as their end comes near.
    for (const wanted of ["000300", "000900", "001500"]) {
      await expect
        .poll(
          async () => {
            await page.mouse.wheel(0, 4_000);
            expect(await rowsDrawn()).toBeLessThanOrEqual(MOST_ROWS);
            return await lastShown();
          },
          { timeout: 30_000, interval: 50 },
        )
        .toBeGreaterThanOrEqual(Number(wanted));
    }
  });

  it("finds one among them", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("Drawing 098765");
    await page.getByRole("row", { name: /Drawing 098765\.pdf/ }).waitFor();
    await page.getByText("1 file matches").waitFor();
    expect(await page.getByRole("row", { name: /\.pdf/ }).count()).toBe(1);
  });

  it("exports what matches as a table, with the metadata", async () => {
    await page.getByLabel("Search name or path").fill("Drawing 0987");
    await page.getByText("100 files match").waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export" }).click(),
    ]);
    const lines = readFileSync(await download.path(), "utf8")
      .trim()
      .split("\r\n");
    expect(lines).toHaveLength(101);
    expect(lines[0]).toMatch(/Folder,Name,State,.*,hull$/);
    expect(lines.filter((line) => /^\/Hull 397,Drawing 098765\.pdf,indexed,0,.*,Hull 397$/.test(line))).toHaveLength(1);
  });

  it("can be stopped while it exports all of them", async () => {
    await page.getByLabel("Search name or path").fill("");
    await page.getByText("100 files match").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByText(/[1-9][\d,]* of 100,000 exported/).waitFor();
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("button", { name: "Export" }).waitFor();
    await page.getByLabel("Search name or path").fill("Drawing 098765");
    await page.getByText("1 file matches").waitFor();
  });

  it("opens it, with what its folder says about it", async () => {
    await page.getByRole("link", { name: "Drawing 098765.pdf" }).click();
    await page.getByRole("heading", { name: "Drawing 098765.pdf" }).waitFor();
    await page.getByText("Hull 397").first().waitFor();
  });

  it("lets one choose among thousands of folders, of which only those in sight are drawn", async () => {
    const folders = 2_400;
    for (let n = 0; n < folders; n++) {
      mkdirSync(join(installation.source, "Archive", `Order-${String(n).padStart(4, "0")}`), { recursive: true });
    }
    await open(page, "/w/harbour/syncs/new");
    const tree = page.getByRole("tree");
    await page.getByRole("treeitem", { name: "Archive" }).waitFor();
    await tree.focus();
    await page.keyboard.type("arch");
    await page.keyboard.press("ArrowRight");
    await page
      .getByRole("treeitem", { name: /^Order-/ })
      .first()
      .waitFor();
    // Pages of a thousand: the line that asks for the next one stands below each.
    for (const fetched of [1_000, 2_000]) {
      const more = page.getByRole("treeitem", { name: "Show more" });
      await expect
        .poll(async () => {
          await tree.evaluate((element, lines) => element.scrollTo(0, lines * 32), fetched - 4);
          return more.count();
        })
        .toBe(1);
      await more.click();
      await more.waitFor({ state: "detached" });
    }
    // The last page is there once its last line is.
    await expect
      .poll(
        async () => {
          await tree.evaluate((element, lines) => element.scrollTo(0, lines * 32), folders + 10);
          return page.getByRole("treeitem", { name: "Order-2399" }).count();
        },
        { timeout: 15_000 },
      )
      .toBe(1);
    expect(await page.getByRole("treeitem").count()).toBeLessThanOrEqual(MOST_ROWS);
    await tree.focus();
    await page.keyboard.type("order-2399");
    await expect.poll(() => page.getByLabel("The way to this folder").innerText()).toMatch(/Archive\s+Order-2399$/);
    await page.keyboard.press("Space");
    await page.getByRole("list", { name: "Chosen folders" }).getByText("/Archive/Order-2399").waitFor();
    expect(await page.getByRole("treeitem").count()).toBeLessThanOrEqual(MOST_ROWS);
  });

  it("SR-47 does all that without an error", () => {
    expect(ana.takeReports()).toEqual([]);
  });
});

const rowsDrawn = () => page.locator("table tbody tr").count();

/** Number of the last drawing that is drawn. */
async function lastShown(): Promise<number> {
  const names = await page.locator("tbody tr a").allTextContents();
  return Number(/\d+/.exec(names.at(-1) ?? "")?.[0] ?? 0);
}
