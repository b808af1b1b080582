import type { Parser } from "#core/schema.ts";
import type { HttpRequest } from "#provider-kit/http.ts";
import type { FirstCall } from "#provider-kit/provider.ts";
import { type Config, configOf } from "./config.ts";

/** Asks Data Management: an app sees what the user in its config sees, or everything. */
export function ask<T>(call: FirstCall<Config>, request: HttpRequest, reply: Parser<T>): Promise<T> {
  return call.http.json({ ...request, headers: { ...request.headers, ...asUser(call) } }, reply);
}

function asUser({ auth, config }: FirstCall<Config>): Record<string, string> {
  const { user } = configOf(config);
  return auth === "oauth2_client_credentials" && user !== undefined ? { "x-user-id": user } : {};
}
