import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runToItsEnd } from "../support/a-shipyard.ts";
import { openBrowser } from "../support/browser.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { aVisitor, type Visitor } from "../support/portal-visitor.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home);
let hawser: HawserProcess;
let browser: Browser;
let ana: Visitor;
let page: Page;

beforeAll(async () => {
  for (const name of ["Hull", "Engine"]) {
    mkdirSync(join(installation.source, name));
    for (let n = 0; n < 5; n++) writeFileSync(join(installation.source, name, `Drawing ${n}.pdf`), name);
  }
  [hawser, browser] = await Promise.all([startHawser(installation), openBrowser()]);
  const person = await signUp(installation.url, "Ana");
  const connection = await person.connect("Yard server");
  for (const name of ["Drawings", "Certificates"]) {
    await runToItsEnd(person, await person.sync(connection, name, { destination: { kind: "none" } }));
  }
  ana = await aVisitor(browser, installation.url);
  page = ana.page;
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await hawser?.stop();
  removeFolder(home);
});

describe("by keyboard alone", () => {
  it("signs in: the first field has the focus, Enter sends", async () => {
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await expectFocus(page.getByLabel("E-mail"));
    await page.keyboard.type("ana@example.com");
    await page.keyboard.press("Tab");
    await page.keyboard.type("correct horse");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Home" }).waitFor();
  });

  it("finds a thing by name with Ctrl K and goes there", async () => {
    await page.keyboard.press("Control+k");
    await expectFocus(page.getByPlaceholder("Find or do"));
    await page.keyboard.type("certif");
    await page.getByRole("option", { name: "Certificates", exact: true }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Certificates" }).waitFor();
  });

  it("goes to a section with g and its letter, and from row to row with j and k", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("heading", { name: "Syncs" }).waitFor();
    await page.getByRole("row", { name: /Drawings/ }).waitFor();
    await page.keyboard.press("j");
    await expectFocus(page.getByRole("row", { name: /Certificates/ }));
    await page.keyboard.press("j");
    await expectFocus(page.getByRole("row", { name: /Drawings/ }));
    await page.keyboard.press("k");
    await expectFocus(page.getByRole("row", { name: /Certificates/ }));
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Drawings", exact: true }).waitFor();
  });

  it("searches the page with /", async () => {
    await page
      .getByRole("row", { name: /Drawing 3/ })
      .first()
      .waitFor();
    await page.keyboard.press("/");
    await expectFocus(page.getByLabel("Search name or path"));
    await page.keyboard.type("engine");
    await page.getByText("5 files match").waitFor();
  });

  it("keeps the focus in a dialog and gives it back", async () => {
    await page.goto(`/w/harbour/settings/members`);
    const invite = page.getByRole("button", { name: "Invite" });
    await tabTo(page, invite);
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.waitFor();
    for (let press = 0; press < 12; press++) {
      await page.keyboard.press("Tab");
      await expectFocusWithin(dialog);
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await expectFocus(invite);
  });

  it("makes a sync in the wizard: folders, a rule, and off it goes", async () => {
    await page.keyboard.press("g");
    await page.keyboard.press("s");
    await page.getByRole("heading", { name: "Syncs" }).waitFor();
    await page.keyboard.press("n");
    await page.getByRole("heading", { name: "New sync" }).waitFor();
    // The only connection and its only drive are chosen already.
    const hull = page.getByRole("treeitem", { name: /Hull/ });
    await hull.waitFor();
    await tabTo(page, page.getByLabel("Name"));
    await page.keyboard.press("Control+a");
    await page.keyboard.type("Only the hull");
    await tabTo(page, page.getByLabel("Search the folders seen so far"));
    await page.keyboard.type("hul");
    await page.getByRole("treeitem", { name: /Engine/ }).waitFor({ state: "detached" });
    await tabTo(page, page.getByRole("tree"));
    await page.keyboard.press("Space");
    await expect.poll(() => hull.getAttribute("aria-checked")).toBe("true");
    await press(page, "Continue");
    await page.getByText("Keeps 5 of 5 files").waitFor();
    await press(page, "Continue");
    await press(page, "Add a rule");
    await tabTo(page, page.getByRole("textbox", { name: "Rule 1" }));
    await page.keyboard.press("Control+a");
    await page.keyboard.type("/{system}/**");
    await page.getByText(/Rules read [1-9]/).waitFor();
    await press(page, "Continue");
    await press(page, "Continue");
    await press(page, "Create and run");
    await page.getByRole("heading", { name: "Only the hull" }).waitFor();
    await page.getByText("In order").first().waitFor({ timeout: 30_000 });
    await expect.poll(() => page.getByRole("row", { name: /Drawing/ }).count(), { timeout: 10_000 }).toBe(5);
  });

  it("SR-47 does all that without an error", () => {
    expect(ana.takeReports()).toEqual([]);
  });
});

async function press(page: Page, button: string): Promise<void> {
  await tabTo(page, page.getByRole("button", { name: button, exact: true }));
  await page.keyboard.press("Enter");
}

/** Presses Tab until this has the focus: what cannot be reached so is not there for people without a mouse. */
async function tabTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.waitFor();
  for (let pressed = 0; pressed < 80; pressed++) {
    if (await hasFocus(wanted)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab does not lead to ${wanted}`);
}

const hasFocus = (wanted: Locator) => wanted.evaluate((element) => element === document.activeElement);

const expectFocus = (wanted: Locator) => expect.poll(() => hasFocus(wanted), { timeout: 5_000 }).toBe(true);

const expectFocusWithin = (wanted: Locator) =>
  expect
    .poll(() => wanted.evaluate((element) => element.contains(document.activeElement)), { timeout: 5_000 })
    .toBe(true);
