import { ProviderError } from "#core/errors.ts";
import type { FirstCall } from "#provider-kit/provider.ts";
import { hubsReply } from "./api.ts";
import { ask } from "./ask.ts";
import type { Config } from "./config.ts";

export interface Hub {
  id: string;
  name: string;
}

/** Always in the same order. @throws ProviderError forbidden where there are none, with what to do about it */
export async function allHubs(call: FirstCall<Config>): Promise<[Hub, ...Hub[]]> {
  // Warnings say in which regions there is no account; they come with healthy ones, too.
  const { data } = await ask(call, { url: "project/v1/hubs" }, hubsReply);
  const [first, ...others] = data
    .map(({ id, attributes }) => ({ id, name: attributes.name }))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (first) return [first, ...others];
  throw new ProviderError(
    "forbidden",
    "No Autodesk account has let this app in. Ask an account administrator to add its client ID under “Custom integrations”.",
  );
}
