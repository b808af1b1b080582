// No secret in the tree or in its history (SR-102): what scanners of public repositories look for, and our own.
//   node scripts/check/secrets.ts [folder of a project]
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { secretPatterns } from "#core/secret-like.ts";
import { isToken } from "#vault/token.ts";

const root = process.argv[2] ?? join(import.meta.dirname, "../..");

/** Any `prefix_…` of the length of our tokens; their checksum tells which ones are. */
const ourToken = /\b([a-z]{2,12})_[\w-]{49}(?![\w-])/g;
/** `scheme://user:password@host`, where nothing says that it is an example. */
const addressWithPassword = /\b[a-z][a-z0-9+]*:\/\/[\w.-]+:([^\s/:@"'`]{8,})@([\w.-]+)/g;
const isExample = (password: string, host: string) =>
  /^(password|secret)|[${}<>]/.test(password) ||
  /^(localhost|127\.0\.0\.1|host)$|(^|\.)(example|test|invalid)(\.|$)/.test(host);

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
    else if (line.startsWith("+")) look(line.slice(1), `${commit} ${file}`);
  }
}

/** Says what was found and where, never the secret itself: this goes to logs. */
function look(text: string, place: string): void {
  lines++;
  for (const [kind, pattern] of Object.entries(secretPatterns)) {
    if (pattern.test(text)) found.add(`${place} holds ${kind}`);
  }
  for (const [token, prefix = ""] of text.matchAll(ourToken)) {
    if (isToken(prefix, token)) found.add(`${place} holds a token of Hawser`);
  }
  for (const [, password = "", host = ""] of text.matchAll(addressWithPassword)) {
    if (!isExample(password, host)) found.add(`${place} holds an address with a password`);
  }
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
