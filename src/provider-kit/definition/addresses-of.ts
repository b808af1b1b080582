import { ProviderError } from "#core/errors.ts";
import { fillTold, originPattern, type Values } from "./address.ts";
import type { Definition } from "./definition.ts";

/**
 * Where calls of a connection may go, the base address first. While the provider has not told yet what stands in an
 * address, `*` stands for it.
 */
export function addressesOf(definition: Definition, values: Values): [string, ...string[]] {
  const known = [definition.baseUrl, ...definition.moreAddresses].flatMap((address) => {
    const filled = fillTold(definition.displayName, address, values).replace(/\/$/, "");
    const pattern = originPattern(filled);
    // The path belongs to the base address; where its host is still to be told, there is none to put it behind.
    return pattern === undefined || pattern.includes("*") ? (pattern ?? []) : filled;
  });
  const [first, ...others] = known;
  if (first === undefined) {
    throw new ProviderError("reauthorize", `${definition.displayName} has not told its address yet. Sign in again.`);
  }
  return [first, ...others];
}
