/** The settings there are: name, what it may be, what it is when nobody says. `config.ts` makes one typed value of them. */
import { isAbsolute } from "node:path";
import { z } from "zod";

/** What one setting is, as text: in the environment and in the settings file everything is text. */
export interface Setting {
  schema: z.ZodType<unknown, string>;
  /** What a right value looks like. Nothing that could be pasted and used as a secret. */
  example: string;
}

const text = z.string().trim();
const list = text.transform((value) =>
  value
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);
const each = (form: RegExp, message: string) => list.refine((items) => items.every((item) => form.test(item)), message);
const wholeNumber = (least: number, most: number) =>
  text
    .regex(/^\d{1,9}$/, "is no whole number.")
    .transform(Number)
    .refine((value) => value >= least && value <= most, `has to be between ${least} and ${most}.`);
const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  text.pipe(z.enum(words, `has to be one of ${words.join(", ")}.`));
const postgresUrl = text.refine(
  (value) => URL.canParse(value) && ["postgres:", "postgresql:"].includes(new URL(value).protocol),
  "is no PostgreSQL address.",
);
const publicUrl = text
  .refine(
    (value) => URL.canParse(value) && ["http:", "https:"].includes(new URL(value).protocol),
    "is no http or https address.",
  )
  .refine((value) => isOrigin(value), "has more than scheme, host and port. Hawser lives at the top of its address.")
  .transform((value) => new URL(value).origin);
const roots = list.transform((entries, context) => {
  const found = new Map<string, string>();
  for (const entry of entries) {
    const [, name, path = ""] = /^([A-Za-z0-9][\w.-]{0,63})=(.+)$/.exec(entry) ?? [];
    if (name === undefined) context.addIssue("has an entry that is not of the form name=/absolute/path.");
    else if (!isAbsolute(path)) context.addIssue(`names "${name}" with a path that does not begin at the top.`);
    else if (found.has(name)) context.addIssue(`names "${name}" twice.`);
    else found.set(name, path);
  }
  return found as ReadonlyMap<string, string>;
});

export const settings = {
  HAWSER_ENV: { schema: oneOf(["production", "development"]), example: "production" },
  HAWSER_PORT: { schema: wholeNumber(1, 65_535), example: "8080" },
  HAWSER_HOST: { schema: text.regex(/^[\w.:-]{1,255}$/, "is no host name or address."), example: "0.0.0.0" },
  HAWSER_PUBLIC_URL: { schema: publicUrl, example: "https://hawser.example.org" },
  HAWSER_DATA: { schema: text.min(1, "is empty."), example: "/var/lib/hawser" },
  HAWSER_DATABASE_URL: { schema: postgresUrl, example: "postgres://hawser_owner@db.example.org/hawser" },
  HAWSER_APP_DATABASE_URL: { schema: postgresUrl, example: "postgres://hawser_app@db.example.org/hawser" },
  HAWSER_AUTH_DATABASE_URL: { schema: postgresUrl, example: "postgres://hawser_auth@db.example.org/hawser" },
  HAWSER_MASTER_KEYS: {
    schema: text.min(1, "is empty."),
    example: "2026-11:<43 characters, made from 32 random bytes>",
  },
  HAWSER_KEY_FILE: { schema: text.min(1, "is empty."), example: "/etc/hawser/hawser.key" },
  HAWSER_SIGN_UP: { schema: oneOf(["open", "invited"]), example: "invited" },
  HAWSER_SOURCE_ROOTS: { schema: roots, example: "documents=/srv/documents,drawings=/mnt/drawings" },
  HAWSER_DESTINATION_ROOTS: { schema: roots, example: "files=/srv/files" },
  HAWSER_ROLE: { schema: oneOf(["api", "worker", "all"]), example: "all" },
  HAWSER_CORS_ORIGINS: {
    schema: list.refine((origins) => origins.every(isOrigin), "has an entry that is no exact origin."),
    example: "https://app.example.org",
  },
  HAWSER_PRIVATE_HOSTS: {
    schema: each(/^(\[[0-9a-fA-F:]+\]|[\w.-]+):\d{1,5}$/, "has an entry that is no exact host:port pair."),
    example: "10.0.0.5:9000",
  },
  HAWSER_ALLOW_HTTP: { schema: oneOf(["true", "false"]).transform((word) => word === "true"), example: "false" },
  HAWSER_LOG_LEVEL: { schema: oneOf(["debug", "info", "warn", "error"]), example: "info" },
  HAWSER_LEASE_SECONDS: { schema: wholeNumber(3, 300), example: "30" },
  HAWSER_TRUSTED_PROXIES: {
    schema: each(/^[0-9a-fA-F.:]{2,45}$/, "has an entry that is no address."),
    example: "10.0.0.2",
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type SettingValue<Name extends SettingName> = z.output<(typeof settings)[Name]["schema"]>;

export const isSettingName = (name: string): name is SettingName => name in settings;

/** Names that begin with HAWSER_ and are read before there is a configuration. */
export const configFileVariable = "HAWSER_CONFIG";

/** The known name that a mistyped one most likely means. */
export function nearestName(wrong: string): string {
  const known = [...Object.keys(settings), configFileVariable];
  return known.map((name) => ({ name, far: distance(wrong, name) })).sort((one, other) => one.far - other.far)[0]!.name;
}

/** How many letters have to be put in, taken out or changed (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, against] of [...other].entries()) {
      next.push(Math.min(next[j]! + 1, row[j + 1]! + 1, row[j]! + (letter === against ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}

function isOrigin(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return (
    url !== undefined && /^https?:$/.test(url.protocol) && [url.origin, `${url.origin}/`].includes(value.toLowerCase())
  );
}
