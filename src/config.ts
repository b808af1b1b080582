// Environment → one typed value, once. What is wrong or unsafe is refused with its name, the reason and an example.
import { isAbsolute, join, resolve } from "node:path";
import { parseEnv } from "node:util";
import { z } from "zod";
import { type ProviderSetup, providerSettings, setupsOf } from "./provider-settings.ts";

export type Source = "default" | "environment" | "file";

export interface Config {
  production: boolean;
  host: string;
  port: number;
  publicUrl: string;
  dataDir: string;
  /** Of the owner role; nothing for the embedded database. */
  databaseUrl: string | undefined;
  appDatabaseUrl: string | undefined;
  authDatabaseUrl: string | undefined;
  listenDatabaseUrl: string | undefined;
  /** Master keys by value, or else a file of them. */
  masterKeys: string | undefined;
  keyFile: string;
  signUp: "open" | "invited";
  sourceRoots: ReadonlyMap<string, string>;
  destinationRoots: ReadonlyMap<string, string>;
  role: "api" | "worker" | "all";
  corsOrigins: readonly string[];
  trustedProxies: readonly string[];
  privateHosts: readonly string[];
  allowHttp: boolean;
  logLevel: "debug" | "info" | "warn" | "error";
  leaseSeconds: number;
  /** By the provider's key. */
  providerSetups: ReadonlyMap<string, ProviderSetup>;
  /** Whether simulators of the providers are offered. */
  sandbox: boolean;
  sandboxPort: number;
  /** Every setting with what it is and where that comes from, secrets left out. */
  settings: readonly { name: string; value: string; source: Source }[];
}

export interface Refusal {
  name: string;
  reason: string;
  example: string;
}

/** All that is wrong with the settings, at once (SR-103). */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[]) {
    super(refusals.map(({ name, reason, example }) => `${name}: ${reason} Example: ${example}`).join("\n"));
    this.refusals = refusals;
  }
}

interface Setting<T> {
  name: string;
  schema: z.ZodType<T>;
  /** A line that would be taken. */
  example: string;
  secret?: true;
}

const setting = <T>(name: string, schema: z.ZodType<T>, example: string, more: { secret?: true } = {}): Setting<T> => ({
  name,
  schema,
  example: `${name}=${example}`,
  ...more,
});

const list = z.string().transform((text) =>
  text
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ""),
);
const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, "It must begin with postgresql://.");
const webOrigin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text.replace(/\/$/, ""),
    "It must be an address with scheme and host, and nothing behind them.",
  );
const roots = z.string().transform((text, ctx) => {
  const found = new Map<string, string>();
  for (const entry of text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")) {
    const [, name = "", path = ""] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(name)) ctx.addIssue(`"${entry}" does not begin with a name and "=".`);
    else if (!isAbsolute(path)) ctx.addIssue(`"${entry}" names no absolute path.`);
    else if (found.has(name)) ctx.addIssue(`"${name}" is there twice.`);
    else found.set(name, resolve(path));
  }
  return found as ReadonlyMap<string, string>;
});
const yesOrNo = z.enum(["true", "false"], "It is either true or false.").transform((text) => text === "true");

