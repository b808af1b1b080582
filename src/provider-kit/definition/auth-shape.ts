// The ways of #provider-kit/auth.ts as JSON. Addresses and values of parameters may hold `{name}`.
import { z } from "zod";
import type { Auth } from "../auth.ts";
import { camelKeys } from "./camel-keys.ts";
import { headerName, headerToken, ident, line, oneLine, paramName, pattern, record, text } from "./shapes.ts";

const url = z.string().min(1).max(2048);
const dotted = z
  .string()
  .max(256)
  .regex(/^[^\p{Cc}.]+(?:\.[^\p{Cc}.]+)*$/u, "A place is names with dots between them, such as data.token.");

const keyPlace = z.union([
  z.strictObject({ header: headerToken, prefix: oneLine(64).exactOptional() }),
  z.strictObject({ query: paramName }),
]);

const kept = z
  .strictObject({ name: ident, from: z.string().min(1).max(256), pattern, optional: z.boolean().exactOptional() })
  .transform(camelKeys);

const answer = z
  .strictObject({
    access_token: dotted.exactOptional(),
    refresh_token: dotted.exactOptional(),
    expires_in: dotted.exactOptional(),
    expires_at: dotted.exactOptional(),
    refresh_expires_in: dotted.exactOptional(),
    scope: dotted.exactOptional(),
    error: dotted.exactOptional(),
    error_description: dotted.exactOptional(),
    ok: dotted.exactOptional(),
    expires_unit: z.enum(["s", "ms", "min"]).exactOptional(),
    default_life_s: z.int().min(60).max(31_536_000).exactOptional(),
  })
  .transform(camelKeys);

const tokenErrors = z
  .array(
    z.strictObject({
      code: line(128),
      text: line(256).exactOptional(),
      means: z.enum(["grant-dead", "app", "temporary", "unknown"]),
    }),
  )
  .max(50);

const scopes = z
  .array(
    z
      .string()
      .min(1)
      .max(255)
      .regex(/^[\x21-\x7e]+$/, "A scope is one word."),
  )
  .max(200);

/** Ours to set; an extra parameter cannot take their place. */
const ownAuthorizeParams = new Set(["client_id", "redirect_uri", "state", "code_challenge", "code_challenge_method"]);
const ownTokenParams = new Set([
  "client_id",
  "client_secret",
  "client_assertion",
  "code",
  "code_verifier",
  "redirect_uri",
  "refresh_token",
]);
const otherThan = (ours: ReadonlySet<string>) =>
  paramName.refine((name) => !ours.has(name), "This parameter is set by the sign-in itself.");
const params = (ours: ReadonlySet<string>) => record(otherThan(ours), text(2048), 50);

/** What a parameter with another name than usual cannot be called: it would take the place of one that protects. */
const protecting = new Set(["redirect_uri", "response_type", "state", "code_challenge", "code_challenge_method"]);

/** Client credentials may have a grant type of the provider's own; the others may not. */
const grantParams = params(new Set([...ownTokenParams, "grant_type"])).exactOptional();

const ofToken = {
  answer: answer.exactOptional(),
  token_place: keyPlace.exactOptional(),
  errors: tokenErrors.exactOptional(),
  keep_from_answer: z.array(kept).max(20).exactOptional(),
};

const ofTokenEndpoint = {
  token_url: url,
  token_body: z.enum(["form", "json", "query"]).exactOptional(),
  token_params: params(ownTokenParams).exactOptional(),
  token_headers: record(headerName, oneLine(2048), 20).exactOptional(),
  scopes: scopes.default([]),
  scope_separator: z
    .string()
    .min(1)
    .max(4)
    .regex(/^\P{Cc}+$/u, "A separator is no control character.")
    .exactOptional(),
  ...ofToken,
};

const ofClient = {
  client_auth: z.enum(["basic", "body", "none"]).default("basic"),
  basic_encoding: z.enum(["form", "plain"]).exactOptional(),
  param_names: z
    .strictObject({
      client_id: otherThan(protecting).exactOptional(),
      client_secret: paramName.exactOptional(),
      code: paramName.exactOptional(),
    })
    .transform(camelKeys)
    .exactOptional(),
};

const days = z.int().min(1).max(3650).exactOptional();

/** Ways to sign in, as `Auth`; addresses and values still hold their `{name}`. */
export const authShape = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({ type: z.literal("api_key"), label: line(200).default("API key"), place: keyPlace }),
  z.strictObject({ type: z.literal("bearer"), label: line(200).default("Token") }),
  z
    .strictObject({
      type: z.literal("basic"),
      username_label: line(200).default("User name"),
      /** Absent where the key is the user name. */
      password_label: line(200).exactOptional(),
      fixed_password: oneLine(256).exactOptional(),
    })
    .refine((way) => way.password_label === undefined || way.fixed_password === undefined, {
      error: "A password is either entered or fixed.",
      path: ["fixed_password"],
    })
    .transform(camelKeys),
  z
    .strictObject({
      type: z.literal("oauth2_authorization_code"),
      authorize_url: url,
      pkce: z.boolean().default(true),
      authorize_params: params(ownAuthorizeParams).exactOptional(),
      scope_param: otherThan(protecting).exactOptional(),
      issuer: z.url().max(2048).exactOptional(),
      iss_promised: z.boolean().exactOptional(),
      code_param: paramName.exactOptional(),
      keep_from_callback: z.array(kept).max(20).exactOptional(),
      refresh: z.enum(["stable", "rotating", "none"]).default("stable"),
      refresh_url: url.exactOptional(),
      refresh_params: grantParams,
      revoke_url: url.exactOptional(),
      idle_days: days,
      life_days: days,
      needed_scopes: scopes.exactOptional(),
      ...ofTokenEndpoint,
      ...ofClient,
      token_params: grantParams,
    })
    .transform(camelKeys),
  z
    .strictObject({ type: z.literal("oauth2_client_credentials"), ...ofTokenEndpoint, ...ofClient })
    .transform(camelKeys),
  z
    .strictObject({
      type: z.literal("service_account"),
      label: line(200).default("Key file"),
      audience: z.string().min(1).max(2048).exactOptional(),
      subject: line(320).exactOptional(),
      ...ofTokenEndpoint,
      token_params: grantParams,
    })
    .transform(camelKeys),
  z
    .strictObject({
      type: z.literal("two_step"),
      fields: z
        .array(z.strictObject({ name: ident, label: line(200), secret: z.boolean().default(true) }))
        .min(1)
        .max(10),
      login: z.strictObject({
        method: z.enum(["POST", "GET"]).default("POST"),
        url,
        body: z.enum(["form", "json", "query"]).default("json"),
        params: record(paramName, text(2048), 50),
        headers: record(headerName, oneLine(2048), 20).exactOptional(),
      }),
      ...ofToken,
    })
    .transform(camelKeys),
]) satisfies z.ZodType<Auth>;
