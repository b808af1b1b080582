// Every built-in provider is connected to its simulator, broken there, and mended from the portal.
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AnaInPortal, anaInPortal, keepPicture } from "../support/ana-in-portal.ts";
import { anInstallation } from "../support/hawser-process.ts";
import { untilLoaded, whatIsWrong } from "../support/portal-visitor.ts";
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

const notAll = "You signed in, but did not allow everything that is needed";
const signedInElsewhere = [
  {
    key: "google-drive",
    name: "Google Drive",
    account: "ana@acme.test",
    other: "ben@acme.test",
    scope: "https://www.googleapis.com/auth/drive.readonly",
    // Nothing is left to be allowed: it does not even say whose account it is.
    lacking: "The sign-in at Google Drive could not be finished",
  },
  {
    key: "onedrive",
    name: "OneDrive",
    account: "adele@contoso.test",
    other: "alex@contoso.test",
    scope: "Files.Read.All",
  },
  {
    key: "autodesk",
    name: "Autodesk Construction Cloud",
    account: "ines@harbour.test",
    other: "tom@harbour.test",
    scope: "user-profile:read",
    // Its answers do not tell what was granted.
    lacking: "The sign-in at Autodesk Construction Cloud could not be finished",
  },
  { key: "x", name: "X", account: "@ines_harbour", other: "@tomwells", scope: "tweet.write" },
  { key: "linkedin", name: "LinkedIn", account: "Ines Carvalho", other: "Tom Wells", scope: "w_member_social" },
];

const addresses = new Map<string, string>();
const agree = (who: string) => page.getByRole("link", { name: `Allow as ${who}`, exact: true }).click();

// All of them first: LinkedIn is believed that it refuses a token only when the token is a minute old.
describe.each(signedInElsewhere)("$name, signed in to at the provider", ({ key, name, account }) => {
  it("is connected: what it is allowed and who receives data stand there before, whose account it is after", async () => {
    await page.goto(`${workspace}/catalog/${key}?sandbox=true`);
    const sheet = page.getByRole("dialog");
    await sheet.getByText(`A simulator on this machine answers in place of ${name}.`).waitFor();
    await sheet.getByText("Hawser asks to be allowed to").waitFor();
    await sheet.getByText("Only these hosts receive anything").waitFor();
    await sheet.getByRole("button", { name: `Continue to ${name}` }).click();
    await agree(account);
    await page.getByText(`Signed in as ${account}`).waitFor();
    await inOrder();
    expect(new URL(page.url()).search).toBe("");
    addresses.set(key, new URL(page.url()).pathname);
  });
});

describe.each(signedInElsewhere)(
  "$name, signed in to at the provider",
  ({ key, name, account, other, scope, lacking = notAll }) => {
    const address = () => addresses.get(key) ?? "";

    it("is broken by access that is taken back, and mended by a new sign-in", async () => {
      await page.goto(address());
      await play(key, "revoke");
      // A token that LinkedIn does not know may also be one that it does not know everywhere yet, for a minute.
      await testUntil("Needs authorization");
      await page.getByRole("button", { name: "Authorize again" }).click();
      await agree(account);
      await page.getByText(`Signed in as ${account}`).waitFor();
      await inOrder();
    });

    it("is told what was not allowed when a permission is missing, and mended once it is given", async () => {
      await play(key, "remove-scope", scope);
      await page.goto(`${address()}?tab=settings`);
      await page.getByRole("button", { name: "Authorize again" }).first().click();
      await agree(account);
      await page.getByText(lacking).waitFor();
      await page.getByText(scope, { exact: true }).locator("visible=true").first().waitFor();
      await play(key, "allow-scopes");
      await page.getByRole("button", { name: "Try again" }).click();
      await agree(account);
      await page.getByText(`Signed in as ${account}`).waitFor();
      await inOrder();
    });

    it("waits while the provider is down, says that nobody has to do anything, and is in order afterwards", async () => {
      await play(key, "down-all");
      await test(page);
      await page.getByText("Nobody has to do anything").waitFor({ timeout: 60_000 });
      await play(key, "up");
      // A host that failed is left alone for some seconds.
      await testUntil("In order");
    });

    it("says so where the person does not agree, and where it is another account", async () => {
      await page.goto(`${address()}?tab=settings`);
      await page.getByRole("button", { name: "Authorize again" }).click();
      await page.getByRole("link", { name: "Deny" }).click();
      await page.getByText(`You did not agree at ${name}`).waitFor();
      await page.getByRole("button", { name: "Try again" }).click();
      await agree(other);
      await page.getByText(`You signed in with another account; this connection is ${account}’s`).waitFor();
      await page.getByRole("button", { name: "Try again" }).click();
      await agree(account);
      await page.getByText(`Signed in as ${account}`).waitFor();
      await inOrder();
    });
  },
);