const settings = {
  env: setting(
    "HAWSER_ENV",
    z.enum(["production", "development"], "It is either production or development."),
    "production",
  ),
  host: setting("HAWSER_HOST", z.string().min(1), "0.0.0.0"),
  port: setting(
    "HAWSER_PORT",
    z.coerce.number("It must be a number.").int().min(0, "It must be a port.").max(65535, "It must be a port."),
    "8080",
  ),
  publicUrl: setting("HAWSER_PUBLIC_URL", webOrigin, "https://hawser.example.com"),
  data: setting("HAWSER_DATA", z.string().min(1), "/var/lib/hawser/data"),
  databaseUrl: setting("HAWSER_DATABASE_URL", databaseUrl, "postgresql://owner:password@db.example.com/hawser", {
    secret: true,
  }),
  plainDatabaseUrl: setting("DATABASE_URL", databaseUrl, "postgresql://owner:password@db.example.com/hawser", {
    secret: true,
  }),
  appDatabaseUrl: setting(
    "HAWSER_APP_DATABASE_URL",
    databaseUrl,
    "postgresql://hawser_app:password@db.example.com/hawser",
    { secret: true },
  ),
  authDatabaseUrl: setting(
    "HAWSER_AUTH_DATABASE_URL",
    databaseUrl,
    "postgresql://hawser_auth:password@db.example.com/hawser",
    { secret: true },
  ),
  listenDatabaseUrl: setting(
    "HAWSER_LISTEN_DATABASE_URL",
    databaseUrl,
    "postgresql://hawser_app:password@db.example.com/hawser",
    { secret: true },
  ),
  masterKeys: setting("HAWSER_MASTER_KEYS", z.string().min(1), "2026-11:<32 random bytes as base64url>", {
    secret: true,
  }),
  keyFile: setting("HAWSER_KEY_FILE", z.string().min(1), "/etc/hawser/hawser.key"),
  signUp: setting("HAWSER_SIGN_UP", z.enum(["open", "invited"], "It is either open or invited."), "invited"),
  sourceRoots: setting("HAWSER_SOURCE_ROOTS", roots, "documents=/srv/documents,scans=/srv/scans"),
  destinationRoots: setting("HAWSER_DESTINATION_ROOTS", roots, "archive=/srv/archive"),
  role: setting("HAWSER_ROLE", z.enum(["api", "worker", "all"], "It is api, worker or all."), "all"),
  corsOrigins: setting("HAWSER_CORS_ORIGINS", list.pipe(z.array(webOrigin)), "https://app.example.com"),
  trustedProxies: setting("HAWSER_TRUSTED_PROXIES", list, "10.0.0.5"),
  privateHosts: setting(
    "HAWSER_PRIVATE_HOSTS",
    list.pipe(z.array(z.string().regex(/^[^\s/@]+:\d{1,5}$/, "Each is an exact host:port."))),
    "nas.example.com:8443",
  ),
  allowHttp: setting("HAWSER_ALLOW_HTTP", yesOrNo, "false"),
  logLevel: setting(
    "HAWSER_LOG_LEVEL",
    z.enum(["debug", "info", "warn", "error"], "It is debug, info, warn or error."),
    "info",
  ),
  leaseSeconds: setting(
    "HAWSER_LEASE_SECONDS",
    z.coerce.number("It must be a number.").int().min(3, "At least 3.").max(300, "At most 300."),
    "30",
  ),
  sandbox: setting("HAWSER_SANDBOX", yesOrNo, "false"),
  sandboxPort: setting(
    "HAWSER_SANDBOX_PORT",
    z.coerce.number("It must be a number.").int().min(0, "It must be a port.").max(65535, "It must be a port."),
    "8090",
  ),
};
const ofProviders: readonly Setting<string>[] = providerSettings.map(({ name, schema, example, secret }) =>
  setting(name, schema, example, secret ? { secret } : {}),
);
const allSettings: readonly Setting<unknown>[] = [...Object.values(settings), ...ofProviders];
const names: readonly string[] = allSettings.map(({ name }) => name);
/** Read by the command line before anything else: where the settings file is. */
const fileVariable = "HAWSER_CONFIG";

export interface ConfigInput {
  environment: Readonly<Record<string, string | undefined>>;
  /** Text of the settings file, `NAME=value` a line. */
  file?: string | undefined;
  /** Where relative paths begin and where the defaults lie. */
  folder: string;
}

