import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aShipyard, type Shipyard, shipyardRoots } from "../support/a-shipyard.ts";
import { openBrowser } from "../support/browser.ts";
import { type DescribedProviders, describeProviders } from "../support/described-providers.ts";
import { anInstallation, type HawserProcess, startHawser } from "../support/hawser-process.ts";
import { aVisitor, open, type Visitor, whatIsWrong } from "../support/portal-visitor.ts";
import { type SomeAccounts, someAccounts } from "../support/some-accounts.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home, { HAWSER_SANDBOX: "true", ...shipyardRoots(home) });
let hawser: HawserProcess;
let browser: Browser;
let yard: Shipyard;
let providers: DescribedProviders;
let accounts: SomeAccounts;
let ana: Visitor;

beforeAll(async () => {
  [hawser, browser] = await Promise.all([startHawser(installation), openBrowser()]);
  yard = await aShipyard(installation);
  providers = await describeProviders(yard.ana);
  accounts = await someAccounts(yard.ana, installation.sandbox);
  ana = await aVisitor(browser, installation.url);
  await ana.signIn("ana@example.com");
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await hawser?.stop();
  removeFolder(home);
});

/** Name and address below the workspace of every page and of every tab. */
function pagesOf({
  connections,
  syncs,
  run,
  restingRun,
  failedFile,
  storedFile,
}: Shipyard): [name: string, address: string][] {
  const sync = (id: string) => `/syncs/${id}`;
  const wizard = (step: string) => `/syncs/new?connection=${connections.drawings}&step=${step}`;
  return [
    ["home", ""],
    ["catalog", "/catalog"],
    ["connect", "/catalog/local-folder"],
    ["connections", "/connections"],
    ["connection", `/connections/${connections.drawings}`],
    ["connection-settings", `/connections/${connections.drawings}?tab=settings`],
    ["connection-broken", `/connections/${connections.broken}`],
    ["syncs", "/syncs"],
    ["wizard-what", wizard("what")],
    ["wizard-filters", wizard("filters")],
    ["wizard-metadata", wizard("metadata")],
    ["wizard-destination", wizard("destination")],
    ["wizard-schedule", wizard("schedule")],
    ["sync", sync(syncs.drawings)],
    ["sync-runs", `${sync(syncs.drawings)}?tab=runs`],
    ["sync-settings", `${sync(syncs.drawings)}?tab=settings`],
    ["sync-verify", `${sync(syncs.drawings)}?tab=verify`],
    ["sync-verify-never", `${sync(syncs.held)}?tab=verify`],
    ["sync-held", sync(syncs.held)],
    ["sync-problems", `${sync(syncs.failing)}?tab=problems`],
    ["sync-failed-files", `${sync(syncs.failing)}?state=failed`],
    ["sync-paused", sync(syncs.paused)],
    ["sync-never-run", sync(syncs.never)],
    ["sync-broken", sync(syncs.broken)],
    ["sync-resting", sync(syncs.resting)],
    ["sync-unlisted", sync(syncs.unlisted)],
    ["sync-unlisted-problems", `${sync(syncs.unlisted)}?tab=problems`],
    ["run", `${sync(syncs.failing)}/runs/${run}`],
    ["run-resting", `${sync(syncs.resting)}/runs/${restingRun}`],
    ["file-stored", `${sync(syncs.drawings)}/files/${storedFile}`],
    ["file-failed", `${sync(syncs.failing)}/files/${failedFile}`],
    ["activity", "/activity"],
    ["audit", "/activity/audit"],
    ["members", "/settings/members"],
    ["members-invite", "/settings/members?invite=open"],
    ["api-keys", "/settings/api-keys"],
    ["workspace", "/settings/workspace"],
  ];
}

function pagesOfProviders({ large, signedIn }: DescribedProviders): [string, string][] {
  return [
    ["provider-new", "/providers/new"],
    ["provider-basics", `/providers/${signedIn}`],
    ["provider-sign-in", `/providers/${signedIn}?part=sign-in`],
    ["provider-action-of-900", `/providers/${large}?part=action-500`],
    ["provider-output", `/providers/${signedIn}?part=action-0`],
    ["provider-json", `/providers/${signedIn}?part=json`],
    ["provider-settings", `/providers/${signedIn}?part=settings`],
    ["provider-import", "/providers/import"],
    ["secrets", "/settings/secrets"],
    ["secrets-new", "/settings/secrets?secret=new"],
    ["transfer", "/settings/transfer"],
  ];
}

