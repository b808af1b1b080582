import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const { forbidden } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as {
  forbidden: { name: string }[];
};

/** `import "what"` written into a file, and the rule that has to catch it. */
type Plant = [rule: string, file: string, what: string];

const looksDown: Plant[] = [
  ["core-looks-down", "src/core/ids.ts", "#db/database.ts"],
  ["expressions-looks-down", "src/expressions/pattern.ts", "#vault/seal.ts"],
  ["provider-kit-looks-down", "src/provider-kit/auth.ts", "#outbound/client.ts"],
  ["providers-looks-down", "src/providers/box/files.ts", "#outbound/client.ts"],
  ["db-looks-down", "src/db/roles.ts", "#vault/seal.ts"],
  ["jobs-looks-down", "src/jobs/worker.ts", "#domain/syncs/sync.ts"],
  ["vault-looks-down", "src/vault/rotate.ts", "#jobs/queue.ts"],
  ["outbound-looks-down", "src/outbound/read.ts", "#db/database.ts"],
  ["destinations-looks-down", "src/destinations/s3.ts", "#db/database.ts"],
  ["sandbox-looks-down", "src/sandbox/serve.ts", "#outbound/client.ts"],
  ["domain-looks-down", "src/domain/syncs/run.ts", "#api/server.ts"],
  ["api-looks-down", "src/api/handle.ts", "#vault/seal.ts"],
  ["domain-identity-looks-down", "src/domain/identity/sign-in.ts", "#domain/audit/audit.ts"],
  ["domain-audit-looks-down", "src/domain/audit/verify.ts", "#domain/workspaces/role.ts"],
  ["domain-workspaces-looks-down", "src/domain/workspaces/slug.ts", "#domain/events/live.ts"],
  ["domain-events-looks-down", "src/domain/events/notice.ts", "#domain/catalog/describe.ts"],
  ["domain-secrets-looks-down", "src/domain/secrets/list.ts", "#domain/catalog/describe.ts"],
  ["domain-catalog-looks-down", "src/domain/catalog/list.ts", "#domain/connections/connection.ts"],
  ["domain-connections-looks-down", "src/domain/connections/browse.ts", "#domain/syncs/sync.ts"],
  ["domain-syncs-looks-down", "src/domain/syncs/home.ts", "#domain/instance/figures.ts"],
  ["domain-transfer-looks-down", "src/domain/transfer/export.ts", "#domain/instance/figures.ts"],
  ["domain-instance-looks-down", "src/domain/instance/read.ts", "#domain/unheard-of/thing.ts"],
];

const doors: Plant[] = [
  ["one-door-to-postgres", "src/domain/syncs/rows.ts", "pg"],
  ["one-door-to-the-queue", "src/domain/syncs/enqueue.ts", "pg-boss"],
  ["one-door-to-sign-in", "src/api/session.ts", "better-auth"],
  ["one-door-to-the-network", "src/providers/box/api.ts", "undici"],
  ["one-door-to-the-network", "src/domain/hooks.ts", "node:https"],
  ["one-door-to-the-network", "src/vault/kms.ts", "node:dns/promises"],
  ["one-door-to-the-disk", "src/domain/syncs/copy.ts", "node:fs/promises"],
  ["one-door-to-the-disk", "src/api/files.ts", "fs"],
  ["one-door-to-programs", "src/providers/box/convert.ts", "node:child_process"],
  ["few-hands-on-secrets", "src/domain/connections/seal.ts", "node:crypto"],
  ["secrets-are-opened-in-two-rooms", "src/domain/connections/open.ts", "#vault/reveal.ts"],
  ["hono-at-the-door", "src/domain/syncs/stream.ts", "hono"],
  ["nothing-evaluates", "src/expressions/template.ts", "node:vm"],
];

const plants: Plant[] = [
  ...looksDown,
  ...doors,
  ["nothing-unresolved", "src/core/page.ts", "./no-such-file.ts"],
  ["no-cycles", "src/db/one.ts", "./other.ts"],
  ["domain-has-floors", "src/domain/newcomers/join.ts", "#core/clock.ts"],
  ["rooms-have-lists", "src/attic/box.ts", "#core/clock.ts"],
  ["providers-are-strangers", "src/providers/box/publisher.ts", "../dropbox/publisher.ts"],
  ["nobody-names-a-provider", "src/domain/catalog/built-in.ts", "#providers/index.ts"],
  ["queries-stay-home", "src/domain/syncs/delete-sync.ts", "#domain/connections/queries.ts"],
  ["queries-stay-home", "src/api/handlers/runs.ts", "#domain/syncs/run/queries.ts"],
  ["app-wires-and-nothing-hangs-on-it", "src/api/app-of.ts", "../app.ts"],
  ["config-is-read-at-the-door", "src/domain/syncs/limits.ts", "../../config.ts"],
  ["nobody-imports-the-cli", "src/app.ts", "./cli/log.ts"],
  ["no-import-from-tests", "src/jobs/queue-of.ts", "./testing/manual-timer.ts"],
  ["no-import-from-tests", "src/jobs/database-of.ts", "../../test/support/database.ts"],
  ["contract-is-light", "src/api/contract/syncs.ts", "#domain/syncs/status.ts"],
  ["browsers-have-no-node", "src/core/clock-of.ts", "node:os"],
  ["browsers-have-no-node", "portal/src/lib/place.ts", "node:path"],
  ["sdk-knows-only-the-contract", "sdk/src/client.ts", "../../src/domain/syncs/status.ts"],
  ["portal-speaks-through-the-sdk", "portal/src/lib/api.ts", "../../../src/core/errors.ts"],
  ["portal-features-are-strangers", "portal/src/features/syncs/page.tsx", "../catalog/card.tsx"],
  ["portal-looks-down", "portal/src/ui/button.tsx", "../features/catalog/button-of.tsx"],
  ["portal-features-below-app", "portal/src/features/home/home.tsx", "../../app/shell.tsx"],
];