const entered = [
  {
    key: "wordpress",
    name: "WordPress",
    async fill() {
      const [, site = ""] = await fromSandbox(/Site: ([^\s<]+)/);
      await page
        .getByRole("textbox", { name: /address|site/i })
        .first()
        .fill(site);
      return this.enter();
    },
    async enter() {
      const [, login = "", password = ""] = await fromSandbox(/User name (\S+), application password: ([^<]+)/);
      await page.getByRole("textbox", { name: /^User name/ }).fill(login);
      await page.getByLabel("Application password", { exact: true }).fill(password);
      return password;
    },
  },
  {
    key: "medium",
    name: "Medium",
    fill() {
      return this.enter();
    },
    async enter() {
      const [, token = ""] = await fromSandbox(/Integration token of @\S+: (\S+?)</);
      await page.getByLabel("Integration token", { exact: true }).fill(token);
      return token;
    },
  },
];

describe.each(entered)("$name, with a credential that is entered", (provider) => {
  const { key, name } = provider;

  it("is tested before it is saved, connected, and never shows what was entered", async () => {
    await page.goto(`${workspace}/catalog/${key}?sandbox=true`);
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("button", { name: "Test", exact: true }).waitFor();
    const secret = await provider.fill();
    await sheet.getByRole("button", { name: "Test", exact: true }).click();
    await sheet.getByText(/^It works/).waitFor();
    await sheet.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByRole("heading", { name: `${name}, sandbox` }).waitFor();
    await inOrder();
    expect(secret).not.toBe("");
    expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain(secret);
    expect(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, history.state]))).not.toContain(
      secret,
    );
  });

  it("is broken by a credential that is taken back, and mended by a new one", async () => {
    await play(key, "revoke");
    await test(page);
    await page.getByRole("button", { name: "Enter a new credential" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("button", { name: "Save and test" }).waitFor();
    await provider.enter();
    await sheet.getByRole("button", { name: "Save and test" }).click();
    await sheet.waitFor({ state: "hidden" });
    await inOrder();
  });

  it("waits while the provider is down, and is in order afterwards", async () => {
    await play(key, "down-all");
    await test(page);
    await page.getByText("Nobody has to do anything").waitFor({ timeout: 60_000 });
    await play(key, "up");
    // A host that failed is left alone for some seconds.
    await testUntil("In order");
  });
});

describe("a local folder", () => {
  it("is connected, broken by a folder that is gone, and mended by a test once it is back", async () => {
    const folder = join(installation.source, "Drawings");
    mkdirSync(folder);
    await page.goto(`${workspace}/catalog/local-folder`);
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("combobox", { name: "Folder", exact: true }).selectOption("source");
    await sheet
      .getByRole("textbox", { name: /path|folder/i })
      .last()
      .fill("Drawings");
    await sheet.getByRole("button", { name: "Connect and test" }).click();
    await page.getByText("Local folder is connected.").waitFor();
    renameSync(folder, `${folder} elsewhere`);
    await test(page);
    await page.getByText("Does not work", { exact: true }).first().waitFor();
    renameSync(`${folder} elsewhere`, folder);
    await page.getByRole("button", { name: /^Test (again|now)$/ }).click();
    await inOrder();
  });
});

describe("a connected account", () => {
  it("is disconnected with its effect told before, and its page then says how to go on", async () => {
    await page.goto(`${workspace}/connections`);
    await page.getByRole("link", { name: "Google Drive, sandbox" }).click();
    await page.getByRole("tab", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Disconnect" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("No sync stops: none uses it.").waitFor();
    await dialog.getByRole("button", { name: "Disconnect" }).click();
    await page.getByText("It is disconnected: nothing is kept to sign in with").waitFor();
    await page.getByRole("button", { name: "Authorize again" }).first().waitFor();
  });

  it("is in a list that marks it as made in the sandbox", async () => {
    await page.goto(`${workspace}/connections`);
    await page
      .getByRole("row", { name: /OneDrive, sandbox/ })
      .getByTitle(/^Sandbox:/)
      .waitFor();
    await untilLoaded(page);
    expect(await whatIsWrong(page, "accounts-list")).toEqual([]);
  });

  it("SR-47 was all shown within a strict page policy and without errors", () => {
    // The pretend providers have no picture for the tab, and Chromium writes down every answer that is no success.
    expect(ana.visitor.takeReports().filter((report) => !/responded with a status of/.test(report))).toEqual([]);
  });
});

/** What a person does on the page that plays the providers. */
async function play(service: string, act: string, scope = ""): Promise<void> {
  const answer = await page.request.post(`${sandbox}/`, { form: { service, act, ...(scope && { scope }) } });
  expect(answer.ok()).toBe(true);
}

async function fromSandbox(pattern: RegExp): Promise<RegExpExecArray> {
  const found = pattern.exec(await (await page.request.get(`${sandbox}/`)).text());
  if (!found) throw new Error(`the page of the sandbox has nothing like ${pattern}`);
  return found;
}

const test = (on: Page) => on.getByRole("button", { name: "Test", exact: true }).click();

const inOrder = () => page.getByText("In order", { exact: true }).first().waitFor();

async function testUntil(status: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await page.getByRole("button", { name: /^Test( now| again)?$/ }).click();
        await page.waitForFunction(() => document.querySelector("[aria-busy=true]") === null);
        return page.getByText(status, { exact: true }).count();
      },
      { timeout: 90_000, interval: 1000 },
    )
    .toBeGreaterThan(0);
}
