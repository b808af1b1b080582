import { createHash, randomBytes } from "node:crypto";
import type { RemoteId } from "#core/ids.ts";
import type { AuthorizationCode } from "../auth.ts";
import type { Provider } from "../provider.ts";
import type { SimulatedFiles } from "../sim/files.ts";
import type { SimNode } from "../sim/tree.ts";
import type { FileSimulator } from "../simulator.ts";

/**
 * Somebody who works at a pretend service, for the file-source suite: edits its first drive, and signs what the suite
 * asks with a token of the first person who can sign in there.
 */
export function editSimulated<Config>(about: {
  service: SimulatedFiles;
  /** Described with the addresses of the service. */
  provider: Provider<Config>;
  config: Config;
  client: { id: string; secret: string };
  /** Makes a document of the service's own. */
  addDocument?(name: string, folder: SimNode): SimNode;
}): FileSimulator {
  const { service, addDocument } = about;
  const { tree, drive } = service;
  const nodeOf = (id: RemoteId): SimNode => {
    const node = tree.get(id);
    if (!node) throw new Error(`nothing has the id ${id}`);
    return node;
  };
  const folderOf = (id?: RemoteId): SimNode => (id === undefined ? drive.top : nodeOf(id));
  const idOf = (node: SimNode): RemoteId => node.id as RemoteId;
  let token: Promise<string> | undefined;

  return {
    drive: drive.id as RemoteId,
    quirks: service.quirks,
    addFolder: (name, folder) => idOf(tree.addFolder(folderOf(folder), name)),
    addFile: (name, bytes, folder) => idOf(tree.addFile(folderOf(folder), name, { kind: "bytes", bytes })),
    ...(addDocument && {
      addDocument: (name: string, folder?: RemoteId) => idOf(addDocument(name, folderOf(folder))),
    }),
    rewrite: (file, bytes) => tree.edit(nodeOf(file), { kind: "bytes", bytes }),
    move: (file, folder) => tree.move(nodeOf(file), nodeOf(folder)),
    rename: (file, name) => tree.rename(nodeOf(file), name),
    remove: (file) => tree.delete(nodeOf(file)),
    throwAway: (file) => tree.trash(nodeOf(file)),
    takeBack: (file) => tree.restore(nodeOf(file)),
    loseCursors: () => service.loseCursors(),
    losePages: () => service.losePages(),
    failNext: (fault) => service.faults.failNext(fault, { path: "/api" }),
    async fetch(request) {
      if (!request.headers.has("authorization")) return service.fetch(request);
      token ??= signIn(about);
      const headers = new Headers(request.headers);
      headers.set("authorization", `Bearer ${await token}`);
      return service.fetch(new Request(request, { headers }));
    },
  };
}

const redirectUri = "http://localhost:8080/oauth/callback/test";

/** What a browser and a server do together: consent, and the exchange of the code (RFC 6749 4.1). */
async function signIn<Config>({
  service,
  provider,
  config,
  client,
}: {
  service: SimulatedFiles;
  provider: Provider<Config>;
  config: Config;
  client: { id: string; secret: string };
}): Promise<string> {
  const way = provider.auth(config).find((one): one is AuthorizationCode => one.type === "oauth2_authorization_code");
  if (!way) throw new Error(`no person signs in at ${provider.name}`);
  const verifier = randomBytes(32).toString("base64url");
  const page = new URL(way.authorizeUrl);
  const asked = {
    ...way.authorizeParams,
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    state: "state",
    [way.scopeParam ?? "scope"]: way.scopes.join(way.scopeSeparator ?? " "),
    ...(way.pkce && {
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }),
    decision: "allow",
  };
  for (const [name, value] of Object.entries(asked)) page.searchParams.set(name, value);
  const back = new URL((await service.fetch(new Request(page))).headers.get("location") ?? "about:blank");
  const params = {
    grant_type: "authorization_code",
    code: back.searchParams.get(way.codeParam ?? "code") ?? "",
    redirect_uri: redirectUri,
    ...(way.pkce && { code_verifier: verifier }),
  };
  const basic = `Basic ${Buffer.from(`${client.id}:${client.secret}`).toString("base64")}`;
  const answer = await service.fetch(
    new Request(way.tokenUrl, {
      method: "POST",
      ...(way.clientAuth === "basic"
        ? { headers: { authorization: basic }, body: new URLSearchParams(params) }
        : { body: new URLSearchParams({ ...params, client_id: client.id, client_secret: client.secret }) }),
    }),
  );
  const { access_token }: { access_token?: string } = await answer.json();
  if (access_token === undefined) throw new Error(`${provider.name} gave no token: ${answer.status}`);
  return access_token;
}
