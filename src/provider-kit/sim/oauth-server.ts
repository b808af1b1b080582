/** A pretend authorization server (RFC 6749), whose every habit can be set. Strict wherever a real one may be. */
import { type Clock, systemClock } from "#core/clock.ts";
import { consentPage, errorPage } from "./consent-page.ts";
import type { OAuthRules, Refusal } from "./oauth-rules.ts";
import {
  type AccessToken,
  type Code,
  type Grant,
  newOAuthState,
  type OAuthState,
  prune,
  type SimulatedAccount,
  type SimulatedClient,
  type TokenPair,
} from "./oauth-state.ts";
import { type RandomText, randomText } from "./random.ts";
import { provesChallenge, readBasic, readParams } from "./read-token-request.ts";

/** Whom a good token stands for. */
export interface Access {
  readonly account: string;
  readonly client: string;
  readonly scopes: readonly string[];
  readonly issuedAt: Date;
}

const GRACE_MS = 60_000;

export class OAuthServer {
  readonly rules: OAuthRules;
  state: OAuthState;
  readonly #clock: Clock;
  readonly #random: RandomText;

  constructor(
    rules: OAuthRules,
    options: { clock?: Clock | undefined; seed?: number | undefined; state?: OAuthState } = {},
  ) {
    this.rules = rules;
    this.state = options.state ?? newOAuthState();
    this.#clock = options.clock ?? systemClock;
    this.#random = randomText(options.seed);
  }

  /** The page where a person says yes or no; with `decision` in the address, the way back. */
  authorize(request: Request): Response {
    const url = new URL(request.url);
    const params = url.searchParams;
    for (const name of new Set(params.keys())) {
      if (params.getAll(name).length > 1) return errorPage(this.rules.name, `The parameter ${name} comes twice.`);
    }
    const client = this.rules.clients.find(({ id }) => id === params.get("client_id"));
    const redirectUri = params.get("redirect_uri") ?? "";
    if (!client) return errorPage(this.rules.name, "This app is not known here.");
    if (!client.redirectUris.some((allowed) => fits(allowed, redirectUri))) {
      return errorPage(this.rules.name, "The redirect address is not one that the app has registered.");
    }
    const back = (answer: Record<string, string>): Response => {
      const target = new URL(redirectUri);
      const state = params.get("state");
      const all = { ...answer, ...(state !== null && { state }), ...(this.rules.iss && { iss: this.rules.iss }) };
      for (const [name, value] of Object.entries(all)) target.searchParams.set(name, value);
      return new Response(null, { status: 302, headers: { location: target.href } });
    };
    if (params.get("response_type") !== "code") return back({ error: "unsupported_response_type" });
    const challenge = params.get("code_challenge");
    if (this.rules.pkce === "required" && !challenge) return back({ error: "invalid_request" });
    if (this.rules.pkce === "required" && params.get("code_challenge_method") !== "S256") {
      return back({ error: "invalid_request" });
    }
    const asked = (params.get("scope") ?? "").split(/[\s,]+/).filter((scope) => scope !== "");
    if (asked.some((scope) => this.rules.knowsScope?.(scope) === false)) {
      return back({ error: this.rules.unknownScope ?? "invalid_scope" });
    }
    const decision = params.get("decision");
    if (decision === null) return consentPage(this.rules.name, url, this.rules.accounts, asked);
    if (decision !== "allow") return back({ error: this.rules.denied ?? "access_denied" });
    const account = this.rules.accounts.find(({ id }) => id === params.get("account")) ?? this.rules.accounts[0];
    if (!account) return back({ error: "access_denied" });
    const code = this.#grant(client, account, asked, redirectUri, params);
    return back({ code });
  }

