// Providers that somebody describes in the portal, against an API that is nobody's in particular.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AnaInPortal, anaInPortal, keepPicture } from "../support/ana-in-portal.ts";
import { anInstallation } from "../support/hawser-process.ts";
import { open, whatIsWrong } from "../support/portal-visitor.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";

/** An API without a sign-in that keeps what it was sent in the header `x-yard-pass`. */
const passes: (string | string[] | undefined)[] = [];
const gate = createServer((request, reply) => {
  passes.push(request.headers["x-yard-pass"]);
  reply.setHeader("content-type", "application/json").end(JSON.stringify({ gate: "open" }));
}).listen(0, "127.0.0.1");
await once(gate, "listening");
const gateHost = `127.0.0.1:${(gate.address() as AddressInfo).port}`;

const home = temporaryFolder();
const installation = await anInstallation(home, { HAWSER_SANDBOX: "true", HAWSER_PRIVATE_HOSTS: gateHost });
const api = `${installation.sandbox}/api`;
const secrets = {
  apiKey: "sandbox-api-key",
  clientSecret: "sandbox-api-secret",
  pass: "pass-of-the-yard-4711",
};
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
  gate.close();
  removeFolder(home);
});

describe("a provider that is described by hand", () => {
  it("is told at its fields what it lacks, made, and connected with an API key that was tested before", async () => {
    await open(page, `${workspace}/catalog`);
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Find or do").fill("new provider");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "New provider" }).waitFor();
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").getByText("3 settings are not right yet").waitFor();
    expect(await page.getByRole("textbox", { name: "Title" }).evaluate((it) => it === document.activeElement)).toBe(
      true,
    );

    await page.getByRole("textbox", { name: "Title" }).fill("Yard items");
    await page.getByRole("textbox", { name: "Base address" }).fill("127.0.0.1/api");
    await page.getByRole("textbox", { name: "Path of the test" }).fill("/me");
    await page.getByRole("textbox", { name: "Id of the account" }).fill("$.id");
    await page.getByRole("textbox", { name: "Name of the account" }).fill("$.name");
    await part("Sign-in").click();
    await page.getByRole("combobox", { name: "Sign-in" }).selectOption("API key");
    await addAction("List items", "/items");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("alert").getByText("This is not a whole address").waitFor();
    await part(/^Basics 1/).waitFor();
    await page.getByRole("textbox", { name: "Base address" }).fill(`${api}/api`);
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Yard items is in the catalog.").waitFor();

    await part("List items").click();
    await page.getByRole("link", { name: "Connect an account" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("API key", { exact: true }).fill("not-the-key");
    await sheet.getByRole("button", { name: "Test", exact: true }).click();
    await sheet
      .getByText(/answered 401/)
      .first()
      .waitFor();
    await sheet.getByLabel("API key", { exact: true }).fill(secrets.apiKey);
    await sheet.getByRole("button", { name: "Test", exact: true }).click();
    await sheet.getByText(/^It works/).waitFor();
    await sheet.getByRole("button", { name: "Connect", exact: true }).click();
    await page.getByText("In order", { exact: true }).first().waitFor();
    await page.getByText("Ada Example").first().waitFor();
  });

  it("has its action called beside its form, and gets its output by a click on a value", async () => {
    await page.goBack();
    await page.goBack();
    await page.getByRole("heading", { name: "Yard items" }).waitFor();
    await part("List items").click();
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("Click a value to make it the output.").waitFor();
    await page.getByTitle("Use $.items[0].title").click();
    expect(await page.getByRole("textbox", { name: "Path of the value" }).inputValue()).toBe("$.items[0].title");
    expect(await page.getByTitle("Use $.items[0].title").getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("button", { name: "Take it of every entry" }).click();
    await page.getByText("save first to try what you changed").waitFor();
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByRole("dialog").getByText("Leave without saving?").waitFor();
    await page.getByRole("button", { name: "Stay" }).click();

    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Yard items is saved.").waitFor();
    await page.getByRole("button", { name: "Send" }).focus();
    await page.keyboard.press("Control+Enter");
    await answerPart("Output").click();
    await page.getByRole("list", { name: "Output" }).getByText('"Item 20"').waitFor();
    await answerPart("Request").click();
    await inAnswer("[secret]").first().waitFor();
    expect(await page.content()).not.toContain(secrets.apiKey);
    expect(await whatIsWrong(page, "provider-called")).toEqual([]);
  });
});

describe("a provider out of an OpenAPI document", () => {
  it("is read with a report, made of the actions that were chosen, and connected", async () => {
    const document = await (await fetch(`${api}/api/openapi.json`)).json();
    const upload = { "application/xml": { schema: { type: "object" } } };
    document.paths["/pictures"] = {
      post: { operationId: "upload", requestBody: { required: true, content: upload }, responses: {} },
    };
    await open(page, `${workspace}/providers/import`);
    await page.getByRole("textbox", { name: "Document" }).fill("openapi: 3.1.0\ninfo: [");
    await page.getByRole("button", { name: "Read the document" }).click();
    await page.locator("[aria-invalid=true]").waitFor();
    await page.getByRole("textbox", { name: "Document" }).fill(JSON.stringify(document));
    await page.getByRole("button", { name: "Read the document" }).click();
    await page.getByText("4 actions found").waitFor();
    await page.getByText("Left out: 1").click();
    await page.getByText("POST /pictures").waitFor();
    expect(await whatIsWrong(page, "import-report")).toEqual([]);
    // What a document writes with http is taken with https; the pretend API has no certificate.
    await page.getByText("it is taken with https").first().waitFor();
    await page.getByRole("textbox", { name: "Base address" }).fill(`${api}/api`);
    await page.getByLabel("Title of who_am_i").fill("Who is it");
    await page.getByRole("button", { name: "Create with 4 actions" }).click();
    await page.getByText("Pretend items is in the catalog, with 4 actions.").waitFor();

    await page.getByRole("link", { name: "Connect", exact: true }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("X-Api-Key", { exact: true }).fill(secrets.apiKey);
    await sheet.getByRole("button", { name: "Connect and test" }).click();
    await page.getByText("Pretend items is connected.").waitFor();
  });

  it("has each of its actions called, and a call that fails explained", async () => {
    await page.getByRole("tab", { name: "Try it" }).click();
    await choose("Who is it");
    await send(200);
    await choose("List items");
    await page.getByRole("textbox", { name: "cursor" }).fill("40");
    await send(200);
    await inAnswer('"Item 41"').waitFor();
    await choose("Create an item");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("This is needed.").waitFor();
    await page.getByRole("textbox", { name: "title" }).fill("A crane");
    await send(201);
    await inAnswer('"A crane"').waitFor();
    await choose("Get an item");
    await page.getByRole("textbox", { name: "id" }).fill("99");
    await send(404);
    await page.getByText("Nothing is at this address: look at the path and at the values in it.").waitFor();
    await inAnswer('"There is nothing here."').waitFor();
    await page.getByRole("textbox", { name: "id" }).fill("7");
    await send(200);
    await choose("A request of my own");
    await page.getByRole("textbox", { name: "Path" }).fill("/items/3");
    await send(200);
    await page.getByRole("region", { name: "Earlier calls" }).getByRole("listitem").nth(5).waitFor();
    await page.getByRole("button", { name: /^404 get_item/ }).click();
    await page.getByText("Nothing is at this address").waitFor();
    expect(await whatIsWrong(page, "console-failed-call")).toEqual([]);
  });
});

describe("a provider with OAuth", () => {
  it("is signed in to with an app that is entered in the portal, through its consent page", async () => {
    await open(page, `${workspace}/providers/new`);
    await page.getByRole("textbox", { name: "Title" }).fill("Yard accounts");
    await page.getByRole("textbox", { name: "Base address" }).fill(`${api}/api`);
    await part("Sign-in").click();
    await page.getByRole("combobox", { name: "Sign-in" }).selectOption("OAuth 2.0, a person signs in");
    await page.getByRole("textbox", { name: "Authorize address" }).fill(`${api}/authorize`);
    await page.getByRole("textbox", { name: "Token address" }).fill(`${api}/token`);
    await page.getByRole("textbox", { name: "Scopes" }).fill("read");
    await page.getByRole("combobox", { name: "Refresh token" }).selectOption("Is replaced by each refresh");
    await addAction("Who am I", "/me");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByText("Yard accounts is in the catalog.").waitFor();

    await page.getByRole("link", { name: "Connect", exact: true }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("textbox", { name: "Client ID" }).fill("sandbox-api");
    await sheet.getByLabel("Client secret").fill(secrets.clientSecret);
    await sheet.getByRole("button", { name: "Save the app" }).click();
    await sheet.getByRole("button", { name: "Continue to Yard accounts" }).click();
    await page.getByRole("link", { name: /^Allow as ada/ }).click();
    await page.getByText("In order", { exact: true }).first().waitFor();
    await page.getByRole("tab", { name: "Try it" }).click();
    await send(200);
    await inAnswer('"ada"').waitFor();
    await answerPart("Request").click();
    await inAnswer("Bearer [secret]").waitFor();
  });
});

describe("a workspace secret", () => {
  it("is kept with where it may be sent, and what is no address is refused", async () => {
    await open(page, `${workspace}/settings/secrets`);
    await page.getByRole("button", { name: "New secret" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("textbox", { name: "Name" }).fill("yard_pass");
    await dialog.getByLabel("Value", { exact: true }).fill(secrets.pass);
    const origins = dialog.getByRole("textbox", { name: "May be sent to" });
    await origins.fill("*.yard.example");
    await dialog.getByRole("button", { name: "Keep the secret" }).click();
    await dialog.getByText("“*.yard.example” is no address").waitFor();
    await dialog.getByRole("button", { name: "Remove *.yard.example" }).click();
    await origins.fill(`http://${gateHost}/with/a/path`);
    await dialog.getByRole("button", { name: "Keep the secret" }).click();
    await page
      .getByRole("row", { name: /yard_pass/ })
      .getByText(gateHost)
      .waitFor();
  });

  it("arrives where a header refers to it, and shows as [secret] in the console", async () => {
    await open(page, `${workspace}/providers/new`);
    await page.getByRole("textbox", { name: "Title" }).fill("Yard gate");
    await page.getByRole("textbox", { name: "Base address" }).fill(`http://${gateHost}`);
    await page.getByRole("button", { name: "Header" }).click();
    await page.getByLabel("Header, name 1").fill("X-Yard-Pass");
    await page.getByLabel("Header, value 1").fill("{{workspace.yard_pass}}");
    await part("Sign-in").click();
    await page.getByRole("combobox", { name: "Sign-in" }).selectOption("None");
    await addAction("Open the gate", "/open");
    await page.getByRole("button", { name: "Create" }).click();
    await page.getByRole("link", { name: "Connect", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Connect and test" }).click();
    await page.getByText("Yard gate is connected.").waitFor();
    await page.getByRole("tab", { name: "Try it" }).click();
    await send(200);
    expect(passes.at(-1)).toBe(secrets.pass);
    await answerPart("Request").click();
    await inAnswer("x-yard-pass").waitFor();
    await inAnswer("[secret]").waitFor();

    await open(page, `${workspace}/settings/secrets`);
    await page
      .getByRole("row", { name: /yard_pass/ })
      .getByText("Yard gate")
      .waitFor();
    await page.getByRole("button", { name: "Delete yard_pass" }).click();
    await page.getByRole("dialog").getByText("“Yard gate” still refers to it").waitFor();
    await page.keyboard.press("Escape");
  });
});

describe("an export", () => {
  it("imported again shows no difference, and holds no secret", async () => {
    await open(page, `${workspace}/settings/transfer`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Export as a file" }).click(),
    ]);
    const yaml = await textOf(await download.createReadStream());
    for (const secret of Object.values(secrets)) expect(yaml).not.toContain(secret);
    const look = async (name: string, text: string) => {
      const file = { name, mimeType: "application/yaml", buffer: Buffer.from(text) };
      await page.getByLabel(/^Choose (a|another) file/).setInputFiles(file);
      await page.getByText(name).waitFor();
      await page.getByRole("button", { name: "Show what would change" }).click();
    };
    await look("as-it-is.yaml", yaml);
    await page.getByText("Nothing would change: the workspace is as the file has it.").waitFor();
    expect(await page.getByRole("button", { name: /^Apply/ }).getAttribute("aria-disabled")).toBe("true");

    await look("refused.yaml", yaml.replace(`http://${gateHost}`, "no address"));
    await page.getByText(/^1 refused/).waitFor();
    expect(await whatIsWrong(page, "import-refused")).toEqual([]);
    await look("renamed.yaml", yaml.replace("display_name: Yard gate", "display_name: Main gate"));
    await page.getByText(/^1 changed/).waitFor();
    await page.getByRole("button", { name: "Apply 1 change" }).click();
    await page.getByText("The file is applied.").waitFor();
    await open(page, `${workspace}/catalog`);
    await page.getByText("Main gate").first().waitFor();
  });

  it("SR-47 was all shown within a strict page policy, and the browser keeps none of the secrets", async () => {
    const kept = await page.evaluate(async () =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, await indexedDB.databases()]),
    );
    for (const secret of Object.values(secrets)) expect(kept).not.toContain(secret);
    // The consent page has no picture for the tab, and Chromium writes down every answer that is no success.
    expect(
      ana.visitor.takeReports().filter((report) => !/responded with a status of (404|409|422)/.test(report)),
    ).toEqual([]);
  });
});

const part = (name: string | RegExp): Locator =>
  page
    .getByRole("navigation", { name: "Parts of the provider" })
    .getByRole("button", { name, ...(typeof name === "string" && { exact: true }) });

async function addAction(title: string, path: string): Promise<void> {
  await part("Action").click();
  await page.getByRole("textbox", { name: "Title" }).fill(title);
  await page.getByRole("textbox", { name: "Path", exact: true }).fill(path);
}

async function choose(action: string): Promise<void> {
  await page.getByRole("combobox", { name: "Call" }).fill(action);
  await page.getByRole("option", { name: action }).click();
}

const answer = (): Locator => page.getByRole("region", { name: "Answer" });
const inAnswer = (text: string): Locator => answer().getByText(text, { exact: true });
const answerPart = (name: string): Locator => answer().getByRole("button", { name, exact: true });

/** Sends the call, and waits until an answer of this status is shown that was not there before. */
async function send(status: number): Promise<void> {
  const answered = page.waitForResponse((one) => one.request().method() === "POST" && one.url().endsWith("/calls"));
  await page.getByRole("button", { name: "Send" }).click();
  expect((await (await answered).json()).response?.status).toBe(status);
  await answer().getByText(String(status), { exact: true }).waitFor();
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}
