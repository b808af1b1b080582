import { ProviderError } from "#core/errors.ts";
import type { RemoteId } from "#core/ids.ts";
import type { Page } from "#core/page.ts";
import type { AuthType } from "#provider-kit/auth.ts";
import { covers } from "#provider-kit/covers.ts";
import { everyItem } from "#provider-kit/every-item.ts";
import type { Call, FileSource, Provider, RemoteFile, RemoteRef, Webhooks } from "#provider-kit/provider.ts";
import { createProviderHttp } from "#provider-kit/provider-http.ts";
import type { Config } from "../config.ts";
import { autodesk } from "../index.ts";
import { type AutodeskSimulator, autodeskClient, autodeskSimulator } from "../simulator.ts";

export interface OpenAutodesk {
  service: AutodeskSimulator;
  provider: Provider<Config>;
  files: FileSource<Config>;
  webhooks: Webhooks<Config>;
  call: Call<Config>;
  clock: { at: number; now(): Date };
  drive: RemoteId;
  /** Method and address of each request, with ` signed` behind those that carried the credential. */
  asked: string[];
  /** The headers of the request before. */
  lastHeaders(): Headers;
  list(folder?: { id: RemoteId; locator?: string }): Promise<RemoteFile[]>;
  /** Everything, folder by folder. */
  walk(): Promise<RemoteFile[]>;
  find(name: string): Promise<RemoteFile & RemoteRef>;
  text(ref: RemoteRef, from?: number): Promise<string>;
}

const origin = "https://autodesk.test";
const real = "https://developer.api.autodesk.com";

/**
 * Signed in at a pretend Autodesk, in this process. The provider has the addresses of the real one, and requests to them
 * are taken to the pretend one; what goes elsewhere is answered by `others`.
 */
export async function openAutodesk(
  options: {
    planted?: boolean;
    config?: Config;
    auth?: AuthType;
    /** Whose consent it is. */
    account?: string;
    others?(request: Request): Promise<Response>;
    notify?(request: Request): Promise<Response>;
  } = {},
): Promise<OpenAutodesk> {
  const { config = {}, auth = "oauth2_authorization_code" } = options;
  const clock = { at: Date.now(), now: () => new Date(clock.at) };
  const service = autodeskSimulator({ origin, clock, seed: 1, empty: !options.planted, notify: options.notify });
  const provider = autodesk({}, clock);
  const { files, webhooks } = provider;
  if (!files || !webhooks) throw new Error("a part is missing");
  const token = await signIn(service, provider, config, auth, options.account);
  const asked: string[] = [];
  let lastHeaders = new Headers();
  const addresses = provider.addresses?.(config, {}) ?? ["about:blank"];
  const { signal } = new AbortController();

  const http = createProviderHttp({
    provider,
    base: addresses[0],
    signal,
    async send(request, { unsigned }) {
      const { url, method } = request;
      if (!covers(addresses, new URL(url))) throw new ProviderError("rejected", `${url} is no address of the provider`);
      const headers = new Headers(request.headers);
      if (!unsigned) headers.set("authorization", `Bearer ${token}`);
      asked.push(`${method} ${url}${unsigned ? "" : " signed"}`);
      lastHeaders = headers;
      const isStorage = !url.startsWith(`${real}/`) && !url.startsWith("https://api.userprofile.autodesk.com/");
      if (isStorage && options.others) return { reply: await options.others(new Request(request, { headers })) };
      const body = request.body === null ? null : await request.arrayBuffer();
      const { pathname, search } = new URL(url);
      return {
        reply: await service.fetch(new Request(`${origin}/api${pathname}${search}`, { method, headers, body })),
      };
    },
  });
  const account = { id: "A1B2C3D4E5F6", label: "ines@harbour.test" };
  const call: Call<Config> = { http, config, kept: {}, auth, signal, account };
  const drive = service.drive.id as RemoteId;
  // The addresses that the pretend one tells have to be the real one's.
  service.autodesk.storage.origin = "https://cdn.us.oss.api.autodesk.com/storage";

  const list = (folder?: { id: RemoteId; locator?: string }) =>
    Array.fromAsync(
      everyItem((cursor): Promise<Page<RemoteFile>> => {
        const { locator } = folder ?? {};
        return files.list(call, {
          drive,
          ...(folder && { folder: folder.id }),
          ...(locator !== undefined && { locator }),
          ...(cursor && { cursor }),
        });
      }),
    );
  const walk = async (folder?: RemoteFile): Promise<RemoteFile[]> => {
    const here = await list(folder);
    const below: RemoteFile[] = [];
    for (const deeper of here.filter(({ isFolder }) => isFolder)) below.push(...(await walk(deeper)));
    return [...here, ...below];
  };
  return {
    service,
    provider,
    files,
    webhooks,
    call,
    clock,
    drive,
    asked,
    lastHeaders: () => lastHeaders,
    list,
    walk: () => walk(),
    async find(name) {
      const found = (await walk()).find((file) => file.name === name);
      if (!found) throw new Error(`nothing is called ${name}`);
      return { ...found, drive };
    },
    text: async (ref, from = 0) => new Response((await files.read(call, ref, { from })).bytes).text(),
  };
}

const redirectUri = "http://localhost:8080/oauth/callback/test";

async function signIn(
  service: AutodeskSimulator,
  provider: Provider<Config>,
  config: Config,
  auth: AuthType,
  account: string | undefined,
): Promise<string> {
  const way = provider.auth(config).find(({ type }) => type === auth);
  const scope = way && "scopes" in way ? way.scopes.join(" ") : "";
  const basic = `Basic ${Buffer.from(`${autodeskClient.id}:${autodeskClient.secret}`).toString("base64")}`;
  const ask = async (params: Record<string, string>) => {
    const body = new URLSearchParams(params);
    const headers = { authorization: basic };
    const answer = await service.fetch(new Request(`${origin}/token`, { method: "POST", headers, body }));
    const { access_token }: { access_token: string } = await answer.json();
    return access_token;
  };
  if (auth === "oauth2_client_credentials") return ask({ grant_type: "client_credentials", scope });
  const page = new URL(`${origin}/authorize`);
  const asked = { response_type: "code", client_id: autodeskClient.id, redirect_uri: redirectUri, scope };
  const decision = { decision: "allow", ...(account !== undefined && { account }) };
  for (const [name, value] of Object.entries({ ...asked, ...decision })) page.searchParams.set(name, value);
  const back = new URL((await service.fetch(new Request(page))).headers.get("location") ?? "about:blank");
  const code = back.searchParams.get("code") ?? "";
  return ask({ grant_type: "authorization_code", code, redirect_uri: redirectUri });
}
