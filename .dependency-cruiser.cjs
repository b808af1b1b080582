// Who may knock on whose door. Each list is complete: what is not named is not allowed.
const mayImport = {
  core: [],
  expressions: ["core"],
  "provider-kit": ["core", "expressions"],
  providers: ["core", "provider-kit"],
  db: ["core"],
  jobs: ["core", "db"],
  vault: ["core", "db"],
  // expressions/ is pure: outbound fills in the texts whose secrets it alone may see.
  outbound: ["core", "vault", "expressions"],
  sandbox: ["core", "provider-kit", "providers"],
  destinations: ["core", "outbound"],
  domain: ["core", "expressions", "provider-kit", "db", "jobs", "vault", "outbound", "destinations"],
  api: ["core", "domain"],
};

// The domain from the ground up: a folder may use those named before it.
const domain = [
  "identity",
  "audit",
  "workspaces",
  "events",
  "secrets",
  "catalog",
  "connections",
  "syncs",
  "transfer",
  "instance",
];

const test = "\\.(test|suite)\\.tsx?$|/testing/";
const oneOf = (names) => `(${names.join("|")})`;
const rule = (name, comment, from, to) => ({ name, severity: "error", comment, from, to });

/** `places` are rooms, folders or files below src/. */
const only = (name, what, places, target) =>
  rule(
    name,
    `${what} stays in ${places.join(", ")}.`,
    { path: "^(src|portal/src|sdk/src)/", pathNot: `^src/${oneOf(places.map(escaped))}(/|$)|${test}` },
    { path: target },
  );
const escaped = (text) => text.replaceAll(".", "\\.");
const builtIn = (...names) => `^(node:)?${oneOf(names)}($|/)`;
const packages = (...names) => `node_modules/${oneOf(names)}/`;

