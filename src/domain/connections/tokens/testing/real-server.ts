// A real authorization server, by others: what we hold to be OAuth has to hold there too.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type ClientMetadata, Provider } from "oidc-provider";

export interface RealServer {
  issuer: string;
  hostAndPort: string;
  /** Opens the address as a browser does, signs in and says yes (or no) to everything; where it ends is not opened. */
  browse(address: URL, decision?: "yes" | "no"): Promise<URL>;
  close(): Promise<void>;
}

/** Listens on loopback. Every refresh replaces the refresh token; one that comes twice ends the grant; PKCE is compulsory. */
export async function realServer(clients: readonly ClientMetadata[]): Promise<RealServer> {
  let answer = (_: IncomingMessage, reply: ServerResponse): void => void reply.writeHead(503).end();
  const http = createServer((request, reply) => answer(request, reply));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const hostAndPort = `127.0.0.1:${port}`;
  const issuer = `http://${hostAndPort}`;

  const provider = new Provider(issuer, {
    clients: [...clients],
    cookies: { keys: ["a key of this test"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
    },
    interactions: { url: (_, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    rotateRefreshToken: true,
    scopes: ["openid", "offline_access", "files.read"],
    ttl: {
      AccessToken: 3600,
      ClientCredentials: 3600,
      Grant: 3600,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: 3600,
      Session: 3600,
    },
  });
  const ofProvider = provider.callback();
  answer = (request, reply) => {
    const path = request.url ?? "";
    if (path.startsWith("/interaction/")) void decide(provider, request, reply);
    else void ofProvider(request, reply);
  };

  return {
    issuer,
    hostAndPort,
    async browse(address, decision = "yes") {
      const cookies = new Map<string, string>();
      let next = address;
      for (let step = 0; step < 12 && next.origin === issuer; step++) {
        const headers = {
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
          "x-decision": decision,
        };
        const reply = await fetch(next, { headers, redirect: "manual" });
        for (const line of reply.headers.getSetCookie()) {
          const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
          cookies.set(name, value);
        }
        const location = reply.headers.get("location");
        if (location === null) throw new Error(`the server shows a page with status ${reply.status}`);
        next = new URL(location, next);
      }
      return next;
    },
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve());
        http.closeAllConnections();
      }),
  };
}

/** The page of sign-in and consent, without a page: what is decided comes with the request. */
async function decide(provider: Provider, request: IncomingMessage, reply: ServerResponse): Promise<void> {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, reply);
  if (request.headers["x-decision"] === "no") {
    await provider.interactionFinished(request, reply, {
      error: "access_denied",
      error_description: "The person said no.",
    });
    return;
  }
  if (prompt.name === "login") {
    await provider.interactionFinished(request, reply, { login: { accountId: "ana" } });
    return;
  }
  const known = grantId === undefined ? undefined : await provider.Grant.find(grantId);
  const grant =
    known ?? new provider.Grant({ accountId: session?.accountId ?? "", clientId: String(params.client_id) });
  grant.addOIDCScope(String(params.scope));
  await provider.interactionFinished(request, reply, { consent: { grantId: await grant.save() } });
}