function pagesOfAccounts({ inOrder, notSignedIn, refused, withoutApp }: SomeAccounts): [string, string][] {
  const page = (id: string, more = "") => `/connections/${id}${more}`;
  return [
    ["catalog-sandbox", "/catalog?sandbox=true"],
    ["connect-app-missing", "/catalog/google-drive"],
    ["connect-away", "/catalog/onedrive?sandbox=true"],
    ["connect-entered", "/catalog/wordpress?sandbox=true"],
    ["connect-legacy", "/catalog/medium"],
    ["account", page(inOrder)],
    ["account-uses", page(inOrder, "?tab=uses")],
    ["account-health", page(refused, "?tab=health")],
    ["account-settings", page(inOrder, "?tab=settings")],
    ["account-not-signed-in", page(notSignedIn)],
    ["account-refused", page(refused)],
    ["account-new-credential", page(refused, "?sheet=credential")],
    ["account-without-app", page(withoutApp)],
    ["account-app", page(withoutApp, "?sheet=app")],
    ...["connected", "denied", "wrong_account", "scope_missing", "app_misconfigured", "failed"].map(
      (outcome): [string, string] => [
        `account-${outcome}`,
        page(outcome === "connected" ? inOrder : notSignedIn, `?outcome=${outcome}`),
      ],
    ),
  ];
}

describe("every page, light and dark, wide and narrow", () => {
  it("SR-47 is in order: accessible, nothing cut off, no error, nothing that the page policy refuses", async () => {
    const { page } = ana;
    const wrong: string[] = [];
    for (const [name, address] of pagesOf(yard)) {
      await open(page, `/w/${yard.slug}${address}`);
      if (name === "wizard-metadata") {
        await page.getByRole("button", { name: "Add a rule" }).click();
        await page.getByText(/Rules read [1-9]/).waitFor();
      }
      wrong.push(...(await whatIsWrong(page, name)), ...ana.takeReports().map((report) => `${name}: ${report}`));
    }
    for (const address of ["/me", "/admin"]) {
      await open(page, address);
      wrong.push(...(await whatIsWrong(page, address.slice(1))), ...ana.takeReports());
    }
    expect(wrong).toEqual([]);
  });

  it("is so for accounts in every state", async () => {
    const wrong: string[] = [];
    for (const [name, address] of pagesOfAccounts(accounts)) {
      await open(ana.page, `/w/${yard.slug}${address}`);
      wrong.push(...(await whatIsWrong(ana.page, name)), ...ana.takeReports().map((report) => `${name}: ${report}`));
    }
    expect(wrong).toEqual([]);
  });

  it("is so for custom providers with 900 actions, for secrets and for what is refused", async () => {
    const { page } = ana;
    const wrong: string[] = [];
    for (const [name, address] of pagesOfProviders(providers)) {
      await open(page, `/w/${yard.slug}${address}`);
      wrong.push(...(await whatIsWrong(page, name)), ...ana.takeReports().map((report) => `${name}: ${report}`));
    }
    await open(page, `/w/${yard.slug}/providers/new`);
    await page.getByRole("button", { name: "Action", exact: true }).click();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").getByText("5 settings are not right yet").waitFor();
    wrong.push(...(await whatIsWrong(page, "provider-refused")));
    await open(page, `/w/${yard.slug}/settings/secrets?secret=new`);
    await page.getByRole("textbox", { name: "May be sent to" }).fill("*.yard.example,");
    await page.getByRole("button", { name: "Keep the secret" }).click();
    await page.getByText("“*.yard.example” is no address").waitFor();
    wrong.push(...(await whatIsWrong(page, "secret-refused")));
    expect([...wrong, ...ana.takeReports()]).toEqual([]);
  });

  it("is so before signing in too", async () => {
    const stranger = await aVisitor(browser, installation.url);
    const wrong: string[] = [];
    for (const address of [
      "/sign-in",
      "/sign-up",
      yard.viewerInvitation,
      "/invite/not-an-invitation",
      "/connect-failed",
    ]) {
      await open(stranger.page, address);
      wrong.push(...(await whatIsWrong(stranger.page, `stranger-${address.replace(/\W+/g, "-").slice(-12)}`)));
    }
    expect([...wrong, ...stranger.takeReports().filter((report) => !isAnswer(report))]).toEqual([]);
  });

  it("is so in a workspace that has nothing yet, where each page says what it is for", async () => {
    const { page } = ana;
    const wrong: string[] = [];
    const slug = await makeEmptyWorkspace(ana);
    for (const [address, says] of [
      ["", "First steps"],
      ["/catalog", "Local folder"],
      ["/connections", "No connections yet"],
      ["/syncs", "No syncs yet"],
      ["/syncs/new", "Nothing to sync from yet"],
      ["/activity", "made the workspace"],
      ["/settings/api-keys", "No API keys yet"],
      ["/settings/secrets", "No secrets yet"],
    ] as const) {
      await open(page, `/w/${slug}${address}`);
      await page.getByText(says).first().waitFor();
      wrong.push(...(await whatIsWrong(page, `empty${address.replaceAll("/", "-")}`)));
    }
    expect([...wrong, ...ana.takeReports()]).toEqual([]);
  });

  it("is so where nothing is, and where nobody answers: the cause, and a button that asks again", async () => {
    const { page } = ana;
    const wrong: string[] = [];
    for (const address of [`/w/${yard.slug}/syncs/${yard.run}`, `/w/${yard.slug}/nowhere`, "/w/not-mine", "/nowhere"]) {
      await open(page, address);
      wrong.push(...(await whatIsWrong(page, `nothing-at${address.replaceAll("/", "-").slice(0, 24)}`)));
    }
    const broken = { status: 503, contentType: "application/problem+json", body: JSON.stringify(unavailable) };
    const things = "**/api/v1/workspaces/*/{home,catalog,connections,syncs,members,api-keys,audit,activity}**";
    await page.route(things, (route) => route.fulfill(broken));
    for (const address of ["", "/syncs", `/syncs/${yard.syncs.drawings}`]) {
      await page.goto(`/w/${yard.slug}${address}`);
      await page.getByRole("alert").first().waitFor();
      wrong.push(...(await whatIsWrong(page, `failed${address.replaceAll("/", "-").slice(0, 12)}`)));
    }
    await page.unroute(things);
    await page.goto(`/w/${yard.slug}/syncs`);
    await page.getByRole("row", { name: /Engineering drawings/ }).waitFor();
    await page.route(things, (route) => route.fulfill(broken));
    await page.getByRole("link", { name: "Activity" }).click();
    await page.getByRole("alert").getByText("The database is being restarted").waitFor();
    await page.unroute(things);
    await page.getByRole("button", { name: "Try again" }).click();
    await page
      .getByText(/paused/)
      .first()
      .waitFor();
    expect([...wrong, ...ana.takeReports().filter((report) => !isAnswer(report))]).toEqual([]);
  });
});

