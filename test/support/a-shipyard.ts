// A workspace in the middle of its life: what every page of the portal has to show, good and bad, on a real installation.
import { mkdirSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Installation } from "./hawser-process.ts";
import { type HttpPerson, signUp } from "./http-person.ts";

export const longName =
  "Class certificates, survey reports and statements of compliance of every hull that left the yard since nineteen-ninety";

export interface Shipyard {
  /** Ana, who owns the workspace. Signs in as ana@example.com with "correct horse". */
  ana: HttpPerson;
  slug: string;
  connections: { drawings: string; broken: string };
  syncs: Record<"drawings" | "held" | "failing" | "paused" | "never" | "broken" | "resting" | "unlisted", string>;
  /** A run that ended, and a file that failed, of the sync `failing`. */
  run: string;
  /** The run of the sync `resting`, which waits for its destination. */
  restingRun: string;
  failedFile: string;
  storedFile: string;
  /** Link that makes a viewer of whoever opens it. */
  viewerInvitation: string;
}

const systems: Readonly<Record<string, readonly string[]>> = {
  "01 - Hull": ["General arrangement", "Shell expansion", "Sea trials"],
  "02 - Main engine": ["9L34DF", "Foundation", "Exhaust gas piping"],
  "03 - Electrical": ["Main switchboard", "Emergency switchboard", "Batteries, lithium"],
  "04 - Piping": ["Ballast", "Fire main", "Bilge", "Fresh water"],
};
const kinds: readonly [folder: string, file: (equipment: string, n: number) => string, bytes: number][] = [
  [
    "Drawings",
    (equipment, n) => `GA-214-${String(31 + n).padStart(4, "0")} ${equipment} rev ${"ABCF"[n % 4]}.pdf`,
    18_431,
  ],
  ["Drawings", (equipment, n) => `ME-${412 + n} ${equipment}, section ${n + 1}-${n + 1}.dwg`, 64_212],
  ["Manuals", (equipment, n) => `Manual ${equipment} part ${n + 1} (english, with appendices).pdf`, 212_700],
  ["Protocols", (equipment, n) => `${equipment} protocol ${n + 1}.docx`, 1_204],
];

/** Where the roots of such an installation are: a second one for copies, which will be away. */
export const shipyardRoots = (home: string): Readonly<Record<string, string>> => ({
  HAWSER_DESTINATION_ROOTS: `target=${join(home, "target")},archive=${archiveIn(home)}`,
});
const archiveIn = (home: string) => join(home, "archive");

/** Signs Ana up and does all that. The roots of the installation must be empty. */
export async function aShipyard({ url, home, source, target }: Installation): Promise<Shipyard> {
  placeFiles(source);
  mkdirSync(archiveIn(home), { recursive: true });
  const ana = await signUp(url, "Ana");
  await ana.ask("PATCH", "", { name: "Acme Shipyard" });
  const { slug } = await ana.ask("GET", "");
  const [drawingsSource, photos, certificates, purchasing] = [
    await ana.connect("Yard server, engineering", "Engineering"),
    await ana.connect("Yard photos", "Photos"),
    await ana.connect(longName, "Certificates"),
    await ana.connect("Purchasing", "Purchasing"),
  ];
  const into = (folder: string) => ({
    destination: { kind: "local-folder", root: "target", folder, layout: "mirror" },
  });
  const drawings = await ana.sync(drawingsSource, "Engineering drawings", {
    ...into("engineering-drawings"),
    schedule: { kind: "interval", minutes: 15 },
    rules: [
      {
        pattern: "/{system}/{equipment}/{document_type}/**",
        parts: { system: { normalize: ["trim", "strip_numbering"], dictionary: { "Main engine": "Propulsion" } } },
        set: { yard: "Acme" },
      },
      { pattern: "/{system}/**", parts: {}, set: {} },
    ],
    filters: { exclude: ["**/Old/**"], types: ["pdf", "dwg", "docx", "txt"] },
  });
  const held = await ana.sync(photos, "Yard photos", { ...into("yard-photos"), on_delete: "remove" });
  const failing = await ana.sync(certificates, longName, {
    ...into("certificates"),
    schedule: { kind: "cron", expression: "0 6 * * 1-5", zone: "Europe/Oslo" },
  });
  const paused = await ana.sync(drawingsSource, "Spare parts lists", { destination: { kind: "none" } });
  const never = await ana.sync(drawingsSource, "Hull 214 models", into("hull-214"));
  const broken = await ana.sync(purchasing, "Purchase orders", {
    ...into("purchase-orders"),
    schedule: { kind: "interval", minutes: 60 },
  });
  const resting = await ana.sync(certificates, "Certificates, archive", {
    destination: { kind: "local-folder", root: "archive", folder: "certificates", layout: "ids" },
  });
  const unlisted = await ana.sync(photos, "Photos of chosen years", {
    ...into("chosen-photos"),
    folders: await foldersOf(ana, photos, ["2020", "2023"]),
  });

  // Where two certificates are to lie, somebody has made folders.
  for (const name of blocked) mkdirSync(join(target, slug, "certificates", "2024", name, "x"), { recursive: true });
  for (const sync of [drawings, held, failing, paused, resting, unlisted]) await runToItsEnd(ana, sync);
  for (let n = 0; n < 90; n++) rmSync(join(source, photoPath(n)));
  await runToItsEnd(ana, held);
  const engineering = join(source, "Engineering");
  truncateSync(join(engineering, "01 - Hull/Sea trials/Protocols/Sea trials protocol 1.docx"), 900);
  renameSync(join(engineering, "04 - Piping/Bilge"), join(engineering, "04 - Piping/Bilge and drains"));
  await runToItsEnd(ana, drawings);
  await ana.ask("POST", `/syncs/${paused}/pause`);
  rmSync(join(target, slug, "engineering-drawings/03 - Electrical"), { recursive: true });
  renameSync(join(engineering, "02 - Main engine/Foundation"), join(engineering, "02 - Main engine/Foundations"));
  await verifyToItsEnd(ana, drawings, { bytes: true });
  await verifyToItsEnd(ana, failing);
  rmSync(archiveIn(home), { recursive: true });
  const { id: restingRun } = await ana.ask("POST", `/syncs/${resting}/run`);
  while ((await ana.ask("GET", `/sync-runs/${restingRun}`)).status !== "paused") await pause(100);
  rmSync(join(source, "Photos/2023"), { recursive: true });
  await runToItsEnd(ana, unlisted);
  rmSync(join(source, "Purchasing"), { recursive: true });
  await ana.ask("POST", `/connections/${purchasing}/test`);
  await runToItsEnd(ana, broken);

  for (const [name, role] of [
    ["ERP import, nightly", "member"],
    ["Dashboards on the wall of the design office", "viewer"],
  ]) {
    await ana.ask("POST", "/api-keys", { name, role });
  }
  await ana.ask("POST", "/invitations", {
    role: "member",
    email: "a-rather-long-address.of-somebody@classification.example",
  });
  const invitation = await ana.ask("POST", "/invitations", { role: "viewer" });
  const [run] = (await ana.ask("GET", `/syncs/${failing}/runs`)).items;
  const [failedFile] = (await ana.ask("GET", `/syncs/${failing}/files?state=failed`)).items;
  const [storedFile] = (await ana.ask("GET", `/syncs/${drawings}/files?state=stored`)).items;
  return {
    ana,
    slug,
    connections: { drawings: drawingsSource, broken: purchasing },
    syncs: { drawings, held, failing, paused, never, broken, resting, unlisted },
    run: run.id,
    restingRun,
    failedFile: failedFile.id,
    storedFile: storedFile.id,
    viewerInvitation: invitation.url,
  };
}

