import type { Provider } from "./provider.ts";

export type Capability = "files" | "changes" | "store" | "actions" | "publish" | "webhooks" | "handoff";

/** What a provider can do, read off the parts it has, in the order people look for it. */
export function capabilitiesOf(provider: Provider): Capability[] {
  const has: readonly (readonly [Capability, unknown])[] = [
    ["files", provider.files],
    ["changes", provider.files?.changes],
    ["store", provider.store],
    ["actions", provider.actions],
    ["publish", provider.publisher],
    ["webhooks", provider.webhooks],
    ["handoff", provider.handoff],
  ];
  return has.flatMap(([capability, part]) => (part === undefined ? [] : [capability]));
}
