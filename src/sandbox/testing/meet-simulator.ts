/** A provider and its simulator, with HTTP and Hawser's own outbound between them. */
import { createHash, randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import type { ProviderError } from "#core/errors.ts";
import { codeRequest, refreshRequest } from "#domain/connections/tokens/obtain.ts";
import { createOutbound, type Outbound } from "#outbound/client.ts";
import { createPolicy } from "#outbound/policy.ts";
import type { CredentialPlace } from "#outbound/sign.ts";
import { requestToken, type TokenAnswer } from "#outbound/token-endpoint.ts";
import type { ProviderAddresses } from "#provider-kit/addresses.ts";
import type { AuthorizationCode } from "#provider-kit/auth.ts";
import type { Account, FirstCall, KeptValues, Provider } from "#provider-kit/provider.ts";
import { createProviderHttp } from "#provider-kit/provider-http.ts";
import type { SimulatedService, SimulatorOptions } from "#provider-kit/sim/service.ts";
import { Secret } from "#vault/secret.ts";
import { serveOnLoopback } from "../serve.ts";

export interface MovableClock {
  at: number;
  now(): Date;
  pass(ms: number): void;
}

export interface Met<Service, Config> {
  service: Service;
  provider: Provider<Config>;
  clock: MovableClock;
  outbound: Outbound;
  /** A call signed with this credential. */
  callWith(signing: Signing<Config>): FirstCall<Config>;
  check(signing: Signing<Config>): Promise<Account>;
  /** What a check says that is to fail. */
  failureOf(signing: Signing<Config>): Promise<ProviderError>;
}

export interface Signing<Config> {
  secret: Secret;
  place?: CredentialPlace;
  config: Config;
  kept?: KeptValues;
  tokenAgeMs?: number;
}

/** Opens a simulator for a test. Its clock stands at `at` and moves only when it is told to. */
export async function meetSimulator<Service extends SimulatedService, Config>(
  open: (options: SimulatorOptions) => Service,
  describe: (at: ProviderAddresses) => Provider<Config>,
  at: number = Date.now(),
): Promise<Met<Service, Config>> {
  const clock: MovableClock = {
    at,
    now: () => new Date(clock.at),
    pass: (ms) => {
      clock.at += ms;
    },
  };
  const services: Service[] = [];
  const served = await serveOnLoopback(0, async (request) => {
    const answer = await services[0]?.fetch(request);
    return answer ?? new Response(null, { status: 503 });
  });
  const host = `127.0.0.1:${served.port}`;
  const root = `http://${host}/sim`;
  const service = open({ origin: root, clock, seed: 1 });
  services.push(service);
  const outbound = createOutbound({ policy: createPolicy({ exceptions: [host] }) });
  onTestFinished(async () => {
    await outbound.close("now");
    await served.close();
  });
  const provider = describe({
    api: `${root}/api`,
    authorize: `${root}/authorize`,
    token: `${root}/token`,
    revoke: `${root}/revoke`,
  });

  const callWith = ({ secret, place = { kind: "bearer" }, config, kept = {}, tokenAgeMs }: Signing<Config>) => {
    const signal = AbortSignal.timeout(10_000);
    const base = provider.addresses?.(config, kept)[0] ?? "";
    const credential = { secret, place, origins: [new URL(base).origin] };
    const http = createProviderHttp({
      provider,
      base,
      signal,
      async send(request, { unsigned }) {
        const { status, headers, body } = await outbound.send({
          url: request.url,
          headers: Object.fromEntries(request.headers),
          ...(!unsigned && { credential }),
        });
        return { reply: new Response(body, { status, headers }), ...(tokenAgeMs !== undefined && { tokenAgeMs }) };
      },
    });
    return { http, config, kept, auth: provider.auth(config)[0].type, signal };
  };
  const check = (signing: Signing<Config>) => provider.check(callWith(signing));
  const failureOf = (signing: Signing<Config>) =>
    check(signing).then(
      () => {
        throw new Error("the check passed");
      },
      (error: ProviderError) => error,
    );
  return { service, provider, clock, outbound, callWith, check, failureOf };
}

/** The way by which a person signs in. */
export function personsWay<Config>(provider: Provider<Config>, config: Config): AuthorizationCode {
  const way = provider.auth(config).find(({ type }) => type === "oauth2_authorization_code");
  if (way?.type !== "oauth2_authorization_code") throw new Error("nobody signs in here");
  return way;
}

export interface Client {
  id: string;
  secret?: string;
}

export const redirectUri = "http://localhost:8080/oauth/callback/test";

/** What a browser does: opens the page, says yes or no, and is sent back. */
export async function consent(
  { outbound }: { outbound: Outbound },
  auth: AuthorizationCode,
  client: Pick<Client, "id">,
  decision: { decision: "allow" | "deny"; account?: string } = { decision: "allow" },
): Promise<{ back: URL; code: Secret; verifier?: Secret }> {
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(auth.authorizeUrl);
  const params = {
    ...auth.authorizeParams,
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    state: "state",
    [auth.scopeParam ?? "scope"]: auth.scopes.join(auth.scopeSeparator ?? " "),
    ...(auth.pkce && {
      code_challenge: createHash("sha256").update(verifier).digest("base64url"),
      code_challenge_method: "S256",
    }),
    ...decision,
  };
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
  const answer = await outbound.send({ url, redirects: "none" });
  await answer.body.cancel();
  const back = new URL(answer.headers.get("location") ?? "about:blank");
  const code = new Secret(back.searchParams.get(auth.codeParam ?? "code") ?? "none");
  return { back, code, ...(auth.pkce && { verifier: new Secret(verifier) }) };
}

const opened = ({ id, secret }: Client) => ({ id, ...(secret !== undefined && { secret: new Secret(secret) }) });

export const exchange = (
  { outbound }: { outbound: Outbound },
  auth: AuthorizationCode,
  client: Client,
  given: { code: Secret; verifier?: Secret },
): Promise<TokenAnswer> => requestToken(outbound, codeRequest(auth, { client: opened(client), redirectUri, ...given }));

export const refresh = (
  { outbound }: { outbound: Outbound },
  auth: AuthorizationCode,
  client: Client,
  refreshToken: Secret | undefined,
): Promise<TokenAnswer> => {
  if (!refreshToken) throw new Error("there is no refresh token");
  return requestToken(outbound, refreshRequest(auth, { client: opened(client), refreshToken }));
};