  #grant(
    client: SimulatedClient,
    account: SimulatedAccount,
    asked: readonly string[],
    redirectUri: string,
    params: URLSearchParams,
  ): string {
    const now = this.#now();
    prune(this.state, now);
    const scopes = asked.filter((scope) => !this.state.refusedScopes.includes(scope));
    const consent = `${client.id} ${account.id}`;
    const isFirst = !this.state.consented.includes(consent);
    if (isFirst) this.state.consented.push(consent);
    const grant: Grant = {
      id: this.#random(16),
      account: account.id,
      client: client.id,
      scopes,
      grantedAt: now,
      usedAt: now,
      spent: [],
      dead: false,
    };
    if (this.rules.givesRefresh?.({ scopes, params, isFirst }) ?? true) grant.refresh = this.#newRefresh();
    this.state.grants.push(grant);
    this.#endOldest(grant);
    const code: Code = {
      value: `${this.rules.prefixes?.code ?? ""}${this.#random(32)}`,
      grant: grant.id,
      redirectUri,
      at: now,
    };
    const challenge = params.get("code_challenge");
    if (challenge) Object.assign(code, { challenge, method: params.get("code_challenge_method") ?? "plain" });
    this.state.codes.push(code);
    return code.value;
  }

  #endOldest({ account, client }: Grant): void {
    const { mostRefreshTokens = Number.POSITIVE_INFINITY } = this.rules;
    const alive = this.state.grants.filter(
      (one) => one.account === account && one.client === client && one.refresh !== undefined,
    );
    for (const grant of alive.slice(0, Math.max(0, alive.length - mostRefreshTokens))) delete grant.refresh;
  }

  /** The token endpoint. */
  async token(request: Request): Promise<Response> {
    const { rules } = this;
    const params = await readParams(request, rules.body ?? "form");
    if (!params) return rules.refuse("body-wrong");
    const shown = this.#client(request, params);
    const type = params.get("grant_type") ?? "";
    if (type === "authorization_code") {
      return "client" in shown ? this.#exchange(shown.client, params) : rules.refuse(shown.refused);
    }
    if (type === "refresh_token") {
      return "client" in shown ? this.#refresh(shown.client, params) : rules.refuse(shown.refused);
    }
    if (type === "client_credentials" && "refused" in shown) return rules.refuse(shown.refused);
    const client = "client" in shown ? shown.client : undefined;
    const other = rules.otherGrant?.(type, { params, client, url: new URL(request.url) });
    if (!other) return rules.refuse("grant-unsupported");
    if ("refused" in other) return rules.refuse(other.refused);
    if ("answer" in other) return other.answer;
    const access = this.#newAccess({ ...other, client: client?.id ?? "none", scopes: [...other.scopes] });
    const pair = { access };
    return rules.answer({ pair, scopes: other.scopes, grant: undefined, now: this.#now() });
  }

  #client(request: Request, params: URLSearchParams): { client: SimulatedClient } | { refused: Refusal } {
    const ways = this.rules.clientAuth ?? ["basic", "body"];
    const basic = readBasic(request.headers.get("authorization"));
    const byBody = params.get("client_secret") !== null;
    if (basic && byBody) return { refused: "client-twice" };
    if (basic && !ways.includes("basic")) return { refused: "client-missing" };
    if (byBody && !ways.includes("body")) return { refused: "client-missing" };
    const id = basic?.id ?? params.get("client_id");
    const client = this.rules.clients.find((one) => one.id === id);
    if (!client) return { refused: id === null ? "client-missing" : "client-wrong" };
    const secret = basic?.secret ?? params.get("client_secret") ?? undefined;
    if (client.secret !== undefined && secret === undefined) return { refused: "client-missing" };
    return client.secret === secret ? { client } : { refused: "client-wrong" };
  }

  #exchange(client: SimulatedClient, params: URLSearchParams): Response {
    const { rules, state } = this;
    const now = this.#now();
    const code = state.codes.find(({ value }) => value === params.get("code"));
    const grant = state.grants.find(({ id }) => id === code?.grant);
    if (!code || !grant || grant.client !== client.id) return rules.refuse("code-wrong");
    if (code.usedAt !== undefined) {
      // RFC 6749 4.1.2: what was issued for a code that comes twice is revoked.
      this.#kill(grant);
      return rules.refuse("code-wrong");
    }
    if (code.at + rules.codeLifeS * 1000 <= now || code.redirectUri !== params.get("redirect_uri")) {
      return rules.refuse("code-wrong");
    }
    const verifier = params.get("code_verifier");
    if (rules.pkce === "refused" && verifier !== null) return rules.refuse("verifier-wrong");
    if (code.challenge !== undefined && !provesChallenge(code, verifier)) return rules.refuse("verifier-wrong");
    code.usedAt = now;
    return this.#issue(grant, grant.refresh);
  }

  #refresh(client: SimulatedClient, params: URLSearchParams): Response {
    const { rules, state } = this;
    const now = this.#now();
    const token = params.get("refresh_token") ?? "";
    const spent = state.grants.flatMap((grant) =>
      grant.spent.filter((one) => one.token === token).map((one) => ({ ...one, grant })),
    )[0];
    if (spent && rules.rotation === "grace" && !spent.grant.dead && now - spent.at < GRACE_MS) {
      return rules.answer({ pair: spent.pair, scopes: spent.grant.scopes, grant: spent.grant, now });
    }
    if (spent && rules.rotation !== "keeps") {
      if (rules.rotation === "strict") this.#kill(spent.grant);
      return rules.refuse("refresh-wrong");
    }
    const grant = spent?.grant ?? state.grants.find(({ refresh }) => refresh !== undefined && refresh === token);
    if (!grant || grant.client !== client.id || grant.dead || this.#isOver(grant, now))
      return rules.refuse("refresh-wrong");
    grant.usedAt = now;
    if (rules.rotation === "none") return this.#issue(grant, undefined);
    const next = this.#newRefresh();
    const replaced = grant.refresh ?? token;
    grant.refresh = next;
    const answer = this.#issue(grant, next, (pair) => grant.spent.push({ token: replaced, at: now, pair }));
    prune(state, now);
    return answer;
  }

  #isOver({ grantedAt, usedAt }: Grant, now: number): boolean {
    const { refreshLifeS, idleLifeS } = this.rules;
    return (
      (refreshLifeS !== undefined && grantedAt + refreshLifeS * 1000 <= now) ||
      (idleLifeS !== undefined && usedAt + idleLifeS * 1000 <= now)
    );
  }

  #issue(grant: Grant, refresh: string | undefined, remember: (pair: TokenPair) => void = () => {}): Response {
    const access = this.#newAccess({
      grant: grant.id,
      account: grant.account,
      client: grant.client,
      scopes: grant.scopes,
    });
    const pair = { access, ...(refresh !== undefined && { refresh }) };
    remember(pair);
    return this.rules.answer({ pair, scopes: grant.scopes, grant, now: this.#now() });
  }

  #newRefresh = (): string => `${this.rules.prefixes?.refresh ?? ""}${this.#random(43)}`;

  #newAccess(about: Pick<AccessToken, "account" | "client" | "scopes"> & { grant?: string }): string {
    const now = this.#now();
    const value = `${this.rules.prefixes?.access ?? ""}${this.#random(64)}`;
    const { accessLifeS } = this.rules;
    const lifeS = typeof accessLifeS === "number" ? accessLifeS : accessLifeS(value);
    this.state.access.push({ ...about, value, issuedAt: now, expiresAt: now + lifeS * 1000 });
    return value;
  }

  /** RFC 7009. */
  async revoke(request: Request): Promise<Response> {
    const params = (await readParams(request, "form")) ?? new URLSearchParams();
    const token = params.get("token");
    const access = this.state.access.find(({ value }) => value === token);
    const grant = this.state.grants.find(({ id, refresh }) => refresh === token || id === access?.grant);
    if (grant) this.#kill(grant);
    if (access) this.#end(access);
    const known = grant !== undefined || access !== undefined;
    return this.rules.revoked?.(known) ?? new Response(null, { status: 200 });
  }

  /** Whom the token in the `Authorization` header stands for, now. */
  accessOf(request: Request): Access | undefined {
    const token = /^Bearer (\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    const found = this.state.access.find(({ value }) => value === token);
    if (!found || found.expiresAt <= this.#now()) return undefined;
    return { ...found, issuedAt: new Date(found.issuedAt) };
  }

  // ── what a person at the provider, or time, can do ───────────────────────────────────────────────────────────

  /** Ends every grant of an account, or of all. */
  revokeGrants(account?: string): void {
    for (const grant of this.state.grants) if (account === undefined || grant.account === account) this.#kill(grant);
    this.state.access = this.state.access.filter((one) => account !== undefined && one.account !== account);
  }

  /** Access tokens stop working; refresh tokens stay. */
  expireAccess(): void {
    this.state.access = [];
  }

  /** Takes a scope out of every grant, and people untick it from now on. */
  removeScope(scope: string): void {
    const without = (scopes: readonly string[]) => scopes.filter((one) => one !== scope);
    for (const grant of this.state.grants) grant.scopes = without(grant.scopes);
    for (const token of this.state.access) token.scopes = without(token.scopes);
    if (!this.state.refusedScopes.includes(scope)) this.state.refusedScopes.push(scope);
  }

  /** People tick everything again. */
  allowScopes(): void {
    this.state.refusedScopes = [];
  }

  #kill(grant: Grant): void {
    grant.dead = true;
    delete grant.refresh;
    this.state.access = this.state.access.filter((one) => one.grant !== grant.id);
  }

  #end(token: AccessToken): void {
    this.state.access = this.state.access.filter((one) => one !== token);
  }

  #now = (): number => this.#clock.now().getTime();
}

const fits = (allowed: string, given: string): boolean =>
  allowed.endsWith("*") ? given.startsWith(allowed.slice(0, -1)) && URL.canParse(given) : allowed === given;
