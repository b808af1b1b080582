// What an import would do, decided over plain values.
import type { FieldError } from "#core/errors.ts";
import { sameJson } from "#expressions/json.ts";
import type { ConnectionEntry, ProviderEntry, Read } from "./workspace-file.ts";

/** What becomes of one entry of a file. */
export interface ImportChange {
  kind: "provider" | "connection" | "secret";
  name: string;
  /** Where it stands in the file. */
  pointer: string;
  change: "create" | "update" | "none" | "refuse" | "missing";
  /** What differs from what is there. */
  fields: readonly string[];
  /** Why it is refused, or what is missing. */
  reasons: readonly FieldError[];
  /** What a person has to do before it works. */
  needs?: "sign_in" | "credential" | "test" | undefined;
}

/** A custom provider of the workspace. */
export type PresentProvider = ProviderEntry;

/** A connection of the workspace, and whether syncs count on its config. */
export interface PresentConnection extends ConnectionEntry {
  syncs: number;
}

export const planProvider = (read: Read<ProviderEntry>, present: PresentProvider | undefined): ImportChange => {
  if (!read.ok) return refused("provider", read, read.errors);
  const { entry } = read;
  if (!present) return change("provider", read, "create", ["active", "definition"]);
  const fields = [
    ...(entry.active === present.active ? [] : ["active"]),
    ...(sameJson(entry.definition, present.definition) ? [] : ["definition"]),
  ];
  return change("provider", read, fields.length === 0 ? "none" : "update", fields);
};

/** @param wrong what the connection's provider says against its config, or that there is no such provider */
export function planConnection(
  read: Read<ConnectionEntry>,
  present: PresentConnection | undefined,
  { wrong, needs }: { wrong: readonly FieldError[]; needs: ImportChange["needs"] },
): ImportChange {
  if (!read.ok) return refused("connection", read, read.errors);
  const { entry } = read;
  if (wrong.length > 0) return refused("connection", read, wrong);
  if (!present) return { ...change("connection", read, "create", ["provider", "config", "tags"]), needs };
  const other = (["provider", "auth", "sandbox"] as const).filter((field) => entry[field] !== present[field]);
  if (other.length > 0) {
    return refused(
      "connection",
      read,
      other.map((field) => ({
        pointer: `${read.pointer}/${field}`,
        code: "differs",
        detail: "There is a connection with this name that has another one. Give this one another name.",
      })),
    );
  }
  const isConfigSame = sameJson(entry.config, present.config);
  if (!isConfigSame && present.syncs > 0) {
    const detail =
      "Syncs count on the config of the connection with this name. Change it there, or give this one another name.";
    return refused("connection", read, [{ pointer: `${read.pointer}/config`, code: "connection_in_use", detail }]);
  }
  const fields = [...(isConfigSame ? [] : ["config"]), ...(sameTags(entry.tags, present.tags) ? [] : ["tags"])];
  return {
    ...change("connection", read, fields.length === 0 ? "none" : "update", fields),
    needs: isConfigSame ? undefined : "test",
  };
}

export const planSecret = (name: string, at: number, present: ReadonlySet<string>): ImportChange => ({
  kind: "secret",
  name,
  pointer: `/secrets/${at}`,
  change: present.has(name) ? "none" : "missing",
  fields: [],
  reasons: [],
});

/** Of two entries with one name the second is refused: nobody could say which one counts. */
export function refuseRepeated<T>(reads: readonly Read<T>[], fold: (name: string) => string): Read<T>[] {
  const seen = new Set<string>();
  return reads.map((read) => {
    const name = fold(read.name);
    if (!read.ok || !seen.has(name)) {
      seen.add(name);
      return read;
    }
    const detail = "Another entry of the file has this name.";
    const { pointer } = read;
    return {
      pointer,
      name: read.name,
      ok: false,
      errors: [{ pointer: `${pointer}/name`, code: "name_taken", detail }],
    };
  });
}

const sameTags = (one: readonly string[], other: readonly string[]): boolean => sameJson(one, other);

const change = (
  kind: ImportChange["kind"],
  { name, pointer }: { name: string; pointer: string },
  what: ImportChange["change"],
  fields: readonly string[],
): ImportChange => ({ kind, name, pointer, change: what, fields, reasons: [] });

const refused = (
  kind: ImportChange["kind"],
  { name, pointer }: { name: string; pointer: string },
  reasons: readonly FieldError[],
): ImportChange => ({ kind, name, pointer, change: "refuse", fields: [], reasons });
