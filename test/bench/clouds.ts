// Syncs of clouds: the pretend providers in a process of their own, over HTTP, with and without the way of a network.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import { fileListFields } from "#providers/google-drive/api.ts";
import { anInstallation, type HawserProcess, type Installation, startHawser } from "../support/hawser-process.ts";
import { type HttpPerson, signUp } from "../support/http-person.ts";
import { removeFolder, temporaryFolder } from "../support/temporary-folder.ts";
import type { Order } from "./cloud-service.ts";
import type { FigureBook } from "./figures.ts";
import { peakMb, residentMb } from "./memory.ts";

const LATENCY_MS = 50;
const COPIES_AT_ONCE = 16;
const MIXED = 1_000;
const LARGE_GB = Number(process.env.HAWSER_BENCH_LARGE_GB ?? 10);
const MILLION = process.env.HAWSER_BENCH_MILLION !== undefined;

interface Cloud {
  tell(order: Omit<Order, "id">): Promise<number>;
  stop(): void;
}

interface Bench {
  installation: Installation;
  hawser: HawserProcess;
  person: HttpPerson;
  book: FigureBook;
  cloud: Cloud;
}

const parts: Readonly<Record<string, (bench: Bench) => Promise<void>>> = { listings, copies, large, others };
export const cloudParts = Object.keys(parts).map((part) => `clouds-${part}`);

/** Everything that issue by issue was promised of clouds, measured; of its parts those that are wanted. */
export async function clouds(book: FigureBook, isWanted: (part: string) => boolean): Promise<void> {
  const home = temporaryFolder();
  // As `npm start` runs it.
  const installation = await anInstallation(home, { HAWSER_SANDBOX: "true", UV_THREADPOOL_SIZE: "16" });
  const cloud = await startCloud(new URL(installation.sandbox).port);
  const hawser = await startHawser(installation);
  try {
    const bench: Bench = { installation, hawser, person: await signUp(installation.url), book, cloud };
    for (const [part, measure] of Object.entries(parts)) if (isWanted(`clouds-${part}`)) await measure(bench);
  } finally {
    await hawser.stop();
    cloud.stop();
    removeFolder(home);
  }
}

async function listings(bench: Bench): Promise<void> {
  const { cloud, book, hawser } = bench;
  const service = "google-drive";
  const connection = await connect(bench, service);
  for (const files of MILLION ? [10_000, 100_000, 1_000_000] : [10_000, 100_000]) {
    const drive = `Bench ${files}`;
    await cloud.tell({ service, do: "plant", drive, amount: files });
    for (const delay of [0, LATENCY_MS]) {
      await cloud.tell({ service, do: "delay", amount: delay });
      const sync = await makeSync(bench, connection, drive, `${drive} ${delay}`, { kind: "none" });
      const what = `Google Drive: ${files.toLocaleString("en")} files at ${delay} ms`;
      const idle = residentMb(hawser.pid);
      await cloud.tell({ service, do: "count" });
      const { seconds, peak } = await run(bench, sync);
      const requests = await cloud.tell({ service, do: "count" });
      const floor = (requests * delay) / 1000;
      const beside = `${requests} requests, pages × latency ${floor.toFixed(2)} s`;
      book.add(`${what}, first listing`, files / seconds, "files/s", `${seconds.toFixed(2)} s, ${beside}`);
      book.add("  most memory of the process meanwhile", peak, "MB", `idle ${Math.round(idle)} MB`);
      const plain = await plainListing(bench, sync);
      await cloud.tell({ service, do: "count" });
      book.add("  a program that only reads the same pages", plain, "s", `${(seconds / plain).toFixed(2)} × as long`);
      const again = await run(bench, sync);
      book.add(`${what}, no change`, again.seconds, "s", `${await cloud.tell({ service, do: "count" })} request(s)`);
      await cloud.tell({ service, do: "edit", drive, amount: 10 });
      const edited = await run(bench, sync);
      book.add(`${what}, 10 changes`, edited.seconds, "s", `${await cloud.tell({ service, do: "count" })} request(s)`);
      if (delay === 0 && files === 100_000) {
        await cloud.tell({ service, do: "move", drive });
        const moved = await run(bench, sync);
        const told = `${await cloud.tell({ service, do: "count" })} request(s)`;
        book.add(`${what}, a folder with thousands of them moved`, moved.seconds, "s", told);
      }
    }
  }
}