/** Starts a run and waits until it has ended, however it did. */
export async function runToItsEnd(person: HttpPerson, sync: string): Promise<void> {
  const { id } = await person.ask("POST", `/syncs/${sync}/run`);
  while ((await person.ask("GET", `/sync-runs/${id}`)).finished_at === null) await pause(100);
}

async function foldersOf(person: HttpPerson, connection: string, names: readonly string[]) {
  const [drive] = (await person.ask("GET", `/connections/${connection}/drives`)).items;
  const { items } = await person.ask("GET", `/connections/${connection}/browse?drive=${encodeURIComponent(drive.id)}`);
  return items
    .filter((item: { name: string }) => names.includes(item.name))
    .map(({ id, locator, name }: { id: string; locator?: string; name: string }) => ({
      id,
      locator,
      path: `/${name}`,
    }));
}

async function verifyToItsEnd(person: HttpPerson, sync: string, how = {}): Promise<void> {
  await person.ask("POST", `/syncs/${sync}/verification`, how);
  while ((await person.ask("GET", `/syncs/${sync}/verification`)).latest.finished_at === null) await pause(100);
}

const blocked = ["Safety construction certificate.pdf", "Load line certificate, with conditions of assignment.pdf"];

const photoPath = (n: number) => `Photos/${2_019 + (n % 6)}/IMG_${4_100 + n}.jpg`;

function placeFiles(source: string): void {
  const place = (path: string, bytes: number) => {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), Buffer.alloc(bytes, path));
  };
  for (const [system, equipments] of Object.entries(systems)) {
    for (const equipment of equipments) {
      for (const [folder, fileName, bytes] of kinds) {
        for (let n = 0; n < 3; n++) {
          place(`Engineering/${system}/${equipment}/${folder}/${fileName(equipment, n)}`, bytes + n * 4_111);
        }
      }
    }
  }
  place("Engineering/Spare parts list, all systems.xlsx", 86_000);
  place("Engineering/04 - Piping/Ballast/Åpning av tanklokk, prosedyre.txt", 2_300);
  place(
    `Engineering/01 - Hull/${"Very long folder name ".repeat(6).trim()}/${"and a long file name ".repeat(9)}.pdf`,
    4_000,
  );
  place("Engineering/01 - Hull/Old/Shell expansion rev A.pdf", 4_000);
  for (let n = 0; n < 120; n++) place(photoPath(n), 3_000 + n);
  for (const year of ["2023", "2024"]) {
    for (const name of [...blocked, "Class certificate.pdf", "Radio licence.pdf", "Statement of compliance.pdf"]) {
      place(`Certificates/${year}/${name}`, 7_000);
    }
  }
  for (let n = 0; n < 8; n++) place(`Purchasing/Order ${45_100 + n}.pdf`, 5_000);
}