/** What the rules are there to leave open. */
const allowed: [file: string, what: string][] = [
  ["src/domain/syncs/run/start.ts", "#domain/connections/open-connection.ts"],
  ["src/domain/syncs/run/finish.ts", "../queries.ts"],
  ["src/db/database.ts", "pg"],
  ["src/jobs/queue.ts", "pg-boss"],
  ["src/domain/identity/library.ts", "better-auth"],
  ["src/outbound/connect.ts", "undici"],
  ["src/outbound/reveal-of.ts", "#vault/reveal.ts"],
  ["src/vault/seal.ts", "node:crypto"],
  ["src/providers/local-folder/read.ts", "node:fs"],
  ["src/api/server.ts", "hono"],
  ["src/api/contract/home.ts", "#core/page.ts"],
  ["src/app.ts", "#providers/index.ts"],
  ["src/cli/main.ts", "../app.ts"],
  ["src/domain/syncs/home.test.ts", "../../../test/support/database.ts"],
  ["sdk/src/index.ts", "../../src/api/contract/home.ts"],
  ["portal/src/features/home/page.tsx", "../../ui/card.tsx"],
];

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

describe("the import rules", () => {
  let found: string;
  beforeAll(() => {
    const theWayBack = ["src/db/other.ts", "./one.ts"] as const;
    found = check(house([...plants.map(([, file, what]) => [file, what] as const), theWayBack])).said;
  });

  it.each(forbidden.map(({ name }) => name))("SR-102 catch what breaks %s", (name) => {
    const broken = plants.filter(([rule]) => rule === name);
    expect(broken, "no import is planted for this rule").not.toHaveLength(0);
    for (const [, file] of broken) expect(found).toContain(`${name}: ${file} → `);
  });

  it("leave alone what every room is there for", () => {
    const { said, passed } = check(house(allowed));
    expect(said).toContain(" 0 violations");
    expect(passed).toBe(true);
  });

  it("fail when the code cannot be read", () => {
    // As if only TypeScript 7 were there, which has no parser for dependency-cruiser.
    const withoutTypeScript6 = `data:text/javascript,import { registerHooks } from "node:module";
      registerHooks({ resolve(specifier, context, next) {
        if (specifier.startsWith("typescript6")) throw new Error("not installed");
        return next(specifier, context);
      } });`;
    const { said, passed } = check(house(allowed), ["--import", withoutTypeScript6]);
    expect(said).toContain("did not see the code");
    expect(passed).toBe(false);
  });

  it("fail where there is no code at all", () => {
    expect(check(house([])).passed).toBe(false);
  });
});

/** A house of empty files, except for these imports. */
function house(imports: readonly (readonly [file: string, what: string])[]): string {
  const folder = mkdtempSync(join(tmpdir(), "hawser-rules-"));
  folders.push(folder);
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  copyFileSync(join(root, "tsconfig.json"), join(folder, "tsconfig.json"));
  write(folder, "package.json", JSON.stringify({ type: "module", imports: { "#*": "./src/*" } }));
  for (const room of ["src", "sdk/src", "portal/src"]) mkdirSync(join(folder, room), { recursive: true });
  for (const [file, what] of imports) write(folder, file, `import "${what}";\n`);
  for (const [file, what] of imports) {
    if (!/^[.#]/.test(what) || what.includes("no-such-file")) continue;
    const target = what.startsWith("#") ? `src/${what.slice(1)}` : join(dirname(file), what);
    if (!existsSync(join(folder, target))) write(folder, target, "export {};\n");
  }
  return folder;
}

function write(folder: string, file: string, text: string): void {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), text);
}

function check(folder: string, node: readonly string[] = []): { said: string; passed: boolean } {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [...node, join(import.meta.dirname, "imports.ts"), folder],
    { encoding: "utf8" },
  );
  return { said: stdout + stderr, passed: status === 0 };
}
