// Ana, who is the first in an installation, in the portal and in her workspace: what the tests of a file begin with.
import type { Page } from "playwright-core";
import type { TestContext } from "vitest";
import { openBrowser } from "./browser.ts";
import { type Installation, startHawser } from "./hawser-process.ts";
import { signUp } from "./http-person.ts";
import { aVisitor, takePicture, type Visitor } from "./portal-visitor.ts";

export interface AnaInPortal {
  visitor: Visitor;
  page: Page;
  /** `/w/<slug>` */
  workspace: string;
  end(): Promise<void>;
}

export async function anaInPortal(installation: Installation): Promise<AnaInPortal> {
  const [hawser, browser] = await Promise.all([startHawser(installation), openBrowser()]);
  const end = async () => {
    await browser.close();
    await hawser.stop();
  };
  try {
    const person = await signUp(installation.url, "Ana");
    const workspace = `/w/${(await person.ask("GET", "")).slug}`;
    const visitor = await aVisitor(browser, installation.url);
    await visitor.signIn("ana@example.com");
    return { visitor, page: visitor.page, workspace, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** What the page looked like, for whoever has to find out why. */
export async function keepPicture(page: Page | undefined, { task }: Pick<TestContext, "task">): Promise<void> {
  if (page && task.result?.state === "fail") await takePicture(page, `failed-${task.name.replace(/\W+/g, "-")}`);
}