async function copies(bench: Bench): Promise<void> {
  const { cloud, book, installation } = bench;
  const service = "google-drive";
  await cloud.tell({ service, do: "delay", amount: 0 });
  const connection = await connect(bench, service);
  await cloud.tell({ service, do: "plant", drive: "Mixed", amount: MIXED, kind: "mixed" });
  for (const delay of [0, LATENCY_MS]) {
    await cloud.tell({ service, do: "delay", amount: 0 });
    const name = `Mixed ${delay}`;
    const destination = { kind: "local-folder", root: "target", folder: name, layout: "mirror" };
    const sync = await makeSync(bench, connection, "Mixed", name, destination);
    await cloud.tell({ service, do: "delay", amount: delay });
    await cloud.tell({ service, do: "count" });
    const { seconds, bytes, peak } = await run(bench, sync);
    const requests = await cloud.tell({ service, do: "count" });
    const plain = await plainDownloads(bench, sync, COPIES_AT_ONCE, join(installation.home, "plain"));
    const what = `Google Drive: ${MIXED} mixed files (4 KB to 4 MB) at ${delay} ms`;
    const rate = bytes / 2 ** 20 / seconds;
    book.add(
      what,
      rate,
      "MB/s",
      `${seconds.toFixed(2)} s, ${(MIXED / seconds).toFixed(0)} files/s, ${requests} requests`,
    );
    book.add(
      "  plain downloads of the same, as many at once",
      bytes / 2 ** 20 / plain,
      "MB/s",
      `${plain.toFixed(2)} s`,
    );
    book.add("  times as long as those", seconds / plain, "×", `most memory ${Math.round(peak)} MB`);
  }
}

async function large(bench: Bench): Promise<void> {
  const { cloud, book, installation, hawser } = bench;
  const service = "google-drive";
  await cloud.tell({ service, do: "delay", amount: 0 });
  const size = LARGE_GB * 2 ** 30;
  const connection = await connect(bench, service);
  await cloud.tell({ service, do: "plant", drive: "Large", amount: size, kind: "large" });
  const destination = { kind: "local-folder", root: "target", folder: "Large", layout: "mirror" };
  const sync = await makeSync(bench, connection, "Large", "Large", destination);
  await pause(5_000);
  const idle = residentMb(hawser.pid);
  const { seconds, peak } = await run(bench, sync);
  await rm(join(installation.target), { recursive: true, force: true });
  await mkdir(installation.target);
  const toNowhere = await plainDownloads(bench, sync, 1, undefined);
  const toDisk = await plainDownloads(bench, sync, 1, join(installation.home, "plain"));
  const megabytes = size / 2 ** 20;
  book.add(`Google Drive: one file of ${LARGE_GB} GB`, megabytes / seconds, "MB/s", `${seconds.toFixed(1)} s`);
  book.add("  plain download of it, to nowhere", megabytes / toNowhere, "MB/s");
  book.add("  plain download of it, to disk", megabytes / toDisk, "MB/s");
  book.add("  memory above idle", peak - idle, "MB", `most ${Math.round(peak)} MB`);
}

async function others(bench: Bench): Promise<void> {
  const { cloud, book } = bench;
  for (const [service, name, files] of [
    ["onedrive", "OneDrive", 100_000],
    ["autodesk", "Autodesk", 10_000],
  ] as const) {
    await cloud.tell({ service, do: "plant", amount: files });
    const connection = await connect(bench, service);
    for (const delay of [0, LATENCY_MS]) {
      await cloud.tell({ service, do: "delay", amount: delay });
      const sync = await makeSync(bench, connection, undefined, `${name} ${delay}`, { kind: "none" });
      const what = `${name}: ${files.toLocaleString("en")} files at ${delay} ms`;
      await cloud.tell({ service, do: "count" });
      const { seconds, found, peak } = await run(bench, sync);
      const requests = await cloud.tell({ service, do: "count" });
      const note = `${seconds.toFixed(2)} s, ${requests} requests, most memory ${Math.round(peak)} MB`;
      book.add(`${what}, first listing`, found / seconds, "files/s", note);
      const again = await run(bench, sync);
      book.add(`${what}, no change`, again.seconds, "s", `${await cloud.tell({ service, do: "count" })} request(s)`);
      await cloud.tell({ service, do: "edit", amount: 10 });
      const edited = await run(bench, sync);
      book.add(`${what}, 10 changes`, edited.seconds, "s", `${await cloud.tell({ service, do: "count" })} request(s)`);
    }
    await cloud.tell({ service, do: "delay", amount: 0 });
  }
}

async function startCloud(port: string): Promise<Cloud> {
  const child: ChildProcess = fork(join(import.meta.dirname, "cloud-service.ts"), [port], {
    execArgv: ["--max-old-space-size=3000"],
  });
  await once(child, "message");
  const waiting = new Map<number, (answer: number) => void>();
  child.on("message", ({ id, answer }: { id: number; answer: number }) => {
    waiting.get(id)?.(answer);
    waiting.delete(id);
  });
  const gone = once(child, "exit").then((): never => {
    throw new Error("the pretend providers have stopped");
  });
  gone.catch(() => {});
  let orders = 0;
  return {
    tell(order) {
      const id = ++orders;
      const answer = new Promise<number>((resolve) => waiting.set(id, resolve));
      child.send({ ...order, id });
      return Promise.race([answer, gone]);
    },
    stop: () => child.disconnect(),
  };
}

