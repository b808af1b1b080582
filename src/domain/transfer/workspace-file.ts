// The file that a workspace's providers and connections travel in: names and settings, no ids and no secrets.
import { z } from "zod";
import { type FieldError, invalidField } from "#core/errors.ts";
import { secretLike } from "#core/secret-like.ts";
import { isList, isObject, type Json, type JsonObject } from "#expressions/json.ts";
import { escapePointer } from "#expressions/template-value.ts";
import { writeYaml } from "./yaml.ts";

const MOST_ENTRIES = 1_000;
const MOST_SECRETS_TOLD = 20;

export interface ProviderEntry {
  name: string;
  active: boolean;
  definition: JsonObject;
}

export interface ConnectionEntry {
  name: string;
  /** A key of the catalog; `custom-<name>` for one of the workspace's own. */
  provider: string;
  auth?: string | undefined;
  /** Made with a simulator. */
  sandbox: boolean;
  config: JsonObject;
  tags: readonly string[];
}

export interface WorkspaceFile {
  providers: readonly ProviderEntry[];
  connections: readonly ConnectionEntry[];
  /** Names of the workspace secrets that the providers refer to. */
  secrets: readonly string[];
}

/** The text of a file, always the same for the same content. */
export const writeFile = ({ providers, connections, secrets }: WorkspaceFile): string =>
  writeYaml({
    hawser: 1,
    providers: providers.map(({ name, active, definition }) => ({ name, active, definition })),
    connections: connections.map(({ name, provider, auth, sandbox, config, tags }) => ({
      name,
      provider,
      ...(auth !== undefined && { auth }),
      ...(sandbox && { sandbox }),
      config,
      tags,
    })),
    secrets,
  });

/** One entry as it was read, or what is wrong with it. Pointers lead into the file. */
export type Read<T> = { pointer: string; name: string } & (
  | { ok: true; entry: T }
  | { ok: false; errors: readonly FieldError[] }
);

export interface ReadFile {
  providers: readonly Read<ProviderEntry>[];
  connections: readonly Read<ConnectionEntry>[];
  secrets: readonly string[];
}

/**
 * Takes a file apart. An entry that is not right, or that holds what looks like a secret, is told as such.
 * @throws AppError invalid_request at /yaml where it is no such file at all
 */
export function readFile(written: Json): ReadFile {
  const file = fileShape.safeParse(written);
  if (!file.success) {
    const at = file.error.issues[0]?.path.map(String).join("/") ?? "";
    throw invalidField(
      "/yaml",
      at === "" || at === "hawser"
        ? "This is not a file of an export: it begins with `hawser: 1` and holds providers and connections."
        : `What stands at /${at} is not what a file of an export has there.`,
      "not_an_export",
    );
  }
  const { providers, connections, secrets } = file.data;
  return {
    providers: providers.map((entry, at) => readEntry(providerShape, entry, `/providers/${at}`)),
    connections: connections.map((entry, at) => readEntry(connectionShape, entry, `/connections/${at}`)),
    secrets,
  };
}

/** Where a value holds what looks like a secret (SR-100). */
export function secretsFoundIn(value: Json, pointer: string, name = ""): FieldError[] {
  if (typeof value === "string") {
    const kind = secretLike(value, name);
    if (kind === undefined) return [];
    const detail = `This looks like ${kind}. Secrets are entered at the connection, or as a workspace secret.`;
    return [{ pointer, code: "secret_found", detail }];
  }
  const entries: [string, Json][] = isList(value)
    ? value.map((entry, at) => [String(at), entry])
    : isObject(value)
      ? Object.entries(value)
      : [];
  return entries
    .flatMap(([key, entry]) => [
      ...(isList(value) ? [] : secretsFoundIn(key, pointer)),
      ...secretsFoundIn(entry, `${pointer}/${escapePointer(key)}`, isList(value) ? name : key),
    ])
    .slice(0, MOST_SECRETS_TOLD);
}

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*[^\p{Cc}\p{Cf}\p{Z}]\P{Cc}*$/u);
const json = z.custom<JsonObject>((value) => isObject(value as Json));
const fileShape = z.strictObject({
  hawser: z.literal(1),
  providers: z.array(z.custom<Json>()).max(MOST_ENTRIES).default([]),
  connections: z.array(z.custom<Json>()).max(MOST_ENTRIES).default([]),
  secrets: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/))
    .max(MOST_ENTRIES)
    .default([]),
});
const providerShape: z.ZodType<ProviderEntry> = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  active: z.boolean().default(true),
  definition: json,
});
const connectionShape: z.ZodType<ConnectionEntry> = z.strictObject({
  name: line(255),
  provider: z.string().min(1).max(80),
  auth: z.string().max(64).optional(),
  sandbox: z.boolean().default(false),
  config: json.default({}),
  tags: z.array(line(64)).max(32).default([]),
});

function readEntry<T extends { name: string }>(shape: z.ZodType<T>, written: Json, pointer: string): Read<T> {
  const own = isObject(written) && Object.hasOwn(written, "name") ? written.name : undefined;
  const about = { pointer, name: typeof own === "string" ? own.slice(0, 255) : "" };
  const secrets = secretsFoundIn(written, pointer);
  if (secrets.length > 0) return { ...about, ok: false, errors: secrets };
  const read = shape.safeParse(written);
  if (read.success) return { ...about, ok: true, entry: read.data };
  return { ...about, ok: false, errors: read.error.issues.flatMap((issue) => toFieldErrors(issue, pointer)) };
}

function toFieldErrors(issue: z.core.$ZodIssue, entry: string): FieldError[] {
  const pointer = entry + issue.path.map((part) => `/${escapePointer(String(part))}`).join("");
  if (issue.code !== "unrecognized_keys") {
    return [{ pointer, code: issue.code, detail: "This is missing, or not what can stand here." }];
  }
  return issue.keys.map((key) => ({
    pointer: `${pointer}/${escapePointer(key)}`,
    code: "unknown",
    detail: "There is no such field.",
  }));
}