module.exports = {
  forbidden: [
    rule(
      "nothing-unresolved",
      "This import leads nowhere, so no rule can judge it.",
      { path: "^(src|portal|sdk|test|scripts)/" },
      { couldNotResolve: true, pathNot: "\\.css$" },
    ),
    rule(
      "no-cycles",
      "Two files need each other. Move what they share down a floor, or merge them.",
      {},
      // A type costs nothing at run time, but the reader goes round in circles all the same.
      { circular: true },
    ),

    ...Object.entries(mayImport).map(([room, allowed]) =>
      rule(
        `${room}-looks-down`,
        `${room}/ may import only ${allowed.join(", ") || "itself"}. Let app.ts pass the rest in.`,
        { path: `^src/${room}/`, pathNot: test },
        { path: "^src/", pathNot: `^src/${oneOf([room, ...allowed])}/` },
      ),
    ),

    ...domain.map((folder, floor) =>
      rule(
        `domain-${folder}-looks-down`,
        `domain/${folder} stands below what it imports. Let the higher folder call it.`,
        { path: `^src/domain/${folder}/`, pathNot: test },
        { path: "^src/domain/", pathNot: `^src/domain/${oneOf(domain.slice(0, floor + 1))}/` },
      ),
    ),
    rule(
      "domain-has-floors",
      "This domain folder has no floor yet. Put it in its place in the list of .dependency-cruiser.cjs.",
      { path: "^src/domain/", pathNot: `^src/domain/${oneOf(domain)}/` },
      {},
    ),
    rule(
      "rooms-have-lists",
      "This room has no list of what it may import yet. Write it in .dependency-cruiser.cjs.",
      { path: "^src/[^/]+/", pathNot: `^src/${oneOf([...Object.keys(mayImport), "cli"])}/` },
      {},
    ),

    rule(
      "providers-are-strangers",
      "A provider knows no other provider. What two of them share belongs in provider-kit/.",
      { path: "^src/providers/([^/]+)/" },
      { path: "^src/providers/", pathNot: "^src/providers/$1/" },
    ),
    rule(
      "nobody-names-a-provider",
      "Only app.ts and the sandbox see the list of providers. Ask for the part you need through the contract.",
      { pathNot: `^src/providers/|^src/sandbox/|^src/app\\.ts$|^test/|${test}` },
      { path: "^src/providers/" },
    ),
    rule(
      "queries-stay-home",
      "SQL is private to the folder that owns the table. Call a function of that folder instead.",
      { path: "^src/(?!domain/)|^src/domain/([^/]+)/", pathNot: test },
      { path: "^src/domain/.*/queries\\.ts$|^src/domain/connections/.*-rows\\.ts$", pathNot: "^src/domain/$1/" },
    ),

    only("one-door-to-postgres", "A Postgres driver", ["db", "jobs"], packages("pg", "postgres", "pg-cursor")),
    only("one-door-to-the-queue", "The library behind the job queue", ["jobs"], packages("pg-boss")),
    only("one-door-to-sign-in", "The library behind sign-in", ["domain/identity"], packages("better-auth")),
    only(
      "one-door-to-the-network",
      "A network client",
      // api/ has the server, whose types are in node:http too; sandbox/ serves the simulators.
      ["outbound", "api/server.ts", "sandbox/serve.ts"],
      `${builtIn("http", "https", "http2", "net", "tls", "dns")}|${packages("undici")}`,
    ),
    only(
      "one-door-to-the-disk",
      "The file system",
      ["destinations", "db", "cli", "providers/local-folder"],
      builtIn("fs"),
    ),
    only(
      "one-door-to-programs",
      "Starting other programs",
      ["db/embedded", "cli"],
      builtIn("child_process", "cluster"),
    ),
    only(
      "few-hands-on-secrets",
      "Encryption and signing",
      // The others take SHA-256 of what they copy: destinations of files (SR-86), db of its backups (SR-99).
      [
        "vault",
        "outbound",
        "provider-kit",
        "destinations/checksums.ts",
        "destinations/object-key.ts",
        "db/copy-file.ts",
        "db/backup.ts",
        "db/backup-manifest.ts",
      ],
      builtIn("crypto"),
    ),
    only(
      "secrets-are-opened-in-two-rooms",
      "The plain text of a secret (SR-8)",
      ["vault", "outbound"],
      "^src/vault/reveal\\.ts$",
    ),
    only("hono-at-the-door", "The HTTP server", ["api"], packages("hono", "@hono/node-server", "@hono/zod-openapi")),
    rule(
      "nothing-evaluates",
      "Nothing that comes from outside is run as code (SR-24).",
      { path: "^(src|portal|sdk)/" },
      {
        path: `${builtIn("vm", "repl", "inspector")}|${packages("vm2", "handlebars", "ejs", "liquidjs", "jsonata", "lodash.template")}`,
      },
    ),

    rule(
      "app-wires-and-nothing-hangs-on-it",
      "app.ts puts the rooms together for cli/ and tests.",
      { pathNot: `^src/cli/|^test/|${test}` },
      { path: "^src/app\\.ts$" },
    ),
    rule(
      "config-is-read-at-the-door",
      "Settings are read once, by cli/. Take the value that you need as an argument.",
      { path: "^src/", pathNot: `^src/cli/|^src/(app|config|settings)\\.ts$|${test}` },
      { path: "^src/(config|settings)\\.ts$" },
    ),
    rule(
      "nobody-imports-the-cli",
      "cli/ is the front door.",
      { pathNot: `^src/cli/|^test/|${test}` },
      { path: "^src/cli/" },
    ),
    rule(
      "no-import-from-tests",
      "A test helper that production needs is not a test helper.",
      { path: "^(src|sdk|portal|scripts)/", pathNot: test },
      { path: `${test}|^test/` },
    ),

    rule(
      "contract-is-light",
      "The contract travels to browsers and clients; keep the server out of it.",
      { path: "^src/api/contract/" },
      { path: "^src/", pathNot: "^src/(api/contract|core)/" },
    ),
    rule(
      "browsers-have-no-node",
      "This file travels to browsers and clients; keep Node out of it.",
      { path: "^(src/core|src/api/contract|sdk/src|portal/src)/", pathNot: test },
      { dependencyTypes: ["core"] },
    ),
    rule(
      "sdk-knows-only-the-contract",
      "The client is made from the contract and the words of core/, and nothing else.",
      { path: "^sdk/src/", pathNot: test },
      { path: "^(src|portal|test)/", pathNot: "^src/(api/contract|core)/" },
    ),
    rule(
      "portal-speaks-through-the-sdk",
      "The portal is a client like any other.",
      { path: "^portal/", pathNot: test },
      { path: "^(src|test)/" },
    ),
    rule(
      "portal-features-are-strangers",
      "Features meet in app/. What they share goes down to ui/ or lib/.",
      { path: "^portal/src/features/([^/]+)/" },
      { path: "^portal/src/features/", pathNot: "^portal/src/features/$1/" },
    ),
    rule(
      "portal-looks-down",
      "ui/ and lib/ are the ground floor of the portal, features/ the first, app/ the top.",
      { path: "^portal/src/(ui|lib)/" },
      { path: "^portal/src/(features|app)/" },
    ),
    rule(
      "portal-features-below-app",
      "app/ puts features together, not the other way round.",
      { path: "^portal/src/features/" },
      { path: "^portal/src/app/" },
    ),
  ],
  options: {
    // Imports of types count too: whoever needs a type of a room knows the room.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { conditionNames: ["import", "node", "default", "types"], exportsFields: ["exports"] },
  },
};