describe("a viewer", () => {
  it("sees everything of the workspace and is told which role each refused action needs", async () => {
    const viewer = await aVisitor(browser, installation.url);
    const { page } = viewer;
    await page.goto(yard.viewerInvitation);
    await page.getByLabel("Name").fill("Vera Viewer");
    await page.getByLabel("E-mail").fill("vera@example.com");
    await page.getByLabel("Password", { exact: true }).fill("correct horse");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("heading", { name: "Home" }).waitFor();

    const wrong: string[] = [];
    for (const [address, refused] of [
      ["", undefined],
      ["/connections", "Connect"],
      [`/connections/${yard.connections.drawings}`, "Create a sync"],
      [`/connections/${accounts.notSignedIn}`, "Sign in"],
      [`/connections/${accounts.refused}`, "Enter a new credential"],
      [`/connections/${accounts.inOrder}?tab=settings`, "Disconnect"],
      ["/syncs", "New sync"],
      [`/syncs/${yard.syncs.drawings}`, "Run now"],
      [`/syncs/${yard.syncs.drawings}?tab=settings`, "Save changes"],
      [`/syncs/${yard.syncs.failing}?tab=problems`, "Retry all"],
      [`/syncs/${yard.syncs.failing}/files/${yard.failedFile}`, "Retry this file"],
      ["/settings/members", "Invite"],
      ["/settings/api-keys", "New key"],
      ["/settings/secrets", "New secret"],
      ["/settings/transfer", undefined],
      [`/providers/${providers.signedIn}`, "Save"],
      ["/activity/audit", undefined],
    ] as const) {
      await open(page, `/w/${yard.slug}${address}`);
      // The pages that look different to those who may change nothing.
      if (/tab=settings|^\/settings|^$/.test(address))
        wrong.push(...(await whatIsWrong(page, `viewer${address.replace(/[/?=]|[0-9a-f-]{36}/g, "-")}`)));
      if (refused === undefined) continue;
      const button = page.getByRole("button", { name: refused, exact: true }).first();
      expect(await button.getAttribute("aria-disabled"), `${address} ${refused}`).toBe("true");
      await button.hover();
      await page
        .getByText(/Needs the role (member|admin); yours is viewer\./)
        .first()
        .waitFor();
    }
    expect([...wrong, ...viewer.takeReports()]).toEqual([]);
  });
});

const unavailable = {
  type: "urn:hawser:problem:unavailable",
  title: "Unavailable",
  status: 503,
  code: "unavailable",
  detail: "The database is being restarted.",
  request_id: "0199",
};

/** Chromium itself writes down every answer that is no success. */
const isAnswer = (report: string) => /responded with a status of (404|410|422|503)/.test(report);

async function makeEmptyWorkspace({ page }: Visitor): Promise<string> {
  await page.goto(`/w/${yard.slug}`);
  const made = await page.request.post("/api/v1/workspaces", {
    headers: { origin: installation.url, "x-requested-with": "portal" },
    data: { name: "New yard" },
  });
  return (await made.json()).slug;
}
