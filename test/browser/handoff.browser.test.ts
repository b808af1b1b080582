// A sync's files are handed over to the pretend receiver; its answers, what holds them up and the buttons are in the portal.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { reportTo } from "#providers/document-processing/simulated-results.ts";
import { type AnaInPortal, anaInPortal, keepPicture } from "../support/ana-in-portal.ts";
import { anInstallation } from "../support/hawser-process.ts";
import { open, untilLoaded, whatIsWrong } from "../support/portal-visitor.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

const home = temporaryFolder();
const installation = await anInstallation(home, { HAWSER_SANDBOX: "true" });
const { sandbox, source } = installation;
let ana: AnaInPortal;
let page: Page;
let workspace: string;
let sync = "";

beforeAll(async () => {
  for (const name of ["pump.txt", "valve.txt", "hull.txt"]) writeFileSync(join(source, name), `About the ${name}.`);
  ana = await anaInPortal(installation);
  ({ page, workspace } = ana);
}, 60_000);
afterEach((context) => keepPicture(page, context));
afterAll(async () => {
  await ana?.end();
  removeFolder(home);
});

describe("handing files over", () => {
  it("begins with a connection to the receiver, whose secret is entered once", async () => {
    const [, secret = ""] = await fromSandbox(/Signing secret of yacht-042: (whsec_[\w+/=]+)/);
    await page.goto(`${workspace}/catalog/document-processing?sandbox=true`);
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("Tenant", { exact: true }).fill("yacht-042");
    await sheet.getByLabel("Signing secret", { exact: true }).fill(secret);
    await sheet.getByRole("button", { name: /^Connect/ }).click();
    await page.getByRole("heading", { name: "Document processing, sandbox" }).waitFor();
  });

  it("is chosen in the settings of a sync, whose stored files are then handed over at a click", async () => {
    const connection = await ask("POST", "/connections", {
      provider: "local-folder",
      name: "Documents",
      config: { root: "source" },
    });
    const { items } = await ask("GET", `/connections/${connection.id}/drives`);
    const made = await ask("POST", "/syncs?run=true", {
      connection_id: connection.id,
      name: "Drawings",
      drive: { id: items[0].id, name: items[0].name },
      destination: { kind: "local-folder", root: "target", folder: "drawings", layout: "mirror" },
    });
    sync = `${workspace}/syncs/${made.id}`;
    await expect.poll(async () => (await ask("GET", `/syncs/${made.id}`)).totals.stored, { timeout: 20_000 }).toBe(3);

    await open(page, `${sync}?tab=settings`);
    const choice = page.getByLabel(/Hand stored files over to/);
    await choice.selectOption({ label: `Document processing, sandbox (yacht-042 at ${new URL(sandbox).host})` });
    await page.getByRole("button", { name: "Save changes" }).click();
    await page.getByText("Saved. The next run applies it.").waitFor();
    await page.getByRole("tab", { name: /Hand-offs/ }).click();
    await page.getByText("has not been told of 3 stored files").waitFor();
    expect(await whatIsWrong(page, "handoffs-begin")).toEqual([]);
    await page.getByRole("button", { name: "Hand them over" }).click();
    await page.getByText("3 of 3 hand-offs delivered").waitFor({ timeout: 20_000 });
    expect(await whatIsWrong(page, "handoffs")).toEqual([]);
  });

  it("shows with each file what the receiver answered", async () => {
    await page.getByRole("link", { name: "pump.txt" }).click();
    await untilLoaded(page);
    await page.getByText("It has this version.").waitFor();
    await page.getByText(/^job_/).first().waitFor();
    expect(await whatIsWrong(page, "file-handed-over")).toEqual([]);
  });

  it("shows what the receiver reports later of a document, at an address that an admin has made", async () => {
    const { items } = await ask("GET", "/connections");
    const receiver = items.find(({ provider }: { provider: string }) => provider === "document-processing");
    const file = new URL(page.url()).pathname;
    await open(page, `${workspace}/connections/${receiver.id}?tab=results`);
    await page.getByRole("button", { name: "Make an address" }).click();
    const url = await page.getByLabel("Address for results").inputValue();
    const secret = await page.getByLabel("Secret for results").inputValue();
    expect(await whatIsWrong(page, "result-address")).toEqual([]);
    await open(page, file);
    const report = { type: "document.processed", document: { id: file.split("/").at(-1) }, result: { pages: 3 } };
    const about = { tenant: "yacht-042", id: "evt_01J8ZQ3K5T9W7V6M2N4P8R0S1A", at: new Date(), report };
    expect((await fetch(reportTo({ url, secret }, about))).status).toBe(202);
    await page.getByText("Processed", { exact: true }).waitFor();
    await page.getByText('{"pages":3}').waitFor();
    expect(await whatIsWrong(page, "file-processed")).toEqual([]);
  });

  it("waits while the receiver takes no signature, says so, and goes on once the secret is entered", async () => {
    await play("revoke");
    writeFileSync(join(source, "new.txt"), "A new file.");
    await ask("POST", `${sync.slice(workspace.length)}/run`);
    await open(page, `${sync}?tab=handoffs`);
    await page.getByText("1 file waits for it; nothing is lost.").waitFor({ timeout: 20_000 });
    expect(await whatIsWrong(page, "handoffs-held")).toEqual([]);
    await page.getByRole("link", { name: "Open the connection" }).first().click();

    const [, secret = ""] = await fromSandbox(/Signing secret of yacht-042: (whsec_[\w+/=]+)/);
    const { items } = await ask("GET", "/connections");
    const receiver = items.find(({ provider }: { provider: string }) => provider === "document-processing");
    await ask("POST", `/connections/${receiver.id}/credential`, { credential: { secret } });
    await open(page, `${sync}?tab=handoffs`);
    await page.getByText("4 of 4 hand-offs delivered").waitFor({ timeout: 20_000 });
  });

  it("is sent again, one file at a click, where it came to nothing", async () => {
    await play("down-all");
    writeFileSync(join(source, "late.txt"), "A file that comes late.");
    await ask("POST", `${sync.slice(workspace.length)}/run`);
    await page.getByText("4 of 5 hand-offs delivered, 1 to come").waitFor({ timeout: 20_000 });
    const { handoff } = await ask("GET", sync.slice(workspace.length));
    await ask("PATCH", sync.slice(workspace.length), { handoff: null });
    await ask("PATCH", sync.slice(workspace.length), { handoff: { connection_id: handoff.connection_id } });
    await play("up");
    await open(page, `${sync}?tab=handoffs`);
    await page.getByText("Cancelled", { exact: true }).waitFor();
    expect(await whatIsWrong(page, "handoffs-cancelled")).toEqual([]);
    await page.getByRole("button", { name: "Send late.txt again" }).click();
    await page.getByText("5 of 5 hand-offs delivered").waitFor({ timeout: 60_000 });
  });

  it("reports nothing that the page policy refused", () => {
    // The pretend receiver has no picture for the tab, and Chromium writes down every answer that is no success.
    expect(ana.visitor.takeReports().filter((report) => !/responded with a status of/.test(report))).toEqual([]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
async function ask(method: string, path: string, data?: unknown): Promise<any> {
  const me = await (await page.request.get("/api/v1/me")).json();
  const headers = { origin: installation.url, "x-requested-with": "portal", "content-type": "application/json" };
  const url = `/api/v1/workspaces/${me.workspaces[0].id}${path}`;
  const answer = await page.request.fetch(url, { method, headers, ...(data !== undefined && { data }) });
  if (!answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}

async function play(act: string): Promise<void> {
  const answer = await page.request.post(`${sandbox}/`, { form: { service: "document-processing", act } });
  expect(answer.ok()).toBe(true);
}

async function fromSandbox(pattern: RegExp): Promise<RegExpExecArray> {
  const found = pattern.exec(await (await page.request.get(`${sandbox}/`)).text());
  if (!found) throw new Error(`the page of the sandbox has nothing like ${pattern}`);
  return found;
}
