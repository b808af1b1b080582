// Rows may come from plain SQL (SR-62): what stands in their JSON is read through these before it is used.
import { z } from "zod";
import type { FieldError } from "#core/errors.ts";
import type { Filters, MetadataRule } from "./selection.ts";
import type { FolderChoice, HandoffChoice, KeptDestination, Schedule } from "./sync.ts";

const filters: z.ZodType<Filters> = z.strictObject({
  include: z.array(z.string().min(1).max(1024)).max(100).default([]),
  exclude: z.array(z.string().min(1).max(1024)).max(100).default([]),
  types: z.array(z.string().min(1).max(64)).max(200).default(["*"]),
  min_bytes: z.number().int().min(0).nullable().default(null),
  max_bytes: z.number().int().min(0).nullable().default(null),
});

const part = z.strictObject({
  normalize: z
    .array(z.enum(["trim", "collapse_spaces", "lower", "upper", "title", "strip_numbering"]))
    .max(6)
    .default(["trim"]),
  dictionary: z.record(z.string().max(255), z.string().max(255)).default({}),
});
const rules: z.ZodType<MetadataRule[]> = z
  .array(
    z.strictObject({
      pattern: z.string().min(1).max(1024),
      parts: z.record(z.string().max(64), part).default({}),
      set: z.record(z.string().max(64), z.string().max(255)).default({}),
    }),
  )
  .max(50);

const folders: z.ZodType<FolderChoice[]> = z
  .array(
    z.strictObject({
      id: z.string().min(1).max(4096),
      locator: z.string().max(8192).nullable().default(null),
      path: z.string().max(8192).default(""),
    }),
  )
  .max(1000);

const destination: z.ZodType<KeptDestination> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("none") }),
  z.strictObject({
    kind: z.literal("local-folder"),
    root: z.string().min(1).max(64),
    folder: z.string().trim().min(1).max(255),
    layout: z.enum(["ids", "mirror"]).default("ids"),
    identity: z.string().optional(),
  }),
  z.strictObject({
    kind: z.literal("store"),
    connection_id: z.uuid(),
    folder: z.string().trim().min(1).max(255),
    layout: z.enum(["ids", "mirror"]).default("ids"),
    identity: z.string().optional(),
  }),
]);

const schedule: z.ZodType<Schedule> = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("manual") }),
  z.strictObject({ kind: z.literal("interval"), minutes: z.number().int().min(1).max(44640) }),
  z.strictObject({ kind: z.literal("cron"), expression: z.string().min(1).max(120), zone: z.string().min(1).max(64) }),
]);

const exports: z.ZodType<string[]> = z.array(z.string().min(3).max(192)).max(20);

const handoff: z.ZodType<HandoffChoice | null> = z.strictObject({ connection_id: z.uuid() }).nullable();

/** The JSON columns of a sync's row, as they come out of the database. */
export interface StoredSettings {
  folders: unknown;
  filters: unknown;
  rules: unknown;
  destination: unknown;
  schedule: unknown;
  exports: unknown;
  handoff?: unknown;
}

export interface ReadSettings {
  folders: FolderChoice[];
  filters: Filters;
  rules: MetadataRule[];
  destination: KeptDestination;
  schedule: Schedule;
  exports: string[];
  handoff: HandoffChoice | null;
  /** What cannot be used; in its place stands what a new sync would have. */
  errors: FieldError[];
}

/** Where a sync puts its files; nowhere when its row does not say it in a way that can be used. */
export function readDestination(value: unknown): KeptDestination {
  const result = destination.safeParse(value);
  return result.success ? result.data : { kind: "none" };
}

/** Reads what can be read and says what cannot. */
export function readSettings(row: StoredSettings): ReadSettings {
  const errors: FieldError[] = [];
  const read = <T>(schema: z.ZodType<T>, name: keyof StoredSettings, otherwise: T): T => {
    const result = schema.safeParse(row[name] ?? null);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      const detail = `The sync's ${name} are not valid: ${message}`;
      errors.push({ pointer: ["", name, ...path.map(String)].join("/"), code: "invalid", detail });
    }
    return otherwise;
  };
  return {
    folders: read(folders, "folders", []),
    filters: read(filters, "filters", { include: [], exclude: [], types: ["*"], min_bytes: null, max_bytes: null }),
    rules: read(rules, "rules", []),
    destination: read(destination, "destination", { kind: "none" }),
    schedule: read(schedule, "schedule", { kind: "manual" }),
    exports: read(exports, "exports", []),
    handoff: read(handoff, "handoff", null),
    errors,
  };
}
