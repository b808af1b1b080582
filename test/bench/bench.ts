// How fast and how large Hawser is on this machine: npm run bench [-- --only NAME] [--skip NAME]. Nothing is asserted;
// the figures are printed and written to bench-results.json.
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { anInstallation, type HawserProcess, type Installation, startHawser } from "../support/hawser-process.ts";
import { type HttpPerson, signUp } from "../support/http-person.ts";
import { seededRandom } from "../support/random.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { connectRoundTrips, signingAndStorm, templates } from "./accounts.ts";
import { cloudParts, clouds } from "./clouds.ts";
import { type FigureBook, figureBook } from "./figures.ts";
import { descendantsMb, peakMb, residentMb } from "./memory.ts";

const FILES = 100_000;
const FOLDERS = 1_000;
const CHANGES = 1_000;
const SMALL_FILES = 5_000;
const LARGE_MB = 2_048;
const IDLE_MS = 10_000;
const ASKED = 30;

const project = join(import.meta.dirname, "../..");
const random = seededRandom(1);

interface Stage {
  installation: Installation;
  hawser: HawserProcess;
  person: HttpPerson;
  book: FigureBook;
}

const stages: Readonly<Record<string, (stage: Stage) => Promise<void>>> = { idle, accounts, scan, small, large };
/** `clouds` stands for all of its parts. */
const isPartOf = (name: string, whole: string) => name === whole || name.startsWith(`${whole}-`);
const names = ["setup", "start", ...Object.keys(stages), ...cloudParts];
const { values: chosen } = parseArgs({
  options: { only: { type: "string", multiple: true }, skip: { type: "string", multiple: true } },
});
for (const name of [...(chosen.only ?? []), ...(chosen.skip ?? [])]) {
  if (!names.some((one) => isPartOf(one, name)))
    throw new Error(`There is no "${name}"; there are ${names.join(", ")}.`);
}
const isWanted = (name: string) =>
  (chosen.only?.some((only) => isPartOf(name, only)) ?? true) && !chosen.skip?.some((skip) => isPartOf(name, skip));

const book = figureBook();
if (isWanted("setup")) setup(book);
const home = temporaryFolder();
try {
  // As `npm start` runs it.
  const installation = await anInstallation(home, {
    NODE_COMPILE_CACHE: join(project, "node_modules/.cache/hawser"),
    HAWSER_SANDBOX: "true",
  });
  let hawser = await startHawser(installation);
  if (isWanted("start")) {
    book.add("first start, with a new database, to ready", hawser.readyAfterMs / 1000, "s");
    for (let n = 1; n <= 3; n++) {
      await hawser.stop();
      hawser = await startHawser(installation);
      book.add(`warm start ${n} to ready`, hawser.readyAfterMs / 1000, "s", "aim: 3 s at most");
    }
  }
  const person = await signUp(installation.url);
  for (const [name, measure] of Object.entries(stages)) {
    if (isWanted(name)) await measure({ installation, hawser, person, book });
  }
  await hawser.stop();
} finally {
  removeFolder(home);
}
if (cloudParts.some(isWanted)) await clouds(book, isWanted);
book.write(join(project, "bench-results.json"));

/** A clone of what is committed, brought to where it can start. */
function setup(book: FigureBook): void {
  const clone = temporaryFolder();
  try {
    spawnSync("git", ["clone", "-q", project, join(clone, "hawser")], { stdio: "inherit" });
    const begun = performance.now();
    const { status } = spawnSync(process.execPath, ["scripts/setup.mjs", "--quiet"], {
      cwd: join(clone, "hawser"),
      stdio: "inherit",
    });
    if (status !== 0) throw new Error("the set-up failed");
    book.add("set-up of a fresh clone", (performance.now() - begun) / 1000, "s");
  } finally {
    removeFolder(clone);
  }
}

async function idle({ hawser, book }: Stage): Promise<void> {
  await pause(IDLE_MS);
  book.add("idle memory without PostgreSQL", residentMb(hawser.pid), "MB", "aim: 160 MB at most");
  book.add("idle memory of PostgreSQL and its watchdog", descendantsMb(hawser.pid), "MB", "shared counted once");
}

async function accounts({ person, book }: Stage): Promise<void> {
  await connectRoundTrips(person, book);
  await signingAndStorm(book);
  templates(book);
}

