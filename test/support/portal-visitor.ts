// Somebody who looks at the portal in a real browser, and notes everything that is wrong with what is seen.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

declare const axe: typeof import("axe-core");

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** Where pictures of every page go, for people who look at them; none are taken without it. */
const pictures = process.env.HAWSER_PICTURES;

export interface Visitor {
  readonly page: Page;
  /** Errors of scripts and console, and what the page policy refused, since the last time this was called (SR-47). */
  takeReports(): string[];
  /** Signs in without the sign-in page, as one who has been here before. */
  signIn(email: string): Promise<void>;
}

/** A visitor with cookies of their own. */
export async function aVisitor(browser: Browser, url: string): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
  });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`The page policy refused ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`),
    );
  });
  await context.addInitScript(axeSource);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const reports: string[] = [];
  page.on("pageerror", (error) => reports.push(error.message));
  page.on("console", (message) => {
    // Who is not signed in is told so by the first request; Chromium writes that down by itself.
    if (message.type() === "error" && !/status of 401/.test(message.text())) reports.push(message.text());
  });
  return {
    page,
    takeReports: () => reports.splice(0),
    async signIn(email) {
      const answer = await context.request.post("/api/v1/sign-in", {
        headers: { origin: url, "x-requested-with": "portal" },
        data: { email, password: "correct horse" },
      });
      if (!answer.ok()) throw new Error(`signing in failed: ${await answer.text()}`);
    },
  };
}

/** Goes to an address and waits until nothing is being loaded any more. */
export async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await untilLoaded(page);
}

export async function untilLoaded(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await page.waitForFunction(() => document.querySelector(".skeleton, [aria-busy=true]") === null);
}

/** Wide and narrow, light and dark: all of it must be in order in each. Leaves the page wide and light. */
export async function whatIsWrong(page: Page, name: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [width, height] of [
    [1280, 800],
    [360, 740],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await page.evaluate(look, { tags, everything: colorScheme === "light" });
      wrong.push(...found.map((one) => `${name}, ${width} ${colorScheme}: ${one}`));
      await takePicture(page, `${name}-${width}-${colorScheme}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.emulateMedia({ colorScheme: "light" });
  return wrong;
}

export async function takePicture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
}

/** In the page. Only colours differ between light and dark, so the rest is looked at once. */
async function look({ tags, everything }: { tags: string[]; everything: boolean }): Promise<string[]> {
  await document.fonts.ready;
  const wrong: string[] = [];
  const heads = document.querySelectorAll("h1").length;
  if (heads !== 1) wrong.push(`${heads} h1`);
  if (!/\S+ · Hawser$|^Hawser$/.test(document.title)) wrong.push(`the title "${document.title}"`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push(`scrolls sideways by ${scrollWidth - clientWidth}`);
  const { violations } = await axe.run(document, {
    resultTypes: ["violations"],
    runOnly: everything ? { type: "tag", values: tags } : { type: "rule", values: ["color-contrast"] },
  });
  for (const { id, nodes } of violations) {
    wrong.push(`axe ${id}: ${nodes.slice(0, 3).map(({ target, failureSummary }) => `${target} (${failureSummary})`)}`);
  }
  return wrong;
}