/** Reads and checks all settings. The environment wins over the file. @throws ConfigError */
export function readConfig(input: ConfigInput): Config {
  const fromFile = input.file === undefined ? {} : parseEnv(input.file);
  const refusals: Refusal[] = [];
  const shown: { name: string; value: string; source: Source }[] = [];
  refuseUnknown({ ...fromFile, ...input.environment }, refusals);

  const read = <T>({ name, schema, example, secret }: Setting<T>, fallback: T): T => {
    const [text, source] = lookUp(name, input.environment, fromFile);
    if (text === undefined) {
      shown.push({ name, value: secret ? "not set" : show(fallback), source });
      return fallback;
    }
    const result = schema.safeParse(text);
    if (!result.success) {
      refusals.push({ name, reason: result.error.issues[0]?.message ?? "It cannot be read.", example });
      return fallback;
    }
    shown.push({ name, value: secret ? "set" : show(result.data), source });
    return result.data;
  };
  const optional = <T>(of: Setting<T>): T | undefined => read<T | undefined>(of, undefined);

  const production = read(settings.env, "development") === "production";
  const port = read(settings.port, 8080);
  const dataDir = resolve(input.folder, read(settings.data, "data"));
  const config: Config = {
    production,
    host: read(settings.host, production ? "0.0.0.0" : "127.0.0.1"),
    port,
    publicUrl: read(settings.publicUrl, production ? "" : `http://localhost:${port}`).replace(/\/$/, ""),
    dataDir,
    databaseUrl: optional(settings.databaseUrl) ?? optional(settings.plainDatabaseUrl),
    appDatabaseUrl: optional(settings.appDatabaseUrl),
    authDatabaseUrl: optional(settings.authDatabaseUrl),
    listenDatabaseUrl: optional(settings.listenDatabaseUrl),
    masterKeys: optional(settings.masterKeys),
    keyFile: resolve(input.folder, read(settings.keyFile, "hawser.key")),
    signUp: read(settings.signUp, "invited"),
    sourceRoots: read(
      settings.sourceRoots,
      new Map(production ? [] : [["documents", join(input.folder, "documents")]]),
    ),
    destinationRoots: read(settings.destinationRoots, new Map(production ? [] : [["files", join(dataDir, "files")]])),
    role: read(settings.role, "all"),
    corsOrigins: read(settings.corsOrigins, []),
    trustedProxies: read(settings.trustedProxies, []),
    privateHosts: read(settings.privateHosts, []),
    allowHttp: read(settings.allowHttp, false),
    logLevel: read(settings.logLevel, "info"),
    leaseSeconds: read(settings.leaseSeconds, 30),
    sandbox: read(settings.sandbox, !production),
    sandboxPort: read(settings.sandboxPort, 8090),
    providerSetups: setupsOf(
      ({ name, schema, example, secret }) => optional(setting(name, schema, example, secret ? { secret } : {})),
      ({ name, example }, reason) => refusals.push({ name, reason, example: `${name}=${example}` }),
    ),
    settings: shown,
  };
  refuseOverlap(config, refusals);
  if (production)
    refuseUnsafe(config, lookUp(settings.keyFile.name, input.environment, fromFile)[0] !== undefined, refusals);
  if (refusals.length > 0) throw new ConfigError(refusals);
  return config;
}

function lookUp(
  name: string,
  environment: ConfigInput["environment"],
  file: Readonly<Record<string, string | undefined>>,
): [string | undefined, Source] {
  // An empty value is how shells and Compose files say "not set".
  if (environment[name]) return [environment[name], "environment"];
  return file[name] ? [file[name], "file"] : [undefined, "default"];
}

/** A destination inside of a source would bring its own files back as new ones. */
function refuseOverlap({ sourceRoots, destinationRoots }: Config, refusals: Refusal[]): void {
  for (const [destination, into] of destinationRoots) {
    for (const [source, from] of sourceRoots) {
      if (into !== from && !into.startsWith(`${from}/`)) continue;
      const { name, example } = settings.destinationRoots;
      refusals.push({ name, reason: `"${destination}" lies inside of the source root "${source}".`, example });
    }
  }
}

/** What a production start does not accept (SR-4, SR-103). */
function refuseUnsafe(config: Config, keyFileIsNamed: boolean, refusals: Refusal[]): void {
  const refuse = ({ name, example }: Setting<unknown>, reason: string) => refusals.push({ name, reason, example });
  if (!config.publicUrl.startsWith("https://"))
    refuse(settings.publicUrl, "In production people reach Hawser by https; name the address.");
  if (config.masterKeys === undefined && !keyFileIsNamed)
    refuse(settings.keyFile, "In production the master keys are given, by HAWSER_MASTER_KEYS or a file; none is made.");
  if (config.keyFile.startsWith(`${config.dataDir}/`))
    refuse(settings.keyFile, "The key file must lie outside of the data folder, or a copy of one is a copy of both.");
  if (config.sandbox) refuse(settings.sandbox, "The sandbox's simulators are not for production.");
  if (config.logLevel === "debug") refuse(settings.logLevel, "Debug output is not for production.");
}

function refuseUnknown(given: Readonly<Record<string, string | undefined>>, refusals: Refusal[]): void {
  for (const name of Object.keys(given)) {
    if (!name.startsWith("HAWSER_") || names.includes(name) || name === fileVariable) continue;
    const nearest = names.toSorted((one, other) => distance(name, one) - distance(name, other))[0] ?? "";
    refusals.push({
      name,
      reason: `There is no such setting. Did you mean ${nearest}?`,
      example: allSettings.find((known) => known.name === nearest)?.example ?? "",
    });
  }
}

/** Levenshtein's distance of two words. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1),
      );
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

function show(value: unknown): string {
  if (value instanceof Map) return [...value].map(([name, path]) => `${name}=${path}`).join(",");
  if (Array.isArray(value)) return value.join(",");
  return value === undefined || value === "" ? "not set" : String(value);
}
