import { ProviderError } from "#core/errors.ts";
import type { Json } from "#expressions/json.ts";
import type { HttpRequest } from "../http.ts";
import { labelFrom } from "../label.ts";
import type { Account, FirstCall, KeptValues } from "../provider.ts";
import { fillTold, type Values } from "./address.ts";
import { allValues, baseOf, fillPath } from "./build-request.ts";
import type { Definition } from "./definition.ts";
import { fixedHeaders, fixedQuery } from "./fixed-parts.ts";
import { selectFrom } from "./read-output.ts";
import { askProvider } from "./run-action.ts";
import { matchesWhole } from "./variables.ts";

/**
 * Whose account a connection is. First come the look-ups, whose values are kept with it. Without a check in the
 * definition nothing is asked, and the address stands for the account.
 */
export async function checkDefinition(definition: Definition, call: FirstCall): Promise<Account> {
  let kept = call.kept;
  const looked: Record<string, string> = {};
  for (const lookup of definition.lookups) {
    const values = allValues(definition, { config: call.config, kept });
    const { body } = await askProvider(definition, call, requestOf(definition, lookup.method, lookup.url, values));
    Object.assign(looked, keepFrom(definition, lookup.keep, body));
    kept = { ...kept, ...looked };
  }
  const values = allValues(definition, { config: call.config, kept });
  const base = baseOf(definition, values);
  const here = { id: base, label: base.replace(/^[a-z]+:\/\//i, "") };
  const account = await askForAccount(definition, call, values, here);
  return Object.keys(looked).length > 0 ? { ...account, kept: looked } : account;
}

async function askForAccount(definition: Definition, call: FirstCall, values: Values, here: Account): Promise<Account> {
  const { check } = definition;
  if (!check) return here;
  const { status, body } = await askProvider(definition, call, requestOf(definition, check.method, check.path, values));
  if (check.expectedStatus && !check.expectedStatus.includes(status)) {
    throw new ProviderError("unexpected-reply", `${definition.displayName} answered ${status} to the check`);
  }
  if (!check.account) return here;
  const id = textAt(check.account.id, body);
  if (id === undefined) {
    throw new ProviderError("unexpected-reply", `${definition.displayName} does not tell whose account this is`);
  }
  const label = check.account.label === undefined ? undefined : textAt(check.account.label, body);
  return { id, label: labelFrom(label ?? id) };
}

function requestOf(definition: Definition, method: "GET" | "POST", to: string, values: Values): HttpRequest {
  const { pairs, secret } = fixedQuery(definition, {}, values);
  const [path = "", query] = to.split("?", 2);
  const url = path.startsWith("/")
    ? `${baseOf(definition, values)}${fillPath(path, values)}`
    : fillTold(definition.displayName, path, values);
  const search = [...(query === undefined ? [] : [query]), ...pairs].join("&");
  return {
    method,
    url: search === "" ? url : `${url}?${search}`,
    headers: Object.fromEntries(fixedHeaders(definition, {}, values)),
    ...(Object.keys(secret).length > 0 && { query: secret }),
    repeatable: true,
  };
}

function keepFrom(definition: Definition, wanted: Definition["lookups"][number]["keep"], body: Json): KeptValues {
  return Object.fromEntries(
    wanted.flatMap(({ name, from, pattern, optional }) => {
      const value = textAt(from, body);
      if (value === undefined && optional) return [];
      // What comes from there goes into addresses: only what its author expected does (SR-21).
      if (value === undefined || !matchesWhole(pattern, value)) {
        throw new ProviderError("unexpected-reply", `${definition.displayName} does not tell a "${name}" as expected`);
      }
      return [[name, value]];
    }),
  );
}

function textAt(path: string, body: Json): string | undefined {
  const value = selectFrom(path, body);
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}
