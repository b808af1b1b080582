// What no compiler sees: words in the code that would be a second door beside the one that is guarded. Each is looked
// for in the text of the code itself; a place that may use it is named here, with the reason.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const project = join(import.meta.dirname, "../..");
const code = ["src", "sdk/src", "portal/src"].flatMap((folder) =>
  readdirSync(join(project, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$|(^|\/)testing\//.test(name))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(project, folder, name), "utf8") })),
);

interface Door {
  promise: string;
  word: RegExp;
  /** Where it may stand. */
  only?: RegExp;
  /** Code that goes through the closed door; the word has to find it. */
  trespass: string;
}

const doors: Door[] = [
  {
    promise: "SR-59 the workspace of a transaction is set in db/ only",
    word: /hawser\.(workspace|user)\b/,
    only: /^src\/db\//,
    trespass: "await tx.sql`select set_config('hawser.workspace', $1, true)`",
  },
  {
    promise:
      "SR-59 a setting of the database that is set outside db/ is named in the statement, and lasts a transaction",
    word: /set_config\((?!'statement_timeout', \$\{[^}]*\}, true\))|\bset (local )?(session|role|authorization)\b(?! =)|\breset (all|role)\b/i,
    only: /^src\/db\//,
    trespass: "await tx.sql`select set_config('hawser.' || 'user', $1, true)`",
  },
  {
    promise: "SR-61 no text becomes SQL without being a parameter",
    word: /\bsql\.(raw|lit|unsafe)\b|\.raw\(|\bunsafe\(|\brun(?:<[^>]*>)?\(\{\s*text:(?!\s*"[^"]*")/,
    only: /^src\/(db|jobs)\//,
    trespass: "tx.run({ text: `select * from files order by $1`, values: [] })",
  },
  {
    promise: "SR-61 the names of columns, tables and orders come from the code",
    word: /\b(sql|kysely)\b[^;\n]*\b(ref|table|id)\((?!["'`)])/,
    trespass: "sql.ref(query.sort)",
  },
  {
    promise: "SR-24 nothing is evaluated",
    word: /\beval\(|\bnew Function\(|\bsetTimeout\(\s*["'`]|node:vm\b/,
    trespass: "new Function(text)",
  },
  {
    promise: "SR-17 the verification of certificates is never off",
    word: /rejectUnauthorized:\s*false|process\.env\.NODE_TLS/,
    trespass: "{ rejectUnauthorized: false }",
  },
  {
    promise: "SR-48 the portal shows data as text",
    word: /dangerouslySetInnerHTML|\.innerHTML\b|insertAdjacentHTML|document\.write\b/,
    trespass: "<p dangerouslySetInnerHTML={{ __html: name }} />",
  },
  {
    promise:
      "SR-12 the storage of a browser holds a theme, the last workspace and an unfinished form, and nothing else",
    word: /\b(local|session)Storage\.setItem\(|\bindexedDB\b|document\.cookie\b/,
    only: /^portal\/src\/(lib\/(theme|session)\.ts|features\/syncs\/wizard\/draft\.ts)$/,
    trespass: 'localStorage.setItem("token", token)',
  },
];

describe("one door each", () => {
  it("looks through all of the code", () => {
    expect(code.length).toBeGreaterThan(250);
  });

  it.each(doors.map((door) => [door.promise, door] as const))("%s", (_, { word, only, trespass }) => {
    expect(trespass).toMatch(word);
    const found = code.flatMap(({ path, text }) =>
      only?.test(path)
        ? []
        : text.split("\n").flatMap((line, at) => (word.test(line) ? [`${path}:${at + 1} ${line.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
});
