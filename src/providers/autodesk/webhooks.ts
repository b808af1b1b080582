import { z } from "zod";
import { ProviderError } from "#core/errors.ts";
import type { Cursor } from "#core/ids.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import { hmacOf } from "#provider-kit/hmac.ts";
import type { HttpRequest } from "#provider-kit/http.ts";
import type { Call, Subscription, Webhooks } from "#provider-kit/provider.ts";
import { sameText } from "#provider-kit/same-text.ts";
import { contentsReply, hooksReply, hubReply } from "./api.ts";
import { ask } from "./ask.ts";
import { type Config, configOf } from "./config.ts";
import { pathOf, projectOf } from "./ids.ts";

/** A hook covers a folder and all below it, and there is none for a project: each top folder has one. */
const MOST_FOLDERS = 40;

const hooks = `webhooks/v1/${pathOf("systems", "data", "events", "*", "hooks")}`;

export const webhooks: Webhooks<Config> = {
  async subscribe(call, { drive, url, secret, expiresAt }) {
    if (!configOf(call.config).webhooks) {
      throw new ProviderError(
        "forbidden",
        "The connection does not ask Autodesk for the right to make webhooks. Switch on “Hear of changes at once” in it and authorize again.",
      );
    }
    const { hub, project } = projectOf(drive);
    const about = await ask(call, { url: `project/v1/${pathOf("hubs", hub)}` }, hubReply);
    // Hooks are kept, listed and fired in the region that the hub is in.
    const region = about.data.attributes.region ?? "US";
    const top = await ask(
      call,
      {
        url: `project/v1/${pathOf("hubs", hub, "projects", project, "topFolders")}`,
        query: { excludeDeleted: true },
      },
      contentsReply,
    );
    const folders = top.data.filter(({ type, attributes }) => type === "folders" && !attributes.hidden);
    if (folders.length === 0 || folders.length > MOST_FOLDERS) {
      throw new ProviderError("forbidden", `Webhooks are made for up to ${MOST_FOLDERS} top folders of a project`);
    }
    const made: string[] = [];
    try {
      for (const folder of folders) {
        const body = {
          callbackUrl: url,
          scope: { folder: folder.id },
          autoReactivateHook: true,
          hookExpiry: expiresAt.toISOString(),
          hubId: hub,
          projectId: project,
        };
        const hook = await makeHook(call, region, body);
        made.push(hook);
        // The secret is that of this one hook. Those of `/tokens` would be all hooks' of the user or the app.
        await send(call, region, {
          method: "PATCH",
          url: hookUrl(hook),
          body: { json: { status: "active", token: secret } },
        });
      }
    } catch (error) {
      await Promise.allSettled(made.map((hook) => endHook(call, region, hook)));
      throw error;
    }
    return toSubscription({ region, hooks: made }, expiresAt);
  },

  async renew(call, subscription, expiresAt) {
    const { region, hooks } = readLocator(subscription);
    const body = { json: { status: "active", hookExpiry: expiresAt.toISOString() } };
    for (const hook of hooks) await send(call, region, { method: "PATCH", url: hookUrl(hook), body, repeatable: true });
    return toSubscription({ region, hooks }, expiresAt);
  },

  async unsubscribe(call, subscription) {
    const { region, hooks } = readLocator(subscription);
    for (const hook of hooks) await endHook(call, region, hook);
  },

  receive({ headers, body }, secret) {
    const [, told] = /^sha1hash=([0-9a-f]{40})$/i.exec(headers.get("x-adsk-signature") ?? "") ?? [];
    if (told === undefined) return { kind: "refused", reason: "The notice is not signed" };
    if (!sameText(told.toLowerCase(), hmacOf("sha1", secret, body))) {
      return { kind: "refused", reason: "The signature is of another secret or another body" };
    }
    const id = headers.get("x-adsk-delivery-id");
    return { kind: "genuine", ...(id && { id }) };
  },
};

interface HookWanted {
  callbackUrl: string;
  scope: { folder: string };
}

/** The id of a new hook, or of the one that there is already for this address and folder. */
async function makeHook(call: Call<Config>, region: string, body: HookWanted): Promise<string> {
  const { http } = call;
  try {
    // Sent twice it is found: the second answer is that it exists.
    const answer = await http.stream({
      method: "POST",
      url: hooks,
      headers: { "x-ads-region": region },
      body: { json: body },
      repeatable: true,
      content: "step",
    });
    await answer.body.cancel();
    const id = answer.headers.get("location")?.split(/[?#]/)[0]?.split("/").at(-1);
    if (id) return decodeURIComponent(id);
    throw new ProviderError("unexpected-reply", "Autodesk made a webhook without telling its id");
  } catch (error) {
    if (!(error instanceof ProviderError) || error.code !== "exists") throw error;
    const known = await findHook(call, region, body);
    if (known === undefined) throw error;
    return known;
  }
}

async function findHook(
  { http }: Call<Config>,
  region: string,
  { callbackUrl, scope }: HookWanted,
): Promise<string | undefined> {
  const pages = everyItem(async (cursor) => {
    const query = cursor === undefined ? {} : { pageState: cursor };
    const answer = await http.stream({ url: hooks, query, headers: { "x-ads-region": region }, content: "step" });
    // Where there are none, there is no body either.
    if (answer.status === 204) return { items: [] };
    const { data, links } = readHooks(await new Response(answer.body).text());
    const next = new URLSearchParams(links?.next?.split("?")[1] ?? "").get("pageState");
    return { items: data, ...(next !== null && { next: next as Cursor }) };
  });
  for await (const hook of pages) {
    if (hook.callbackUrl === callbackUrl && hook.scope.folder === scope.folder) return hook.hookId;
  }
  return undefined;
}

function readHooks(text: string): z.infer<typeof hooksReply> {
  try {
    return hooksReply.parse(JSON.parse(text));
  } catch (cause) {
    throw new ProviderError("unexpected-reply", "Autodesk listed webhooks in a shape we do not know", { cause });
  }
}

const hookUrl = (hook: string): string => `${hooks}/${pathOf(hook)}`;

async function endHook(call: Call<Config>, region: string, hook: string): Promise<void> {
  await send(call, region, { method: "DELETE", url: hookUrl(hook) }).catch((error: unknown) => {
    if (!(error instanceof ProviderError) || error.kind !== "not-found") throw error;
  });
}

async function send({ http }: Call<Config>, region: string, request: HttpRequest): Promise<void> {
  const answer = await http.stream({ ...request, headers: { "x-ads-region": region }, content: "step" });
  await answer.body.cancel();
}

const locatorShape = z.object({ region: z.string(), hooks: z.array(z.string()).min(1) });
type Hooks = z.infer<typeof locatorShape>;

const toSubscription = (made: Hooks, expiresAt: Date): Subscription => ({
  id: made.hooks[0] ?? "",
  locator: JSON.stringify(made),
  expiresAt,
});

function readLocator({ locator }: Subscription): Hooks {
  try {
    return locatorShape.parse(JSON.parse(locator ?? ""));
  } catch {
    throw new ProviderError("not-found", "The webhooks are not known");
  }
}
