/** A pretend Microsoft on hosts of its own, somebody who is signed in there, and what went over the wire. */
import type { Cursor, RemoteId } from "#core/ids.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import type { Call, Change, ChangePage, RemoteFile } from "#provider-kit/provider.ts";
import type { SimDrive, SimNode } from "#provider-kit/sim/tree.ts";
import { callInto, type Network } from "#provider-kit/testing/first-call.ts";
import type { Config } from "../config.ts";
import { onedrive } from "../index.ts";
import { people } from "../simulated-microsoft.ts";
import {
  type OneDriveSimulator,
  type OneDriveSimulatorOptions,
  onedriveAddresses,
  onedriveClient,
  onedriveSimulator,
} from "../simulator.ts";

export const GRAPH = "https://graph.microsoft.com";
export const CONTENT = "https://contoso.sharepoint.com";

export interface MetMicrosoft {
  service: OneDriveSimulator;
  provider: ReturnType<typeof onedrive>;
  files: NonNullable<ReturnType<typeof onedrive>["files"]>;
  drive: RemoteId;
  top: SimNode;
  tree: OneDriveSimulator["tree"];
  call: Call<Config>;
  /** Method and address of each request, with ` signed` behind those that carried the credential. */
  asked: string[];
  list(folder?: RemoteId): Promise<RemoteFile[]>;
  listAll(drive?: RemoteId): Promise<RemoteFile[]>;
  /** All changes since a cursor, page by page. */
  changes(since?: Cursor): Promise<{ changes: Change[]; next: Cursor; pages: ChangePage[] }>;
  text(id: RemoteId, from?: number): Promise<string>;
}

export async function meetMicrosoft(
  about: Partial<OneDriveSimulatorOptions> & {
    config?: Config;
    /** The sign-in name of a person, or the app for itself. */
    who?: string;
    downloadsAt?: string;
    /** Answers in the place of the simulator, where it wants to. */
    instead?: (request: Request) => Response | undefined;
  } = {},
): Promise<MetMicrosoft> {
  const { config = {}, who = "adele@contoso.test", downloadsAt = CONTENT, instead, ...options } = about;
  const service = onedriveSimulator({ origin: GRAPH, seed: 1, empty: true, downloadsAt, ...options });
  const provider = onedrive({ api: `${GRAPH}/api`, ...onedriveAddresses(GRAPH) });
  const { files } = provider;
  if (!files) throw new Error("it has no files");
  const ask = async (request: Request) => instead?.(request) ?? service.fetch(request);
  const network: Network = { [GRAPH]: ask, [downloadsAt]: ask };
  const watched = callInto(provider, network, {
    config,
    authorization: `Bearer ${await tokenFor(service, who)}`,
  });
  const call: Call<Config> = {
    ...watched,
    auth: who === "app" ? "oauth2_client_credentials" : "oauth2_authorization_code",
    account: { id: "somebody", label: who },
  };
  const { drive: first, tree } = service;
  const drive = first.id as RemoteId;
  const all = async <Item>(ask: (cursor?: Cursor) => Promise<{ items: Item[]; next?: Cursor } | undefined>) =>
    Array.fromAsync(
      everyItem(async (cursor) => {
        const page = await ask(cursor);
        if (!page) throw new Error("it cannot");
        return page;
      }),
    );
  return {
    service,
    provider,
    files,
    drive,
    top: first.top,
    tree,
    call,
    asked: watched.asked,
    list: (folder) =>
      all((cursor) => files.list(call, { drive, ...(folder && { folder }), ...(cursor && { cursor }) })),
    listAll: (of = drive) => all(async (cursor) => files.listAll?.(call, { drive: of, ...(cursor && { cursor }) })),
    async changes(since) {
      const pages: ChangePage[] = [];
      for (let from = since; ; ) {
        const page = await files.changes?.(call, { drive, ...(from && { since: from }) });
        if (!page) throw new Error("it has no feed");
        pages.push(page);
        from = page.next;
        if (!page.more) return { changes: pages.flatMap(({ changes }) => changes), next: page.next, pages };
      }
    },
    text: async (id, from = 0) => new Response((await files.read(call, { drive, id }, { from })).bytes).text(),
  };
}

export const idOf = (node: SimNode | SimDrive): RemoteId => node.id as RemoteId;

/** What a browser and a server do together, or an app by itself. */
export async function tokenFor(service: OneDriveSimulator, who: string): Promise<string> {
  const { origin } = service;
  const token = async (params: Record<string, string>): Promise<string> => {
    const body = new URLSearchParams({ ...params, client_id: onedriveClient.id, client_secret: onedriveClient.secret });
    const url = `${origin}/contoso.test/oauth2/v2.0/token`;
    const answer: { access_token: string } = await (
      await service.fetch(new Request(url, { method: "POST", body }))
    ).json();
    return answer.access_token;
  };
  if (who === "app") return token({ grant_type: "client_credentials", scope: "https://graph.microsoft.com/.default" });
  const redirect_uri = "http://localhost:8080/oauth/callback/test";
  const page = new URL(`${origin}/contoso.test/oauth2/v2.0/authorize`);
  const asked = {
    response_type: "code",
    client_id: onedriveClient.id,
    redirect_uri,
    scope: "User.Read Files.Read.All Sites.Read.All offline_access",
    account: people.find(({ label }) => label === who)?.id ?? "",
    decision: "allow",
  };
  for (const [name, value] of Object.entries(asked)) page.searchParams.set(name, value);
  const back = new URL((await service.fetch(new Request(page))).headers.get("location") ?? "about:blank");
  return token({ grant_type: "authorization_code", code: back.searchParams.get("code") ?? "", redirect_uri });
}
