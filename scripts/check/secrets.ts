// No secret in the tree or in its history (SR-102): what scanners of public repositories look for, and our own.
//   node scripts/check/secrets.ts [folder of a project]
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { secretPatterns } from "#core/secret-like.ts";
import { hashToken, isToken } from "#vault/token.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "../..");

/** Any `prefix_…` of the length of our tokens; their checksum tells which ones are. */
const ourToken = /\b([a-z]{2,12})_[\w-]{49}(?![\w-])/g;
/** `scheme://user:password@host`, where nothing says that it is an example. */
const addressWithPassword = /\b[a-z][a-z0-9+]*:\/\/[\w.-]+:([^\s/:@"'`]{8,})@([\w.-]+)/g;
const isExample = (password: string, host: string) =>
  /^(password|secret)|[${}<>]/.test(password) ||
  /^(localhost|127\.0\.0\.1|host)$|(^|\.)(example|test|invalid)(\.|$)/.test(host);

/**
 * Lines of earlier commits that only look like a secret, by the SHA-256 of the whole line. History cannot be put right
 * without being rewritten; in the tree they would be found like any other. Each was looked at by a person.
 */
const harmlessOnce = new Set([
  // A message that says how a key file begins.
  "5614923f78015aa70eb258d99f40eb28d904648ae8138676b5d0ddacc95b9ff4",
  // A test's key file of three bytes, which is no key.
  "cf7ec1286e826f206abbeb1a34e521369d53c51f85d1f4b30d022c5b164e6c8b",
]);

let lines = 0;
const found = new Set<string>();
if (existsSync(join(root, ".git"))) {
  await readTree();
  await readHistory();
  for (const one of found) console.log(one);
  console.log(`${lines} lines of the tree and its history, ${found.size} secrets`);
  process.exitCode = lines > 0 && found.size === 0 ? 0 : 1;
} else {
  console.log("not checked: this folder is no git repository");
}

/** Also what is not committed yet, as long as git would take it. */
async function readTree(): Promise<void> {
  for await (const line of git("grep", "-I", "-n", "--untracked", "--full-name", "-e", "")) {
    const [, file, number, text] = /^(.+?):(\d+):(.*)$/.exec(line) ?? [];
    if (text !== undefined) look(text, `${file}:${number}`);
  }
}

async function readHistory(): Promise<void> {
  let commit = "";
  let file = "";
  for await (const line of git("log", "--all", "-p", "-U0", "--no-ext-diff", "--format=commit %h")) {
    if (line.startsWith("commit ")) commit = line;
    else if (line.startsWith("+++ ")) file = line.slice("+++ b/".length);
    else if (line.startsWith("+")) look(line.slice(1), `${commit} ${file}`, harmlessOnce);
  }
}

/** Says what was found and where, never the secret itself: this goes to logs. */
function look(text: string, place: string, harmless?: ReadonlySet<string>): void {
  lines++;
  const kinds = kindsIn(text);
  if (kinds.length === 0 || harmless?.has(hashToken(text))) return;
  for (const kind of kinds) found.add(`${place} holds ${kind}`);
}

function kindsIn(text: string): string[] {
  const kinds = Object.entries(secretPatterns).flatMap(([kind, pattern]) => (pattern.test(text) ? [kind] : []));
  for (const [token, prefix = ""] of text.matchAll(ourToken)) {
    if (isToken(prefix, token)) kinds.push("a token of Hawser");
  }
  for (const [, password = "", host = ""] of text.matchAll(addressWithPassword)) {
    if (!isExample(password, host)) kinds.push("an address with a password");
  }
  return kinds;
}

async function* git(...args: string[]): AsyncGenerator<string> {
  // In a container the folder often belongs to somebody else, which git refuses unless told; we only read.
  const child = spawn("git", ["--no-pager", "-c", "color.ui=false", "-c", "safe.directory=*", ...args], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise<number | null>((resolve, reject) => child.once("close", resolve).once("error", reject));
  yield* createInterface({ input: child.stdout });
  const code = await ended;
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}`);
}
