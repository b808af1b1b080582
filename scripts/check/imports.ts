// The import rules of .dependency-cruiser.cjs, on every file of src/, sdk/src and portal/src.
//   node scripts/check/imports.ts [folder of a project]
import { existsSync, globSync } from "node:fs";
import { createRequire, registerHooks } from "node:module";
import { join } from "node:path";

// dependency-cruiser reads TypeScript with the package `typescript`, whose version 7 has no parser for others: it then
// sees no TypeScript at all and reports no violation. It gets version 6.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      context.parentURL?.includes("/node_modules/dependency-cruiser/")
        ? specifier.replace(/^typescript(?=$|\/)/, "typescript6")
        : specifier,
      context,
    ),
});
const { cruise } = await import("dependency-cruiser");
const { default: readTsConfig } = await import("dependency-cruiser/config-utl/extract-ts-config");

const root = process.argv[2] ?? join(import.meta.dirname, "../..");
process.chdir(root);
const { forbidden, options } = createRequire(import.meta.url)("../../.dependency-cruiser.cjs");

const folders = ["src", "sdk/src", "portal/src"].filter((folder) => existsSync(folder));
const written = globSync(folders.map((folder) => `${folder}/**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}`));
const { output } = await cruise(
  folders,
  { ...options, validate: true, ruleSet: { forbidden } },
  {},
  { tsConfig: readTsConfig("tsconfig.json") },
);
if (typeof output === "string") throw new Error("dependency-cruiser answered with text instead of its findings");

// A check that reads nothing finds nothing: every file that is there has to be among those that were read, and imports
// have to be seen in them.
const read = new Map(output.modules.map((module) => [module.source, module]));
const missed = written.filter((file) => !read.has(file));
const imports = output.modules.reduce((sum, module) => sum + module.dependencies.length, 0);
const blind = written.length === 0 || missed.length > 0 || imports < written.length / 2;

for (const { rule, from, to, cycle, comment } of output.summary.violations) {
  const path = cycle ? cycle.map(({ name }) => name).join(" → ") : to;
  const said = comment ?? forbidden.find(({ name }: { name: string }) => name === rule.name)?.comment;
  console.log(`${rule.name}: ${from} → ${path}\n    ${said}`);
}
if (blind) {
  console.log(
    `The import rules did not see the code: ${written.length - missed.length} of ${written.length} files read, ` +
      `${imports} imports found. First missing: ${missed[0] ?? "none"}`,
  );
}
console.log(`${written.length} files, ${imports} imports, ${output.summary.violations.length} violations`);
process.exitCode = blind || output.summary.violations.length > 0 ? 1 : 0;
