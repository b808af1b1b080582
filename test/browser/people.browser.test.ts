import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { signUp } from "../support/http-person.ts";
import { aVisitor, open, type Visitor } from "../support/portal-visitor.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home, { HAWSER_SIGN_UP: "invited" });
let hawser: HawserProcess;
let browser: Browser;
let ana: Visitor;
let workspace: string;

beforeAll(async () => {
  [hawser, browser] = await Promise.all([startHawser(installation), openBrowser()]);
  ({ workspace } = await signUp(installation.url, "Ana"));
  ana = await aVisitor(browser, installation.url);
  await ana.signIn("ana@example.com");
});

afterAll(async () => {
  await browser?.close();
  await hawser?.stop();
  removeFolder(home);
});

describe("members", () => {
  it("come in by a link that is shown once, get another role, and go", async () => {
    const { page } = ana;
    await open(page, "/w/harbour/settings/members");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByRole("dialog").getByLabel("Role").selectOption("viewer");
    await page.getByRole("button", { name: "Make the link" }).click();
    const link = await page.getByLabel("Invitation link").inputValue();
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("row", { name: /whoever has the link/ }).waitFor();
    expect(await page.content()).not.toContain(new URL(link).pathname.split("/").at(-1));

    const ben = await aVisitor(browser, installation.url);
    await ben.page.goto(link);
    await ben.page.getByRole("heading", { name: "Join Harbour" }).waitFor();
    await ben.page.getByText(/Ana invites you as/).waitFor();
    await ben.page.getByLabel("Name").fill("Ben Dahl");
    await ben.page.getByLabel("E-mail").fill("ben@example.com");
    await ben.page.getByLabel("Password", { exact: true }).fill("correct horse");
    await ben.page.getByRole("button", { name: "Create account" }).click();
    await ben.page.getByRole("heading", { name: "Home" }).waitFor();
    const invite = ben.page.getByRole("button", { name: "Invite" });
    await open(ben.page, "/w/harbour/settings/members");
    expect(await invite.getAttribute("aria-disabled")).toBe("true");

    await open(page, "/w/harbour/settings/members");
    const row = page.getByRole("row", { name: /Ben Dahl/ });
    await row.getByRole("combobox").selectOption("admin");
    await page.getByText("Ben Dahl is now admin.").waitFor();
    await open(ben.page, "/w/harbour/settings/members");
    expect(await invite.getAttribute("aria-disabled")).toBeNull();

    await row.getByRole("button", { name: /Remove/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /Remove/ })
      .click();
    await page.getByText("Ben Dahl was removed.").waitFor();
    await ben.page.goto("/w/harbour/syncs");
    await ben.page.getByText(/nothing here, or you have no access/).waitFor();

    const late = await aVisitor(browser, installation.url);
    await late.page.goto(link);
    await late.page.getByText("This invitation does not work any more").first().waitFor();
    expect(ana.takeReports()).toEqual([]);
  });
});

describe("an API key", () => {
  it("is shown once, works at once, and is refused from the moment it is revoked", async () => {
    const { page } = ana;
    await open(page, "/w/harbour/settings/api-keys");
    await page.getByRole("button", { name: "New key" }).first().click();
    await page.getByRole("dialog").getByLabel("Name").fill("ERP import");
    await page.getByRole("button", { name: "Make the key" }).click();
    const key = await page.getByLabel("API key", { exact: true }).inputValue();
    await page.getByRole("button", { name: "Done" }).click();
    const row = page.getByRole("row", { name: /ERP import/ });
    await row.waitFor();
    await page.reload();
    await row.waitFor();
    expect(await page.content()).not.toContain(key);

    const use = async () =>
      (
        await fetch(`${installation.url}/api/v1/workspaces/${workspace}/syncs`, {
          headers: { authorization: `Bearer ${key}` },
        })
      ).status;
    expect(await use()).toBe(200);
    await row.getByRole("button", { name: "Revoke ERP import" }).click();
    await page.getByRole("button", { name: "Revoke key" }).click();
    await page.getByText("“ERP import” no longer works.").waitFor();
    expect(await use()).toBe(401);
    expect(ana.takeReports()).toEqual([]);
  });

  it("SR-76 and members are in the audit log with who did it, and the chain is intact", async () => {
    const { page } = ana;
    await open(page, "/w/harbour/activity/audit");
    for (const what of [
      /invited somebody/,
      /Ben Dahl.*joined the workspace/,
      /made the API key ERP import/,
      /revoked the API key ERP import/,
    ]) {
      await page.getByRole("row", { name: what }).first().waitFor();
    }
    await page.getByRole("button", { name: "Check the chain" }).click();
    await page
      .getByText(/The chain of .* is intact/)
      .first()
      .waitFor();
    expect(ana.takeReports()).toEqual([]);
  });
});
