import { cpSync, globSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const installed = resolve(import.meta.dirname, "../../node_modules");

/**
 * Fills a folder with real documents: what installed packages say about themselves, in the folders they say it in, plus
 * what makes syncs stumble: odd names, duplicates, empty files. Answers how many files there are.
 */
export function placeRealDocuments(folder: string, most: number): number {
  const found = globSync(["*/**/*.md", "@*/*/**/*.md", "*/**/*.d.ts", "@*/*/**/*.d.ts"], { cwd: installed })
    .filter((path) => !path.includes("node_modules/") && statSync(join(installed, path)).size < 100_000)
    .sort()
    .slice(0, most - Object.keys(odd).length);
  for (const path of found) {
    const place = join(folder, path.endsWith(".md") ? "Manuals" : "Reference", path);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(join(installed, path), place);
  }
  for (const [path, text] of Object.entries(odd)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return found.length + Object.keys(odd).length;
}

const odd: Readonly<Record<string, string>> = {
  "Odd names/it's 50% — Ünïcode слова 図面.txt": "quotes, percent, dash, three scripts",
  "Odd names/Ångström.txt": "composed",
  "Odd names/A\u030angstro\u0308m.txt": "decomposed",
  "Odd names/REPORT.txt": "upper",
  "Odd names/report.txt": "lower",
  "Odd names/CON.txt": "reserved on Windows",
  "Odd names/trailing dot.": "a dot",
  "Odd names/trailing space ": "a space",
  "Odd names/.hidden": "begins with a dot",
  "Odd names/line\nbreak.txt": "a control character",
  "Odd names/back\\slash.txt": "another separator",
  "Odd names/{{template}}.txt": "braces",
  "Odd names/<b>bold<b>.html": "mark-up",
  [`Odd names/${"long ".repeat(45)}.txt`]: "225 characters",
  "Duplicates/one/same.txt": "the same contents",
  "Duplicates/two/same.txt": "the same contents",
  "Empty/empty.txt": "",
  "Empty/also empty.pdf": "",
};