async function scan(stage: Stage): Promise<void> {
  const { installation, person, book } = stage;
  const folder = join(installation.source, "scan");
  const perFolder = FILES / FOLDERS;
  for (let n = 0; n < FILES; n++) {
    const place = join(folder, `area ${Math.floor(n / perFolder / 50)}`, `folder ${Math.floor(n / perFolder)}`);
    if (n % perFolder === 0) mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `drawing ${n}.pdf`), `${n}`);
  }
  const sync = await person.sync(await person.connect("Scan", "scan"), "Scan", { destination: { kind: "none" } });
  const files = `${FILES.toLocaleString("en")} files`;
  await timedRun(stage, sync, `first listing of ${files}`, FILES, "files/s");
  await timedRun(stage, sync, `listing ${files} again, nothing changed`, FILES, "files/s");
  for (let n = 0; n < CHANGES; n++) {
    const at = n * (FILES / CHANGES);
    const place = join(folder, `area ${Math.floor(at / perFolder / 50)}`, `folder ${Math.floor(at / perFolder)}`);
    appendFileSync(join(place, `drawing ${at}.pdf`), "changed");
  }
  await timedRun(stage, sync, `listing ${files} again, ${CHANGES} changed`, FILES, "files/s");

  const page = (query: string) => person.ask("GET", `/syncs/${sync}/files?limit=50&${query}`);
  await timedAsk(book, "first page of files", () => page("sort=changed"));
  await timedAsk(book, "first page by name", () => page("sort=name"));
  await timedAsk(book, "search in names", () => page("search=drawing%20777"));
  let cursor: string | undefined;
  for (let n = 0; n < 400; n++) {
    const answer = await person.ask(
      "GET",
      `/syncs/${sync}/files?limit=100&sort=name${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
    );
    cursor = answer.next;
    if (!cursor) break;
  }
  if (cursor)
    await timedAsk(book, "page after 40,000 files", () => page(`sort=name&cursor=${encodeURIComponent(cursor ?? "")}`));
}

async function small(stage: Stage): Promise<void> {
  const folder = join(stage.installation.source, "small");
  let bytes = 0;
  for (let n = 0; n < SMALL_FILES; n++) {
    const place = join(folder, `folder ${n % 100}`);
    if (n < 100) mkdirSync(place, { recursive: true });
    const content = random.bytes(random.between(4 * 1024, 64 * 1024));
    bytes += content.length;
    writeFileSync(join(place, `file ${n}.bin`), content);
  }
  const what = `${SMALL_FILES.toLocaleString("en")} files of 4 to 64 KB`;
  compareWithCp(stage, folder, what, bytes);
  const destination = { kind: "local-folder", root: "target", folder: "small", layout: "mirror" };
  const sync = await stage.person.sync(await stage.person.connect("Small", "small"), "Small", { destination });
  await timedRun(stage, sync, `copy ${what}`, bytes / 2 ** 20, "MB/s", SMALL_FILES);
}

async function large(stage: Stage): Promise<void> {
  const folder = join(stage.installation.source, "large");
  mkdirSync(folder);
  const file = openSync(join(folder, "film.bin"), "w");
  ftruncateSync(file, 0);
  const chunk = random.bytes(2 ** 20);
  for (let n = 0; n < LARGE_MB; n++) {
    chunk.writeUInt32LE(n, 0);
    writeSync(file, chunk);
  }
  closeSync(file);
  compareWithCp(stage, folder, `one file of ${LARGE_MB} MB`, LARGE_MB * 2 ** 20);
  const destination = { kind: "local-folder", root: "target", folder: "large", layout: "mirror" };
  const sync = await stage.person.sync(await stage.person.connect("Large", "large"), "Large", { destination });
  await timedRun(stage, sync, `copy one file of ${LARGE_MB} MB`, LARGE_MB, "MB/s");
}

function compareWithCp({ installation, book }: Stage, folder: string, what: string, bytes: number): void {
  for (const [how, command] of [
    ["cp -r", 'cp -r "$1" "$2"'],
    ["cp -r, then sync", 'cp -r "$1" "$2" && sync -f "$2"'],
  ] as const) {
    const copy = join(installation.target, "by cp");
    spawnSync("sync");
    const begun = performance.now();
    spawnSync("sh", ["-c", command, "sh", folder, copy], { stdio: "inherit" });
    book.add(`${how}: ${what}`, bytes / 2 ** 20 / ((performance.now() - begun) / 1000), "MB/s");
    rmSync(copy, { recursive: true });
  }
  spawnSync("sync");
}

/** Runs a sync to its end; by its own times, from being taken to being done. */
async function timedRun(
  { hawser, person, book }: Stage,
  sync: string,
  what: string,
  amount: number,
  unit: string,
  files?: number,
): Promise<void> {
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers
  let run: any;
  const peak = await peakMb(hawser.pid, async () => {
    const { id } = await person.ask("POST", `/syncs/${sync}/run`);
    do {
      await pause(100);
      run = await person.ask("GET", `/sync-runs/${id}`);
    } while (!run.finished_at);
  });
  if (run.status !== "done") throw new Error(`${what}: ${JSON.stringify(run)}`);
  const seconds = (Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000;
  const note = [`${seconds.toFixed(2)} s`, files && `${Math.round(files / seconds)} files/s`]
    .filter(Boolean)
    .join(", ");
  book.add(what, amount / seconds, unit, note);
  book.add(`  most memory of the process meanwhile`, peak, "MB");
}

async function timedAsk(book: FigureBook, what: string, ask: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const begun = performance.now();
    await ask();
    times.push(performance.now() - begun);
  }
  times.sort((one, other) => one - other);
  book.add(`API: ${what}, median`, times[Math.floor(ASKED / 2)] ?? 0, "ms", `slowest ${times.at(-1)?.toFixed(0)} ms`);
}