async function connect({ person }: Bench, provider: string): Promise<string> {
  const { id } = await person.ask("POST", "/connections", { provider, name: provider, sandbox: true });
  const { url } = await person.ask("POST", `/connections/${id}/authorize`, {});
  const page = await person.visit(await person.visit(`${url}&decision=allow`));
  if (!page.includes("outcome=connected")) throw new Error(`connecting ended at ${page}`);
  return id;
}

async function makeSync(
  { person }: Bench,
  connection: string,
  drive: string | undefined,
  name: string,
  destination: object,
): Promise<string> {
  let cursor: string | undefined;
  do {
    const page = await person.ask("GET", `/connections/${connection}/drives${cursor ? `?cursor=${cursor}` : ""}`);
    const found = page.items.find((one: { name: string }) => drive === undefined || one.name === drive);
    if (found) {
      const wanted = { connection_id: connection, name, drive: { id: found.id, name: found.name }, destination };
      return (await person.ask("POST", "/syncs", wanted)).id;
    }
    cursor = page.next;
  } while (cursor);
  throw new Error(`there is no drive ${drive}`);
}

/** Runs a sync to its end; by its own times, from being taken to being done. */
async function run(
  { person, hawser }: Bench,
  sync: string,
): Promise<{ seconds: number; bytes: number; found: number; peak: number }> {
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers
  let run: any;
  const peak = await peakMb(hawser.pid, async () => {
    const { id } = await person.ask("POST", `/syncs/${sync}/run`);
    for (let wait = 50; !run?.finished_at; wait = Math.min(wait * 1.2, 1_000)) {
      await pause(wait);
      run = await person.ask("GET", `/sync-runs/${id}`);
    }
  });
  if (run.status !== "done") throw new Error(JSON.stringify(run));
  const seconds = (Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000;
  return { seconds, bytes: run.counts.bytes, found: run.counts.found, peak };
}

/** What the same pages cost a program that only reads them, one after the other as each tells of the next. */
async function plainListing({ person, installation }: Bench, sync: string): Promise<number> {
  const { drive } = await person.ask("GET", `/syncs/${sync}`);
  const token = await plainToken(installation.sandbox);
  const begun = performance.now();
  for (let next: string | undefined, first = true; first || next; first = false) {
    const asked = new URLSearchParams({
      q: "trashed = false",
      corpora: "drive",
      driveId: drive.id,
      supportsAllDrives: "true",
      includeItemsFromAllDrives: "true",
      pageSize: "1000",
      fields: fileListFields,
      ...(next && { pageToken: next }),
    });
    const url = `${installation.sandbox}/google-drive/api/drive/v3/files?${asked}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    next = ((await answer.json()) as { nextPageToken?: string }).nextPageToken;
  }
  return (performance.now() - begun) / 1000;
}

/** What the same bytes cost a program that only downloads: no rows, no hashes, nothing durable. */
async function plainDownloads(
  { person, installation }: Bench,
  sync: string,
  atOnce: number,
  folder: string | undefined,
): Promise<number> {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const query = `limit=200${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;
    const page = await person.ask("GET", `/syncs/${sync}/files?${query}`);
    ids.push(...page.items.map((file: { remote_id: string }) => file.remote_id));
    cursor = page.next;
    if (!cursor) break;
  }
  if (folder) await mkdir(folder, { recursive: true });
  const token = await plainToken(installation.sandbox);
  const left = ids.values();
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const id of left) {
        const url = `${installation.sandbox}/google-drive/api/drive/v3/files/${id}?alt=media&supportsAllDrives=true`;
        const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
        if (!answer.ok || !answer.body) throw new Error(`${url}: ${answer.status}`);
        const sink = folder ? createWriteStream(join(folder, id)) : new Writable({ write: (_, __, done) => done() });
        await pipeline(answer.body, sink);
      }
    }),
  );
  const seconds = (performance.now() - begun) / 1000;
  if (folder) await rm(folder, { recursive: true });
  return seconds;
}

/** A token of the pretend Google, got as any program would. */
async function plainToken(sandbox: string): Promise<string> {
  const redirect = "http://localhost:9/callback";
  const client = { client_id: "sandbox-google.apps.example.test", client_secret: "GOCSPX-sandbox-google" };
  const asked = new URLSearchParams({
    ...client,
    response_type: "code",
    redirect_uri: redirect,
    scope: "https://www.googleapis.com/auth/drive.readonly",
    state: "x",
    decision: "allow",
  });
  const page = await fetch(`${sandbox}/google-drive/authorize?${asked}`, { redirect: "manual" });
  const code = new URL(page.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const body = new URLSearchParams({ ...client, grant_type: "authorization_code", code, redirect_uri: redirect });
  const answer = await fetch(`${sandbox}/google-drive/token`, { method: "POST", body });
  return ((await answer.json()) as { access_token: string }).access_token;
}
