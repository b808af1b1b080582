// Every package of the lockfile, also those for other platforms, has a licence that suits an Apache-2.0 product.
//   node scripts/check/licences.ts [folder of a project]
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const root = process.argv[2] ?? join(import.meta.dirname, "../..");

const permissive = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "PostgreSQL",
  "Python-2.0",
  "Unlicense",
]);

/** Licences that ask for more than a notice, and the packages for which that has been thought about. */
const considered: Record<string, { packages: RegExp; because: string }> = {
  BSD: {
    packages: /^url-template$/,
    because: "its licence file is the BSD one of three clauses",
  },
  "MPL-2.0": {
    packages: /^(axe-core|lightningcss(-.+)?)$/,
    because: "tools, used unchanged, not part of what is shipped",
  },
  "OFL-1.1": {
    packages: /^@fontsource(-variable)?\//,
    because: "fonts of the portal, shipped unchanged with their licence",
  },
};

/** Packages whose licence stands in their read-me alone, and where that has been read. */
const inReadMe: Record<string, string> = { "humanize-number@0.0.2": "MIT" };

interface LockEntry {
  name?: string;
  version?: string;
  link?: boolean;
  license?: string;
}

const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  packages: Record<string, LockEntry>;
};
const packages = Object.entries(lockfile.packages).filter(
  ([path, { link }]) => path.includes("node_modules/") && !link,
);

const problems: string[] = [];
for (const [path, entry] of packages) {
  const name = entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
  const licence = licenceOf(path, entry) ?? inReadMe[`${name}@${entry.version}`];
  if (!licence) problems.push(`${name}@${entry.version} names no licence`);
  else if (!isFine(licence, name)) problems.push(`${name}@${entry.version} has the licence ${licence}`);
}
if (packages.length === 0) problems.push("package-lock.json names no package");

for (const problem of problems) console.log(problem);
console.log(`${packages.length} packages, ${problems.length} with a licence that does not suit`);
process.exitCode = problems.length === 0 ? 0 : 1;

/** What the installed package says, or the lockfile for packages of other platforms. */
function licenceOf(path: string, entry: LockEntry): string | undefined {
  const manifest = join(root, path, "package.json");
  if (!existsSync(manifest)) return entry.license;
  const { license, licenses } = JSON.parse(readFileSync(manifest, "utf8")) as {
    license?: unknown;
    licenses?: unknown;
  };
  if (typeof license === "string") return license;
  // As npm once had it: a list of objects, any of which may be chosen.
  const older = Array.isArray(licenses) ? licenses.flatMap((one: { type?: unknown }) => one.type ?? []) : [];
  return older.length > 0 ? older.join(" OR ") : entry.license;
}

/** Reads the part of SPDX expressions that packages use: names, AND, OR, brackets around the whole. */
function isFine(expression: string, name: string): boolean {
  const bare = expression.replace(/^\((.*)\)$/, "$1");
  return bare
    .split(" OR ")
    .some((choice) =>
      choice.split(" AND ").every((licence) => permissive.has(licence) || considered[licence]?.packages.test(name)),
    );
}
