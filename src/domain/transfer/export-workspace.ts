import type { FieldError } from "#core/errors.ts";
import type { WorkspaceId } from "#core/ids.ts";
import type { Database } from "#db/database.ts";
import { readPresent } from "./present.ts";
import { type ConnectionEntry, type ProviderEntry, secretsFoundIn, writeFile } from "./workspace-file.ts";

export interface Exported {
  yaml: string;
  leftOut: readonly { kind: "provider" | "connection"; name: string; reasons: readonly FieldError[] }[];
}

/**
 * Custom providers and connections as a file. Credentials and ids are not in it; what holds something that looks like a
 * secret all the same is left out (SR-7, SR-100), and so are the connections of such a provider.
 */
export async function exportWorkspace({ database }: { database: Database }, workspace: WorkspaceId): Promise<Exported> {
  const { providers, connections, secretsOf } = await database.asWorkspace({ workspace }, readPresent);
  const leftOut: { kind: "provider" | "connection"; name: string; reasons: readonly FieldError[] }[] = [];
  const kept: { providers: ProviderEntry[]; connections: ConnectionEntry[] } = { providers: [], connections: [] };

  for (const { name, active, definition } of providers.values()) {
    const reasons = secretsFoundIn(definition, "/definition");
    if (reasons.length > 0) leftOut.push({ kind: "provider", name, reasons });
    else kept.providers.push({ name, active, definition });
  }
  const missing = new Set(leftOut.map(({ name }) => `custom-${name}`));
  for (const { name, provider, auth, sandbox, config, tags } of connections.values()) {
    const reasons = [
      ...secretsFoundIn([name, ...tags], ""),
      ...secretsFoundIn(config, "/config"),
      ...(missing.has(provider)
        ? [{ pointer: "/provider", code: "left_out", detail: "Its provider is left out, too." }]
        : []),
    ];
    if (reasons.length > 0) leftOut.push({ kind: "connection", name, reasons });
    else kept.connections.push({ name, provider, auth, sandbox, config, tags });
  }
  const secrets = new Set(kept.providers.flatMap(({ name }) => secretsOf.get(name) ?? []));
  return { yaml: writeFile({ ...kept, secrets: [...secrets].sort() }), leftOut };
}
