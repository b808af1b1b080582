import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home);
let hawser: HawserProcess;
let browser: Browser;
let page: Page;
let wizard: string;

beforeAll(async () => {
  writeFileSync(join(installation.source, "a.txt"), "a");
  [hawser, browser] = await Promise.all([startHawser(installation), openBrowser()]);
  page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(installation.url);
  await page.getByLabel("Name").fill("Ana Nilsen");
  await page.getByLabel("E-mail").fill("ana@acme.test");
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("link", { name: "Connect a local folder" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("combobox", { name: "Folder", exact: true }).selectOption("source");
  await sheet.getByRole("button", { name: /^Connect/ }).click();
  await page.getByRole("link", { name: "Create a sync" }).click();
  await page.getByRole("heading", { name: "New sync" }).waitFor();
  wizard = new URL(page.url()).pathname;
});
afterAll(async () => {
  await browser?.close();
  await hawser?.stop();
  removeFolder(home);
});

const nameOn = (where: Page) => where.getByLabel("Name").inputValue();
const isSaved = () => page.getByText("Draft saved").waitFor();
async function comeBack(): Promise<void> {
  await page.goto(installation.url + wizard);
  await page.getByLabel("Name").waitFor();
}

it("keeps what was entered, over a reload and for another device", async () => {
  await page.getByLabel("Name").fill("Half a sync");
  await isSaved();
  await comeBack();
  expect(await nameOn(page)).toBe("Half a sync");

  const elsewhere = await browser.newPage();
  await elsewhere.goto(installation.url + wizard);
  await elsewhere.getByLabel("E-mail").fill("ana@acme.test");
  await elsewhere.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await elsewhere.getByRole("button", { name: "Sign in" }).click();
  await elsewhere.getByRole("heading", { name: "New sync" }).waitFor();
  await elsewhere.getByLabel("Name").waitFor();
  expect(await nameOn(elsewhere)).toBe("Half a sync");
  await elsewhere.close();
});

it("says that a draft is not saved while the network is away, and saves it when it is back", async () => {
  await page.context().setOffline(true);
  await page.getByLabel("Name").fill("Written on a train");
  await page.getByText("Draft not saved yet").waitFor();
  await page.context().setOffline(false);
  await isSaved();
  await comeBack();
  expect(await nameOn(page)).toBe("Written on a train");
});

it("forgets it when one starts over", async () => {
  const forgotten = page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await page.getByRole("button", { name: "Start over" }).click();
  expect((await forgotten).status()).toBe(204);
  await comeBack();
  expect(await nameOn(page)).not.toBe("Written on a train");
});

it("forgets it when it has become a sync", async () => {
  await page.getByLabel("Name").fill("A whole sync");
  await isSaved();
  await page.getByRole("button", { name: /Schedule/ }).click();
  const forgotten = page.waitForResponse((answer) => answer.request().method() === "DELETE");
  await page.getByRole("button", { name: "Create only" }).click();
  await page.getByRole("heading", { name: "A whole sync" }).waitFor();
  expect((await forgotten).status()).toBe(204);
  await comeBack();
  expect(await nameOn(page)).not.toBe("A whole sync");
});
